"""A way to fetch an archive: for one person, one archive, one time, a few minutes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from backups.models import Archive, DownloadLink, User

from . import acts, approvals, audit

LASTS = timedelta(minutes=5)
KEPT = timedelta(days=1)


def make(archive: Archive, what: str, *, by: User) -> str:
    """What stands in the address; it is kept nowhere."""
    now, token = timezone.now(), secrets.token_urlsafe(32)
    DownloadLink.objects.filter(expires_at__lt=now - KEPT).delete()
    with approvals.used(acts.handing_out(archive, what), by=by):
        DownloadLink.objects.create(
            digest=_digest(token), person=by, archive=archive, what=what, expires_at=now + LASTS
        )
        audit.record("download_link", actor=by, about=archive, details={"what": str(what)})
    return token


def use(token: str, *, archive: str, what: str, by: User) -> DownloadLink | None:
    """None where it is not theirs, of something else, too late, or used: of two at once one gets it."""
    now = timezone.now()
    mine = DownloadLink.objects.filter(digest=_digest(token), person=by, archive=archive, what=what)
    # One from a future that is not there was made by a clock that was wrong.
    fresh = mine.filter(used_at=None, expires_at__gt=now, expires_at__lte=now + LASTS)
    return mine.get() if fresh.update(used_at=now) else None


def give_back(link: DownloadLink) -> None:
    """Nothing could be handed out by it, so that nobody has to ask again once it can."""
    DownloadLink.objects.filter(pk=link.pk).update(used_at=None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
