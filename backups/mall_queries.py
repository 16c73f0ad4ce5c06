"""Reads for mall admins: all that they may see, and nothing besides. No size, no place, no error text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from backups import queries, runs
from backups.mall_news import touches_live
from backups.models import Archive, Job, Proof, User
from backups.models.archive import NOT_REGULAR
from backups.models.job import ACTIVE
from backups.queries import HomeState

STAMP = "%Y%m%dT%H%M%SZ"


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

    @property
    def stamp(self) -> str:
        """Names it in an address by nothing but its time."""
        return f"{self.created.astimezone(UTC):{STAMP}}"


@dataclass(frozen=True, slots=True)
class MallStory:
    """What became of one archive: when it was copied, checked and proven; None where it was not yet.

    `elsewhere` None too where there is one place only; `places` says how many hold it whole.
    """

    archive: MallArchive
    places: int
    elsewhere: datetime | None
    checked: datetime | None
    figures: MallFigures | None


Found = tuple[Archive | None, Proof | None]


def mall_home(
    user: User | None, database: str, home: HomeState | None = None, found: Found | None = None
) -> MallHome:
    """For a mall admin: whether all is safe, when, and what of their own mall is in it.

    With `home` where that is known already: it takes a dozen questions to find out. `found`, likewise, are
    the newest good archive and the last good proof.
    """
    newest, proven = found or (queries.last_good_archive(database), queries.last_proven(database))
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
        newest=timezone.make_aware(newest, timezone.get_default_timezone()) if newest else None,
    )


def mall_archives(database: str) -> QuerySet[Archive]:
    """Newest first; of each only what `as_mall_sees` gives is for their eyes."""
    found = queries.dated_rightly(queries.archives_of(database).exclude(purpose__in=NOT_REGULAR))
    return found.prefetch_related("proofs")


def as_mall_sees(archive: Archive) -> MallArchive:
    return MallArchive(archive.created, archive.state, archive.proven_at, tuple(archive.content))


def mall_story(user: User, database: str, stamp: str) -> MallStory | None:
    try:
        made = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
        until = made + timedelta(seconds=1)
    except (ValueError, OverflowError):
        return None
    then = mall_archives(database).filter(created__gte=made, created__lt=until)
    archive = then.prefetch_related("copies").first()
    if archive is None:
        return None
    whole = sorted((copy for copy in archive.copies.all() if copy.is_whole), key=lambda copy: copy.arrived_at)
    read = [copy.read_at for copy in whole if copy.read_at]
    proof = archive.latest_proof
    return MallStory(
        archive=as_mall_sees(archive),
        places=len(whole),
        elsewhere=whole[1].arrived_at if len(whole) > 1 else None,
        checked=max([*read, *([archive.verified_at] if archive.verified_at else [])], default=None),
        figures=_figures(user, proof) if proof and proof.proven else None,
    )


# What says something to whoever works in a mall; the rest is the panel's own housekeeping.
TOLD = (Job.Kind.BACKUP, Job.Kind.DRILL, Job.Kind.VERIFY, Job.Kind.RESTORE, Job.Kind.UNDO)


def mall_running(database: str) -> list[Job]:
    """For the page to take kind, phase and percent from, and no more."""
    jobs = Job.objects.filter(kind__in=TOLD, state__in=ACTIVE, system__iexact=database)
    return list(jobs.order_by("created_at")[:5])


@dataclass(frozen=True, slots=True)
class MallWork:
    """One piece of work that has ended, as a mall admin may see it: no error, no person, no figure.

    Not `in_place` is a restore that left their data alone.
    """

    kind: str
    at: datetime
    state: str
    in_place: bool = True


def mall_recent(database: str, count: int = 12) -> tuple[MallWork, ...]:
    ended = Job.objects.filter(kind__in=TOLD, system__iexact=database, finished_at__isnull=False)
    found = ended.exclude(state=Job.State.CANCELLED).only("kind", "finished_at", "state", "options")[:count]
    return tuple(
        MallWork(job.kind, job.finished_at, job.state, touches_live(job)) for job in found if job.finished_at
    )


def mall_names(database: str) -> dict[int, str]:
    """As the last drill found them, by id; '' for one that has no name. Nothing before the first drill."""
    proven = queries.last_proven(database)
    found = proven.mall_figures if proven else {}
    return {int(mall): str(told.get("name", "")) for mall, told in found.items() if mall.isdecimal()}
