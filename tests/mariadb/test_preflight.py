"""What is said before a restore begins: each line on a real server, the alarming one before the calm one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backups.engine import pipeline
from backups.engine.database import Server, rows, session
from backups.engine.manifest import Chunk, Manifest, Part
from backups.engine.pipeline.preflight import PLAIN, preflight
from backups.engine.preflight import Check, Subject, ability, naming, people, space
from backups.engine.private_server import running_server
from backups.engine.storage import LocalStorage
from tests.conftest import QUICK
from tests.installation import until
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase, as_root

PARKING = (
    "CREATE TABLE mall (id INT PRIMARY KEY, nama VARCHAR(80), updated_at TIMESTAMP NULL)",
    "CREATE TABLE tiket (id INT PRIMARY KEY, mall INT, FOREIGN KEY (mall) REFERENCES mall (id))",
    "INSERT INTO mall VALUES (1, 'Grand Batam', '2026-11-23 07:05:00'), (2, 'Nagoya', NULL)",
    "INSERT INTO tiket VALUES (1, 1), (2, 1)",
)


def looked(
    road: Road,
    made: pipeline.Made,
    server: Server,
    database: str,
    *,
    target: str = "",
    source: pipeline.Source | None = None,
) -> dict[str, Check]:
    _, checks = preflight(
        source or road.source(made), server=server, database=database, target=target or database
    )
    assert len({check.name for check in checks}) == len(checks)
    return {check.name: check for check in checks}


def alarming(checks: dict[str, Check]) -> dict[str, str]:
    return {name: check.code for name, check in checks.items() if check.level != "pass"}


@pytest.fixture
def parking(database: ScratchDatabase) -> ScratchDatabase:
    database.run(*PARKING)
    return database


@contextmanager
def subject_of(database: ScratchDatabase, made: pipeline.Made, **values: object) -> Iterator[Subject]:
    with session(database.server) as connection:
        rules = made.manifest.inventory.rules
        plain = Subject(connection, made.manifest, rules, database.name, database.name, True)
        yield replace(plain, **values)  # type: ignore[arg-type]


def test_where_nothing_speaks_against_it_every_line_passes(road: Road, parking: ScratchDatabase) -> None:
    made = road.back_up(parking.server, parking.name)
    checks = looked(road, made, parking.server, parking.name)
    assert alarming(checks) == {}
    assert set(checks) == {
        "seal",
        "key",
        "connection",
        "grants",
        "ties",
        "folders",
        "definers",
        "spelling",
    } | {name for name, _ in PLAIN}
    elsewhere = looked(road, made, parking.server, parking.name, target=f"{parking.name}__lain")
    assert alarming(elsewhere) == {}
    assert ("target" in elsewhere, "ties" in elsewhere) == (True, False)


def test_an_archive_that_is_not_whole_blocks_and_the_server_is_looked_at_all_the_same(
    road: Road, parking: ScratchDatabase, tmp_path: Path
) -> None:
    made = road.back_up(parking.server, parking.name)
    gone = replace(road.source(made), storage=LocalStorage(tmp_path / "elsewhere"))
    broken = looked(road, made, parking.server, parking.name, source=gone)
    assert (broken["seal"].level, broken["connection"].level) == ("block", "pass")
    no_key = replace(road.source(made), keys=replace(road.keys, identities=()))
    closed = looked(road, made, parking.server, parking.name, source=no_key)
    assert (closed["seal"].level, closed["key"].level, closed["key"].code) == (
        "pass",
        "block",
        "identity_missing",
    )


def test_a_server_that_does_not_answer(road: Road, parking: ScratchDatabase) -> None:
    made = road.back_up(parking.server, parking.name)
    checks = looked(road, made, Server("nobody", socket="/nowhere.sock"), parking.name)
    assert alarming(checks) == {"connection": "server_unreachable"}
    refused = looked(road, made, replace(parking.server, username="nobody"), parking.name)
    assert alarming(refused) == {"connection": "sign_in_refused"}


def test_what_the_account_may_not_do_comes_with_the_statement_to_run(
    road: Road, parking: ScratchDatabase
) -> None:
    made = road.back_up(parking.server, parking.name)
    parking.run(
        "CREATE USER 'kecil'@'localhost'", f"GRANT SELECT ON `{parking.name}`.* TO 'kecil'@'localhost'"
    )
    try:
        checks = looked(road, made, Server("kecil", socket=parking.server.socket), parking.name)
    finally:
        parking.run("DROP USER 'kecil'@'localhost'")
    assert (checks["grants"].level, checks["grants"].code) == ("block", "grant_missing")
    assert "GRANT INSERT" in str(checks["grants"].params["statement"])
    # Not to be told is a warning, never a pass.
    assert (checks["sessions"].level, checks["definers"].level) == ("warn", "pass")


def test_a_live_table_in_a_folder_of_its_own_blocks(
    road: Road, parking: ScratchDatabase, tmp_path: Path
) -> None:
    made = road.back_up(parking.server, parking.name)
    parking.run(f"CREATE TABLE jauh (id INT PRIMARY KEY) DATA DIRECTORY='{tmp_path}'")
    checks = looked(road, made, parking.server, parking.name)
    assert alarming(checks) == {"folders": "folder_of_its_own"}
    assert checks["folders"].params["tables"] == "jauh"
    beside = looked(road, made, parking.server, parking.name, target=f"{parking.name}__lain")
    assert alarming(beside) == {}


def test_names_that_become_one_and_code_that_loses_its_tables(
    road: Road, parking: ScratchDatabase, database_case_insensitive: ScratchDatabase
) -> None:
    parking.run("CREATE TABLE Tiket (id INT PRIMARY KEY)")
    lowering = database_case_insensitive
    made = road.back_up(parking.server, parking.name)
    checks = looked(road, made, lowering.server, lowering.name)
    assert (checks["collisions"].level, checks["collisions"].names) == ("block", ("Tiket = tiket",))
    lowering.run(
        *PARKING,
        "CREATE TRIGGER salah AFTER DELETE ON mall FOR EACH ROW DELETE FROM TIKET WHERE mall = OLD.id",
        "CREATE PROCEDURE hilang() DELETE FROM tidak_ada",
    )
    made = road.back_up(lowering.server, lowering.name)
    checks = looked(road, made, parking.server, parking.name)
    assert (checks["spelling"].level, checks["spelling"].names) == ("warn", ("trigger salah: TIKET → tiket",))


def test_code_that_names_the_database_it_came_from(road: Road, parking: ScratchDatabase) -> None:
    parking.run(
        f"CREATE PROCEDURE asal() DELETE FROM `{parking.name}`.tiket",
        "CREATE PROCEDURE sini() CALL asal()",
        f"CREATE TRIGGER panggil AFTER DELETE ON mall FOR EACH ROW CALL `{parking.name}`.asal()",
    )
    made = road.back_up(parking.server, parking.name)
    assert looked(road, made, parking.server, parking.name)["own_database"].level == "pass"
    there = looked(road, made, parking.server, parking.name, target=f"{parking.name}__lain")
    assert there["own_database"].names == ("procedure asal", "trigger panggil")


def test_whoever_is_in_the_middle_of_something_is_named(road: Road, parking: ScratchDatabase) -> None:
    made = road.back_up(parking.server, parking.name)
    with session(parking.server, parking.name) as somebody, subject_of(parking, made) as subject:
        rows(somebody, "BEGIN")
        rows(somebody, "SELECT * FROM mall FOR UPDATE")
        young = people.sessions(subject)
        assert (young.level, young.params["count"]) == ("pass", 1)
        # Its age is the server's; the limit is turned instead of the clock.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(people, "LONG_SECONDS", 0)
            # The server looks at its transactions anew only when nobody has asked for a tenth of a second.
            until(lambda: people.sessions(subject).level == "warn", pause=0.3)
            until(lambda: _first_of(people.sessions(subject)).startswith("root (#"), pause=0.3)
        assert people.sessions(replace(subject, target="lain")).code == "nobody_concerned"


def _first_of(check: Check) -> str:
    return check.names[0] if check.names else ""


def test_tables_that_others_hold_on_to(road: Road, parking: ScratchDatabase) -> None:
    made = road.back_up(parking.server, parking.name)
    other = parking.name + "_lain"
    parking.run(
        f"CREATE DATABASE {other}",
        f"CREATE TABLE {other}.anak (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES {parking.name}.mall (id))",
    )
    try:
        checks = looked(road, made, parking.server, parking.name)
        full = looked(road, made, parking.server, parking.name, target=other)
    finally:
        parking.run(f"DROP DATABASE {other}")
    assert (checks["ties"].code, checks["ties"].params["tables"]) == ("tied_to_another", f"{other}.anak")
    assert (full["target"].level, full["target"].code) == ("block", "target_not_empty")


def test_events_will_sleep_and_definers_may_be_strangers(road: Road, parking: ScratchDatabase) -> None:
    parking.run(
        "CREATE EVENT bersih ON SCHEDULE EVERY 1 HOUR DO SELECT 1",
        "CREATE EVENT tidur ON SCHEDULE EVERY 1 HOUR DISABLE DO SELECT 1",
        "CREATE USER 'lama'@'%'",
        "CREATE DEFINER='lama'@'%' PROCEDURE milik() SELECT 1",
    )
    made = road.back_up(parking.server, parking.name)
    parking.run("DROP USER 'lama'@'%'")
    checks = looked(road, made, parking.server, parking.name)
    assert (checks["events"].level, checks["events"].names) == ("warn", ("bersih",))
    with subject_of(parking, made, tables=frozenset({"mall"})) as some:
        assert people.events(some).level == "pass"
    assert (checks["definers"].level, checks["definers"].names) == ("warn", ("lama@%",))
    # What the source lacked too is nothing that the restore adds.
    again = road.back_up(parking.server, parking.name)
    assert looked(road, again, parking.server, parking.name)["definers"].level == "pass"


def test_time_zones_by_name_where_the_server_knows_none(road: Road, parking: ScratchDatabase) -> None:
    made = road.back_up(parking.server, parking.name)
    with subject_of(parking, made) as subject:
        ((known,),) = rows(subject.connection, "SELECT CONVERT_TZ('2026-01-01','UTC','Asia/Jakarta') IS NULL")
        assert known, "the suite's private server has no time zone tables"
        assert ability.time_zones(subject).code == "time_zones_not_needed"
        parking.run("CREATE VIEW jam AS SELECT CONVERT_TZ(updated_at, 'UTC', 'Asia/Jakarta') AS j FROM mall")
        needing = road.back_up(parking.server, parking.name).manifest
        assert ability.time_zones(replace(subject, manifest=needing)).names == ("jam",)


# All that a server has to know of a zone: its name, and that its clock never changes.
ZONES = (
    "INSERT INTO time_zone (Time_zone_id, Use_leap_seconds) VALUES (1, 'N'), (2, 'N')",
    "INSERT INTO time_zone_name (Name, Time_zone_id) VALUES ('UTC', 1), ('Asia/Jakarta', 2)",
    "INSERT INTO time_zone_transition_type VALUES (1, 0, 0, 0, 'UTC'), (2, 0, 25200, 0, 'WIB')",
)


def test_time_zones_by_name_where_the_server_knows_them(
    road: Road, parking: ScratchDatabase, tmp_path_factory: pytest.TempPathFactory
) -> None:
    parking.run("CREATE VIEW jam AS SELECT CONVERT_TZ(updated_at, 'UTC', 'Asia/Jakarta') AS j FROM mall")
    made = road.back_up(parking.server, parking.name)
    # A server of its own: what it has once found it knows until its end.
    with (
        running_server(tmp_path_factory.mktemp("zones"), options=QUICK) as knowing,
        session(as_root(knowing), "mysql") as connection,
        subject_of(parking, made, connection=connection) as subject,
    ):
        assert (ability.time_zones(subject).level, ability.time_zones(subject).names) == ("warn", ("jam",))
        for statement in ZONES:
            rows(connection, statement)
        assert ability.time_zones(subject).code == "time_zones_there"


def test_load_data_switched_off_is_slower_and_large_rows_need_it(
    road: Road, parking: ScratchDatabase
) -> None:
    made = road.back_up(parking.server, parking.name)
    parking.run("SET GLOBAL local_infile=0")
    try:
        with subject_of(parking, made) as subject:
            assert ability.local_infile(subject).level == "warn"
            assert ability.packet(subject).level == "pass"
            large = replace(subject, manifest=_with_a_large_row(made.manifest))
            assert (ability.packet(large).level, ability.packet(large).names) == ("block", ("mall",))
            parking.run("SET GLOBAL local_infile=1")
            assert ability.packet(large).level == "warn"
    finally:
        parking.run("SET GLOBAL local_infile=1")


def _with_a_large_row(manifest: Manifest) -> Manifest:
    (first, *others) = manifest.rows
    assert first.table == "mall"
    part = Part(None, None, (Chunk("data/1", 1, 2 * 1024**3, ""),))
    return replace(manifest, rows=(replace(first, parts=(part,)), *others))


def test_a_server_that_only_reads(road: Road, parking: ScratchDatabase) -> None:
    made = road.back_up(parking.server, parking.name)
    parking.run("CREATE USER 'biasa'@'localhost'", f"GRANT ALL ON `{parking.name}`.* TO 'biasa'@'localhost'")
    parking.run("SET GLOBAL read_only=1")
    try:
        with subject_of(parking, made) as subject:
            assert ability.read_only(subject).level == "warn"
            with session(Server("biasa", socket=parking.server.socket)) as plain:
                assert ability.read_only(replace(subject, connection=plain)).level == "block"
    finally:
        parking.run("SET GLOBAL read_only=0", "DROP USER 'biasa'@'localhost'")


def test_engines_and_versions(road: Road, parking: ScratchDatabase) -> None:
    made = road.back_up(parking.server, parking.name)
    inventory = made.manifest.inventory
    with subject_of(parking, made) as subject:
        strange = tuple(replace(table, engine="RocksDB") for table in inventory.tables)
        other = replace(made.manifest, inventory=replace(inventory, tables=strange))
        lacking = ability.engines(replace(subject, manifest=other))
        assert (lacking.level, lacking.names) == ("block", ("mall (RocksDB)", "tiket (RocksDB)"))
        only = ability.engines(replace(subject, manifest=other, tables=frozenset({"mall"})))
        assert only.names == ("mall (RocksDB)",)
        older = replace(subject, rules=replace(subject.rules, version="10.4.32-MariaDB"))
        assert (ability.version(older).level, naming.collisions(older).level) == ("warn", "pass")


def test_room_is_measured_where_it_can_be_and_else_not_made_up(road: Road, parking: ScratchDatabase) -> None:
    made = road.back_up(parking.server, parking.name)
    with subject_of(parking, made) as subject:
        assert space.room(subject).level == "pass"
        assert space.undo_room(subject).params["bytes"] > 0
        away = replace(subject, same_machine=False)
        assert (space.room(away).level, space.room(away).code) == ("warn", "space_unknown")
        huge = replace(subject, manifest=_with_a_table_of(made.manifest, 10**15))
        assert (space.room(huge).level, space.room(huge).code) == ("block", "space_lacking")


def test_room_that_just_suffices_is_said(
    road: Road, parking: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.back_up(parking.server, parking.name)
    with subject_of(parking, made) as subject:
        monkeypatch.setattr(space, "free_bytes", lambda _: space.AT_LEAST - 1)
        assert (space.room(subject).level, space.room(subject).code) == ("warn", "space_tight")


def test_accounts_that_cannot_be_looked_at_are_a_warning(road: Road, parking: ScratchDatabase) -> None:
    made = road.back_up(parking.server, parking.name)
    with subject_of(parking, made) as subject:
        unseen = people.definers(subject, None)
        assert (unseen.level, unseen.mend) == ("warn", "definers_unseen")
        assert people.definers(subject, ()).level == "pass"


@pytest.mark.parametrize("version", ["8.0.36", "10.3.39-MariaDB"])
def test_another_product_or_one_too_old_blocks_by_name(
    version: str, road: Road, parking: ScratchDatabase, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = road.back_up(parking.server, parking.name)
    options = {**QUICK, "version": version}
    with running_server(tmp_path_factory.mktemp("other"), options=options) as other:
        checks = looked(road, made, as_root(other), parking.name)
    assert (checks["version"].level, checks["version"].code) == ("block", "unsupported_server")
    assert version in str(checks["version"].params["version"])


def _with_a_table_of(manifest: Manifest, size: int) -> Manifest:
    part = Part(None, None, (Chunk("data/1", 10, size, ""),))
    return replace(manifest, rows=(replace(manifest.rows[0], parts=(part,)), *manifest.rows[1:]))


def test_the_newest_row_that_would_be_lost(parking: ScratchDatabase) -> None:
    found = pipeline.newest_row(parking.server, database=parking.name)
    assert found == pipeline.NewestRow("mall", datetime(2026, 11, 23, 7, 5, tzinfo=UTC))
    parking.run("UPDATE mall SET updated_at = NULL")
    assert pipeline.newest_row(parking.server, database=parking.name) is None
