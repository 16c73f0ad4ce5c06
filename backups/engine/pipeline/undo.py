"""undo < swap: back to what was live before, and order after a crash."""

from __future__ import annotations

from dataclasses import dataclass

from backups.engine import undo as stage
from backups.engine.database import Server
from backups.engine.stream import Progress
from backups.engine.swap import code_only, settle, swap

from .restore import live_inventory


@dataclass(frozen=True, slots=True)
class Undone:
    kept_schema: str
    swap_ms: int


def undo(server: Server, *, database: str, restore_id: str, progress: Progress) -> Undone:
    """What was live before the restore becomes live again; what is live now is kept aside."""
    live = live_inventory(server, database)
    plan = stage.plan_undo(server, database=database, mark=restore_id, live=live and code_only(live))
    progress.phase("swap")
    progress.check()
    swapped = swap(server, plan)
    return Undone(swapped.outgoing, swapped.milliseconds)


def recover(server: Server, *, database: str) -> tuple[str, ...]:
    """Settle what a crash broke off, and remove what it left; says what it did. Safe at any time."""
    return stage.recover(server, database=database, settle=settle)


def drop_kept(server: Server, *, database: str, restore_id: str) -> tuple[str, ...]:
    """Let go of what a restore and its undo kept aside; returns the schemas that went."""
    return stage.drop_kept(server, database=database, mark=restore_id)
