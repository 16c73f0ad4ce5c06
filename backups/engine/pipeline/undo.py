"""undo < swap: back to what was live before, and order after a crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backups.engine import undo as stage
from backups.engine.database import Server
from backups.engine.journal import Plan
from backups.engine.stream import Progress
from backups.engine.swap import swap
from backups.engine.undo import Kept, Recovery

from .restore import live_now, spelled

__all__ = ["Kept", "Recovery", "Undone", "drop_kept", "fate", "kept_swaps", "open_swaps", "recover", "undo"]


@dataclass(frozen=True, slots=True)
class Undone:
    kept_schema: str
    swap_ms: int


def undo(
    server: Server,
    *,
    database: str,
    restore_id: str,
    progress: Progress,
    before_swap: Callable[[], None] = lambda: None,
) -> Undone:
    """What was live before the restore becomes live again; what is live now is kept aside.

    `before_swap` is called under the server's lock, before anything has changed, and may refuse.
    """
    database = spelled(server, database)

    def plan() -> Plan:
        live, _ = live_now(server, database)
        return stage.plan_undo(server, database=database, mark=restore_id, live=live)

    progress.phase("swap")
    progress.check()
    swapped = swap(server, database, plan, before_swap=before_swap)
    return Undone(swapped.outgoing, swapped.milliseconds)


def recover(server: Server, *, database: str) -> Recovery:
    """Settle what a crash broke off, and remove what it left; says what it did. Safe at any time."""
    return stage.recover(server, database=spelled(server, database))


def open_swaps(server: Server, *, database: str) -> tuple[str, ...]:
    """Schemas of swaps that are not settled; while there is one, live is neither old nor new for sure."""
    return stage.open_swaps(server, database=spelled(server, database))


def kept_swaps(server: Server, *, database: str) -> tuple[Kept, ...]:
    """What can still be undone, newest first, as the server's journals have it."""
    return stage.kept_swaps(server, database=spelled(server, database))


def fate(server: Server, *, database: str, restore_id: str) -> str:
    """What the journals on the server say became of a restore: restored, undone or gone."""
    return stage.fate(server, database=spelled(server, database), mark=restore_id)


def drop_kept(server: Server, *, database: str, restore_id: str) -> tuple[str, ...]:
    """Let go of what a restore and its undo kept aside; returns the schemas that went."""
    return stage.drop_kept(server, database=spelled(server, database), mark=restore_id)
