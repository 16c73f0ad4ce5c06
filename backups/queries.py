"""Reads that two callers share. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from backups import runs, storage_queries
from backups.models import Archive, Channel, Delivery, Job, Proof, Restore
from backups.models.archive import ADOPTED, AHEAD, FILES, NOT_REGULAR
from backups.models.job import ACTIVE

BY_HAND_GRACE = timedelta(days=7)
# How many archives are looked through for one that still holds what is gone.
LOOK_BACK = 60
FEW = 20


@dataclass(frozen=True, slots=True)
class HomeState:
    """`state` is safe, attention or waiting; `reason` a slug that the page puts into words."""

    state: str
    reason: str


def drilling() -> frozenset[str]:
    """The archives that are being tried out now."""
    # The kind is looked at here: asked for it too, a database may go through all drills there ever were.
    busy = Job.objects.filter(state__in=ACTIVE, archive__isnull=False).order_by()
    return frozenset(
        pk for pk, kind in busy.values_list("archive_id", "kind") if pk and kind == Job.Kind.DRILL
    )


def archives_of(database: str) -> QuerySet[Archive]:
    """Archives of one database; a storage may hold those of others too."""
    return Archive.objects.filter(_of(database))


def _of(database: str) -> Q:
    # Some servers fold the case of names and some do not; the same name in another case is taken for ours.
    return Q(database=database) | Q(database__iexact=database)


def last_good_archive(database: str) -> Archive | None:
    """The newest whole archive that is neither a safety backup nor from elsewhere: what `latest` means."""
    return good_archives(database).first()


def good_archives(database: str) -> QuerySet[Archive]:
    """Those that hold the database: files alone bring no parking system back."""
    return whole_archives(database).exclude(content=["files"])


def whole_archives(database: str) -> QuerySet[Archive]:
    whole = archives_of(database).filter(state=Archive.State.WHOLE).exclude(purpose__in=NOT_REGULAR)
    return dated_rightly(whole)


def dated_rightly(archives: QuerySet[Archive]) -> QuerySet[Archive]:
    """Without those whose date is still to come: a clock was wrong, and they would be the newest for ever.

    Unless there are no others: then it may be this clock that is wrong.
    """
    dated = archives.filter(created__lte=timezone.now() + AHEAD)
    return dated if dated.exists() else archives


def best_archive(database: str, *, before: datetime | None = None) -> Archive | None:
    """The newest proven archive, or the newest where none is proven; of those made `before` that time."""
    return best_of(good_archives(database), before=before)


def best_of(
    archives: QuerySet[Archive],
    *,
    before: datetime | None = None,
    fits: Callable[[Archive], bool] = lambda _: True,
) -> Archive | None:
    """The same among these, of those that fit."""
    made = archives.filter(created__lt=before) if before else archives
    newest = Proof.objects.filter(archive=OuterRef("pk")).order_by("-made_at")
    proven = made.annotate(last_word=Subquery(newest.values("proven")[:1])).filter(last_word=True)
    return next((archive for some in (proven, made) for archive in _by_the_few(some) if fits(archive)), None)


def _by_the_few(archives: QuerySet[Archive]) -> Iterator[Archive]:
    """The first mostly fits, and there may be thousands: some drivers fetch whatever was asked for."""
    start = 0
    while few := list(archives[start : start + FEW]):
        yield from few
        start += FEW


def vanished_tables(archive: Archive) -> tuple[str, ...]:
    """Tables that the good archive before this one holds and this one does not."""
    before = good_archives(archive.database).filter(created__lt=archive.created).first()
    return tuple(sorted(_tables(before) - _tables(archive))) if before else ()


def strange_archive(database: str) -> Archive | None:
    """The newest backup that is unlike those before it, and at which nobody has looked yet."""
    return unexplained(database).first()


def unexplained(database: str) -> QuerySet[Archive]:
    """Strange ones of which nobody has said why; retention holds what came before them."""
    unseen = archives_of(database).filter(anomalies_seen_at=None).exclude(anomalies=[])
    return unseen.exclude(purpose__in=NOT_REGULAR).exclude(content=["files"])


def last_archive_with(tables: tuple[str, ...], archive: Archive) -> Archive | None:
    """The newest good archive before this one that still holds all of them."""
    earlier = good_archives(archive.database).filter(created__lt=archive.created)[:LOOK_BACK]
    return next((found for found in earlier if set(tables) <= _tables(found)), None)


def _tables(archive: Archive) -> set[str]:
    return {str(table["name"]) for table in archive.table_rows}


def last_proof(database: str) -> Proof | None:
    return _newest(_proofs(database))


def last_proven(database: str) -> Proof | None:
    return _newest(_proofs(database).filter(proven=True))


def _proofs(database: str) -> QuerySet[Proof]:
    ours = Q(archive__database=database) | Q(archive__database__iexact=database)
    # That a stranger's dump restores says nothing about our own backups, nor do files of the database.
    proofs = Proof.objects.select_related("archive").filter(ours)
    proofs = proofs.exclude(archive__purpose=ADOPTED).exclude(archive__content=["files"])
    return proofs.order_by("-made_at")


def _newest(proofs: QuerySet[Proof]) -> Proof | None:
    """One whose date is still to come would be the newest for ever, and hide that a later drill failed."""
    return proofs.filter(made_at__lte=timezone.now() + AHEAD).first() or proofs.first()


def running_jobs() -> QuerySet[Job]:
    """Jobs that are waiting or at work, newest first."""
    return Job.objects.filter(state__in=ACTIVE).select_related("requested_by", "archive")


def holding_up_a_restore() -> Job | None:
    """What a restore has to wait for; a drill gives way to it."""
    return running_jobs().filter(writes=True).exclude(kind=Job.Kind.DRILL).first()


def recent_archives(database: str, count: int = 5) -> QuerySet[Archive]:
    return archives().filter(_of(database))[:count]


def archives() -> QuerySet[Archive]:
    return Archive.objects.select_related("requested_by").prefetch_related("copies", "proofs")


def active_restore(database: str) -> Restore | None:
    """The restore that is live now, the last to be swapped in; ask `can_undo` of it."""
    states = Restore.State
    found = Restore.objects.filter(target__iexact=database)
    if found.filter(state=states.BUILDING).exists():
        # It may have gone live already.
        return None
    return found.filter(state=states.SWAPPED).order_by("-swapped_at", "-created_at").first()


def nothing_was_there(restore: Restore) -> bool:
    """The database was gone or empty before the restore, so that there is nothing to go back to."""
    there = [row.get("now") is not None or row.get("unreadable", False) for row in restore.lost_rows]
    return restore.safety_skipped and bool(there) and not any(there)


def channels() -> QuerySet[Channel]:
    """Those of the panel; what people have for themselves is their own."""
    return Channel.objects.filter(person=None)


def deliveries(count: int = 30) -> QuerySet[Delivery]:
    return Delivery.objects.select_related("notice", "channel")[:count]


def last_backup_failed(database: str) -> Job | None:
    """The newest finished backup job, or the newest that was of the database too, when it failed."""
    ended = [Job.State.DONE, Job.State.FAILED, Job.State.INTERRUPTED]
    jobs = Job.objects.filter(kind=Job.Kind.BACKUP, state__in=ended, system__iexact=database)
    found = list(jobs[:LOOK_BACK])
    # Files alone that were backed up say nothing of the database.
    of_database = [job for job in found if job.options.get("content") != FILES]
    newest = (*found[:1], *of_database[:1])
    return next((job for job in newest if job.state != Job.State.DONE), None)


def failures_since_success(database: str) -> int:
    """Backups of the protected system that ended badly after the last that ended well."""
    jobs = Job.objects.filter(kind=Job.Kind.BACKUP, system__iexact=database, finished_at__isnull=False)
    good = jobs.filter(state=Job.State.DONE).order_by("-finished_at").first()
    bad = jobs.filter(state__in=[Job.State.FAILED, Job.State.INTERRUPTED])
    return bad.filter(finished_at__gt=good.finished_at).count() if good else bad.count()


def home_state(database: str, now: datetime | None = None) -> HomeState:
    """Is the data safe? The first reason that speaks against it, the gravest first."""
    now = now or timezone.now()
    newest = last_good_archive(database)
    if newest is None:
        return _without_archive(database, now)
    worry = next((reason for reason, holds in _worries(newest, database, now) if holds()), None)
    return HomeState("attention", worry) if worry else _proof_state(database, now)


def _worries(newest: Archive, database: str, now: datetime) -> tuple[tuple[str, Callable[[], bool]], ...]:
    """The gravest first; each is asked only when those before it do not hold."""
    unwell = {run.problem for run in runs.unwell(database, now)}
    return (
        ("run_missed", lambda: "missed" in unwell),
        ("last_backup_failed", lambda: last_backup_failed(database) is not None),
        ("run_failed", lambda: "failed" in unwell),
        ("tables_vanished", lambda: not newest.anomalies_seen_at and bool(vanished_tables(newest))),
        ("anomaly", lambda: unexplained(database).exists()),
        ("run_late", lambda: "late" in unwell),
        ("backup_old", lambda: now - newest.created > _grace()),
        ("archive_damaged", lambda: archives_of(database).exclude(state=Archive.State.WHOLE).exists()),
        *storage_queries.worries(archives_of(database)),
    )


def _without_archive(database: str, now: datetime) -> HomeState:
    if any(run.problem == "missed" for run in runs.unwell(database, now)):
        return HomeState("attention", "run_missed")
    if last_backup_failed(database):
        return HomeState("attention", "last_backup_failed")
    if archives_of(database).exists():
        return HomeState("attention", "archive_damaged")
    return HomeState("waiting", "no_backup_yet")


def _proof_state(database: str, now: datetime) -> HomeState:
    newest, proven = last_proof(database), last_proven(database)
    if newest and not newest.proven:
        return HomeState("attention", "proof_failed")
    if proven is None:
        return (
            HomeState("attention", "never_proven")
            if not _proof_is_due()
            else HomeState("waiting", "proof_running")
        )
    if (age := proof_age(proven.made_at, now)) != "fresh":
        return HomeState("attention", "proof_old" if age == "amber" else "proof_very_old")
    return HomeState("safe", "proven")


def proof_age(made_at: datetime, now: datetime | None = None) -> str:
    """fresh, amber or red: a proof says that an archive could be restored then, and storage decays."""
    days = ((now or timezone.now()) - made_at) / timedelta(days=1)
    if days > settings.PROOF_RED_DAYS:
        return "red"
    return "amber" if days > settings.PROOF_AMBER_DAYS else "fresh"


def _proof_is_due() -> bool:
    return Job.objects.filter(kind=Job.Kind.DRILL, state__in=ACTIVE).exists()


def _grace() -> timedelta:
    pause = runs.longest_pause()
    return pause + runs.GRACE if pause else BY_HAND_GRACE
