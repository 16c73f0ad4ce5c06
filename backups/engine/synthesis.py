"""Values made up for every kind of column, with what a body compares them with among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backups.engine.database import quote_text
from backups.engine.ddl import split
from backups.engine.manifest import Column, Table
from backups.engine.tokens import NOTHING, Kind, meaningful

MOST_VALUES = 8
NULL = "NULL"

SIGNED_KINDS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double"}
TEXT_KINDS = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json"}
# Text is '1', which is also a number, a truth and a JSON document, so that casts in bodies succeed.
PLAIN = {
    **dict.fromkeys(TEXT_KINDS, ("'1'", "'2'", "''")),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), ("'1'", "'2'")),
    **dict.fromkeys(("datetime", "timestamp"), ("'2024-01-03 10:00:00'", "'2037-12-31 23:59:59'")),
    "date": ("'2024-01-03'", "'2037-12-31'"),
    "time": ("'10:00:00'", "'23:59:59'"),
    "year": ("2024", "2037"),
    "bit": ("b'1'", "b'0'"),
    "uuid": ("'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"),
    "inet4": ("'127.0.0.1'", "'127.0.0.2'"),
    "inet6": ("'::1'", "'::2'"),
    "point": ("ST_GeomFromText('POINT(1 1)')",),
    "geometry": ("ST_GeomFromText('POINT(1 1)')",),
    "linestring": ("ST_GeomFromText('LINESTRING(0 0,1 1)')",),
    "polygon": ("ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')",),
    "multipoint": ("ST_GeomFromText('MULTIPOINT(1 1)')",),
    "multilinestring": ("ST_GeomFromText('MULTILINESTRING((0 0,1 1))')",),
    "multipolygon": ("ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))')",),
    "geometrycollection": ("ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')",),
}


@dataclass(frozen=True, slots=True)
class Hints:
    """What a body compares with: its literals, and the columns of its own row that it looks at."""

    texts: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Slot:
    """A column that can be written, and the SQL values to write into it, the plainest first."""

    name: str
    nullable: bool
    key: bool
    values: tuple[str, ...]
    hinted: str  # the value that the body speaks of, else the plainest


def hints(bodies: Iterable[tuple[str, str]]) -> Hints:
    """Look through (text, sql_mode) pairs for what decides their branches."""
    texts: dict[str, None] = {}
    numbers: dict[int, None] = {}
    columns = set()
    for body, sql_mode in bodies:
        spoken = [NOTHING, NOTHING, *meaningful(body, sql_mode=sql_mode)]
        for owner, dot, token in zip(spoken, spoken[1:], spoken[2:], strict=False):
            if token.kind is Kind.TEXT:
                texts[token.value] = None
            elif token.kind is Kind.NUMBER and token.text.isdecimal():
                numbers[int(token.text)] = None
            elif dot.text == "." and owner.keyword in ("NEW", "OLD"):
                columns.add(token.value.casefold())
    return Hints(tuple(texts), tuple(numbers), frozenset(columns))


def slots(table: Table, told: Hints) -> tuple[Slot, ...]:
    definitions = split(table.ddl).columns
    return tuple(
        _slot(column, definition, key=column.name in table.key, told=told)
        for column, definition in zip(table.columns, definitions, strict=True)
        if not column.generated
    )


def _slot(column: Column, definition: str, *, key: bool, told: Hints) -> Slot:
    values, hinted = _values(column, told)
    nullable = not _not_null(definition)
    return Slot(column.name, nullable, key, values or (NULL if nullable else "DEFAULT",), hinted or NULL)


def _values(column: Column, told: Hints) -> tuple[tuple[str, ...], str]:
    if column.kind in ("enum", "set"):
        return _labels(column, told)
    if column.kind in SIGNED_KINDS:
        near = (str(n + step) for n in told.numbers[:4] for step in (0, 1, -1))
        below = () if "unsigned" in column.type else ("-1",)
        return tuple(dict.fromkeys(("1", "0", *below, "2", *near)))[:MOST_VALUES], "1"
    plain = PLAIN.get(column.kind, ())
    if column.kind in TEXT_KINDS and told.texts:
        spoken = tuple(map(quote_text, told.texts[: MOST_VALUES - len(plain)]))
        return tuple(dict.fromkeys((plain[0], *spoken, *plain[1:]))), spoken[0]
    return plain, plain[0] if plain else NULL


def _labels(column: Column, told: Hints) -> tuple[tuple[str, ...], str]:
    """Labels by number, so that no label needs quoting; those that the body speaks of come early."""
    labels = [token.value for token in meaningful(column.type, sql_mode="") if token.kind is Kind.TEXT]
    spoken = {text.casefold() for text in told.texts}
    numbers = [str(place + 1 if column.kind == "enum" else 1 << place) for place in range(len(labels))]
    hinted = [number for number, label in zip(numbers, labels, strict=True) if label.casefold() in spoken]
    # The last one spoken of: the first is mostly where things start, as in `pending` before `paid`.
    return tuple(dict.fromkeys((numbers[0], *hinted, *numbers)))[:MOST_VALUES], (hinted or numbers)[-1]


def _not_null(definition: str) -> bool:
    depth, before = 0, NOTHING
    for token in meaningful(definition, sql_mode=""):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if not depth and (before.keyword, token.keyword) == ("NOT", "NULL"):
            return True
        before = token
    return False
