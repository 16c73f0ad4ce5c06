"""The column codec: how each type is written as text without loss, and read back.

Both directions of a type stand side by side, and the text does not depend on which server writes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import errors
from .database import quote_name
from .manifest import Column, Table

EXACT = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "year"}
TEMPORAL = {"date", "time", "datetime", "timestamp"}
TYPED_TEXT = {"uuid", "inet4", "inet6"}
NUMBERED = {"enum", "set", "bit"}
TEXT = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json"}
LONG_TEXT = {"mediumtext", "longtext", "json"}
LONG = 65536
BINARY = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"}
SHAPES = {"point", "linestring", "polygon"}
SPATIAL = {"geometry", "geometrycollection", *SHAPES, *(f"multi{shape}" for shape in SHAPES)}
# Not ascii: the server keeps bytes above 0x7F in it, which are nothing in UTF-8.
PLAIN_CHARSETS = {"utf8mb4", "utf8mb3", "utf8"}


@dataclass(frozen=True, slots=True)
class Codec:
    """How one column leaves and comes back."""

    read: str  # SQL expression that gives the column as LOAD DATA text; NULL where it is too long for that
    write: str | None  # SQL expression of {value} that gives the column back; None: as it is
    bare: str  # SQL expression for the value as the server sends it, nothing done to it
    spelled: Callable[[bytes], bytes]  # what `bare` gives, as the text that `read` would have given


def codec(column: Column) -> Codec:
    """The lossless way for a column's type; a type without one is refused by name."""
    name = quote_name(column.name)
    if column.kind in EXACT | TEMPORAL:
        return _plain(name)
    if column.kind == "float":
        # FLOAT prints six digits; as DOUBLE it prints all that it has.
        return _plain(f"CAST({name} AS DOUBLE)")
    if column.kind in TYPED_TEXT:
        return _plain(f"CAST({name} AS CHAR)")
    if column.kind in NUMBERED:
        # By number: an enum's index 0 and a label '' look the same as text.
        return _plain(f"{name}+0", "CAST({value} AS UNSIGNED)")
    if column.kind in BINARY | SPATIAL:
        return Codec(f"HEX({name})", "UNHEX({value})", name, hexed)
    if column.kind in TEXT and column.charset:
        return _text(name, column.charset, may_be_long=column.kind in LONG_TEXT)
    raise errors.UnsupportedObject(kind="column", name=f"{column.name} ({column.type})")


def _plain(expression: str, write: str | None = None) -> Codec:
    return Codec(expression, write, expression, plain)


def _text(name: str, charset: str, *, may_be_long: bool) -> Codec:
    """The column's own bytes, whatever its charset; converting them would lose those that are not valid."""
    raw = f"CAST({name} AS BINARY)"
    if charset in PLAIN_CHARSETS:
        written = _escaped(raw)
        # REPLACE moves all that is behind for each hit: a megabyte of lines takes it many seconds.
        read = f"IF(LENGTH({name})>{LONG},NULL,{written})" if may_be_long else written
        return Codec(read, None, name, escaped)
    return Codec(f"HEX({raw})", f"CONVERT(UNHEX({{value}}) USING {charset})", name, hexed)


def _escaped(expression: str) -> str:
    for raw, written in ((r"'\\'", r"'\\\\'"), (r"'\t'", r"'\\t'"), (r"'\n'", r"'\\n'")):
        expression = f"REPLACE({expression},{raw},{written})"
    return expression


def plain(raw: bytes) -> bytes:
    """A number or a moment: ASCII without anything to escape."""
    return raw


def escaped(raw: bytes) -> bytes:
    """What `_escaped` makes of the same bytes."""
    return raw.replace(b"\\", b"\\\\").replace(b"\t", b"\\t").replace(b"\n", b"\\n")


def hexed(raw: bytes) -> bytes:
    return raw.hex().upper().encode("ascii")


def stored(table: Table) -> tuple[Column, ...]:
    """What is written and read back: also from when until when a row of a versioned table holds."""
    return (*(column for column in table.columns if not column.generated), *table.period)
