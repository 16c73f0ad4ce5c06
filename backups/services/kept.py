"""Restores that the panel has forgotten and the server still knows: their journals lie beside the tables."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime

from django.utils import timezone

from backups.engine import pipeline
from backups.engine.pipeline import Kept
from backups.models import Restore

from . import audit, folders, reaper
from .connections import protected_database, restore_server


def adopt_kept(wanted: str) -> None:
    """Take what can still be undone into the list again, each as old as it is, so that the newest goes first.

    `wanted` is the id somebody gave: a restore keeps the id it had where that is known.
    """
    database = protected_database()
    known = {reaper.mark_of(restore) for restore in Restore.objects.filter(target__iexact=database)}
    for kept in pipeline.kept_swaps(restore_server(), database=database):
        if kept.mark not in known:
            _adopt(kept, database, wanted)


def _adopt(kept: Kept, database: str, wanted: str) -> None:
    scope = _scope(kept)
    restore = Restore.objects.create(
        id=_id_of(kept, wanted),
        target=database,
        scope=scope,
        keeps_files=scope == folders.EVERYTHING,
        state=Restore.State.SWAPPED,
        before_schema=kept.schema,
        tables=len(kept.tables),
        swapped_at=datetime.fromisoformat(kept.since).replace(tzinfo=UTC),
        # From now on: nobody has let go of it, whenever that was to be.
        undo_until=reaper.undo_until(timezone.now()),
    )
    audit.record("restore_settled", actor=None, about=restore, details={"live": True, "from": "journal"})


def _scope(kept: Kept) -> str:
    if kept.beside:
        return "beside"
    if kept.tables:
        return "tables"
    # Files that went live with it go back with it.
    return folders.EVERYTHING if folders.fate(kept.mark) == "restored" else folders.DATABASE


def _id_of(kept: Kept, wanted: str) -> uuid.UUID:
    """The mark is the beginning of the id; the rest of it is gone with the panel's own database."""
    try:
        given = uuid.UUID(wanted)
    except ValueError:
        given = None
    if given is not None and given.hex.startswith(kept.mark):
        return given
    return uuid.UUID(hex=kept.mark + secrets.token_hex(10))
