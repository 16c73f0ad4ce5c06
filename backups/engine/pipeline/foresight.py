"""What a restore of chosen tables would touch, said first: rows, dependents, dangling rows."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine.beside import schema_beside
from backups.engine.borders import Border, Dangling, borders, dangling, pointing_out
from backups.engine.database import Server, lock, quote_name, run, schema_exists, session
from backups.engine.inventory import take_code
from backups.engine.journal import tables_of
from backups.engine.keys_only import load_keys, prepare_keys
from backups.engine.load import drop_database
from backups.engine.manifest import Inventory, Manifest
from backups.engine.names import named_tables
from backups.engine.scope import as_ruled, chosen, narrowed
from backups.engine.stream import Progress

from .keys import Source
from .open_archive import OpenArchive, opened
from .restore import keeps_case, spelled
from .rows_now import Preview, preview


@dataclass(frozen=True, slots=True)
class Dependent:
    """Something live that the chosen `tables` touch; `how`: refers_here, refers_there or names."""

    kind: str  # table, view, trigger, procedure, function or event
    name: str
    how: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScopePreview:
    """`tables` as the archive spells them; `sequences` are those that come along since live lacks them."""

    tables: tuple[str, ...]
    preview: Preview
    dependents: tuple[Dependent, ...]
    dangling: tuple[Dangling, ...]
    triggers: tuple[str, ...]  # that come back with the tables
    sequences: tuple[str, ...]


def scope_preview(
    source: Source, *, server: Server, database: str, tables: tuple[str, ...], progress: Progress
) -> ScopePreview:
    """Counted on keys alone, in a schema that is gone afterwards; the live database is only read."""
    database, exact = spelled(server, database), keeps_case(server)
    with opened(source) as found:
        manifest = found.manifest()
        wanted = chosen(manifest.inventory, tables, exact=exact)
        part = narrowed(manifest, frozenset(wanted))
        counted = preview(
            server, database=database, archived={rows.table: rows.rows for rows in part.rows}, only=wanted
        )
        inventory = part.inventory
        with session(server) as connection:
            exists = schema_exists(connection, database)
            standing = frozenset(tables_of(connection, database)) if exists else frozenset[str]()
            crossing = borders(connection, database, inventory) if exists else tuple(pointing_out(inventory))
            code = take_code(connection, database) if exists else None
        told = _dangling(found, part, crossing, server, database, standing, progress) if exists else ()
    dependents = [*_tied(crossing), *(_naming(code, wanted, exact=exact) if code else ())]
    return ScopePreview(
        wanted,
        counted,
        tuple(dependents),
        told,
        tuple(trigger.name for trigger in inventory.triggers),
        tuple(sequence.name for sequence in inventory.sequences if sequence.name not in standing),
    )


def _tied(crossing: tuple[Border, ...]) -> Iterator[Dependent]:
    for border in crossing:
        if border.comes_back:
            yield Dependent("table", border.parent, "refers_there", (border.child,))
        else:
            yield Dependent("table", border.child, "refers_here", (border.parent,))


def _naming(code: Inventory, wanted: tuple[str, ...], *, exact: bool) -> Iterator[Dependent]:
    """Code that stays live and names the chosen tables; their own triggers come and go with them."""
    ours = {as_ruled(name, exact=exact): name for name in wanted}
    bodies = [
        *(("trigger", t.name, t.body, t.sql_mode) for t in code.triggers if t.table not in wanted),
        *(("view", v.name, v.statement, "") for v in code.views),
        *((r.kind.lower(), r.name, r.statement, r.sql_mode) for r in code.routines),
        *(("event", e.name, e.statement, e.sql_mode) for e in code.events),
    ]
    for kind, name, text, mode in bodies:
        named = {as_ruled(table.name, exact=exact) for table in named_tables(text, sql_mode=mode)}
        if found := tuple(sorted(ours[one] for one in named & ours.keys())):
            yield Dependent(kind, name, "names", found)


def _dangling(
    found: OpenArchive,
    part: Manifest,
    crossing: tuple[Border, ...],
    server: Server,
    database: str,
    standing: frozenset[str],
    progress: Progress,
) -> tuple[Dangling, ...]:
    if not crossing:
        return ()
    scratch = schema_beside(database, "drill", secrets.token_hex(6))
    with lock(server, scratch), session(server) as connection:
        run(connection, f"CREATE DATABASE {quote_name(scratch)} CHARACTER SET {part.inventory.charset}")
        try:
            connection.select_db(scratch)
            _fill(connection, found, part, crossing, scratch, progress)
            return dangling(connection, crossing, live=database, shadow=scratch, standing=standing)
        finally:
            drop_database(server, scratch)


def _fill(
    connection: Connection[Cursor],
    found: OpenArchive,
    part: Manifest,
    crossing: tuple[Border, ...],
    scratch: str,
    progress: Progress,
) -> None:
    needed: dict[str, set[str]] = {}
    for border in crossing:
        own = border.child if border.comes_back else border.parent
        needed.setdefault(own, set()).update(border.columns if border.comes_back else border.referenced)
    progress.phase("preview", sum(part.rows_of(name).bytes for name in needed))
    for name, columns in needed.items():
        table = part.inventory.table(name)
        if any(column.generated for column in table.columns if column.name in columns):
            # Computed from columns that are not loaded here: it stays uncounted, and is said so.
            continue
        prepare_keys(connection, table, columns)
        for chunk in part.rows_of(name).chunks:
            progress.check()
            load_keys(connection, table, columns, found.text(chunk.member, chunk.bytes), database=scratch)
            progress.advance(chunk.bytes)
