"""Chosen tables on the same road: load (shadow) > prove > swap. Nothing is done for the tables left out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import errors
from backups.engine.beside import schema_beside
from backups.engine.borders import Border, Dangling, borders, dangling, refuse_unfit
from backups.engine.database import Server, lock, quote_name, rows, run, schema_exists, session
from backups.engine.inventory import take_triggers
from backups.engine.journal import Plan, tables_of
from backups.engine.load import drop_database
from backups.engine.manifest import Inventory, Manifest
from backups.engine.respelling import Respelling
from backups.engine.scope import chosen, narrowed
from backups.engine.settle import triggers_in
from backups.engine.stream import Progress
from backups.engine.swap import Swapped, code_only, refuse_stayers, swap
from backups.engine.works import Works

from .around import look_at_some
from .drill import proven_shadow
from .keys import Source
from .open_archive import OpenArchive, opened
from .restore import Restored, Wishes, in_case, keeps_case, refuse_unproven, spelled
from .rights import refuse_without_rights

VIEWS = "SELECT TABLE_NAME FROM information_schema.views WHERE TABLE_SCHEMA = %s"


@dataclass(frozen=True, slots=True)
class Part:
    """Chosen tables on their way into `database`, by way of a shadow that carries `mark`."""

    server: Server
    database: str
    mark: str
    whole: Manifest
    manifest: Manifest

    @property
    def inventory(self) -> Inventory:
        return self.manifest.inventory

    @property
    def names(self) -> frozenset[str]:
        return frozenset(table.name for table in self.inventory.tables)

    def schema(self, kind: str) -> str:
        return schema_beside(self.database, kind, self.mark)


def part_of(found: OpenArchive, tables: tuple[str, ...], *, server: Server, database: str, mark: str) -> Part:
    database, whole = spelled(server, database), found.manifest()
    wanted = chosen(whole.inventory, tables, exact=keeps_case(server))
    with session(server) as connection:
        if not schema_exists(connection, database):
            raise errors.DatabaseMissing(database=database)
    return Part(server, database, mark, whole, narrowed(whole, frozenset(wanted)))


def restore_tables(  # noqa: PLR0913 - what a whole restore takes, and the tables
    source: Source,
    *,
    server: Server,
    database: str,
    tables: tuple[str, ...],
    restore_id: str,
    wishes: Wishes,
    before_swap: Callable[[], None],
    progress: Progress,
) -> Restored:
    """Only these tables in place of those of `database`; code of others stays, foreign keys are made anew."""
    started = time.monotonic()
    with opened(source) as found:
        part = part_of(found, tables, server=server, database=database, mark=restore_id)
        part, rewritten = _in_case(part) if wishes.fix_case else (part, ())
        shadow = part.schema("restore")
        for schema in (part.database, shadow):
            refuse_without_rights(server, target=schema, inventory=part.inventory)
        refuse_stayers(server, part.database, part.names)

        def look(connection: Connection[Cursor], lacking: tuple[str, ...]) -> Works:
            return look_at_some(
                connection, server, part.whole.inventory, part.inventory,
                database=part.database, scratch=part.schema("fire"), lacking=lacking, progress=progress,
            )  # fmt: skip

        with proven_shadow(
            found, part.manifest, server=server, shadow=shadow, look=look, progress=progress
        ) as made:
            proof = replace(made, rewritten=rewritten)
            refuse_unproven(proof, wishes.accepted)
            progress.phase("swap")
            progress.check()
            swapped, left = _swapped(part, wishes, before_swap)
    return Restored(
        part.database, swapped.outgoing, swapped.milliseconds, proof.tables, proof.rows,
        time.monotonic() - started, proof, dangling=left,
    )  # fmt: skip


def _in_case(part: Part) -> tuple[Part, tuple[Respelling, ...]]:
    live = names_live(part.server, part.database)
    manifest, rewritten = in_case(part.manifest, exact=keeps_case(part.server), live=live)
    return replace(part, manifest=manifest), rewritten


def names_live(server: Server, database: str) -> tuple[str, ...]:
    """The tables and views that stay around restored ones."""
    with session(server) as connection:
        views = tuple(str(name) for (name,) in rows(connection, VIEWS, (database,)))
        return (*tables_of(connection, database), *views)


def _swapped(
    part: Part, wishes: Wishes, before_swap: Callable[[], None]
) -> tuple[Swapped, tuple[Dangling, ...]]:
    crossing: list[Border] = []
    accepted: list[Dangling] = []

    def plan() -> Plan:
        with session(part.server) as connection:
            crossing.extend(borders(connection, part.database, part.inventory))
            made = _plan(connection, part, tuple(crossing))
        _try_ties(part, tuple(crossing))
        return made

    def last_look() -> None:
        # As late as can be; what is written in the milliseconds from here to the RENAME is not counted.
        accepted.extend(_would_dangle(part, tuple(crossing), shadow=part.schema("restore")))
        if not wishes.accept_dangling:
            refuse_dangling(tuple(accepted))
        before_swap()

    swapped = swap(part.server, part.database, plan, before_swap=last_look)
    return swapped, tuple(accepted)


def _would_dangle(part: Part, crossing: tuple[Border, ...], *, shadow: str) -> tuple[Dangling, ...]:
    with session(part.server) as connection:
        standing = frozenset(tables_of(connection, part.database))
        return dangling(connection, crossing, live=part.database, shadow=shadow, standing=standing)


def refuse_dangling(found: tuple[Dangling, ...]) -> None:
    if found:
        told = (f"{d.child} ({'?' if d.rows is None else d.rows}) > {d.parent}" for d in found)
        raise errors.RowsWouldDangle(what=", ".join(told))


def _plan(connection: Connection[Cursor], part: Part, crossing: tuple[Border, ...]) -> Plan:
    standing = frozenset(tables_of(connection, part.database))
    _refuse_taken(connection, part)
    old = take_triggers(connection, part.database, of=part.names)
    kept = frozenset(sequence.name for sequence in part.inventory.sequences) & standing
    return Plan(
        restore=part.mark,
        live=part.database,
        incoming=part.schema("restore"),
        outgoing=part.schema("before"),
        out_tables=tuple(sorted(part.names & standing)),
        # A sequence that live has goes on counting there: other tables may draw from it.
        in_tables=tuple(name for name in part.inventory.movable if name not in kept),
        old=old,
        new=replace(code_only(part.inventory), charset=old.charset, collation=old.collation),
        wake_events=False,
        drop_incoming=True,
        partial=True,
        neighbours=tuple(sorted({b.child for b in crossing if not b.comes_back})),
        helpers=tuple(sorted(kept)),
    )


def _refuse_taken(connection: Connection[Cursor], part: Part) -> None:
    """Names that live has given to something else."""
    views = {str(name) for (name,) in rows(connection, VIEWS, (part.database,))}
    if taken := sorted(views & set(part.inventory.movable)):
        raise errors.NameTaken(name=taken[0])
    coming = {trigger.name.casefold() for trigger in part.inventory.triggers}
    for name, table in triggers_in(connection, part.database):
        if table not in part.names and name.casefold() in coming:
            raise errors.TriggerNameTaken(name=name, table=table)


def _try_ties(part: Part, crossing: tuple[Border, ...]) -> None:
    if not crossing:
        return
    scratch = part.schema("fire")
    with lock(part.server, scratch), session(part.server) as connection:
        standing = frozenset(tables_of(connection, part.database))
        charset = f"CHARACTER SET {part.inventory.charset} COLLATE {part.inventory.collation}"
        run(connection, f"CREATE DATABASE {quote_name(scratch)} {charset}")
        try:
            refuse_unfit(
                connection, crossing,
                live=part.database, shadow=part.schema("restore"), scratch=scratch, standing=standing,
            )  # fmt: skip
        finally:
            drop_database(part.server, scratch)
