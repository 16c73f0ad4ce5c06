"""What the triggers of restored tables will find around them: the tables and the code that stay live."""

from __future__ import annotations

from dataclasses import replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import errors
from backups.engine.database import Server, lock, session
from backups.engine.inventory import server_rules, take_code, take_tables
from backups.engine.journal import tables_of
from backups.engine.manifest import Inventory, Table
from backups.engine.obstacles import touched
from backups.engine.scope import as_ruled
from backups.engine.stream import Progress
from backups.engine.works import Works, check_some

NOTHING = Works((), (), ())


def look_at_some(  # noqa: PLR0913 - both sides of a border
    connection: Connection[Cursor],
    server: Server,
    whole: Inventory,
    part: Inventory,
    *,
    database: str,
    scratch: str,
    lacking: tuple[str, ...],
    progress: Progress,
) -> Works:
    """The triggers of chosen tables, resolved and fired among what is live."""
    progress.phase("prove_works", len(part.triggers))
    if not part.triggers:
        return NOTHING
    rules = server_rules(connection)
    exact = rules.lower_case_table_names == 0
    with session(server) as live, lock(server, scratch):
        return check_some(
            server,
            surroundings=_surroundings(live, whole, part, database=database, exact=exact),
            source=_reached_in(whole, part),
            only=frozenset(trigger.name for trigger in part.triggers),
            scratch=scratch,
            target_rules=rules,
            missing_definers=lacking,
            progress=progress,
        )


def _surroundings(
    live: Connection[Cursor], whole: Inventory, part: Inventory, *, database: str, exact: bool
) -> Inventory:
    """The chosen tables as the archive has them among the live ones that their triggers reach."""
    code = take_code(live, database)
    ours = {table.name for table in part.tables}
    others = tuple(trigger for trigger in code.triggers if trigger.table not in ours)
    code = replace(code, triggers=(*part.triggers, *others), events=(), sequences=whole.sequences)
    wanted = touched(code, part.triggers, exact=exact)
    names = frozenset(tables_of(live, database))
    needed = frozenset(name for name in names if as_ruled(name, exact=exact) in wanted and name not in ours)
    tables = (*part.tables, *_live_tables(live, whole, database=database, needed=needed))
    present = {table.name for table in tables}
    return replace(
        code,
        tables=tables,
        triggers=tuple(trigger for trigger in code.triggers if trigger.table in present),
        sequences=tuple(s for s in whole.sequences if s.name in names or s in part.sequences),
    )


def _live_tables(
    live: Connection[Cursor], whole: Inventory, *, database: str, needed: frozenset[str]
) -> tuple[Table, ...]:
    try:
        return take_tables(live, database, of=needed)
    except errors.ServerRefused:
        # One of them cannot be understood any more: then as the archive has them.
        return tuple(table for table in whole.tables if table.name in needed)


def _reached_in(whole: Inventory, part: Inventory) -> Inventory:
    """The same of the archive itself, whose server may have taken names more generously."""
    wanted = touched(whole, part.triggers, exact=False)
    return replace(
        whole,
        tables=tuple(table for table in whole.tables if table.name.casefold() in wanted),
        triggers=tuple(trigger for trigger in whole.triggers if trigger.table.casefold() in wanted),
    )
