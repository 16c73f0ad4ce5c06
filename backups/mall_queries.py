"""Reads for mall admins: all that they may see, and nothing besides. No size, no place, no error text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from backups import queries, runs
from backups.models import Job, Proof, User
from backups.models.archive import NOT_REGULAR
from backups.models.job import ACTIVE
from backups.queries import HomeState


@dataclass(frozen=True, slots=True)
class MallFigures:
    """What of one mall is in the backup of `made_at`, as a drill counted it; `newest` came in last."""

    made_at: datetime
    transactions: int
    bookings: int
    payments: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class MallHome:
    """All that a mall admin may see."""

    state: str
    last_backup_at: datetime | None
    next_run_at: datetime | None
    last_proof_at: datetime | None
    figures: MallFigures | None = None


@dataclass(frozen=True, slots=True)
class MallArchive:
    """One archive as a mall admin may see it: no size, no place, no error text."""

    created: datetime
    state: str
    proven_at: datetime | None
    content: tuple[str, ...]


def mall_home(user: User | None, database: str, home: HomeState | None = None) -> MallHome:
    """For a mall admin: whether all is safe, when, and what of their own mall is in it.

    With `home` where that is known already: it takes a dozen questions to find out.
    """
    newest, proven = queries.last_good_archive(database), queries.last_proven(database)
    return MallHome(
        state=(home or queries.home_state(database)).state,
        last_backup_at=newest.created if newest else None,
        next_run_at=runs.next_run(),
        last_proof_at=proven.made_at if proven else None,
        figures=_figures(user, proven) if user and proven else None,
    )


def _figures(user: User, proven: Proof) -> MallFigures | None:
    """Of the person's own mall, and of no other."""
    own = proven.mall_figures.get(str(user.mall_id)) if user.mall_id and not user.is_superadmin else None
    if own is None:
        return None
    newest = datetime.fromisoformat(own["newest"]) if own["newest"] else None
    return MallFigures(
        made_at=proven.archive.created,
        transactions=own["transactions"],
        bookings=own["bookings"],
        payments=own["payments"],
        newest=timezone.make_aware(newest) if newest else None,
    )


def mall_archives(user: User, database: str, count: int = 30) -> tuple[MallArchive, ...]:
    del user
    found = queries.dated_rightly(queries.archives_of(database).exclude(purpose__in=NOT_REGULAR))
    return tuple(
        MallArchive(archive.created, archive.state, archive.proven_at, tuple(archive.content))
        for archive in found.prefetch_related("proofs")[:count]
    )


# What says something to whoever works in a mall; the rest is the panel's own housekeeping.
TOLD = (Job.Kind.BACKUP, Job.Kind.DRILL, Job.Kind.VERIFY, Job.Kind.RESTORE, Job.Kind.UNDO)


def mall_running(database: str) -> list[Job]:
    """For the page to take kind, phase and percent from, and no more."""
    jobs = Job.objects.filter(kind__in=TOLD, state__in=ACTIVE, system__iexact=database)
    return list(jobs.order_by("created_at")[:5])


@dataclass(frozen=True, slots=True)
class MallWork:
    """One piece of work that has ended, as a mall admin may see it: no error, no person, no figure."""

    kind: str
    at: datetime
    state: str


def mall_recent(database: str, count: int = 12) -> tuple[MallWork, ...]:
    ended = Job.objects.filter(kind__in=TOLD, system__iexact=database, finished_at__isnull=False)
    found = ended.exclude(state=Job.State.CANCELLED).values_list("kind", "finished_at", "state")[:count]
    return tuple(MallWork(kind, at, state) for kind, at, state in found if at)
