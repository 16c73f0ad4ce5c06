"""Killed at any statement of a swap: afterwards the live database is wholly old or wholly new."""

import os
from collections.abc import Callable

import pytest

from backups.engine import journal, pipeline, sequences, settle, swap, ties, undo
from backups.engine.beside import schema_beside
from backups.engine.database import lock, one, quote_name, session
from backups.engine.database import rows as query
from backups.engine.stream import Silent
from tests.installation import until
from tests.mariadb.parkir import SCHEMA, schemas_beside, state_of
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

KILLED = 9
MOST_STATEMENTS = 100
EVERY = [pytest.param(1, marks=pytest.mark.slow), 7]


def _killed_at(statement: int, work: Callable[[], object]) -> bool:
    """Do the work in a process that dies before its n-th statement; False where it ended before."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED
    real, count = swap.run, 0

    def run(connection, text):  # type: ignore[no-untyped-def]
        nonlocal count
        count += 1
        if count == statement:
            os._exit(KILLED)
        return real(connection, text)

    swap.run = settle.run = sequences.run = ties.run = run
    try:
        work()
    except BaseException:  # noqa: BLE001 - a forked child must never return into the suite
        os._exit(1)
    os._exit(0)


OTHERS = (
    "SELECT id, command, info FROM information_schema.processlist "
    "WHERE id != CONNECTION_ID() AND command != 'Daemon'"
)
NUMBERED = (
    "CREATE SEQUENCE nomor",
    "CREATE TABLE tiket (id BIGINT DEFAULT NEXTVAL(nomor) PRIMARY KEY)",
    "INSERT INTO tiket VALUES (DEFAULT)",
)


@pytest.fixture
def parkir(database: ScratchDatabase) -> ScratchDatabase:
    database.run(*SCHEMA, *NUMBERED)
    return database


@pytest.mark.parametrize("step", EVERY)
def test_a_kill_in_the_middle_of_a_swap_leaves_old_or_new(
    road: Road, parkir: ScratchDatabase, step: int
) -> None:
    made = road.back_up(parkir.server, parkir.name)
    new = state_of(parkir)
    # A lost parent is the worst case: its children take the first table of that name for it.
    parkir.run(
        "DELETE FROM anak WHERE id = 1",
        "DROP VIEW lihat",
        "INSERT INTO catatan (teks) VALUES ('x')",
        "SET foreign_key_checks=0",
        "DROP TABLE induk",
    )
    old = state_of(parkir)
    seen = set()
    for statement in range(1, MOST_STATEMENTS, step):
        killed = _killed_at(statement, lambda: road.restore(made, parkir.server, parkir.name))
        _recover(parkir)
        found = state_of(parkir)
        assert found in (old, new), f"statement {statement}"
        seen.add(found == new)
        assert not [s for s in schemas_beside(parkir) if "__restore_" in s], f"statement {statement}"
        if found == new:
            _undo_all(parkir)
            assert state_of(parkir) == old, f"undo after statement {statement}"
        _forget_all(parkir)
        if not killed:
            break
    assert not killed
    assert seen == {True, False}


@pytest.mark.parametrize("step", EVERY)
def test_a_kill_in_the_middle_of_an_undo_leaves_old_or_new(
    road: Road, parkir: ScratchDatabase, step: int
) -> None:
    made = road.back_up(parkir.server, parkir.name)
    new = state_of(parkir)
    parkir.run("DELETE FROM anak", "DROP TRIGGER catat1")
    old = state_of(parkir)
    for statement in range(1, MOST_STATEMENTS, step):
        mark, _ = road.restore(made, parkir.server, parkir.name)

        def undo(mark: str = mark) -> None:
            pipeline.undo(parkir.server, database=parkir.name, restore_id=mark, progress=Silent())

        killed = _killed_at(statement, undo)
        _recover(parkir)
        found = state_of(parkir)
        assert found in (old, new), f"statement {statement}"
        if found == new:
            undo()
            assert state_of(parkir) == old
        _forget_all(parkir)
        if not killed:
            break
    assert not killed


@pytest.mark.timeout(900)
@pytest.mark.parametrize("step", EVERY)
@pytest.mark.parametrize("tables", [("induk", "tiket"), ("anak",)])
def test_a_kill_in_the_middle_of_chosen_tables_leaves_old_or_new(
    road: Road, parkir: ScratchDatabase, tables: tuple[str, ...], step: int
) -> None:
    """The swap of some tables and its undo, each killed before every statement."""
    made = road.back_up(parkir.server, parkir.name)
    parkir.run("UPDATE anak SET induk = 1", "DROP TRIGGER catat1", "UPDATE induk SET nama = 'x' WHERE id = 1")
    parkir.run("DELETE FROM tiket", "INSERT INTO catatan (teks) VALUES ('sesudah')")
    old = state_of(parkir)
    road.restore_tables(made, parkir, *tables)
    new = state_of(parkir)
    _undo_all(parkir)
    _forget_all(parkir)
    assert (state_of(parkir), ties_of(parkir)) == (old, {(parkir.name, parkir.name)})
    seen = set()
    for statement in range(1, MOST_STATEMENTS, step):
        killed = _killed_at(statement, lambda: road.restore_tables(made, parkir, *tables))
        _recover(parkir)
        found = state_of(parkir)
        assert found in (old, new), f"statement {statement}"
        assert ties_of(parkir) == {(parkir.name, parkir.name)}, f"statement {statement}"
        seen.add(found == new)
        if found == old:
            assert schemas_beside(parkir) == [], f"statement {statement}"
            road.restore_tables(made, parkir, *tables)
        undone = _killed_at(statement, lambda: _undo_all(parkir))
        _recover(parkir)
        assert state_of(parkir) in (old, new), f"undo, statement {statement}"
        assert ties_of(parkir) == {(parkir.name, parkir.name)}, f"undo, statement {statement}"
        if state_of(parkir) == new:
            _undo_all(parkir)
        assert state_of(parkir) == old, f"undo after statement {statement}"
        _forget_all(parkir)
        if not (killed or undone):
            break
    assert not killed
    assert not undone
    assert seen == {True, False}


def ties_of(parkir: ScratchDatabase) -> set[tuple[object, ...]]:
    """Between which schemas the foreign keys go that touch the live database."""
    statement = (
        "SELECT CONSTRAINT_SCHEMA, UNIQUE_CONSTRAINT_SCHEMA FROM information_schema.REFERENTIAL_CONSTRAINTS "
        "WHERE %s IN (CONSTRAINT_SCHEMA, UNIQUE_CONSTRAINT_SCHEMA)"
    )
    return set(parkir.rows(statement, (parkir.name,)))


def test_a_half_done_rename_is_settled(road: Road, parkir: ScratchDatabase) -> None:
    """Before 10.6 a RENAME of several tables may stop half-way; each such state is made by hand."""
    made = road.back_up(parkir.server, parkir.name)
    new = state_of(parkir)
    parkir.run("DELETE FROM anak")
    old = state_of(parkir)
    rename = _statement_of_the_rename(road, made, parkir)
    for moved in range(3):
        assert _killed_at(rename, lambda: road.restore(made, parkir.server, parkir.name))
        before = next(schema for schema in schemas_beside(parkir) if "__before_" in schema)
        for table in ("anak", "catatan")[:moved]:
            parkir.run(f"RENAME TABLE {parkir.name}.{table} TO {quote_name(before)}.{table}")
        _recover(parkir)
        assert state_of(parkir) == (new if moved else old)
        _undo_all(parkir)
        _forget_all(parkir)


def _statement_of_the_rename(road: Road, made: pipeline.Made, parkir: ScratchDatabase) -> int:
    """The number of the first statement by which, if it is done, tables have moved."""
    old = state_of(parkir)
    for statement in range(1, MOST_STATEMENTS):
        _killed_at(statement, lambda: road.restore(made, parkir.server, parkir.name))
        _recover(parkir)
        if state_of(parkir) != old:
            _undo_all(parkir)
            _forget_all(parkir)
            return statement - 1
        _forget_all(parkir)
    raise AssertionError("nothing ever moved")


def test_work_that_goes_on_is_left_alone(parkir: ScratchDatabase) -> None:
    shadow = f"{parkir.name}__restore_0123456789ab"
    parkir.run(f"CREATE DATABASE {shadow}")
    with lock(parkir.server, shadow):
        assert pipeline.recover(parkir.server, database=parkir.name).told == ()
    assert len(pipeline.recover(parkir.server, database=parkir.name).told) == 1
    assert schemas_beside(parkir) == []


@pytest.mark.parametrize("name", ["__restore_lama", "__restore_0123456789AB", "ing__restore_0123456789ab"])
def test_databases_of_others_are_left_alone(parkir: ScratchDatabase, name: str) -> None:
    foreign = parkir.name + name
    parkir.run(f"CREATE DATABASE {foreign}")
    try:
        assert pipeline.recover(parkir.server, database=parkir.name).told == ()
    finally:
        parkir.run(f"DROP DATABASE {foreign}")


def _recover(parkir: ScratchDatabase) -> None:
    """Once the server too has noticed that its client is dead, and lets go of the locks."""
    with session(parkir.server) as connection:
        until(lambda: query(connection, OTHERS) == ())
    pipeline.recover(parkir.server, database=parkir.name)


def _undo_all(parkir: ScratchDatabase) -> None:
    for schema in schemas_beside(parkir):
        if "__before_" in schema:
            pipeline.undo(parkir.server, database=parkir.name, restore_id=schema[-12:], progress=Silent())


def _forget_all(parkir: ScratchDatabase) -> None:
    for schema in schemas_beside(parkir):
        pipeline.drop_kept(parkir.server, database=parkir.name, restore_id=schema[-12:])
    with session(parkir.server) as connection:
        assert query(connection, "SELECT 1") == ((1,),)
    assert schemas_beside(parkir) == []


def test_clearing_up_leaves_a_swap_alone_that_is_about_to_write_its_journal(
    road: Road, parkir: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A schema that is empty and has no journal looks like a leftover, for a moment."""
    made = road.back_up(parkir.server, parkir.name)
    new = state_of(parkir)
    parkir.run("DELETE FROM anak")
    real, told = journal.open_journal, []

    def cleared_up_first(connection, plan):  # type: ignore[no-untyped-def]
        told.extend(pipeline.recover(parkir.server, database=parkir.name).told)
        real(connection, plan)

    monkeypatch.setattr(journal, "open_journal", cleared_up_first)
    road.restore(made, parkir.server, parkir.name)
    assert (state_of(parkir), told) == (new, [])


def test_what_was_found_empty_and_holds_the_old_tables_by_now_is_not_dropped(
    road: Road, parkir: ScratchDatabase
) -> None:
    made = road.back_up(parkir.server, parkir.name)
    parkir.run("DELETE FROM anak")
    old = state_of(parkir)
    mark, _ = road.restore(made, parkir.server, parkir.name)
    before = schema_beside(parkir.name, "before", mark)
    with session(parkir.server) as connection:
        assert list(undo._drop_left(parkir.server, connection, "before", before)) == []
    _undo_all(parkir)
    assert state_of(parkir) == old


def test_a_host_that_vanishes_in_the_middle_of_a_swap_does_not_keep_live_locked(
    road: Road, parkir: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a good-bye the server keeps a lock for as long as it lets the session be idle."""
    made = road.back_up(parkir.server, parkir.name)
    real, seen = swap.drop_triggers, []

    def looked_at(connection, schema, **named):  # type: ignore[no-untyped-def]
        if schema == parkir.name:
            seen.append(one(connection, "SELECT @@SESSION.wait_timeout")[0])
        real(connection, schema, **named)

    monkeypatch.setattr(swap, "drop_triggers", looked_at)
    road.restore(made, parkir.server, parkir.name)
    assert seen == [60]
