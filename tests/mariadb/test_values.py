"""Values at their limits, in rows that other tools change: each comes back as the bytes it was."""

from backups.engine.private_server import PrivateServer
from tests.mariadb.road import Road
from tests.mariadb.there_and_back import LAX, comes_back
from tests.scratch import ScratchDatabase

WIDTHS = {"TINYINT": 8, "SMALLINT": 16, "MEDIUMINT": 24, "INT": 32, "BIGINT": 64}
BITS = range(1, 65)
INTEGERS = (
    *(f"CREATE TABLE {kind}_s (a {kind} PRIMARY KEY, z {kind} ZEROFILL)" for kind in map(str.lower, WIDTHS)),
    *(f"CREATE TABLE {kind}_u (a {kind} UNSIGNED PRIMARY KEY)" for kind in map(str.lower, WIDTHS)),
    *(
        f"INSERT INTO {kind.lower()}_s VALUES ({-(2 ** (bits - 1))}, 0), (-1, 1), (0, NULL), ({2 ** (bits - 1) - 1}, {2**bits - 1})"
        for kind, bits in WIDTHS.items()
    ),
    *(f"INSERT INTO {kind.lower()}_u VALUES (0), ({2**bits - 1})" for kind, bits in WIDTHS.items()),
    f"CREATE TABLE bits (id INT PRIMARY KEY, {', '.join(f'b{n} BIT({n})' for n in BITS)})",
    *(
        f"INSERT INTO bits VALUES ({place}, {', '.join(value.format(ones='1' * n, zeros='0' * (n - 1)) for n in BITS)})"
        for place, value in enumerate(("b'{ones}'", "0", "NULL", "b'1{zeros}'"))
    ),
    f"CREATE TABLE sets (id INT PRIMARY KEY, s SET({', '.join(repr(f'm{n}') for n in range(64))}), e ENUM('', '0', '1'), n ENUM('a', '') NOT NULL)",
    "INSERT INTO sets VALUES (1, 18446744073709551615, '', ''), (2, 9223372036854775808, 0, 0), (3, 0, '0', 'q'), (4, NULL, NULL, 1), (5, 1, '2', 2)",
)
REALS = (
    "CREATE TABLE nyata (f FLOAT, d DOUBLE, n DECIMAL(65,30), whole DECIMAL(65,0), part DECIMAL(30,30), KEY (f))",
    (
        f"INSERT INTO nyata VALUES (1e-45, 4.9406564584124654e-324, -0.0, {'9' * 65}, 0.{'9' * 30}), "
        f"(-1e-45, -4.9406564584124654e-324, 0.{'0' * 29}1, -{'9' * 65}, -0.{'9' * 30}), "
        "(3.4028234663852886e38, 1.7976931348623157e308, 1, 0, 0), (-0.0, -0.0, 0, 0, 0), "
        "(1.17549435e-38, 2.2250738585072014e-308, 0, 0, 0), (1.1754942e-38, 2.2250738585072009e-308, 0, 0, 0), "
        "(0.1, 0.1, 0, 0, 0), (1/3, 1/3, 0, 0, 0), (16777217, 9007199254740993, 0, 0, 0), (NULL, NULL, NULL, NULL, NULL)"
    ),
    "CREATE TABLE pecahan (f FLOAT PRIMARY KEY)",
    "INSERT INTO pecahan SELECT DISTINCT f FROM nyata WHERE f IS NOT NULL",
    "CREATE TABLE ganda (d DOUBLE PRIMARY KEY)",
    "INSERT INTO ganda SELECT DISTINCT d FROM nyata WHERE d IS NOT NULL",
    "CREATE TABLE tampil (a INT(7) ZEROFILL, b DECIMAL(12,3) ZEROFILL, c FLOAT ZEROFILL, d DOUBLE(12,3), f FLOAT(7,2), h DOUBLE ZEROFILL)",
    "INSERT INTO tampil VALUES (5, 1.5, 1.25, -1.5, -2.55, 1e-300), (0, 0, 16777216, -0.0, 99999.99, 0.005)",
)
TIMES = (
    "SET SESSION sql_mode='ALLOW_INVALID_DATES', time_zone='+00:00'",
    (
        "CREATE TABLE waktu (id INT PRIMARY KEY AUTO_INCREMENT, d DATE, dt DATETIME, dt6 DATETIME(6), t TIME, t6 TIME(6), t1 TIME(1), "
        "ts TIMESTAMP NULL, ts6 TIMESTAMP(6) NULL, y YEAR, bawaan DATE NOT NULL DEFAULT '2026-02-31')"
    ),
    (
        "INSERT INTO waktu (d, dt, dt6, t, t6, t1, ts, y) VALUES "
        "('0000-00-00', '0000-00-00', '0000-00-00', '-838:59:59', '-00:00:00.000001', '-0:0:0.1', '0000-00-00', 0), "
        "('2026-02-31', '2026-02-31 23:59:59', '2026-04-31 23:59:59.999999', '838:59:59', '838:59:59.999999', '838:59:59.9', '1970-01-01 00:00:01', 2155), "
        "('0000-01-00', '0001-00-00', '9999-12-31 23:59:59.999999', '0', '0', '0', '2038-01-19 03:14:07', 1901)"
    ),
    # Europe/Berlin has the hour from one to two o'clock UTC twice, and in March one not at all.
    *(
        f"INSERT INTO waktu (ts6) VALUES ('{moment}')"
        for moment in (
            "2026-10-25 00:30:00",
            "2026-10-25 01:00:00.000001",
            "2026-10-25 01:30:00.5",
            "2026-03-29 00:59:59.999999",
            "2026-03-29 01:00:00",
            "0000-00-00",
        )
    ),
    "CREATE TABLE hari (d DATE PRIMARY KEY, dt DATETIME, besok DATE AS (d + INTERVAL 1 DAY) STORED, UNIQUE (dt)) WITH SYSTEM VERSIONING",
    "INSERT INTO hari (d, dt) VALUES ('2026-02-31', '2026-02-30'), ('0000-00-00', NULL)",
    "UPDATE hari SET dt = '2026-06-31' WHERE dt IS NULL",
)
KEYS = (
    LAX,
    "CREATE TABLE sama (k VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT)",
    "INSERT INTO sama VALUES ('a', 1), ('B', 2), ('ä c', 3), ('ß', 4), ('', 5), ('a b', 7), ('aé', 8)",
    "CREATE TABLE beda (k VARCHAR(20) COLLATE utf8mb4_nopad_bin, c CHAR(5) COLLATE latin1_german2_ci, PRIMARY KEY (k, c))",
    "INSERT INTO beda VALUES ('a', 'x'), ('a ', 'x'), ('A', 'ä'), ('a', 'y ')",
    "CREATE TABLE biner (k BINARY(4) PRIMARY KEY)",
    "INSERT INTO biner VALUES (x'00'), (x'20'), (x'00000001'), (x'FFFFFFFF')",
    "CREATE TABLE awalan (k TEXT NOT NULL, UNIQUE (k(2)))",
    "INSERT INTO awalan VALUES ('abX'), ('acX'), ('a')",
    "CREATE TABLE panjang (k LONGTEXT NOT NULL, UNIQUE (k))",
    "INSERT INTO panjang VALUES (REPEAT('a', 5000)), (REPEAT('b', 5000)), ('')",
    "CREATE TABLE uu (u UUID PRIMARY KEY, i INET6, j INET4)",
    (
        "INSERT INTO uu VALUES ('00000000-0000-0000-0000-000000000000', '::ffff:1.2.3.4', '255.255.255.255'), "
        "('ffffffff-ffff-ffff-ffff-ffffffffffff', NULL, NULL), (UUID(), '::', '0.0.0.0')"
    ),
    "CREATE TABLE pilihan (e ENUM('z', 'a', '') PRIMARY KEY, b BIT(3))",
    "INSERT INTO pilihan VALUES ('a', 1), ('z', 7), ('', 0), (0, 1)",
    "CREATE TABLE bit_kunci (b BIT(64) PRIMARY KEY)",
    "INSERT INTO bit_kunci VALUES (0), (18446744073709551615), (9223372036854775808)",
    "CREATE TABLE saat (t TIMESTAMP(6) PRIMARY KEY, d DATE, UNIQUE (d))",
    "INSERT INTO saat VALUES ('1970-01-01 07:00:01', NULL), ('0000-00-00', '2026-02-00')",
    "CREATE TABLE kosong (a INT, UNIQUE (a))",
    "INSERT INTO kosong VALUES (NULL), (NULL), (1)",
    "CREATE TABLE turun (a INT, b INT, PRIMARY KEY (a DESC, b))",
    "INSERT INTO turun VALUES (1, 1), (1, 2), (2, 1)",
)
COUNTERS = {
    "TINYINT UNSIGNED": (0, 255),
    "TINYINT": (-5, 0, 127),
    "BIGINT UNSIGNED": (0, 18446744073709551615),
    "BIGINT": (-9223372036854775808, 0, 9223372036854775807),
    "FLOAT": (0, 1.5),
    "SMALLINT": (32767,),
}


