"""What people should hear of, read from the rows that say so. Each has a key, and is told once for it.

`params` leave the house: never a path, a host or the text of an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from backups import mall_news, queries, runs, storage_queries
from backups.models import Approval, Archive, AuditEvent, Copy, Job, KeyEvent, Proof, Slot, User, Visit
from backups.models.job import Kind, State
from backups.models.key_event import PROOF_COUNTS as KEY_PROOF_COUNTS
from backups.models.key_event import What
from backups.services import growth
from backups.services.connections import protected_database

# Older news nobody waits for: after a long standstill the panel itself says how things are.
NEWS = timedelta(days=2)
FAILED = {Kind.BACKUP: "backup_failed", Kind.RESTORE: "restore_failed", Kind.UNDO: "restore_failed"}
DONE = {Kind.RESTORE: "restore_done", Kind.UNDO: "undo_done"}
# More than somebody mistypes in a day.
WRONG_CODES = 5
FACTOR_CHANGES = ("add_factor", "remove_factor", "rename_factor", "new_codes")


@dataclass(frozen=True, slots=True)
class Tiding:
    kind: str
    key: str
    path: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    # Told to this person alone, by their own way.
    person: int | None = None


def tidings(now: datetime) -> Iterator[Tiding]:
    since = now - NEWS
    yield from _work(since)
    yield from _drills(since)
    yield from _runs(now, since)
    yield from _archives(since)
    yield from _storages(now)
    yield from _proofs(now, since)
    yield from _sign_ins(since)
    yield from _factors(since)
    yield from _guesses(since)
    yield from _keys(now, since)
    yield from _approvals(since)
    yield from _channels(since)


def _work(since: datetime) -> Iterator[Tiding]:
    """Nobody is told of what somebody cancelled."""
    failures_of = cache(queries.failures_since_success)
    ended_badly = Job.objects.filter(state__in=(State.FAILED, State.INTERRUPTED), finished_at__gte=since)
    for job in ended_badly.filter(kind__in=FAILED):
        failures = failures_of(job.system) if job.kind == Kind.BACKUP else 0
        yield Tiding(FAILED[Kind(job.kind)], f"{job.pk} failed", _page(job), {"failures": failures})
    for job in Job.objects.filter(kind=Kind.RESTORE, created_at__gte=since).select_related("requested_by"):
        who = job.requested_by.display_name if job.requested_by else "manage.py"
        yield Tiding("restore_started", f"{job.pk} asked", _page(job), {"who": who})
    for job in Job.objects.filter(kind__in=DONE, state=State.DONE, finished_at__gte=since):
        kind = DONE[Kind(job.kind)] if mall_news.touches_live(job) else "restored_elsewhere"
        yield Tiding(kind, f"{job.pk} done", _page(job))


def _drills(since: datetime) -> Iterator[Tiding]:
    """Ended before there was a proof of any kind. What a crash broke off is begun anew, and then no news."""
    drills = Job.objects.filter(kind=Kind.DRILL)
    ended_badly = drills.filter(
        state__in=(State.FAILED, State.INTERRUPTED), finished_at__gte=since, proofs=None
    )
    anew = drills.filter(archive=OuterRef("archive"), created_at__gt=OuterRef("created_at"))
    for job in ended_badly.filter(finished_at__gte=since).exclude(Exists(anew)):
        yield Tiding("drill_failed", f"{job.pk} failed", _page(job))


def _runs(now: datetime, since: datetime) -> Iterator[Tiding]:
    page = reverse("schedules")
    for run in runs.unwell(protected_database(), now):
        if run.problem == "missed":
            key = f"schedule {run.schedule.pk} {run.at.isoformat()} missed"
            yield Tiding("backup_missed", key, page, {"name": run.schedule.name})
    late = Slot.objects.filter(late=True, state=Slot.State.DONE, claimed_at__gte=since)
    for slot in late.exclude(schedule=None).select_related("schedule"):
        name = slot.schedule.name if slot.schedule else ""
        yield Tiding("backup_late", f"slot {slot.pk} late", page, {"name": name})


def _archives(since: datetime) -> Iterator[Tiding]:
    ours = queries.archives_of(protected_database())
    for archive in ours.filter(created__gte=since, anomalies_seen_at=None).exclude(anomalies=[]):
        yield Tiding("anomaly", f"{archive.pk} anomaly", _archive_page(archive.pk))
    copies = Copy.objects.filter(archive__in=ours, storage__in=storage_queries.names())
    for copy in copies.filter(state=Copy.State.DAMAGED):
        key = f"copy {copy.archive_id} {copy.storage} damaged {_today()}"
        yield Tiding("archive_damaged", key, _archive_page(copy.archive_id))
    told = {"repair_copy": "archive_repaired", "copy_given_up": "copy_failed"}
    for event in AuditEvent.objects.filter(action__in=told, at__gte=since):
        yield Tiding(told[event.action], f"event {event.pk}", _archive_page(event.object_id))


def _storages(now: datetime) -> Iterator[Tiding]:
    page = reverse("storages")
    for state in storage_queries.storage_states().filter(lost_at__isnull=False):
        key = f"storage {state.storage} lost {state.lost_at}"
        yield Tiding("storage_lost", key, page, {"name": state.storage})
    away = storage_queries.storage_states().exclude(problem_code__in=("", storage_queries.NOT_TO_LIST))
    # A storage that was restarted is not news.
    for state in away.filter(problem_since__lt=now - timedelta(hours=1)):
        key = f"storage {state.storage} away {state.problem_since}"
        yield Tiding("storage_away", key, page, {"name": state.storage})
    newest = queries.last_good_archive(protected_database())
    for name, grown in growth.remembered(now).items():
        if grown.is_nearly_full(now, newest.bytes if newest else 0):
            yield Tiding("storage_full", f"storage {name} full {_today()}", page, {"name": name})


def _proofs(now: datetime, since: datetime) -> Iterator[Tiding]:
    ours = Archive.objects.filter(database__iexact=protected_database())
    for proof in Proof.objects.filter(archive__in=ours, made_at__gte=since, proven=False):
        yield Tiding("proof_failed", f"proof {proof.pk}", _archive_page(proof.archive_id))
    proven = queries.last_proven(protected_database())
    if proven and queries.proof_age(proven.made_at, now) != "fresh":
        yield Tiding("proof_old", f"proof old {_today()}", reverse("home"))


def _sign_ins(since: datetime) -> Iterator[Tiding]:
    """From a network, or with a device, that this person never signed in from; never the very first."""
    for visit in Visit.objects.filter(new_place=True, began_at__gte=since).select_related("person"):
        told = {"who": visit.person.display_name, "address": visit.address or "?"}
        yield Tiding(
            "sign_in_new_place", f"visit {visit.pk}", reverse("person", args=[visit.person_id]), told
        )


def _keys(now: datetime, since: datetime) -> Iterator[Tiding]:
    """Keys are replaced at the server alone; and the kit's has to be tried now and then, or is nowhere."""
    changed = AuditEvent.objects.filter(action__in=("rotate_key", "revoke_key"), at__gte=since)
    for event in changed:
        yield Tiding("key_changed", f"event {event.pk}", reverse("keys"))
    seen = KeyEvent.objects.filter(kind="recovery", what__in=(What.KIT, What.PROVED)).first()
    if seen and now - seen.at > KEY_PROOF_COUNTS:
        yield Tiding("recovery_key_untried", f"recovery key {_today()[:7]}", reverse("keys"))


