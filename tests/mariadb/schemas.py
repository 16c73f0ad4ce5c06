"""Made-up schemas and rows, for a test that asks of each: does it come back as it was?"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from backups.engine.database import quote_name, quote_text

CHARSETS = ("utf8mb4", "utf8mb3", "latin1", "ascii", "ucs2", "utf16", "sjis", "gbk", "big5", "cp1251")
ENGINES = ("InnoDB", "InnoDB", "InnoDB", "MyISAM", "Aria", "MEMORY")
FORMATS = ("", "", " ROW_FORMAT=REDUNDANT", " ROW_FORMAT=COMPACT", " ROW_FORMAT=COMPRESSED")
EXTRAS = ("", "", "", " INVISIBLE", " COMMENT 'it''s (a, \\\\'")
# As the server has them for names: no NUL, nothing beyond the first plane, no space at the end.
NAME = st.text(
    st.characters(min_codepoint=1, max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1, max_size=12
)
NAMES = NAME.map(lambda name: name.lower().strip()).filter(
    lambda name: 0 < len(name) <= 12 and name == name.rstrip()
)


def _number(low: int, high: int) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from((low, high, 0)), st.integers(low, high)).map(str)


def _real(width: int) -> st.SearchStrategy[str]:
    return st.floats(allow_nan=False, allow_infinity=False, width=width).map(repr)  # type: ignore[arg-type]


def _bytes(size: int) -> st.SearchStrategy[str]:
    return st.binary(max_size=size).map(lambda raw: f"x'{raw.hex()}'")


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(quote_text)
KINDS: dict[str, st.SearchStrategy[str]] = {
    "TINYINT": _number(-128, 127),
    "BIGINT UNSIGNED": _number(0, 2**64 - 1),
    "DECIMAL(65,30)": st.decimals(-(10**34), 10**34, places=30).map(str),
    "FLOAT": _real(32),
    "DOUBLE": _real(64),
    "BIT(64)": _number(0, 2**64 - 1),
    "YEAR": st.sampled_from(("0", "1901", "2155")),
    "DATE": st.sampled_from(("'0000-00-00'", "'2026-00-31'", "'9999-12-31'", "'2024-02-29'", "'2026-02-31'")),
    "DATETIME(6)": st.one_of(
        st.datetimes().map(lambda moment: f"'{moment:%Y-%m-%d %H:%M:%S.%f}'"),
        st.just("'2026-06-31 23:59:59.999999'"),
    ),
    "SMALLINT(3) UNSIGNED ZEROFILL": _number(0, 65535),
    "BIT(1)": st.sampled_from(("b'0'", "b'1'")),
    "FLOAT(7,2)": st.decimals(-99999, 99999, places=2).map(str),
    "INET4": st.ip_addresses(v=4).map(lambda address: f"'{address}'"),
    "MULTIPOINT": st.just("MULTIPOINT(POINT(0, -0.0), POINT(1e300, 1e-300))"),
    "VARCHAR(60) COMPRESSED": TEXT,
    "TIMESTAMP(3) NULL": st.integers(1, 2**31 - 2).map(lambda second: f"FROM_UNIXTIME({second}.5)"),
    "TIME(6)": st.sampled_from(("'-838:59:59.999999'", "'00:00:00.000001'", "'-00:00:00.5'")),
    "VARBINARY(40)": _bytes(40),
    "BINARY(9)": _bytes(9),
    "LONGBLOB": _bytes(200),
    "ENUM('', 'a', '3', 'ä')": st.sampled_from(("'a'", "'tidak ada'", "''", "3")),
    "SET('a', 'b', ' c')": _number(0, 7),
    "UUID": st.uuids().map(lambda value: f"'{value}'"),
    "INET6": st.ip_addresses(v=6).map(lambda address: f"'{address}'"),
    "JSON": st.sampled_from(('\'{"a": [1, "\\\\u00e9"]}\'', "'null'", "'\"\\\\\\\\N\"'")),
    "POINT": st.integers(-180, 180).map(lambda degree: f"POINT({degree}, 0.1)"),
    **{f"VARCHAR(60) CHARACTER SET {charset}": TEXT for charset in CHARSETS},
    "CHAR(20) CHARACTER SET utf8mb4": TEXT,
    "MEDIUMTEXT CHARACTER SET utf8mb4": TEXT,
}
NOT_IN_MEMORY = ("TEXT", "BLOB", "JSON", "POINT")
# What orders the rows, and what the first column of each row is made of.
NUMBER = st.integers(0, 999).map(str)
ORDERS: dict[str, st.SearchStrategy[str]] = {
    "kunci INT DEFAULT 1": NUMBER,
    "kunci INT": NUMBER,
    "kunci INT AUTO_INCREMENT PRIMARY KEY": NUMBER,
    "kunci FLOAT NOT NULL UNIQUE": _real(32),
    "kunci BIGINT UNSIGNED PRIMARY KEY": _number(0, 2**64 - 1),
    "kunci VARCHAR(40) CHARACTER SET utf8mb4 PRIMARY KEY": TEXT,
    "kunci VARBINARY(40) PRIMARY KEY": _bytes(40),
    "kunci INT, kedua INT DEFAULT 7, PRIMARY KEY (kedua, kunci)": NUMBER,
}
MORE = (
    "",
    "",
    "panjang INT AS (LENGTH(kunci)) STORED",
    "rupa VARCHAR(300) AS (HEX(kunci))",
    "KEY (kunci)",
    "CHECK (LENGTH(kunci) < 0)",
)


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A table and its rows as statements."""

    name: str
    statements: tuple[str, ...]


