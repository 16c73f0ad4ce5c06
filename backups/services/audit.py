"""The record of who did what: each event carries the digest of the one before."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from backups.models import Archive, AuditEvent, AuditHead, User

from . import audit_head, audit_origin
from .steady import steadily

BEGINNING = "0" * 64
TOLD = ("actor_label", "action", "object_kind", "object_id", "outcome", "address", "details", "previous")
# Of a digest, what stands in a notice: enough that nobody makes another record end so.
SHORT = 16
HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{16,64})")
# Two writers may follow the same event; the second one looks again.
TRIES = 20


@dataclass(frozen=True, slots=True)
class ChainState:
    """`broken_at` is the first event that was changed, or stands beside a gap.

    `contradicted_by` are the archives whose seals name an event that is not in this record: it was cut,
    rewritten, or begun anew after the panel's own database was lost.
    """

    events: int
    broken_at: int | None
    contradicted_by: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.broken_at is None and not self.contradicted_by


def record(
    action: str,
    *,
    actor: User | None,
    about: models.Model | None = None,
    outcome: str = AuditEvent.Outcome.OK,
    address: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Add an event; from where is known (audit_origin). `details` is plain values, never secrets."""
    origin, refused = audit_origin.origin(), outcome == AuditEvent.Outcome.REFUSED
    values: dict[str, Any] = {
        "at": timezone.now(),
        "actor": actor,
        "actor_label": actor.email if actor else audit_origin.label_of_nobody(refused=refused),
        "action": action,
        "object_kind": about._meta.model_name if about else "",
        "object_id": str(about.pk) if about else "",
        "outcome": str(outcome),
        "address": address or origin.address,
        "details": dict(details or {}),
    }
    for _ in range(TRIES):
        try:
            return steadily(lambda: _append(values))
        except IntegrityError:
            continue
    return _append(values)


def _append(values: dict[str, Any]) -> AuditEvent:
    with transaction.atomic():
        newest = AuditEvent.objects.order_by("-pk").first()
        event = AuditEvent(**values, previous=newest.digest if newest else BEGINNING)
        event.digest = digest_of(event)
        event.save(force_insert=True)
        audit_head.advance(event)
    return event


def digest_of(event: AuditEvent) -> str:
    """SHA-256 over everything that the event says, and the digest before."""
    return digest_of_values({name: getattr(event, name) for name in ("at", "actor_id", *TOLD)})


def digest_of_values(told: Mapping[str, Any]) -> str:
    """The same of an event that lies elsewhere, e.g. in an export."""
    statement = {name: told[name] for name in TOLD}
    statement["at"] = told["at"].astimezone(UTC).isoformat(timespec="microseconds")
    statement["actor"] = told["actor_id"]
    statement["outcome"] = str(told["outcome"])
    return hashlib.sha256(json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def mark() -> str:
    """Where the record stands, as it is written into seals: "events:digest", '' before the first event."""
    head = AuditHead.objects.first()
    return f"{head.count}:{head.digest}" if head and head.count else ""


def short_mark() -> str:
    """The same, as short as it may be read aloud: for notices, so that it is known outside the panel."""
    count, _, digest = mark().partition(":")
    return f"{count}:{digest[:SHORT]}" if count else ""


def knows(head: str) -> bool:
    """Whether the record once stood where somebody noted that it did; ValueError where that is no head."""
    told = HEAD.fullmatch(head.strip().lower())
    if told is None:
        raise ValueError(head)
    at, digest = int(told[1]) - 1, told[2]
    found = AuditEvent.objects.order_by("pk").values_list("digest", flat=True)[at : at + 1]
    return any(known.startswith(digest) for known in found)


def verify_chain(*, sealed_since: datetime | None = None) -> ChainState:
    """The record holds together, and knows each event that the seal of an archive names.

    Seals lie at the storages, out of reach of whoever rewrites the panel's own database.
    """
    state = _verify_links()
    sealed = Archive.with_pruned.exclude(audit_mark="")
    if sealed_since:
        sealed = sealed.filter(created__gte=sealed_since)
    marks = dict(sealed.order_by("created").values_list("pk", "audit_mark"))
    return replace(state, contradicted_by=_contradicted(marks))


def _contradicted(marks: Mapping[str, str]) -> tuple[str, ...]:
    digests = AuditEvent.objects.order_by("pk").values_list("digest", flat=True).iterator()
    missing = set(marks.values()) - {f"{count}:{digest}" for count, digest in enumerate(digests, start=1)}
    return tuple(archive for archive, told in marks.items() if told in missing)


def _verify_links() -> ChainState:
    """Each event follows the one before, and the last one is where the record is signed to end."""
    head = AuditHead.objects.first() or AuditHead()
    previous, count, last, reached = BEGINNING, 0, 0, head.signed_count == 0
    for event in AuditEvent.objects.order_by("pk").iterator():
        count += 1
        if event.previous != previous or event.digest != digest_of(event):
            return ChainState(count, event.pk)
        previous, last = event.digest, event.pk
        reached = reached or (count == head.signed_count and previous == head.signed_digest)
    ends = (count, previous if count else "") == (head.count, head.digest)
    if count == head.count == 0 or (ends and reached and audit_head.is_signed(head)):
        return ChainState(count, None)
    return ChainState(count, last)
