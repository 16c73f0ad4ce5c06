"""Text in every character set of the server: each valid byte comes back, each invalid one is refused."""

import shutil
from dataclasses import replace

import pytest

from backups.engine import pipeline
from backups.engine.database import run, session
from backups.engine.errors import InvalidText
from backups.engine.private_server import PrivateServer
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

LEADS = range(256)
RARE = [bytes(c) for c in ((0xED, 0xA0, 0x80), (0xEF, 0xBF, 0xBF), (0xE0, 0xA0, 0x80), (0x8F, 0xA2, 0xAF))]
LONGEST = [bytes(c) for c in ((0xF0, 0x9F, 0x9A, 0x97), (0xF4, 0x8F, 0xBF, 0xBF))]
WIDE = {"ucs2": 2, "utf16": 2, "utf16le": 2, "utf32": 4}


def _candidates(charset: str) -> list[bytes]:
    """A line for each first byte: every second byte behind it, each pair ended by a newline."""
    width = WIDE.get(charset, 1)
    ending = "\n".encode(
        "utf-16-le" if charset == "utf16le" else {1: "ascii", 2: "utf-16-be", 4: "utf-32-be"}[width]
    )
    lead = bytes(width - 2) if width > 2 else b""
    lines = [b"".join(lead + bytes([one, two]) + ending for two in range(256)) for one in LEADS]
    if width == 1:
        lines += [b"".join(bytes([one]) + ending for one in LEADS), b"\\".join(RARE), b"\\".join(LONGEST)]
        lines += [b"\\N", b"\\", b"\t\\t\r\n\0", b""]
    return lines


def _fill(database: ScratchDatabase, charset: str) -> None:
    """What is not valid becomes a question mark on its way in."""
    columns = ", ".join(
        f"{name} {kind} CHARACTER SET {charset}" for name, kind in (("v", "VARCHAR(2000)"), ("t", "LONGTEXT"))
    )
    with session(database.server, database.name) as connection:
        run(connection, "SET SESSION sql_mode=''")
        run(
            connection,
            f"CREATE TABLE t_{charset} (id INT PRIMARY KEY AUTO_INCREMENT, {columns}, c CHAR(9) CHARACTER SET {charset})",
        )
        for line in _candidates(charset):
            value = f"CONVERT(x'{line.hex()}' USING {charset})"
            run(connection, f"INSERT INTO t_{charset} (v, t, c) VALUES ({value}, {value}, LEFT({value}, 8))")


def _hashes(made: pipeline.Made) -> list[list[str]]:
    return [[chunk.sha256 for chunk in rows.chunks] for rows in made.manifest.rows]


def test_every_valid_byte_of_every_charset_comes_back(road: Road, database: ScratchDatabase) -> None:
    found = database.rows("SELECT CHARACTER_SET_NAME FROM information_schema.character_sets")
    charsets = sorted(str(name) for (name,) in found if name != "binary")
    assert {"utf8mb3", "utf8mb4", "ucs2", "utf16", "utf32", "sjis", "gbk", "big5", "ascii"} <= set(charsets)
    for charset in charsets:
        _fill(database, charset)
    made = road.back_up(database.server, database.name)
    without = road.back_up(replace(database.server, fast_rows=False), database.name)
    assert _hashes(without) == _hashes(made)
    copy = f"{database.name}__salinan"
    road.elsewhere(made, database.server, copy, beside=database.name)
    told = "SELECT GROUP_CONCAT(MD5(CONCAT(id, HEX(v), '/', HEX(t), '/', HEX(c))) ORDER BY id) FROM `{}`.t_{}"
    for charset in charsets:
        there, here = (database.rows(told.format(schema, charset)) for schema in (copy, database.name))
        assert there == here, charset


@pytest.mark.parametrize(
    ("charset", "stored"),
    [("utf8mb4", "41FF42"), ("utf8mb3", "F09F9A97"), ("gbk", "41FF42"), ("utf16", "D800"), ("sjis", "E9")],
)
def test_bytes_that_are_not_valid_are_refused(
    road: Road, database: ScratchDatabase, mariadb: PrivateServer, charset: str, stored: str
) -> None:
    """No client may write them; a tablespace brought from elsewhere holds them all the same."""
    database.run(
        "CREATE TABLE biner (id INT PRIMARY KEY, v VARBINARY(200))",
        f"INSERT INTO biner VALUES (1, x'{stored}')",
        f"CREATE TABLE teks (id INT PRIMARY KEY, v VARCHAR(50) CHARACTER SET {charset})",
        "ALTER TABLE teks DISCARD TABLESPACE",
    )
    folder = mariadb.folder / "data" / database.name
    with session(database.server, database.name) as connection:
        run(connection, "FLUSH TABLES biner FOR EXPORT")
        shutil.copy(folder / "biner.ibd", folder / "teks.ibd")
        run(connection, "UNLOCK TABLES")
        run(connection, "ALTER TABLE teks IMPORT TABLESPACE")
    assert database.rows("SELECT HEX(v) FROM teks") == ((stored,),)
    for fast in (True, False):
        with pytest.raises(InvalidText, match=r"teks .* in v \(.* row id=1\)"):
            road.back_up(replace(database.server, fast_rows=fast), database.name)
    assert not list(road.storage.root.iterdir())


def test_a_compressed_column_takes_any_bytes_and_they_are_refused(
    road: Road, database: ScratchDatabase
) -> None:
    """LOAD DATA would take the tab behind an unfinished character for a part of it."""
    with session(database.server, database.name) as connection:
        run(
            connection,
            "CREATE TABLE padat (a INT, b VARBINARY(9), v VARCHAR(50) COMPRESSED, PRIMARY KEY (a, b))",
        )
        run(connection, "INSERT INTO padat VALUES (1, x'00', '\\t'), (2, x'FF', 'A\udcffB')")
    for fast in (True, False):
        with pytest.raises(InvalidText, match=r"padat .* in v \(.* row a=2, b=FF\)"):
            road.back_up(replace(database.server, fast_rows=fast), database.name)
