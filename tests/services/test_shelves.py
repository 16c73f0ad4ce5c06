"""What retention reckons with is what the rows say, whatever database they are read from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from backups.models import Archive, Copy
from backups.services import shelves
from backups.services.retention import Purpose
from tests.web import factories

pytestmark = pytest.mark.django_db


def test_moments_are_read_as_they_were_written() -> None:
    """With and without parts of a second, and whatever zone they came in."""
    made = datetime(2026, 11, 3, 23, 59, 58, 120, tzinfo=UTC)
    pinned = datetime(2027, 1, 1, tzinfo=ZoneInfo("Asia/Makassar"))
    locked = timezone.now() + timedelta(days=3)
    archive = factories.archive(made, pinned_until=pinned, content=["database", "files"])
    Copy.objects.filter(archive=archive).update(retained_until=locked, bytes=7)
    factories.archive(made.replace(microsecond=0), purpose="safety")
    plain, full = sorted(shelves.read()["local"].held, key=lambda held: held.created)
    assert (full.id, full.created, full.pinned_until, full.retained_until) == (
        archive.pk,
        made,
        pinned,
        locked,
    )
    assert (full.content, full.bytes, full.whole) == (frozenset({"database", "files"}), 7, True)
    assert (plain.created, plain.pinned_until, plain.retained_until) == (
        made.replace(microsecond=0),
        None,
        None,
    )
    assert plain.purpose == Purpose.SAFETY


def test_a_row_that_changed_is_read_anew() -> None:
    archive = factories.archive()
    assert shelves.read()["local"].held[0].whole
    assert not shelves.read()["local"].held[0].proven
    Copy.objects.update(state=Copy.State.DAMAGED)
    factories.proof(archive)
    Archive.objects.update(pinned_until=timezone.now())
    (held,) = shelves.read()["local"].held
    assert (held.whole, held.proven, held.pinned_until is None) == (False, True, False)
