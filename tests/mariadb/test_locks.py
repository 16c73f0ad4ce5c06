"""Tables that take no part in a snapshot: nobody writes to them while they are read, or the archive says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from backups.engine import pipeline, snapshot
from backups.engine.database import Server, run, session
from backups.engine.database import rows as query
from backups.engine.errors import BackupError
from backups.engine.manifest import Manifest, Warned, from_json, to_json
from backups.engine.stream import Silent
from tests.installation import until
from tests.mariadb.road import Road
from tests.mariadb.test_rights import reader_with
from tests.scratch import ScratchDatabase

ENGINES = ("MyISAM", "Aria", "MEMORY")
RIGHTS = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "LOCK TABLES")


class At(Silent):
    """Do something when a phase begins."""

    def __init__(self, phase: str, act: Callable[[], None]) -> None:
        self._phase, self._act = phase, act

    def phase(self, slug: str, total: int = 0) -> None:
        if slug == self._phase:
            self._act()


def _pairs(database: ScratchDatabase, engine: str) -> None:
    database.run(
        f"CREATE TABLE lama (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE={engine}",
        "CREATE TABLE baru (id INT AUTO_INCREMENT PRIMARY KEY)",
    )


@contextmanager
def writing_in_pairs(database: ScratchDatabase) -> Iterator[Callable[[], int]]:
    """Rows into both tables, one after the other, as fast as it goes; tells how many pairs there are."""
    stop, written = threading.Event(), [0]

    def write() -> None:
        with session(database.server, database.name) as connection:
            while not stop.is_set():
                for table in ("lama", "baru"):
                    query(connection, f"INSERT INTO {table} VALUES (NULL)")
                written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        until(lambda: written[0] > 5)
        yield lambda: written[0]
    finally:
        stop.set()
        writer.join()


def _counts(manifest: Manifest) -> dict[str, int]:
    return {rows.table: rows.rows for rows in manifest.rows}


def _waiting(server: Server) -> bool:
    """Whether a write waits for a lock."""
    with session(server) as connection:
        found = query(
            connection, "SELECT STATE FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT%%'"
        )
    return any("lock" in str(state) for (state,) in found)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("reload", [True, False])
def test_tables_without_transactions_agree_with_the_snapshot_while_they_are_written(
    road: Road, database: ScratchDatabase, engine: str, reload: bool
) -> None:
    _pairs(database, engine)
    with reader_with(database, RIGHTS) as reader, writing_in_pairs(database) as written:
        server = database.server if reload else reader
        # Held up where the rows begin, so that a table that is not held still would run ahead.
        held_up = At("dump", lambda: until(lambda: _waiting(database.server)))
        made = road.back_up(server, database.name, progress=held_up)
        counts, so_far = _counts(made.manifest), written()
        # And released long before the end of the work.
        until(lambda: written() > so_far)
    # The writer may stand between the two rows of a pair.
    assert counts["lama"] - counts["baru"] in (0, 1)
    assert made.manifest.warnings == (Warned("locked", (f"lama ({engine})",)),)
    assert road.drill(made, database.server, database.name).proven


def test_without_the_lock_it_is_declared(road: Road, database: ScratchDatabase) -> None:
    _pairs(database, "MyISAM")
    unlocked = replace(database.server, lock_tables=False)
    late = At(
        "dump", lambda: database.run("INSERT INTO lama VALUES (NULL)", "INSERT INTO baru VALUES (NULL)")
    )
    made = road.back_up(unlocked, database.name, progress=late)
    assert _counts(made.manifest) == {"lama": 1, "baru": 0}
    assert made.manifest.warnings == (Warned("not_locked", ("lama (MyISAM)",), "off"),)
    assert road.drill(made, database.server, database.name).proven


def test_an_unlocked_table_altered_in_the_middle_means_a_fresh_start(
    road: Road, database: ScratchDatabase
) -> None:
    """No engine without transactions tells it by itself."""
    _pairs(database, "MyISAM")
    once = iter(["ALTER TABLE lama ADD COLUMN n INT"])
    alter = At("dump", lambda: database.run(*([next(once)] if once.__length_hint__() else [])))
    made = road.back_up(replace(database.server, lock_tables=False), database.name, progress=alter)
    assert [column.name for column in made.manifest.inventory.table("lama").columns] == ["id", "n"]


def test_a_table_that_stays_busy_is_declared_and_the_others_are_locked(
    road: Road, database: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "PATIENCE", 3)
    _pairs(database, "MyISAM")
    database.run("CREATE TABLE sepi (id INT) ENGINE=Aria", "INSERT INTO lama VALUES (NULL)")
    with session(database.server, database.name) as busy:
        run(busy, "LOCK TABLES lama WRITE")
        released = At("inventory", lambda: run(busy, "UNLOCK TABLES"))
        made = road.back_up(database.server, database.name, progress=released)
    assert made.manifest.warnings == (
        Warned("locked", ("sepi (Aria)",)),
        Warned("not_locked", ("lama (MyISAM)",), "busy"),
    )
    assert _counts(made.manifest)["lama"] == 1


def test_the_locks_are_gone_after_a_backup_that_failed(road: Road, database: ScratchDatabase) -> None:
    _pairs(database, "Aria")

    def fail() -> None:
        raise BackupError(reason="as wished")

    with pytest.raises(BackupError, match="as wished"):
        road.back_up(database.server, database.name, progress=At("dump", fail))
    database.run("SET SESSION lock_wait_timeout=5", "INSERT INTO lama VALUES (NULL)")


def test_a_large_row_of_a_locked_table_is_read_beside_a_waiting_writer(
    road: Road, database: ScratchDatabase
) -> None:
    """By another session than the one that holds it, this would never end."""
    database.run("CREATE TABLE besar (id INT PRIMARY KEY, b LONGBLOB) ENGINE=Aria")
    database.run("INSERT INTO besar VALUES (1, REPEAT('x', 9000000))")

    def write() -> None:
        with suppress(BackupError):
            database.run("INSERT INTO besar VALUES (2, 'y')")

    writer = threading.Thread(target=write)

    def begin() -> None:
        writer.start()
        until(lambda: _waiting(database.server))

    made = road.back_up(database.server, database.name, progress=At("inventory", begin))
    writer.join()
    assert _counts(made.manifest) == {"besar": 1}
    assert database.rows("SELECT COUNT(*) FROM besar") == ((2,),)


def test_an_archive_of_before_still_tells_its_warnings(road: Road, database: ScratchDatabase) -> None:
    made = road.back_up(database.server, database.name)
    older = replace(made.manifest, warnings=("b: MyISAM", Warned("locked", ("a (Aria)",))))
    assert from_json(to_json(older)) == older
    assert pipeline.read_manifest(road.source(made)) == made.manifest


def test_a_host_that_vanishes_does_not_keep_the_global_read_lock(database: ScratchDatabase) -> None:
    with session(database.server) as guard, snapshot._nobody_commits(guard) as quiet:
        assert quiet
        assert query(guard, "SELECT @@SESSION.wait_timeout") == ((60,),)