@st.composite
def tables(draw: st.DrawFn, number: int) -> MadeUp:
    name = f"{draw(NAMES)}{number}"
    engine = draw(st.sampled_from(ENGINES))
    fitting = [kind for kind in KINDS if engine != "MEMORY" or not kind.split()[0].endswith(NOT_IN_MEMORY)]
    kinds = draw(st.lists(st.sampled_from(fitting), min_size=1, max_size=6))
    columns = [f"{draw(NAMES)}{place}" for place in range(len(kinds))]
    told = [
        f"{quote_name(c)} {kind}{draw(st.sampled_from(EXTRAS))}"
        for c, kind in zip(columns, kinds, strict=True)
    ]
    order = draw(st.sampled_from(sorted(ORDERS)))
    # One that is seen, whatever else is hidden.
    told.insert(0, order)
    # The server makes no column out of its counter, and none at all in memory.
    plain = engine == "MEMORY" or "AUTO_INCREMENT" in order
    if more := draw(st.sampled_from(("", "KEY (kunci)") if plain else MORE)):
        told.append(more)
    create = f"CREATE TABLE {quote_name(name)} ({', '.join(told)}) ENGINE={engine}"
    if engine == "InnoDB":
        create += draw(st.sampled_from(FORMATS))
    rows = draw(
        st.lists(
            st.tuples(ORDERS[order], *(st.one_of(st.just("NULL"), KINDS[kind]) for kind in kinds)), max_size=6
        )
    )
    names = ", ".join(map(quote_name, ("kunci", *columns)))
    history: tuple[str, ...] = ()
    if engine == "InnoDB" and "AS (" not in more and draw(st.booleans()):
        create += " WITH SYSTEM VERSIONING"
        history = (f"UPDATE {quote_name(name)} SET {quote_name(columns[0])} = NULL",)
    return MadeUp(name, (create, *(_insert(name, names, row) for row in rows), *history))


def _insert(table: str, names: str, row: tuple[str, ...]) -> str:
    """A row whose key is there already is left out."""
    return f"INSERT IGNORE INTO {quote_name(table)} ({names}) VALUES ({', '.join(row)})"


def databases() -> st.SearchStrategy[tuple[MadeUp, ...]]:
    """A few tables with rows."""
    return st.integers(1, 3).flatmap(lambda count: st.tuples(*(tables(number) for number in range(count))))
