"""Works: the operators' own database under both case rules, and findings told apart from known defects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from backups.engine.database import session
from backups.engine.inventory import server_rules, take_inventory
from backups.engine.manifest import Inventory, Rules
from backups.engine.stream import Silent
from backups.engine.works import Works, check, resolve
from tests.scratch import ScratchDatabase

WRONG_CASE = {
    "trg_booking_after_insert",
    "trg_booking_after_update",
    "trg_booking_before_insert",
    "trg_kendaraan_after_delete",
    "trg_kendaraan_after_insert",
    "trg_mall_after_delete",
    "trg_mall_after_insert",
    "trg_parkiran_after_update",
    "trg_transaksi_after_insert",
}
UPDATES_ITSELF = ("trigger", "trg_transaksi_after_update", "error", 1442)


def inventory_of(database: ScratchDatabase) -> Inventory:
    with session(database.server) as connection:
        return take_inventory(connection, database.name)


def rules_of(database: ScratchDatabase) -> Rules:
    with session(database.server) as connection:
        return server_rules(connection)


def works_of(database: ScratchDatabase, inventory: Inventory, missing: tuple[str, ...] = ()) -> Works:
    """The proof, with the database itself as its own shadow."""
    with unchanged(database):
        return check(
            database.server,
            inventory=inventory,
            shadow=database.name,
            scratch=f"{database.name}__fire",
            target_rules=rules_of(database),
            missing_definers=missing,
            progress=Silent(),
        )


@contextmanager
def unchanged(database: ScratchDatabase) -> Iterator[None]:
    """The database and the list of schemas are afterwards what they were before."""
    listing = "SELECT schema_name FROM information_schema.schemata"
    tables = database.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'",
        (database.name,),
    )
    checksum = "CHECKSUM TABLE " + ", ".join(f"`{name}`" for (name,) in tables)
    before = database.rows(listing), tables and database.rows(checksum)
    yield
    assert (database.rows(listing), tables and database.rows(checksum)) == before


def under(inventory: Inventory, lower_case_table_names: int) -> Inventory:
    return replace(inventory, rules=replace(inventory.rules, lower_case_table_names=lower_case_table_names))


def brief(findings) -> set[tuple[str, str, str, int | None]]:
    return {(one.kind, one.name, one.cause, one.errno) for one in findings}


def test_where_case_does_not_matter_only_the_known_defect_is_found(qparkin_sql_case_insensitive):
    inventory = inventory_of(qparkin_sql_case_insensitive)
    assert inventory.rules.lower_case_table_names == 1
    works = works_of(qparkin_sql_case_insensitive, inventory)
    assert works.new_findings == ()
    assert brief(works.known_findings) == {UPDATES_ITSELF}
    assert works.not_exercised == ()
    assert works.holds


def test_moving_to_a_server_where_case_matters_breaks_nine_triggers(qparkin_sql):
    inventory = under(inventory_of(qparkin_sql), 1)
    works = works_of(qparkin_sql, inventory)
    assert brief(works.new_findings) == {("trigger", name, "missing_table", None) for name in WRONG_CASE}
    assert len(works.new_findings) == 9
    assert brief(works.known_findings) == {UPDATES_ITSELF}
    assert works.not_exercised == ()
    assert not works.holds


def test_where_the_source_was_broken_in_the_same_way_nothing_is_new(qparkin_sql):
    inventory = inventory_of(qparkin_sql)
    assert inventory.rules.lower_case_table_names == 0
    works = works_of(qparkin_sql, inventory)
    assert works.new_findings == ()
    assert {one.name for one in works.known_findings} == {*WRONG_CASE, UPDATES_ITSELF[1]}
    assert len(works.known_findings) == 10
    assert works.not_exercised == ()