def _guesses(since: datetime) -> Iterator[Tiding]:
    """The password was right each time: whoever that is, is one code away."""
    wrong = AuditEvent.objects.filter(action="second_step", outcome="refused", at__gte=since)
    tried = Counter((str(event.details.get("email", "")), timezone.localdate(event.at)) for event in wrong)
    for (email, day), times in tried.items():
        person = User.objects.filter(email=email).first() if times >= WRONG_CODES else None
        if person:
            key = f"codes guessed {person.pk} {day}"
            yield Tiding("codes_guessed", key, reverse("audit"), {"who": person.display_name})


def _factors(since: datetime) -> Iterator[Tiding]:
    """How somebody signs in was changed: by themselves, or at the server."""
    page = reverse("audit")
    resets = AuditEvent.objects.filter(action="reset_mfa", at__gte=since)
    for event in resets:
        yield Tiding("mfa_reset", f"event {event.pk}", page, {"who": str(event.details.get("email", ""))})
    changes = AuditEvent.objects.filter(action__in=FACTOR_CHANGES, at__gte=since, outcome="ok")
    for event in changes.select_related("actor"):
        who = event.actor.display_name if event.actor else event.actor_label
        yield Tiding("factor_changed", f"event {event.pk}", page, {"who": who})


def _approvals(since: datetime) -> Iterator[Tiding]:
    asked = Approval.objects.filter(asked_at__gte=since).select_related("asked_by")
    for wish in asked.filter(state=Approval.State.WANTED):
        if wish.in_time:
            yield Tiding("approval_wanted", f"approval {wish.pk}", _wish_page(wish), _asker(wish))
    # From when it was gone on with: somebody may have been waited for for days.
    for wish in Approval.objects.filter(alone_at__gte=since).select_related("asked_by"):
        yield Tiding("break_glass", f"alone {wish.pk}", _wish_page(wish), _asker(wish))


def _channels(since: datetime) -> Iterator[Tiding]:
    """By whom there still is: nobody takes the others away unseen."""
    gone = Q(action="remove_channel") | Q(action="change_channel", details__parted=True)
    for event in AuditEvent.objects.filter(gone, at__gte=since).select_related("actor"):
        told = {"who": event.actor.display_name if event.actor else event.actor_label}
        name = str(event.details.get("name", ""))
        yield Tiding("channel_changed", f"event {event.pk}", reverse("notices"), {**told, "name": name})


def _asker(wish: Approval) -> dict[str, str | int]:
    return {"who": wish.asked_by.display_name}


def _wish_page(wish: Approval) -> str:
    return reverse("approval", args=[wish.pk])


def _page(job: Job) -> str:
    return reverse("job", args=[job.pk])


def _archive_page(archive: str) -> str:
    return reverse("archive", args=[archive])


def _today() -> str:
    return timezone.localdate().isoformat()
