"""Foreign keys with one end among chosen tables and the other among those left live, and what they cost.

Rows that refer to what is not there any more dangle: the server checks a foreign key when a row is written,
never when a table is moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import groupby

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import ddl, errors
from .database import one, quote_name, rows, run
from .manifest import Inventory
from .tokens import NOTHING, Kind, Token, meaningful

POINTING_IN = (
    "SELECT TABLE_NAME, CONSTRAINT_NAME, REFERENCED_TABLE_NAME, COLUMN_NAME, REFERENCED_COLUMN_NAME "
    "FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = %s AND REFERENCED_TABLE_SCHEMA = %s "
    "ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION"
)


@dataclass(frozen=True, slots=True)
class Border:
    """A foreign key that crosses the border. `comes_back`: the child is among the chosen tables."""

    child: str
    parent: str
    name: str
    columns: tuple[str, ...]
    referenced: tuple[str, ...]
    comes_back: bool


@dataclass(frozen=True, slots=True)
class Dangling:
    """Rows of `child` that would refer to no row of `parent`; None: they cannot be counted."""

    child: str
    parent: str
    name: str
    rows: int | None
    comes_back: bool


def borders(connection: Connection[Cursor], live: str, part: Inventory) -> tuple[Border, ...]:
    """Of the tables left in `live` to the chosen ones, and of the chosen ones to those."""
    chosen = {table.name for table in part.tables}
    return (*_pointing_in(connection, live, chosen), *pointing_out(part))


def _pointing_in(connection: Connection[Cursor], live: str, chosen: Set[str]) -> Iterator[Border]:
    found = rows(connection, POINTING_IN, (live, live))
    for (child, name, parent), columns in groupby(found, key=lambda row: (row[0], row[1], row[2])):
        if parent in chosen and child not in chosen:
            own, referenced = zip(*((column, other) for *_, column, other in columns), strict=True)
            yield Border(child, parent, name, own, referenced, comes_back=False)


def pointing_out(part: Inventory) -> Iterator[Border]:
    """The foreign keys of chosen tables to tables that are not chosen."""
    chosen = {table.name for table in part.tables}
    for table in part.tables:
        for definition in ddl.split(table.ddl).foreign_keys:
            border = _read(table.name, definition)
            if border is not None and border.parent not in chosen:
                yield border


def _read(table: str, definition: str) -> Border | None:
    """None where the parent is in another database."""
    spoken = [*meaningful(definition, sql_mode=""), NOTHING]
    at = next(place for place, token in enumerate(spoken) if token.keyword == "REFERENCES")
    opening = next(place for place, token in enumerate(spoken) if token.text == "(")
    if spoken[at + 2].text == ".":
        return None
    name = ddl.foreign_key_name(definition)
    own, referenced = _names(spoken, opening), _names(spoken, at + 2)
    return Border(table, spoken[at + 1].value, name, own, referenced, comes_back=True)


def _names(spoken: list[Token], opening: int) -> tuple[str, ...]:
    closing = next(place for place in range(opening, len(spoken)) if spoken[place].text == ")")
    return tuple(token.value for token in spoken[opening:closing] if token.kind is Kind.NAME)


def dangling(
    connection: Connection[Cursor], found: tuple[Border, ...], *, live: str, shadow: str, standing: Set[str]
) -> tuple[Dangling, ...]:
    """The borders at which rows would dangle. `standing`: the tables of `live`, `shadow` holds the chosen."""
    told = []
    for border in found:
        try:
            (count,) = one(connection, _counting(border, live, shadow, standing))
        except errors.ServerRefused:
            # Its columns may have become others since; whoever restores has to know.
            count = None
        if count is None or int(count):
            told.append(Dangling(border.child, border.parent, border.name, count, border.comes_back))
    return tuple(told)


def _counting(border: Border, live: str, shadow: str, standing: Set[str]) -> str:
    child = f"{quote_name(shadow if border.comes_back else live)}.{quote_name(border.child)}"
    if border.comes_back:
        if border.parent not in standing:
            return f"SELECT COUNT(*) FROM {child} c WHERE {_set('c', border.columns)}"
        return _orphans(border, child, f"{quote_name(live)}.{quote_name(border.parent)}")
    restored = f"{quote_name(shadow)}.{quote_name(border.parent)}"
    if border.parent not in standing:
        return _orphans(border, child, restored)
    return _lost(border, child, f"{quote_name(live)}.{quote_name(border.parent)}", restored)


def _orphans(border: Border, child: str, parent: str) -> str:
    first = quote_name(border.referenced[0])
    return (
        f"SELECT STRAIGHT_JOIN COUNT(*) FROM {child} c LEFT JOIN {parent} p "
        f"ON {_same('c', border.columns, 'p', border.referenced)} "
        f"WHERE {_set('c', border.columns)} AND p.{first} IS NULL"
    )


def _lost(border: Border, child: str, old: str, restored: str) -> str:
    """From the keys that go, not from the children: a small table may be the parent of a very large one."""
    keys = ", ".join(f"o.{quote_name(name)} k{place}" for place, name in enumerate(border.referenced))
    gone = (
        f"SELECT DISTINCT {keys} FROM {old} o LEFT JOIN {restored} n "
        f"ON {_same('o', border.referenced, 'n', border.referenced)} "
        f"WHERE n.{quote_name(border.referenced[0])} IS NULL AND {_set('o', border.referenced)}"
    )
    on = " AND ".join(f"c.{quote_name(name)} = g.k{place}" for place, name in enumerate(border.columns))
    return f"SELECT STRAIGHT_JOIN COUNT(*) FROM ({gone}) g JOIN {child} c ON {on}"


def _same(left: str, ours: tuple[str, ...], right: str, theirs: tuple[str, ...]) -> str:
    pairs = zip(ours, theirs, strict=True)
    return " AND ".join(f"{left}.{quote_name(a)} = {right}.{quote_name(b)}" for a, b in pairs)


def _set(alias: str, columns: tuple[str, ...]) -> str:
    return " AND ".join(f"{alias}.{quote_name(column)} IS NOT NULL" for column in columns)


def refuse_unfit(
    connection: Connection[Cursor],
    found: tuple[Border, ...],
    *,
    live: str,
    shadow: str,
    scratch: str,
    standing: Set[str],
) -> None:
    """Tie each foreign key in the empty schema `scratch` first: once tables have moved it is too late."""
    run(connection, "SET SESSION foreign_key_checks=0")
    made: set[str] = set()
    for border in found:
        ends = {border.child: border.comes_back, border.parent: not border.comes_back}
        if border.parent not in standing and border.comes_back:
            # It stands nowhere: the foreign key waits for it, as it does in live.
            continue
        for table, restored in ends.items():
            if table not in made:
                made.add(table)
                _made_like(connection, table, of=shadow if restored else live, into=scratch)
        _tie(connection, border, of=shadow if border.comes_back else live, scratch=scratch)


def _made_like(connection: Connection[Cursor], table: str, *, of: str, into: str) -> None:
    name = quote_name(table)
    run(connection, f"CREATE TABLE {quote_name(into)}.{name} LIKE {quote_name(of)}.{name}")


def _tie(connection: Connection[Cursor], border: Border, *, of: str, scratch: str) -> None:
    text = str(one(connection, f"SHOW CREATE TABLE {quote_name(of)}.{quote_name(border.child)}")[1])
    definitions = ddl.split(text).foreign_keys
    wanted = next((d for d in definitions if ddl.foreign_key_name(d) == border.name), None)
    if wanted is None:
        return
    connection.select_db(scratch)
    try:
        run(connection, f"ALTER TABLE {quote_name(border.child)} ADD {wanted}")
    except errors.ServerRefused as refused:
        raise errors.TieUnfit(
            name=border.name,
            table=border.child,
            parent=border.parent,
            message=refused.params["message"],
        ) from None