def test_numbers_at_their_limits_come_back(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(LAX, *INTEGERS, *REALS)
    comes_back(road, database, also_on=mariadb_elsewhere)


def test_dates_that_are_none_and_hours_that_come_twice_come_back(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(*TIMES)
    comes_back(road, database, also_on=mariadb_elsewhere)


def test_rows_in_the_order_of_any_key_come_back(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(*KEYS)
    comes_back(road, database, also_on=mariadb_elsewhere)


def test_counters_with_zero_gaps_and_at_their_end_come_back(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run("SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO'")
    for engine in ("InnoDB", "MyISAM", "Aria", "MEMORY"):
        for place, (kind, ids) in enumerate(COUNTERS.items()):
            name = f"hitung_{engine.lower()}_{place}"
            database.run(
                "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO'",
                f"CREATE TABLE {name} (id {kind} PRIMARY KEY AUTO_INCREMENT, v SET('a')) ENGINE={engine}",
                f"INSERT INTO {name} VALUES {', '.join(f'({number}, 1)' for number in ids)}",
            )
    database.run(
        "CREATE TABLE dihapus (id INT PRIMARY KEY AUTO_INCREMENT)",
        "INSERT INTO dihapus VALUES (), ()",
        "DELETE FROM dihapus",
        "CREATE TABLE jauh (id INT UNSIGNED AUTO_INCREMENT, UNIQUE (id)) AUTO_INCREMENT=4000000000",
    )
    comes_back(road, database, also_on=mariadb_elsewhere)
