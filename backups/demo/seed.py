"""A whole QParkIn database: tables, believable data, triggers; the same for the same size and moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import Random

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.demo import laravel, people, traffic
from backups.demo.batches import Batches
from backups.demo.calendar import Calendar

FOLDER = Path(__file__).parent
SEED = 20_260_101
# Measured: this many rows in all tables come of one visit, at least.
ROWS_A_VISIT = 6.0
VISITS_A_CUSTOMER = 12
FEWEST_VISITS = 500

# As Laravel signs in, and in the time zone of the malls: triggers keep the mode they were made under.
SESSION = (
    "SET SESSION time_zone = '+07:00', collation_connection = 'utf8mb4_unicode_ci', sql_mode = "
    "'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION'"
)
POINTS = (
    "UPDATE user JOIN (SELECT id_user, SUM(IF(perubahan = 'tambah', poin, -poin)) AS saldo FROM riwayat_poin "
    "GROUP BY id_user) AS jumlah USING (id_user) SET user.saldo_poin = jumlah.saldo"
)
PLACES = (
    "UPDATE parkiran JOIN (SELECT id_parkiran, COUNT(*) AS isi FROM transaksi_parkir "
    "WHERE waktu_keluar IS NULL GROUP BY id_parkiran) AS terisi USING (id_parkiran) "
    "SET parkiran.kapasitas = parkiran.kapasitas - terisi.isi"
)


def create_qparkin(
    connection: Connection[Cursor],
    *,
    rows: int,
    until: datetime,
    on_written: Callable[[int], object] = lambda _written: None,
) -> int:
    """Fill an empty database with at least `rows` rows that end at `until`; returns how many."""
    _run(connection, SESSION)
    _run_file(connection, FOLDER / "schema.sql")
    written = _fill(connection, rows=rows, until=until, on_written=on_written)
    _run(connection, POINTS)
    _run(connection, PLACES)
    # Last: a trigger in place would add messages and points to every row above.
    _run_file(connection, FOLDER / "triggers.sql")
    return written


def _fill(
    connection: Connection[Cursor], *, rows: int, until: datetime, on_written: Callable[[int], object]
) -> int:
    visits = max(int(rows / ROWS_A_VISIT) + 1, FEWEST_VISITS)
    customers = visits // VISITS_A_CUSTOMER
    calendar = Calendar(until, arrivals=visits)
    chance = Random(SEED)  # nosec B311 # the same made-up rows each time
    columns = {**people.COLUMNS, **laravel.COLUMNS, **traffic.COLUMNS}
    batches = Batches(connection, columns=columns, on_written=on_written)
    people.write_malls(batches, calendar)
    people.write_people(batches, calendar, customers=customers, chance=chance)
    people.write_vehicles(batches, customers=customers, chance=chance)
    laravel.write_laravel(batches, calendar, customers=customers, chance=chance)
    traffic.Traffic(batches, calendar, customers=customers, chance=chance).write(visits)
    batches.flush()
    return batches.written


def _run_file(connection: Connection[Cursor], path: Path) -> None:
    for statement in path.read_text(encoding="utf-8").split("//\n"):
        if statement.strip():
            _run(connection, statement)


def _run(connection: Connection[Cursor], statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
