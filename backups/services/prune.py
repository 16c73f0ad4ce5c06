"""Retention: the newest N archives stay. What goes is chosen by a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from backups import queries
from backups.models import Archive, Copy, Job, User
from backups.models.job import Kind

from . import archives, audit, catalogue, jobs, storages, verify
from .connections import protected_database
from .finished import Finished
from .refusals import NothingWhole
from .watch import Watch

# A wrong setting or a wrong clock must not empty a storage in one night.
MOST_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """The reason why each archive stays or goes, by id."""

    kept: Mapping[str, str]
    dropped: Mapping[str, str]


def choose(found: Sequence[Archive], *, keep_last: int, now: datetime, undo_window: timedelta) -> Choice:
    """`found` newest first. Pure: the same archives and the same moment give the same choice."""
    kept: dict[str, str] = {}
    droppable: dict[str, str] = {}
    good = [archive for archive in found if archive.is_whole and archive.is_regular]
    last: set[str] = set()
    newest_proven: set[str] = set()
    # What holds the one never pushes out the last that hold the other.
    for alike in _by_content(good):
        newest_proven |= {archive.pk for archive in [a for a in alike if a.proven_at][:1]}
        last |= {archive.pk for archive in alike[: max(1, keep_last)]}
    for archive in found:
        reason = _reason_to_keep(archive, last, newest_proven, now=now, undo_window=undo_window)
        if reason:
            kept[archive.pk] = reason
        else:
            droppable[archive.pk] = (
                "undo window closed" if archive.is_safety else f"older than the last {keep_last}"
            )
    # The oldest first; the rest waits for the next run.
    going = list(reversed(droppable))[:MOST_AT_ONCE]
    kept |= {pk: f"no more than {MOST_AT_ONCE} go in one run" for pk in droppable if pk not in going}
    return Choice(kept, {pk: droppable[pk] for pk in going})


def _by_content(good: Sequence[Archive]) -> tuple[list[Archive], list[Archive]]:
    """Those that hold the database, and those that hold files; most hold both."""
    of_database = [archive for archive in good if archive.content != ["files"]]
    return of_database, [archive for archive in good if archive.holds_files]


def _reason_to_keep(
    archive: Archive, last: set[str], newest_proven: set[str], *, now: datetime, undo_window: timedelta
) -> str:
    if archive.pinned_until and archive.pinned_until > now:
        return "pinned"
    if not archive.is_whole:
        # Nobody knows yet what it holds; a person decides.
        return f"its state is {archive.state}"
    if archive.is_adopted:
        # It is no backup of ours that grows old; who took it over lets it go.
        return "taken over from elsewhere"
    if archive.is_safety:
        return "safety backup within the undo window" if now - archive.created <= undo_window else ""
    if archive.pk in last:
        return "one of the last"
    return "newest proven" if archive.pk in newest_proven else ""


def choose_now() -> Choice:
    """The choice for what the storages hold at this moment. Fails when a storage cannot be listed."""
    catalogue.sync()
    ours = queries.archives_of(protected_database())
    found = list(ours.prefetch_related("proofs").exclude(state=Archive.State.MISSING))
    return choose(
        found,
        keep_last=settings.BACKUP_KEEP_LAST,
        now=timezone.now(),
        undo_window=timedelta(days=settings.UNDO_DAYS),
    )


def request_prune(*, requested_by: User | None, trigger: str) -> Job:
    return jobs.request(Kind.PRUNE, requested_by=requested_by, trigger=trigger)


def run_prune(job: Job, progress: Watch) -> Finished:
    choice = choose_now()
    if choice.dropped:
        _refuse_without_a_whole_one(choice, progress)
    progress.phase("prune", len(choice.dropped))
    for pk, reason in choice.dropped.items():
        progress.check()
        _drop(Archive.objects.get(pk=pk), reason, job)
        progress.advance()
    return Finished(result=prune_result(choice), audited={"dropped": list(choice.dropped)})


def _refuse_without_a_whole_one(choice: Choice, progress: Watch) -> None:
    """Before anything goes, the newest that stays is read byte for byte: listings can lie."""
    kept = queries.good_archives(protected_database()).filter(pk__in=choice.kept).first()
    if kept is None:
        raise NothingWhole
    verify.check_archive(kept, deep=False, progress=progress)


def _drop(archive: Archive, reason: str, job: Job) -> None:
    named = {storage.name: storage for storage in storages.every()}
    # Written down first: whoever dies between the two files of a copy leaves one that nobody would know.
    Job.objects.filter(pk=job.pk).update(archive_begun=archive.pk)
    Archive.objects.filter(pk=archive.pk).update(pruned_at=timezone.now(), state=Archive.State.MISSING)
    for copy in archive.copies.all():
        archives.remove(named[copy.storage], copy.name)
        Copy.objects.filter(pk=copy.pk).delete()
    audit.record("drop_archive", actor=job.requested_by, about=archive, details={"reason": reason})


def prune_result(choice: Choice) -> dict[str, Any]:
    return {
        "kept": [{"id": pk, "reason": reason} for pk, reason in choice.kept.items()],
        "dropped": [{"id": pk, "reason": reason} for pk, reason in choice.dropped.items()],
    }
