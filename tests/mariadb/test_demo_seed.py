"""The demo's database has QParkIn's shape and defects, believable data, and is the same every time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from backups.demo import people
from backups.demo.seed import create_qparkin
from backups.demo.vocabulary import MALLS
from backups.engine.errors import ServerRefused
from backups.engine.private_server import PrivateServer
from tests.scratch import ScratchDatabase, scratch_database

UNTIL = datetime(2026, 3, 15, 9, 30, tzinfo=UTC)
ROWS = 50_000
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
CHILDREN = """
    SELECT table_name, column_name, referenced_table_name, referenced_column_name
    FROM information_schema.key_column_usage
    WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL
"""
TRIGGERS = """
    SELECT trigger_name, event_object_table, event_manipulation, action_timing, action_order
    FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1
"""
COLUMNS = """
    SELECT table_name, ordinal_position, column_name, column_type, is_nullable, column_default, extra,
           column_key, collation_name
    FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, 2
"""
KEYS = """
    SELECT table_name, index_name, seq_in_index, column_name, non_unique
    FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 3
"""


def seed(database: ScratchDatabase, *, rows: int = ROWS, until: datetime = UNTIL) -> int:
    connection = database.connect()
    try:
        return create_qparkin(connection, rows=rows, until=until)
    finally:
        connection.close()


@pytest.fixture(scope="module")
def qparkin(mariadb: PrivateServer) -> Iterator[ScratchDatabase]:
    with scratch_database(mariadb) as database:
        seed(database)
        yield database


def tables(database: ScratchDatabase) -> list[str]:
    return [str(name) for (name,) in database.rows("SHOW TABLES")]


def count(database: ScratchDatabase, table: str, where: str = "TRUE") -> int:
    ((number,),) = database.rows(f"SELECT COUNT(*) FROM `{table}` WHERE {where}")
    return int(str(number))


def test_all_rows_asked_for_are_there_and_every_table_has_some(qparkin):
    rows = {table: count(qparkin, table) for table in tables(qparkin)}
    assert len(rows) == 29
    assert min(rows.values()) > 0
    assert sum(rows.values()) >= ROWS


def test_34_triggers_and_19_foreign_keys(qparkin):
    assert len(qparkin.rows(TRIGGERS)) == 34
    assert len(qparkin.rows(CHILDREN)) == 19


def test_tables_keys_and_triggers_are_those_of_the_operators_dump(qparkin, qparkin_sql):
    for question in (COLUMNS, KEYS, CHILDREN + "ORDER BY 1, 2", TRIGGERS):
        assert qparkin.rows(question) == qparkin_sql.rows(question)


def test_exactly_nine_triggers_name_tables_in_another_case(qparkin):
    known = set(tables(qparkin))
    wrong = set()
    statement = (
        "SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema = %s"
    )
    for name, body in qparkin.rows(statement, (qparkin.name,)):
        words = set(re.findall(r"\w+", re.sub(r"'[^']*'", "", str(body)))) - {"USER"}
        wrong |= {str(name) for word in words if word not in known and word.lower() in known}
    assert wrong == WRONG_CASE


def test_a_trigger_in_the_wrong_case_fails_when_it_fires(qparkin):
    with pytest.raises(ServerRefused, match=r"1146.*Notifikasi"):
        qparkin.run("INSERT INTO kendaraan (id_user, plat) VALUES (1, 'B 1 A')")


def test_leaving_fails_with_1442_on_the_operators_kind_of_server(database_case_insensitive):
    seed(database_case_insensitive, rows=3000)
    leave = "UPDATE transaksi_parkir SET waktu_keluar = NOW() WHERE id_transaksi = {}"
    paid = "(id_transaksi, id_gerbang, metode, nominal, status) VALUES ({}, 1, 'qris', 5000, 'berhasil')"
    ((visit,),) = database_case_insensitive.rows(
        "SELECT MAX(id_transaksi) FROM transaksi_parkir WHERE waktu_keluar IS NULL"
    )
    with pytest.raises(ServerRefused, match="1644"):
        database_case_insensitive.run(leave.format(visit))
    with pytest.raises(ServerRefused, match="1442"):
        database_case_insensitive.run("INSERT INTO pembayaran " + paid.format(visit), leave.format(visit))


def test_no_row_points_at_a_parent_that_is_not_there(qparkin):
    for table, column, parent, key in qparkin.rows(CHILDREN):
        orphan = f"`{column}` IS NOT NULL AND `{column}` NOT IN (SELECT `{key}` FROM `{parent}`)"
        assert count(qparkin, str(table), orphan) == 0, (table, column)


def test_points_are_the_sum_of_their_history(qparkin):
    history = (
        "SELECT SUM(IF(perubahan = 'tambah', poin, -poin)) FROM riwayat_poin p WHERE p.id_user = user.id_user"
    )
    assert count(qparkin, "user", f"saldo_poin <> COALESCE(({history}), 0) OR saldo_poin < 0") == 0


def test_every_mall_has_traffic_up_to_the_last_hours(qparkin):
    visited = qparkin.rows("SELECT id_mall, COUNT(*) FROM transaksi_parkir GROUP BY id_mall")
    assert len(visited) == len(MALLS) >= 5
    ((last, first),) = qparkin.rows("SELECT MAX(waktu_masuk), MIN(waktu_masuk) FROM transaksi_parkir")
    assert "2026-03-15 14" <= str(last) <= "2026-03-15 16:30"
    assert str(first) < "2025-12"
    assert count(qparkin, "transaksi_parkir", "waktu_keluar IS NULL") > 0


def test_a_vehicle_is_inside_once_at_a_time(qparkin):
    inside = (
        "SELECT id_kendaraan FROM transaksi_parkir WHERE waktu_keluar IS NULL GROUP BY 1 HAVING COUNT(*) > 1"
    )
    assert qparkin.rows(inside) == ()


def test_the_hard_characters_are_there(qparkin):
    assert count(qparkin, "notifikasi", "INSTR(pesan, '🎉') AND INSTR(pesan, '–')") > 0
    assert count(qparkin, "notifikasi", r"INSTR(pesan, 'PARKIR\\2026') AND INSTR(pesan, '\"')") > 0
    assert count(qparkin, "failed_jobs", r"exception LIKE '%C:\\\\xampp%'") > 0
    assert count(qparkin, "user", "name LIKE '%''%'") > 0


def test_the_same_size_and_moment_give_the_same_bytes(database, mariadb):
    seed(database, rows=3000)
    with scratch_database(mariadb) as again:
        seed(again, rows=3000)
        for table in tables(database):
            checksum = f"CHECKSUM TABLE `{table}` EXTENDED"
            assert database.rows(checksum)[0][1] == again.rows(checksum)[0][1], table


def test_no_plate_comes_twice_among_a_million():
    plates = {people.number_plate(vehicle, MALLS[0]) for vehicle in range(1, 1_000_001)}
    assert len(plates) == 1_000_000


@pytest.mark.slow
def test_a_million_rows(database):
    assert seed(database, rows=1_000_000) >= 1_000_000
