"""What the panel knows by itself of the days around an incident, and what people wrote down: newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import overload

from django.db.models import Count, Q, QuerySet

from backups import queries
from backups.models import Archive, AuditEvent, Incident, IncidentEntry, Proof
from backups.models.job import Kind

from .connections import protected_database

# What leads to an incident begins before somebody notices it.
BEFORE = timedelta(days=7)

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "backups": (
        Kind.BACKUP, Kind.DRILL, Kind.PRUNE, "drop_archive", "copy_damaged", "copy_given_up", "repair_copy",
        "storage_lost", "import_archive", "anomaly_seen", "other_seal", "job_interrupted", Kind.INSPECT,
        Kind.ADOPT,
    ),
    "restores": (
        Kind.RESTORE, Kind.UNDO, "request_restore", "request_undo", "restore_settled", "close_undo_window",
        "undo_window_closed",
    ),
    "given_out": (
        "download_link", "download", "download_end", "export", "export_end", "export_audit", "recovery_kit",
        "view_people",
    ),
    "signed_in": ("sign_in", "second_step", "step_up", "sign_out", "qparkin_sign_out", "denied"),
}  # fmt: skip
KNOCKING = ("sign_in", "second_step", "step_up")
# Of no use to whoever looks for what happened: each has its outcome beside it, or is housework.
QUIET = (
    Kind.COPY, Kind.VERIFY, "copy_unread", "request_backup", "request_copy", "request_verify",
    "request_drill", "request_prune", "request_inspect", "request_adopt", "pin_found", "retention_found",
    "test_storage", "test_channel",
    # The incident's own doings stand there as its entries.
    "open_incident", "incident_step", "incident_note", "incident_facts", "incident_malls", "close_incident",
)  # fmt: skip
# All else is a change: what somebody adds to the panel later is never hidden for want of a line here.
CHANGED, STRANGE, WRITTEN = "changed", "strange", "written"
ALL = ("", "written", "backups", "strange", "restores", "given_out", "signed_in", "changed")


@dataclass(frozen=True, slots=True)
class Happened:
    """One of `event`, `archive` (that is unlike those before it) and `entry`."""

    at: datetime
    event: AuditEvent | None = None
    archive: Archive | None = None
    entry: IncidentEntry | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is asked for first. `before` was made before anybody noticed, and nothing about it is strange."""

    before: Archive | None
    proof: Proof | None
    failed: int
    strange: int
    restores: int
    given_out: int
    refused: int


class Timeline(Sequence[Happened]):
    """Several tables as one list: a page reads no more rows of each than it may show."""

    def __init__(
        self, *, events: QuerySet[AuditEvent], archives: QuerySet[Archive], entries: QuerySet[IncidentEntry]
    ):
        self._events = events.order_by("-at", "-pk")
        self._archives = archives.order_by("-created")
        self._entries = entries.order_by("-at", "-pk")

    def __len__(self) -> int:
        return self._events.count() + self._archives.count() + self._entries.count()

    @overload
    def __getitem__(self, wanted: int) -> Happened: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Happened]: ...
    def __getitem__(self, wanted: int | slice) -> Happened | list[Happened]:
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        start, stop = wanted.start or 0, wanted.stop if wanted.stop is not None else len(self)
        return list(islice(self._newest_first(stop), start, stop))

    def _newest_first(self, most: int) -> Iterator[Happened]:
        sources = (
            (Happened(event.at, event=event) for event in self._events[:most]),
            (Happened(archive.created, archive=archive) for archive in self._archives[:most]),
            (Happened(entry.at, entry=entry) for entry in self._entries[:most]),
        )
        return merge(*sources, key=lambda happened: happened.at, reverse=True)


def timeline(incident: Incident, family: str = "") -> Timeline:
    """`family` one of ALL; '' shows everything."""
    events, archives = _events(incident), _strange(incident)
    entries = incident.entries.select_related("author")
    return Timeline(
        events=_of_family(events, family),
        archives=archives if family in ("", STRANGE) else archives.none(),
        entries=entries if family in ("", WRITTEN) else entries.none(),
    )


def _of_family(events: QuerySet[AuditEvent], family: str) -> QuerySet[AuditEvent]:
    if family in (STRANGE, WRITTEN):
        return events.none()
    if family == CHANGED:
        return events.exclude(action__in=[action for actions in FAMILIES.values() for action in actions])
    return events.filter(action__in=FAMILIES[family]) if family else events


def _events(incident: Incident) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.select_related("actor").filter(at__gte=incident.noticed_at - BEFORE)
    if incident.closed_at:
        events = events.filter(at__lte=incident.closed_at)
    return events.exclude(action__in=QUIET)


def _strange(incident: Incident) -> QuerySet[Archive]:
    found = queries.archives_of(protected_database()).filter(created__gte=incident.noticed_at - BEFORE)
    if incident.closed_at:
        found = found.filter(created__lte=incident.closed_at)
    return found.exclude(anomalies=[])


def known(incident: Incident) -> Known:
    before = last_good_before(incident.noticed_at)
    counted = _events(incident).aggregate(
        failed=Count("pk", filter=Q(action=Kind.BACKUP, outcome=AuditEvent.Outcome.FAILED)),
        restores=Count("pk", filter=Q(action__in=(Kind.RESTORE, Kind.UNDO), outcome=AuditEvent.Outcome.OK)),
        given_out=Count("pk", filter=Q(action__in=("download", "export"))),
        refused=Count("pk", filter=Q(action__in=KNOCKING, outcome=AuditEvent.Outcome.REFUSED)),
    )
    return Known(
        before=before,
        proof=before.latest_proof if before else None,
        strange=_strange(incident).count(),
        **counted,
    )


def last_good_before(moment: datetime) -> Archive | None:
    """The newest proven one that is like those before it; the newest such where none is proven."""
    # Only what it takes to choose: the rows of all tables of sixty archives are long to read.
    made = queries.good_archives(protected_database()).filter(created__lt=moment)
    recent = list(made.values_list("pk", "anomalies", "anomalies_seen_at")[: queries.LOOK_BACK])
    usual = [pk for pk, strange, seen in recent if seen or not strange] or [pk for pk, *_ in recent]
    proofs = Proof.objects.filter(archive__in=usual).order_by("made_at")
    newest = dict(proofs.values_list("archive", "proven"))
    chosen = next((pk for pk in usual if newest.get(pk)), usual[0] if usual else None)
    return Archive.objects.prefetch_related("proofs").filter(pk=chosen).first() if chosen else None
