"""Making an archive: what stops it leaves nothing behind, and what it makes is whole."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import code_reader, parts, pipeline
from backups.engine.database import Server, quote_name, session
from backups.engine.database import rows as query
from backups.engine.errors import (
    Cancelled,
    ChangedDuringBackup,
    ConnectionLost,
    DatabaseMissing,
    GrantMissing,
    RecipientInvalid,
    ServerUnreachable,
    SignInRefused,
    StorageFailed,
    StorageFull,
    UnsupportedObject,
)
from backups.engine.private_server import PrivateServer
from backups.engine.storage import LocalStorage
from backups.engine.stream import Silent
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase, as_root

AWKWARD = "p'a\"s\\s $#% w"


class _StopAt(Silent):
    def __init__(self, phase: str) -> None:
        self._wanted, self._here = phase, ""

    def phase(self, slug: str, total: int = 0) -> None:
        self._here = slug

    def check(self) -> None:
        if self._here == self._wanted:
            raise Cancelled


def _left(road: Road) -> list[str]:
    return sorted(path.name for path in road.storage.root.iterdir()) if road.storage.root.exists() else []


def test_a_cancel_in_the_middle_leaves_nothing(road: Road, database: ScratchDatabase) -> None:
    database.run("CREATE TABLE a (id INT PRIMARY KEY)", "INSERT INTO a VALUES (1)")
    with pytest.raises(Cancelled):
        road.back_up(database.server, database.name, progress=_StopAt("dump"))
    assert _left(road) == []


def test_a_lost_connection_leaves_nothing(road: Road, database: ScratchDatabase) -> None:
    class Killer(Silent):
        def phase(self, slug: str, total: int = 0) -> None:
            if slug == "dump":
                others = "SELECT ID FROM information_schema.processlist WHERE DB = %s"
                with session(database.server) as connection:
                    for (number,) in query(connection, others, (database.name,)):
                        query(connection, f"KILL {number}")

    database.run("CREATE TABLE a (id INT PRIMARY KEY)", "INSERT INTO a VALUES (1)")
    with pytest.raises(ConnectionLost):
        road.back_up(database.server, database.name, progress=Killer())
    assert _left(road) == []


def test_a_missing_database_is_one_sentence(road: Road, database: ScratchDatabase) -> None:
    with pytest.raises(DatabaseMissing, match="tidak_ada"):
        road.back_up(database.server, "tidak_ada")
    assert _left(road) == []


def test_a_server_that_is_gone_is_one_sentence(road: Road) -> None:
    with pytest.raises(ServerUnreachable, match="nowhere"):
        road.back_up(Server("root", socket="/nowhere/at/all.sock"), "qparkin")


def test_a_wrong_password_is_never_repeated(road: Road, database: ScratchDatabase) -> None:
    wrong = replace(database.server, username="nobody", password=AWKWARD)
    with pytest.raises(SignInRefused) as refused:
        road.back_up(wrong, database.name)
    assert AWKWARD not in str(refused.value)
    assert AWKWARD not in repr(wrong)


def test_a_missing_right_names_the_grant(road: Road, database: ScratchDatabase) -> None:
    named = pytest.raises(GrantMissing, match=r"GRANT TRIGGER ON .* TO `reader")
    with _account(database, "SELECT, SHOW VIEW, EVENT") as reader, named:
        road.back_up(reader, database.name)
    assert _left(road) == []


def test_the_grants_that_we_name_are_enough(road: Road, database: ScratchDatabase) -> None:
    database.run("CREATE TABLE a (id INT PRIMARY KEY)", "INSERT INTO a VALUES (1)")
    with _account(database, "SELECT") as reader:
        for statement in pipeline.missing_grants(reader, database=database.name, for_restore=False):
            database.run(statement)
        made = road.back_up(reader, database.name)
        assert made.manifest.row_count == 1
        for statement in pipeline.missing_grants(reader, database=database.name, for_restore=True):
            database.run(statement)
        assert road.drill(made, reader, database.name).proven
        road.restore(made, reader, database.name)


def test_what_cannot_be_backed_up_without_loss_is_refused(road: Road, database: ScratchDatabase) -> None:
    database.run("CREATE SEQUENCE s", "CREATE TABLE nomor (id BIGINT DEFAULT NEXTVAL(s))", "DROP SEQUENCE s")
    with pytest.raises(UnsupportedObject, match="nomor"):
        road.back_up(database.server, database.name)
    assert _left(road) == []


def test_without_recipients_nothing_is_written(road: Road, database: ScratchDatabase) -> None:
    open_road = replace(road, keys=replace(road.keys, recipients=()))
    with pytest.raises(RecipientInvalid):
        open_road.back_up(database.server, database.name)
    assert _left(road) == []


def test_a_storage_that_cannot_be_written_is_one_sentence(road: Road, database: ScratchDatabase) -> None:
    (road.identity_file.parent / "file").write_bytes(b"")
    broken = replace(road, storage=LocalStorage(road.identity_file.parent / "file" / "archives"))
    with pytest.raises(StorageFailed):
        broken.back_up(database.server, database.name)


class _FullForTheSeal(LocalStorage):
    """Somebody else takes the last of the disk when the archive is whole and its seal is to follow."""

    def create(self, name: str) -> AbstractContextManager[IO[bytes]]:
        if name.endswith(".seal.json"):
            with suppress(OSError), (self.root.parent / "others").open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        return super().create(name)


@pytest.mark.parametrize(
    ("kibibytes", "storage"), [(1024, LocalStorage), (8192, _FullForTheSeal)], ids=["rows", "seal"]
)
def test_a_disk_that_fills_leaves_nothing(
    road: Road, database: ScratchDatabase, tmp_path: Path, kibibytes: int, storage: type[LocalStorage]
) -> None:
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY, acak BLOB)",
        "INSERT INTO a SELECT seq, RANDOM_BYTES(1024) FROM seq_1_to_3000",
    )
    with _small_disk(tmp_path / "disk", kibibytes) as disk:
        full = replace(road, storage=storage(disk / "archives"))
        with pytest.raises(StorageFull, match="full"):
            full.back_up(database.server, database.name)
        assert _left(full) == []


@contextmanager
def _small_disk(folder: Path, kibibytes: int) -> Iterator[Path]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_an_archive_holds_one_instant(road: Road, database: ScratchDatabase) -> None:
    class Writer(Silent):
        def phase(self, slug: str, total: int = 0) -> None:
            if slug == "dump":
                database.run("INSERT INTO b VALUES (1)", "DELETE FROM a")

    database.run("CREATE TABLE a (id INT PRIMARY KEY)", "CREATE TABLE b (id INT PRIMARY KEY)")
    database.run("INSERT INTO a VALUES (1), (2)")
    made = road.back_up(database.server, database.name, progress=Writer())
    assert {rows.table: rows.rows for rows in made.manifest.rows} == {"a": 2, "b": 0}


def test_a_whole_archive_holds_and_is_listed(road: Road, database: ScratchDatabase) -> None:
    database.run("CREATE TABLE a (id INT PRIMARY KEY)", "INSERT INTO a VALUES (1)")
    made = road.back_up(database.server, database.name)
    verified = pipeline.verify(road.source(made), deep=True, progress=Silent())
    assert verified.seal == made.seal
    assert pipeline.read_manifest(road.source(made)) == made.manifest
    listed = pipeline.list_archives(road.storage, trusted=road.keys.trusted)
    assert [(found.name, found.bytes, found.problem) for found in listed] == [(made.name, made.bytes, None)]


@contextmanager
def _account(database: ScratchDatabase, rights: str) -> Iterator[Server]:
    name = f"reader_{database.name}"
    where = quote_name(database.name.replace("_", r"\_"))
    with session(database.server) as connection:
        query(connection, f"CREATE USER {quote_name(name)}@localhost IDENTIFIED BY {_literal(AWKWARD)}")
        query(connection, f"GRANT {rights} ON {where}.* TO {quote_name(name)}@localhost")
    try:
        yield replace(database.server, username=name, password=AWKWARD)
    finally:
        database.run(f"DROP USER {quote_name(name)}@localhost")


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


DDL = (
    "TRUNCATE lambat",
    "DROP TABLE lambat",
    "CREATE OR REPLACE TABLE lambat (id INT PRIMARY KEY, m INT)",
    "ALTER TABLE lambat ADD COLUMN baru INT DEFAULT 1, ALGORITHM=COPY",
    "ALTER TABLE lambat ADD INDEX (n)",
    "RENAME TABLE lambat TO lain",
)


class _AltersOnce(Silent):
    """Alters a table between the snapshot and the reading of its rows."""

    def __init__(
        self, database: ScratchDatabase, statement: str, times: int = 1, phase: str = "dump"
    ) -> None:
        self._database, self._statement, self._left, self._phase = database, statement, times, phase

    def phase(self, slug: str, total: int = 0) -> None:
        if slug == self._phase and self._left:
            self._left -= 1
            self._database.run(self._statement)


@pytest.mark.parametrize("statement", DDL)
def test_a_table_altered_in_the_middle_means_a_fresh_start(
    road: Road, database: ScratchDatabase, statement: str
) -> None:
    database.run(
        "CREATE TABLE lambat (id INT PRIMARY KEY, n INT)", "INSERT INTO lambat VALUES (1, 1), (2, 2)"
    )
    made = road.back_up(database.server, database.name, progress=_AltersOnce(database, statement))
    assert _left(road) == [made.name, made.name + ".seal.json"]
    assert road.drill(made, database.server, database.name).proven
    now = {str(name) for (name,) in database.rows("SHOW TABLES")}
    assert {table.table for table in made.manifest.rows} == now


def test_a_table_altered_before_it_is_looked_at_means_a_fresh_start(
    road: Road, database: ScratchDatabase
) -> None:
    """What could be lost is looked for in the snapshot, which no longer shows this table."""
    database.run("CREATE TABLE lama (n TEXT CHARACTER SET utf8mb3)", "INSERT INTO lama VALUES ('a')")
    copied = _AltersOnce(database, "ALTER TABLE lama ADD COLUMN b INT, ALGORITHM=COPY", phase="inventory")
    assert road.back_up(database.server, database.name, progress=copied).manifest.row_count == 1


def test_a_large_table_altered_before_it_is_cut_means_a_fresh_start(
    road: Road, database: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1024)
    database.run("CREATE TABLE lambat (id INT PRIMARY KEY)", "INSERT INTO lambat VALUES (1), (9)")
    copied = _AltersOnce(database, "ALTER TABLE lambat ADD COLUMN b INT, ALGORITHM=COPY", phase="inventory")
    assert road.back_up(database.server, database.name, progress=copied).manifest.row_count == 2


def test_a_trigger_dropped_between_its_name_and_its_text_means_a_fresh_start(
    road: Road, database: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, asked = code_reader.one, []

    def dropped_before(connection: Connection[Cursor], statement: str) -> tuple[object, ...]:
        if statement.startswith("SHOW CREATE TRIGGER") and not asked:
            asked.append(statement)
            database.run("DROP TRIGGER t")
        return read(connection, statement)

    database.run("CREATE TABLE a (id INT)", "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @a = 1")
    monkeypatch.setattr(code_reader, "one", dropped_before)
    made = road.back_up(database.server, database.name)
    assert asked
    assert made.manifest.inventory.triggers == ()


def test_a_table_altered_again_and_again_fails_by_name(road: Road, database: ScratchDatabase) -> None:
    database.run("CREATE TABLE lambat (id INT PRIMARY KEY)", "INSERT INTO lambat VALUES (1)")
    restless = _AltersOnce(database, "ALTER TABLE lambat ENGINE=InnoDB", times=9)
    with pytest.raises(ChangedDuringBackup, match="lambat"):
        road.back_up(database.server, database.name, progress=restless)
    assert _left(road) == []


def test_of_overlapping_grants_only_the_most_particular_counts(road: Road, database: ScratchDatabase) -> None:
    """The server looks at one pattern only; the rights of a wider one are not there."""
    wide = database.name.replace("_", r"\_")[:-2] + "%"
    with _account(database, "SELECT, SHOW VIEW") as reader:
        name = f"{quote_name(reader.username)}@localhost"
        database.run(f"GRANT TRIGGER, EVENT ON {quote_name(wide)}.* TO {name}")
        missing = " ".join(pipeline.missing_grants(reader, database=database.name, for_restore=False))
        assert "TRIGGER" in missing
        assert "EVENT" in missing


def test_the_grants_for_a_long_name_are_enough(road: Road, mariadb: PrivateServer) -> None:
    root = as_root(mariadb)
    name, account = "n" * 60, "pendek"
    with session(root) as connection:
        query(connection, f"CREATE DATABASE {name}")
        query(connection, f"CREATE TABLE {name}.a (id INT PRIMARY KEY)")
        query(connection, f"CREATE USER {account}@localhost")
        reader = replace(root, username=account)
        try:
            for restoring in (False, True):
                for grant in pipeline.missing_grants(reader, database=name, for_restore=restoring):
                    query(connection, grant)
            mark, _ = road.restore(road.back_up(reader, name), reader, name)
            pipeline.undo(reader, database=name, restore_id=mark, progress=Silent())
            assert pipeline.drop_kept(reader, database=name, restore_id=mark)
        finally:
            query(connection, f"DROP DATABASE {name}")
            query(connection, f"DROP USER {account}@localhost")


def test_a_truncated_or_renamed_file_is_listed_as_damaged(road: Road, database: ScratchDatabase) -> None:
    made = road.back_up(database.server, database.name)
    path, seal = road.storage.root / made.name, road.storage.root / (made.name + ".seal.json")
    (road.storage.root / f"zz-{made.seal.archive}.zip.seal.json").write_bytes(seal.read_bytes())
    path.write_bytes(path.read_bytes()[:1000])
    listed = pipeline.list_archives(road.storage, trusted=road.keys.trusted)
    assert len(listed) == 2
    assert all(found.problem and found.problem.code == "archive_damaged" for found in listed)
