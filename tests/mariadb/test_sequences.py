"""Sequences: their state comes back, and tables draw from the sequence beside them, never from another."""

import pytest

from backups.engine import pipeline
from backups.engine.errors import UnsupportedObject
from backups.engine.stream import Silent
from tests.mariadb.hostile import DRAWING, SEQUENCES
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

NAMES = ("berhingga", "biasa", "habis", "mundur", "putar")


@pytest.fixture
def numbered(database: ScratchDatabase) -> ScratchDatabase:
    database.run(*SEQUENCES, *DRAWING)
    return database


def _states(database: ScratchDatabase, schema: str) -> list[object]:
    """The one row of each sequence, and what each table says of its defaults."""
    states: list[object] = [database.rows(f"SELECT * FROM `{schema}`.{name}") for name in NAMES]
    for table in ("tiket", "riwayat"):
        (definition,) = database.rows(f"SHOW CREATE TABLE `{schema}`.{table}")
        states.append(str(definition[1]).replace(f"`{schema}`.", ""))
    return states


def _names_nobody_else(database: ScratchDatabase, schema: str) -> bool:
    told = "SELECT GROUP_CONCAT(COLUMN_DEFAULT SEPARATOR ' ') FROM information_schema.columns WHERE TABLE_SCHEMA = %s"
    ((text,),) = database.rows(told, (schema,))
    return "__" not in str(text).replace(f"`{schema}`.", "") and f"nextval(`{schema}`." in str(text)


def test_a_default_without_its_sequence_is_refused(road: Road, numbered: ScratchDatabase) -> None:
    numbered.run("DROP VIEW berikut", "DROP SEQUENCE biasa")
    with pytest.raises(UnsupportedObject, match=r"riwayat\.id"):
        road.back_up(numbered.server, numbered.name)


def test_sequences_come_back_in_their_state(road: Road, numbered: ScratchDatabase) -> None:
    made = road.back_up(numbered.server, numbered.name)
    expected = _states(numbered, numbered.name)
    assert road.drill(made, numbered.server, numbered.name).proven
    copy = f"{numbered.name}__salinan"
    road.elsewhere(made, numbered.server, copy, beside=numbered.name)
    assert _states(numbered, copy) == expected
    assert _names_nobody_else(numbered, copy)


def test_a_sequence_in_another_state_is_not_equal(road: Road, numbered: ScratchDatabase) -> None:
    made = road.back_up(numbered.server, numbered.name)
    (before,) = (s for s in made.manifest.inventory.sequences if s.name == "biasa")
    numbered.run("SELECT SETVAL(biasa, 5000)")
    again = road.back_up(numbered.server, numbered.name)
    (after,) = (s for s in again.manifest.inventory.sequences if s.name == "biasa")
    assert before != after


def test_swap_and_undo_move_sequences_and_point_the_defaults_at_them(
    road: Road, numbered: ScratchDatabase
) -> None:
    made = road.back_up(numbered.server, numbered.name)
    expected = _states(numbered, numbered.name)
    numbered.run("SELECT SETVAL(biasa, 5000)", "ALTER TABLE tiket DROP COLUMN catatan")
    damaged = _states(numbered, numbered.name)
    mark, _ = road.restore(made, numbered.server, numbered.name)
    assert _states(numbered, numbered.name) == expected
    before = f"{numbered.name}__before_{mark}"
    assert _names_nobody_else(numbered, numbered.name)
    assert _names_nobody_else(numbered, before)
    numbered.run("INSERT INTO tiket (id) VALUES (DEFAULT)")
    pipeline.undo(numbered.server, database=numbered.name, restore_id=mark, progress=Silent())
    assert _names_nobody_else(numbered, numbered.name)
    assert _names_nobody_else(numbered, f"{numbered.name}__undone_{mark}")
    # Numbers that the server had drawn ahead go where they go at a restart; none comes twice.
    assert _states(numbered, numbered.name)[5:] == damaged[5:]
    numbered.run("INSERT INTO tiket (id) VALUES (DEFAULT)")
    assert int(str(numbered.rows("SELECT MAX(id) FROM tiket")[0][0])) > 5000
