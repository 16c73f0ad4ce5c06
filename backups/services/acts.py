"""What needs a second person, said so exactly that nothing else can be meant: one digest over all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from backups.models import Archive, DownloadLink, Job, Restore, User
from backups.models.job import Kind

from .connections import protected_database
from .folders import EVERYTHING, FILES
from .retention import PERIODS, Policy

# Of a job's options: under which approval it was asked for. No part of what was approved.
TICKET = "approval"


@dataclass(frozen=True, slots=True)
class Act:
    """`about` is plain values: target, scope and every switch, never a secret.

    `seal` is the digest of the archive's seal, and by that of every byte in it.
    """

    kind: str
    about: Mapping[str, Any] = field(default_factory=dict)
    archive: Archive | None = None

    @property
    def seal(self) -> str:
        return self.archive.seal_digest if self.archive else ""

    @property
    def digest(self) -> str:
        said = {
            "kind": self.kind,
            "archive": self.archive.pk if self.archive else "",
            "seal": self.seal,
            "about": dict(self.about),
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def restoring(archive: Archive, options: Mapping[str, Any]) -> Act | None:
    """None where nothing live is replaced: into another database or folder, or beside the live tables."""
    # As the worker reads them: folders go live whatever database is named.
    only_database = options.get("scope") not in (FILES, EVERYTHING)
    if options.get("into") or (only_database and (options.get("target") or options.get("beside"))):
        return None
    return Act("restore", {"database": protected_database(), **without_ticket(options)}, archive)


def undoing(restore: Restore, options: Mapping[str, Any]) -> Act:
    return Act("undo", {**_of_restore(restore), **without_ticket(options)}, restore.archive)


def giving_up(restore: Restore) -> Act:
    return Act("let_go", _of_restore(restore), restore.archive)


def handing_out(archive: Archive, what: str) -> Act:
    """Encrypted as it is, or as plain SQL."""
    return Act("export" if what == DownloadLink.What.SQL else "download", {}, archive)


def pinning(archive: Archive, until: datetime | None) -> Act | None:
    """None where it is kept at least as long as before."""
    before = archive.pinned_until
    if before is None or before <= timezone.now() or (until is not None and until >= before):
        return None
    about = {"before": before.isoformat(), "after": until.isoformat() if until else ""}
    return Act("pin" if until else "unpin", about, archive)


def keeping(storage: str, before: Policy, after: Policy) -> Act | None:
    """None where nothing is let go that was kept before: each number begins where the one before it ends."""
    told = {"storage": storage, "before": asdict(before), "after": asdict(after)}
    fewer = any(getattr(after, name) < getattr(before, name) for name in ("all_days", *PERIODS))
    cap = after.max_bytes is not None and (before.max_bytes is None or after.max_bytes < before.max_bytes)
    return Act("retention", told) if fewer or cap else None


def empowering(email: str, role: str, how: str) -> Act | None:
    """Whoever makes a second superadmin, or a way in as one, could be both people. Others: None."""
    return Act("empower", {"email": email, "how": how}) if role == User.Role.SUPERADMIN else None


def of_job(job: Job) -> Act | None:
    """What a queued job would do, by its row as it stands now."""
    if job.kind == Kind.RESTORE and job.archive is not None:
        return restoring(job.archive, job.options)
    if job.kind == Kind.UNDO:
        restore = Restore.objects.filter(pk=job.options["restore"]).select_related("archive").first()
        return undoing(restore, job.options) if restore else None
    return None


def _of_restore(restore: Restore) -> dict[str, Any]:
    return {"restore": str(restore.pk), "database": restore.target, "scope": restore.scope}


def without_ticket(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != TICKET}
