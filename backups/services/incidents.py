"""Incidents: begun, worked through, reported and closed. What was written down once stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backups.models import Incident, IncidentEntry, User
from backups.models.incident import EntryKind

from . import audit
from .refusals import IncidentClosed

# UU PDP No. 27/2022, article 46: in writing, within 3 x 24 hours.
TO_TELL = timedelta(hours=72)
NEARLY, HARDLY = timedelta(hours=24), timedelta(hours=6)

# QParkIn's response plan, in its order; templatetags/incidents.py has the words.
PLAN: Mapping[str, tuple[str, ...]] = {
    "detect": ("written_down", "deciders_told", "last_good_found"),
    "isolate": ("machine_apart", "ways_in_closed", "keys_changed", "backup_pinned", "malls_told"),
    "investigate": ("who_was_in", "what_was_touched", "evidence_kept"),
    "recover": ("backup_proven", "restored", "malls_checked"),
    "report": ("facts_gathered", "people_told", "agency_told"),
}
STEPS = tuple(step for steps in PLAN.values() for step in steps)
DONE, SKIPPED, OPEN = "done", "skipped", "open"
# What only people know of what article 46 asks for; and when the notice went out.
FACTS = ("revealed", "how", "efforts", "people", "contact")
# Both of those whom the law names.
TOLD_IN_WRITING = ("people_told", "agency_told")


@dataclass(frozen=True, slots=True)
class Clock:
    """`tone` is calm, wait or harm; `told` when the last of both was told in writing, None before that."""

    deadline: datetime
    left: timedelta
    told: datetime | None

    @property
    def is_over(self) -> bool:
        return self.left < timedelta(0)

    @property
    def in_time(self) -> bool:
        return self.told is not None and self.told <= self.deadline

    @property
    def tone(self) -> str:
        if self.told:
            return "safe" if self.in_time else "wait"
        return "harm" if self.left < HARDLY else "wait" if self.left < NEARLY else "calm"


@dataclass(frozen=True, slots=True)
class Opening:
    what: str
    noticed_at: datetime
    kind: str = ""


@transaction.atomic
def begin(opening: Opening, *, by: User, address: str = "") -> Incident:
    incident = Incident.objects.create(
        what=opening.what, kind=opening.kind, noticed_at=opening.noticed_at, opened_by=by
    )
    told = {"what": opening.what, "kind": opening.kind, "noticed_at": opening.noticed_at.isoformat()}
    audit.record("open_incident", actor=by, about=incident, address=address, details=told)
    return incident


@transaction.atomic
def _write(
    incident: Incident, kind: str, text: str, *, by: User, name: str = "", at: datetime | None = None
) -> IncidentEntry:
    if not incident.is_open and kind != EntryKind.CLOSED:
        raise IncidentClosed
    now = timezone.now()
    return IncidentEntry.objects.create(
        incident=incident, kind=kind, name=name, text=text, at=at or now, written_at=now, author=by
    )


@transaction.atomic
def mark_step(incident: Incident, step: str, state: str, *, by: User, address: str = "") -> None:
    if states(incident).get(step, OPEN) == state:
        # Pressed twice.
        return
    _write(incident, EntryKind.STEP, state, name=step, by=by)
    details = {"step": step, "state": state}
    audit.record("incident_step", actor=by, about=incident, address=address, details=details)


@transaction.atomic
def note(incident: Incident, text: str, *, at: datetime, by: User, address: str = "") -> IncidentEntry:
    entry = _write(incident, EntryKind.NOTE, text, at=at, by=by)
    audit.record("incident_note", actor=by, about=incident, address=address, details={"entry": entry.pk})
    return entry


@transaction.atomic
def state_facts(incident: Incident, told: Mapping[str, str], *, by: User, address: str = "") -> None:
    """Only what differs from what stands there."""
    known = facts(incident)
    changed = [name for name in FACTS if name in told and told[name] != known.get(name, "")]
    for name in changed:
        _write(incident, EntryKind.FACT, told[name], name=name, by=by)
    if changed:
        audit.record(
            "incident_facts", actor=by, about=incident, address=address, details={"changed": changed}
        )


@transaction.atomic
def tell_malls(incident: Incident, *, on: bool, do: str, call: str, by: User, address: str = "") -> None:
    _write(incident, EntryKind.MALLS, do if on else "", name="on" if on else "off", by=by)
    Incident.objects.filter(pk=incident.pk).update(tells_malls=on, malls_do=do, malls_call=call)
    details = {"on": on, "do": do, "call": call}
    audit.record("incident_malls", actor=by, about=incident, address=address, details=details)
    incident.refresh_from_db()


@transaction.atomic
def close(incident: Incident, lessons: str, *, by: User, address: str = "") -> None:
    if Incident.objects.filter(pk=incident.pk, closed_at=None).update(closed_at=timezone.now()):
        _write(incident, EntryKind.CLOSED, lessons, by=by)
        audit.record("close_incident", actor=by, about=incident, address=address)
        incident.refresh_from_db()


def open_ones() -> QuerySet[Incident]:
    return Incident.objects.filter(closed_at=None)


def states(incident: Incident) -> dict[str, str]:
    return {name: entry.text for name, entry in marks(incident).items()}


def marks(incident: Incident) -> dict[str, IncidentEntry]:
    """Of each step that was touched, who did so last and when."""
    return _newest(incident, EntryKind.STEP)


def facts(incident: Incident) -> dict[str, str]:
    return {name: entry.text for name, entry in _newest(incident, EntryKind.FACT).items()}


def lessons(incident: Incident) -> IncidentEntry | None:
    return incident.entries.filter(kind=EntryKind.CLOSED).select_related("author").first()


def _newest(incident: Incident, kind: str) -> dict[str, IncidentEntry]:
    found = incident.entries.filter(kind=kind).select_related("author").order_by("pk")
    return {entry.name: entry for entry in found}


def clocks(incidents: Sequence[Incident]) -> list[tuple[Incident, Clock]]:
    """Of several, with one question for all of them."""
    told: dict[int, dict[str, IncidentEntry]] = {incident.pk: {} for incident in incidents}
    wanted = IncidentEntry.objects.filter(incident__in=told, kind=EntryKind.STEP, name__in=TOLD_IN_WRITING)
    for entry in wanted.order_by("pk"):
        told[entry.incident_id][entry.name] = entry
    return [(incident, clock(incident, marked=told[incident.pk])) for incident in incidents]


def clock(
    incident: Incident, now: datetime | None = None, *, marked: Mapping[str, IncidentEntry] | None = None
) -> Clock:
    deadline = incident.noticed_at + TO_TELL
    known = marks(incident) if marked is None else marked
    done = [mark for name, mark in known.items() if name in TOLD_IN_WRITING and mark.text == DONE]
    both = len(done) == len(TOLD_IN_WRITING)
    told = max(mark.at for mark in done) if both else None
    return Clock(deadline, deadline - (now or timezone.now()), told)
