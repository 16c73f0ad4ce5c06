"""Restoring: what fails leaves the live database exactly as it was; what succeeds can be undone."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from backups.engine import pipeline
from backups.engine.database import rows as query
from backups.engine.database import session
from backups.engine.errors import (
    ArchiveDamaged,
    BackupError,
    GrantMissing,
    IdentityWrong,
    LiveBusy,
    SealBroken,
    SignerUnknown,
    TargetInvalid,
    TargetNotEmpty,
    UndoImpossible,
)
from backups.engine.private_server import PrivateServer
from backups.engine.stream import Silent
from tests.mariadb.parkir import SCHEMA, schemas_beside, state_of
from tests.mariadb.road import Road, new_road
from tests.scratch import ScratchDatabase


@pytest.fixture
def parkir(database: ScratchDatabase) -> ScratchDatabase:
    database.run(*SCHEMA)
    return database


@pytest.fixture
def made(road: Road, parkir: ScratchDatabase) -> pipeline.Made:
    return road.back_up(parkir.server, parkir.name)


@pytest.fixture
def nothing_changes(parkir: ScratchDatabase, made: pipeline.Made) -> Iterator[None]:
    before = state_of(parkir)
    yield
    assert state_of(parkir) == before
    assert schemas_beside(parkir) == []


@pytest.mark.usefixtures("nothing_changes")
def test_a_flipped_byte_is_refused_before_anything_is_opened(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    path = road.storage.root / made.name
    text = bytearray(path.read_bytes())
    text[len(text) // 2] ^= 1
    path.write_bytes(text)
    with pytest.raises(ArchiveDamaged):
        pipeline.verify(road.source(made), deep=False, progress=Silent())
    with pytest.raises((ArchiveDamaged, SealBroken)):
        road.restore(made, parkir.server, parkir.name)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_truncated_archive_is_refused(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made, part: float
) -> None:
    path = road.storage.root / made.name
    path.write_bytes(path.read_bytes()[: int(made.bytes * part)])
    with pytest.raises(ArchiveDamaged):
        road.restore(made, parkir.server, parkir.name)


@pytest.mark.usefixtures("nothing_changes")
def test_a_foreign_signer_is_refused(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = new_road(tmp_path_factory.mktemp("stranger"))
    foreign = stranger.back_up(parkir.server, parkir.name)
    source = pipeline.Source(stranger.storage, foreign.name, foreign.seal.archive, road.keys)
    with pytest.raises(SignerUnknown):
        pipeline.drill(source, server=parkir.server, database=parkir.name, progress=Silent())


@pytest.mark.usefixtures("nothing_changes")
def test_an_older_archive_under_a_newer_name_is_refused(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    newer = road.back_up(parkir.server, parkir.name)
    old, new = road.storage.root / made.name, road.storage.root / newer.name
    new.write_bytes(old.read_bytes())
    with pytest.raises(SealBroken, match=made.seal.archive):
        road.restore(newer, parkir.server, parkir.name)


@pytest.mark.usefixtures("nothing_changes")
def test_a_foreign_identity_is_told_so(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = new_road(tmp_path_factory.mktemp("stranger"))
    keys = pipeline.Keys((), None, road.keys.trusted, stranger.keys.identities)
    source = pipeline.Source(road.storage, made.name, made.seal.archive, keys)
    with pytest.raises(IdentityWrong):
        pipeline.drill(source, server=parkir.server, database=parkir.name, progress=Silent())


@pytest.mark.usefixtures("nothing_changes")
def test_a_table_that_somebody_holds_stops_the_swap(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    with session(parkir.server, parkir.name) as idle:
        query(idle, "START TRANSACTION")
        query(idle, "SELECT * FROM induk")
        # The server's own patience is a day: without ours, this would not end.
        with pytest.raises(LiveBusy):
            road.restore(made, parkir.server, parkir.name)


@pytest.mark.usefixtures("nothing_changes")
def test_a_refusal_before_the_swap_is_heard(road: Road, parkir: ScratchDatabase, made: pipeline.Made) -> None:
    def refuse() -> None:
        raise TargetInvalid(database="refused")

    with pytest.raises(TargetInvalid):
        road.restore(made, parkir.server, parkir.name, before_swap=refuse)


@pytest.mark.usefixtures("nothing_changes")
def test_a_database_that_is_not_empty_is_never_a_new_one(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    with pytest.raises(TargetNotEmpty):
        road.elsewhere(made, parkir.server, parkir.name, beside=parkir.name)
    # The last would be cleared away as a leftover of ours.
    for name in ("mysql", "information_schema", "", " x", "y" * 65, f"{parkir.name}__restore_0123456789ab"):
        with pytest.raises(TargetInvalid):
            road.elsewhere(made, parkir.server, name, beside=parkir.name)


def test_a_lost_table_comes_back_and_the_restore_can_be_undone(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    whole = state_of(parkir)
    parkir.run("SET foreign_key_checks=0", "DROP TABLE anak")
    parkir.run("INSERT INTO induk (nama) VALUES ('sesudah')")
    parkir.run("CREATE TABLE baru (id INT PRIMARY KEY)", "DROP VIEW lihat")
    damaged = state_of(parkir)
    mark, restored = road.restore(made, parkir.server, parkir.name)
    assert state_of(parkir) == whole
    assert restored.swap_ms is not None
    pipeline.undo(parkir.server, database=parkir.name, restore_id=mark, progress=Silent())
    assert state_of(parkir) == damaged
    assert schemas_beside(parkir) == [f"{parkir.name}__undone_{mark}"]
    assert pipeline.drop_kept(parkir.server, database=parkir.name, restore_id=mark)
    assert schemas_beside(parkir) == []


def test_undo_is_possible_once(road: Road, parkir: ScratchDatabase, made: pipeline.Made) -> None:
    mark, _ = road.restore(made, parkir.server, parkir.name)
    pipeline.undo(parkir.server, database=parkir.name, restore_id=mark, progress=Silent())
    with pytest.raises(UndoImpossible):
        pipeline.undo(parkir.server, database=parkir.name, restore_id=mark, progress=Silent())


def test_no_trigger_fires_during_a_load(road: Road, parkir: ScratchDatabase, made: pipeline.Made) -> None:
    road.restore(made, parkir.server, parkir.name)
    assert parkir.rows("SELECT COUNT(*) FROM catatan") == ((0,),)
    parkir.run("INSERT INTO induk (nama) VALUES ('c')")
    assert parkir.rows("SELECT teks FROM catatan ORDER BY id") == (("satu",), ("dua",))


def test_a_database_that_is_gone_comes_back(road: Road, parkir: ScratchDatabase, made: pipeline.Made) -> None:
    whole = state_of(parkir)
    with session(parkir.server) as connection:
        query(connection, f"DROP DATABASE {parkir.name}")
    archived = {rows.table: rows.rows for rows in made.manifest.rows}
    preview = pipeline.preview(parkir.server, database=parkir.name, archived=archived)
    assert (preview.live_exists, preview.rows) == (
        False,
        (("anak", None, 2), ("catatan", None, 0), ("induk", None, 2)),
    )
    road.restore(made, parkir.server, parkir.name)
    assert state_of(parkir) == whole


def test_a_new_database_is_made_beside_the_live_one(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    before = state_of(parkir)
    copy = f"{parkir.name}__salinan"
    road.elsewhere(made, parkir.server, copy, beside=parkir.name)
    assert parkir.rows(f"SELECT COUNT(*) FROM {copy}.induk") == ((2,),)
    assert state_of(parkir) == before
    assert schemas_beside(parkir) == [copy]


def test_the_application_goes_on_beside_a_restore(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    failures: list[str] = []
    stop = threading.Event()

    def visitor() -> None:
        with session(parkir.server, parkir.name) as connection:
            while not stop.is_set():
                try:
                    query(connection, "SELECT COUNT(*) FROM induk")
                except BackupError as error:
                    failures.append(str(error))

    visitors = [threading.Thread(target=visitor) for _ in range(2)]
    for thread in visitors:
        thread.start()
    try:
        road.restore(made, parkir.server, parkir.name)
    finally:
        stop.set()
        for thread in visitors:
            thread.join()
    assert failures == []


def test_without_the_right_to_write_nothing_is_built(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    name = f"r_{parkir.name}"
    parkir.run(f"CREATE USER {name}@localhost", f"GRANT SELECT ON {parkir.name}.* TO {name}@localhost")
    try:
        with pytest.raises(GrantMissing, match="GRANT"):
            road.restore(made, replace(parkir.server, username=name), parkir.name)
        assert schemas_beside(parkir) == []
    finally:
        parkir.run(f"DROP USER {name}@localhost")


def test_a_table_that_cannot_be_read_counts_as_unknown_and_not_as_empty(
    road: Road, database: ScratchDatabase, mariadb: PrivateServer
) -> None:
    database.run(
        "CREATE TABLE a (id INT) ENGINE=MyISAM", "CREATE TABLE b (id INT)", "INSERT INTO a VALUES (1)"
    )
    made = road.back_up(database.server, database.name)
    database.run("FLUSH TABLES a")
    (mariadb.folder / "data" / database.name / "a.MYI").write_bytes(b"not an index")
    archived = {rows.table: rows.rows for rows in made.manifest.rows}
    seen = pipeline.preview(database.server, database=database.name, archived=archived)
    assert seen.rows == (("a", None, 1), ("b", 0, 0))
    assert seen.unreadable == {"a"}
