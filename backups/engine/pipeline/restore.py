"""load (shadow) > prove > swap: nothing becomes live that was not proven."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import errors
from backups.engine.beside import OURS, canonical, schema_beside
from backups.engine.borders import Dangling
from backups.engine.database import Server, one, schema_exists, session
from backups.engine.inventory import take_code
from backups.engine.journal import Plan, tables_of
from backups.engine.load import drop_database
from backups.engine.manifest import Inventory, Manifest
from backups.engine.respelling import Respelling, respelled
from backups.engine.scope import chosen, narrowed, standing_alone, with_triggers
from backups.engine.settle import is_empty
from backups.engine.stream import Progress
from backups.engine.swap import Swapped, code_only, refuse_stayers, swap
from backups.engine.timed import Timed
from backups.engine.works import Works

from .drill import Proof, look_at_all, new_mark, proven_shadow
from .keys import Source
from .open_archive import opened
from .rights import refuse_without_rights

NOT_TARGETS = {"mysql", "information_schema", "performance_schema", "sys"}
LONGEST = 64


class Unproven(errors.ProofFailed):
    """With the proof that failed, since it is worth keeping."""

    def __init__(self, proof: Proof, **params: errors.Parameter) -> None:
        self.proof = proof
        super().__init__(**params)


class NotAccepted(errors.FindingsNotAccepted):
    """With the proof whose findings nobody has accepted."""

    def __init__(self, proof: Proof, **params: errors.Parameter) -> None:
        self.proof = proof
        super().__init__(**params)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who restores has agreed to: findings by name, events woken at once."""

    accepted: frozenset[str] = frozenset()
    enable_events: bool = False
    accept_dangling: bool = False
    fix_case: bool = False  # tables that code spells otherwise are written as they are called here


