"""Removing what a first step put beside QParkIn: a copy of ours, under a name of ours, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from backups.engine.database import quote_name, rows, run, schema_exists, session
from backups.engine.errors import BackupError, Busy
from backups.engine.journal import tables_of
from backups.models import Job, Restore, User
from backups.models.job import ACTIVE

from . import audit, plan
from .connections import restore_server
from .folders import FILES
from .refusals import TrialCopyKept


def is_ours(restore: Restore) -> bool:
    """A name that somebody chose by hand may be anybody's database by now."""
    apart = restore.state == Restore.State.ELSEWHERE and restore.scope != FILES and not restore.folder
    return apart and plan.is_made_here(restore.target)


def gone(restores: Iterable[Restore]) -> frozenset[str]:
    """Which databases are no longer there; none where nobody can look."""
    names = {restore.target for restore in restores}
    if not names:
        return frozenset()
    try:
        with session(restore_server()) as connection:
            there = rows(connection, "SELECT SCHEMA_NAME FROM information_schema.schemata")
    except BackupError:
        return frozenset()
    known = {str(name).casefold() for (name,) in there}
    return frozenset(name for name in names if name.casefold() not in known)


def drop(restore: Restore, *, by: User | None, address: str = "") -> None:
    if not is_ours(restore):
        raise TrialCopyKept(database=restore.target, why="it is no trial copy that was made here")
    if Job.objects.filter(state__in=ACTIVE, options__target=restore.target).exists():
        raise Busy(system=restore.target)
    with session(restore_server()) as connection:
        if not schema_exists(connection, restore.target):
            raise TrialCopyKept(database=restore.target, why="it is no longer there")
        found = tables_of(connection, restore.target, sequences=False)
        strange = sorted({name.casefold() for name in found} - _put_there(restore))
        if strange:
            raise TrialCopyKept(
                database=restore.target, why="it holds tables that the restore did not put there"
            )
        # Written down first, and only if it is done.
        with transaction.atomic():
            told = {"database": restore.target}
            audit.record("drop_trial_copy", actor=by, about=restore, address=address, details=told)
            run(connection, f"DROP DATABASE {quote_name(restore.target)}")


def _put_there(restore: Restore) -> set[str]:
    chosen = restore.job.options.get("tables") if restore.job else None
    held = [table["name"] for table in restore.archive.table_rows] if restore.archive else []
    return {str(name).casefold() for name in chosen or held}
