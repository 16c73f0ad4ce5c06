"""Chosen tables beside the live ones, under other names: nothing is replaced, and nothing leans on them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import ddl
from backups.engine.database import Server, quote_name, rows, run, session
from backups.engine.inventory import take_triggers
from backups.engine.journal import Plan
from backups.engine.scope import drawn_from, names_beside, with_triggers
from backups.engine.sequences import drop_draws
from backups.engine.stream import Progress
from backups.engine.swap import swap
from backups.engine.works import Works

from .around import NOTHING
from .drill import proven_shadow
from .keys import Source
from .open_archive import opened
from .partial import Part, part_of
from .restore import Restored, Wishes, refuse_unproven
from .rights import refuse_without_rights

TAKEN = "SELECT TABLE_NAME FROM information_schema.tables WHERE TABLE_SCHEMA = %s"


def restore_beside(  # noqa: PLR0913 - what a restore takes, the tables and the day
    source: Source,
    *,
    server: Server,
    database: str,
    tables: tuple[str, ...],
    stamp: str,
    restore_id: str,
    before_swap: Callable[[], None],
    progress: Progress,
) -> Restored:
    """These tables into `database` as TABLE__restored_`stamp`: without triggers, foreign keys and sequences.

    Undo takes them out again.
    """
    started = time.monotonic()
    with opened(source) as found:
        part = part_of(found, tables, server=server, database=database, mark=restore_id)
        part = replace(part, manifest=with_triggers(part.manifest, ()))
        shadow = part.schema("restore")
        for schema in (part.database, shadow):
            refuse_without_rights(server, target=schema, inventory=part.inventory)

        def nothing_to_try(connection: Connection[Cursor], lacking: tuple[str, ...]) -> Works:
            del connection, lacking
            return NOTHING

        with proven_shadow(
            found, part.manifest, server=server, shadow=shadow, look=nothing_to_try, progress=progress
        ) as proof:
            refuse_unproven(proof, Wishes().accepted)
            progress.phase("swap")
            progress.check()
            names: list[tuple[str, str]] = []

            def plan() -> Plan:
                with session(server, shadow) as connection:
                    names.extend(_free_names(connection, part, stamp))
                    for table, name in names:
                        _loosen(connection, part, table)
                        run(connection, f"RENAME TABLE {quote_name(table)} TO {quote_name(name)}")
                    return _plan(connection, part, tuple(name for _, name in names))

            swapped = swap(server, part.database, plan, before_swap=before_swap)
    return Restored(
        part.database, swapped.outgoing, swapped.milliseconds, proof.tables, proof.rows,
        time.monotonic() - started, proof, names=tuple(names),
    )  # fmt: skip


def _free_names(connection: Connection[Cursor], part: Part, stamp: str) -> tuple[tuple[str, str], ...]:
    taken = {str(name) for (name,) in rows(connection, TAKEN, (part.database,))}
    return names_beside((table.name for table in part.inventory.tables), stamp=stamp, taken=taken)


def _loosen(connection: Connection[Cursor], part: Part, table: str) -> None:
    """Nothing shall lean on a copy: else the application could not delete what its rows refer to."""
    definition = next(one for one in part.inventory.tables if one.name == table)
    if drawn_from(definition, part.inventory):
        drop_draws(connection, part.schema("restore"), table)
    names = [quote_name(ddl.foreign_key_name(key)) for key in ddl.split(definition.ddl).foreign_keys]
    if names:
        drops = ", ".join(f"DROP FOREIGN KEY {name}" for name in names)
        run(connection, f"ALTER TABLE {quote_name(table)} {drops}")


def _plan(connection: Connection[Cursor], part: Part, names: tuple[str, ...]) -> Plan:
    nothing = take_triggers(connection, part.database, of=frozenset())
    return Plan(
        restore=part.mark,
        live=part.database,
        incoming=part.schema("restore"),
        outgoing=part.schema("before"),
        out_tables=(),
        in_tables=names,
        old=nothing,
        new=nothing,
        wake_events=False,
        drop_incoming=True,
        partial=True,
        helpers=tuple(sequence.name for sequence in part.inventory.sequences),
    )