@dataclass(frozen=True, slots=True)
class Restored:
    target: str
    before_schema: str  # '' where nothing can be undone
    swap_ms: int | None
    tables: int
    rows: int
    seconds: float
    proof: Proof
    names: tuple[tuple[str, str], ...] = ()  # (table, its name beside the live tables), where it got another
    left_out: tuple[str, ...] = ()  # triggers that name tables which are not there
    dangling: tuple[Dangling, ...] = ()  # what was accepted


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a restore goes: `target`, by way of schemas beside `database` that carry `mark`."""

    server: Server
    database: str
    target: str
    mark: str
    must_be_empty: bool = False

    @property
    def shadow(self) -> str:
        return schema_beside(self.database, "restore", self.mark)

    @property
    def before(self) -> str:
        return schema_beside(self.database, "before", self.mark)


def restore(
    source: Source,
    *,
    server: Server,
    database: str,
    restore_id: str,
    wishes: Wishes,
    before_swap: Callable[[], None],
    progress: Progress,
) -> Restored:
    """The archive in place of `database`; what was there is kept aside for undo.

    `restore_id` is 12 hex digits. `before_swap` is called when the shadow is proven, under the server's
    lock and before anything has changed; it may refuse.
    """
    started = time.monotonic()
    database = spelled(server, database)
    place = _Place(server, database, database, restore_id)
    swapped, proof, _ = _restore_into(place, source, wishes, before_swap, progress, ())
    elapsed = time.monotonic() - started
    return Restored(
        database, swapped.outgoing, swapped.milliseconds, proof.tables, proof.rows, elapsed, proof
    )


def restore_elsewhere(
    source: Source,
    *,
    server: Server,
    database: str,
    target: str,
    wishes: Wishes,
    progress: Progress,
    tables: tuple[str, ...] = (),
) -> Restored:
    """The archive as a new or empty database `target`; `database` only lends its name to the shadow.

    With `tables` only these, and of their triggers those that name no others.
    """
    started = time.monotonic()
    database, target = spelled(server, database), spelled(server, target)

    def still_empty() -> None:
        refuse_target(server, target)

    still_empty()
    place = _Place(server, database, target, new_mark(), must_be_empty=True)
    swapped, proof, left_out = _restore_into(place, source, wishes, still_empty, progress, tables)
    drop_database(server, swapped.outgoing)
    seconds = time.monotonic() - started
    return Restored(target, "", None, proof.tables, proof.rows, seconds, proof, left_out=left_out)


def refuse_unproven(proof: Proof, accepted: frozenset[str]) -> None:
    """Unequal is never swapped, whoever asks; new findings only where each was accepted by name."""
    if not proof.equal:
        raise Unproven(proof, what="; ".join(proof.differences[:5]))
    names = sorted({finding.name for finding in proof.works.new_findings} - accepted)
    if names:
        raise NotAccepted(proof, names=", ".join(names))


def live_now(server: Server, database: str) -> tuple[Inventory | None, tuple[str, ...]]:
    """(code, tables) that are live now; no code where the database is gone. Damaged tables are only named."""
    with session(server) as connection:
        if not schema_exists(connection, database):
            return None, ()
        return take_code(connection, database), tables_of(connection, database)


def _restore_into(
    place: _Place,
    source: Source,
    wishes: Wishes,
    before_swap: Callable[[], None],
    progress: Progress,
    tables: tuple[str, ...],
) -> tuple[Swapped, Proof, tuple[str, ...]]:
    server, shadow, database = place.server, place.shadow, place.database
    progress = timed = Timed(progress)
    with opened(source) as found:
        manifest, left_out, rewritten = _wanted(found.manifest(), tables, server, wishes)
        inventory = manifest.inventory

        def look(connection: Connection[Cursor], lacking: tuple[str, ...]) -> Works:
            return look_at_all(connection, server, inventory, shadow, lacking, database, progress)

        for schema in (place.target, shadow):
            refuse_without_rights(server, target=schema, inventory=inventory)
        if not place.must_be_empty:
            refuse_stayers(server, place.target, None)
        with proven_shadow(
            found, manifest, server=server, shadow=shadow, look=look, progress=progress
        ) as made:
            proof = replace(made, rewritten=rewritten, phases=timed.took())
            refuse_unproven(proof, wishes.accepted)
            progress.phase("swap")
            progress.check()

            def plan() -> Plan:
                return _plan(place, inventory, wishes)

            return swap(server, place.target, plan, before_swap=before_swap), proof, left_out


def _wanted(
    manifest: Manifest, tables: tuple[str, ...], server: Server, wishes: Wishes
) -> tuple[Manifest, tuple[str, ...], tuple[Respelling, ...]]:
    """What is to be restored, the triggers that cannot come along since they name other tables, and what is
    spelled otherwise than in the archive."""
    exact, rewritten = keeps_case(server), tuple[Respelling, ...]()
    if tables:
        manifest = narrowed(manifest, frozenset(chosen(manifest.inventory, tables, exact=exact)))
    if wishes.fix_case:
        manifest, rewritten = in_case(manifest, exact=exact)
    if not tables:
        return manifest, (), rewritten
    kept = standing_alone(manifest.inventory, exact=exact)
    left_out = tuple(trigger.name for trigger in manifest.inventory.triggers if trigger not in kept)
    told = tuple(one for one in rewritten if one.name not in left_out)
    return with_triggers(manifest, kept), left_out, told


def in_case(
    manifest: Manifest, *, exact: bool, live: Iterable[str] = ()
) -> tuple[Manifest, tuple[Respelling, ...]]:
    """Code that names tables as they are called, its own and those that stay `live`; where case counts."""
    if not exact:
        return manifest, ()
    own = (*manifest.inventory.movable, *(view.name for view in manifest.inventory.views))
    inventory, rewritten = respelled(manifest.inventory, present=(*own, *live))
    return replace(manifest, inventory=inventory), rewritten


def keeps_case(server: Server) -> bool:
    """Whether the server tells names of tables apart by their case."""
    with session(server) as connection:
        return int(one(connection, "SELECT @@lower_case_table_names")[0]) == 0


def _plan(place: _Place, inventory: Inventory, wishes: Wishes) -> Plan:
    old, out_tables = live_now(place.server, place.target)
    if place.must_be_empty:
        refuse_target(place.server, place.target)
    return Plan(
        restore=place.mark,
        live=place.target,
        incoming=place.shadow,
        outgoing=place.before,
        out_tables=out_tables,
        in_tables=inventory.movable,
        old=old,
        new=code_only(inventory),
        wake_events=wishes.enable_events,
        drop_incoming=True,
    )


def refuse_target(server: Server, target: str) -> None:
    taken = target.lower() in NOT_TARGETS or OURS.search(target.lower())
    if not target or len(target) > LONGEST or taken or target != target.strip():
        raise errors.TargetInvalid(database=target)
    with session(server) as connection:
        if not is_empty(connection, target):
            raise errors.TargetNotEmpty(database=target)


def spelled(server: Server, database: str) -> str:
    """The database's name as the server spells it, whatever was typed."""
    with session(server) as connection:
        return canonical(connection, database)
