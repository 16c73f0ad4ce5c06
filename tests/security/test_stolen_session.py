"""The cookie of a superadmin, without password and second factor: what it reads, and what it can never do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from backups.models import AuditEvent, User
from backups.views.step_up import WHEN
from tests.security.lived_in import CHANNEL, ask, live_in, session_of
from tests.security.routes import addresses
from tests.security.test_crawl import fingerprint
from tests.web import factories

pytestmark = pytest.mark.django_db

# What a session alone may do: look, and ask for work that changes nothing of what is live or kept.
MAY_ASK = {
    "backup", "backup-new", "verify", "drill", "copy-check", "copy-make", "job-cancel", "language", "theme",
    "sign-in", "second-step", "passkey-sign-in", "sign-out", "step-up",
    "storages-look", "storage-test", "schedule-preview", "schedule-run",
    "pin",
    # By a link alone.
    "invitation",
    # The owner's own words; the password asks for the old one.
    "me", "own-notices", "own-password",
    # What is written about an incident; each line of it is on the record.
    "incident-new", "incident-step", "incident-note", "incident-facts",
}  # fmt: skip


@pytest.fixture
def stolen(superadmin: Client, rani: User) -> str:
    """Copied from a browser in which somebody signed in this morning."""
    live_in(rani)
    session = superadmin.session
    session[WHEN] = (timezone.now() - timedelta(hours=2)).timestamp()
    session.save()
    return session_of(superadmin)


def test_it_changes_nothing_that_matters_and_takes_nothing_out(stolen: str) -> None:
    """Every address with every id: what is not plainly harmless asks who is there."""
    open_to_it = set()
    for route, path in addresses():
        before = fingerprint()
        with transaction.atomic():
            answer = ask(stolen, "post", path)
            asked = answer.headers.get("Location", "").startswith("/still-you/")
            if not (asked or answer.status_code in {401, 404, 405} or route in MAY_ASK):
                open_to_it.add(route)
            assert not asked or fingerprint() == before, path
            transaction.set_rollback(True)
    assert sorted(open_to_it) == []


def test_no_page_that_it_may_read_hands_out_a_secret_or_an_archive(stolen: str) -> None:
    for _, path in addresses():
        answer = ask(stolen, "get", path)
        text = b"".join(answer)
        assert CHANNEL.encode() not in text
        assert b"rahasia-saluran" not in text
        assert answer.headers.get("Content-Type") != "application/octet-stream", path


@pytest.mark.parametrize(
    "path",
    [
        "/restore/check/", "/restore/{restore}/undo/", "/archives/{archive}/download/",
        "/archives/{archive}/export/", "/elsewhere/", "/retention/save/", "/notices/new/mail/",
        "/notices/{channel}/", "/notices/{channel}/delete/", "/schedules/new/", "/schedules/{schedule}/",
        "/schedules/{schedule}/delete/", "/schedules/{schedule}/switch/",
        "/archives/{archive}/unpin/", "/archives/{archive}/seen/", "/audit/export/",
    ],
)  # fmt: skip
def test_the_thief_is_asked_who_he_is(path: str, stolen: str) -> None:
    from backups.models import Archive, Channel, Restore, Schedule

    told = {
        "archive": Archive.objects.first(), "restore": Restore.objects.first(),
        "channel": Channel.objects.first(), "schedule": Schedule.objects.first(),
    }  # fmt: skip
    wanted = path.format(**{name: row.pk for name, row in told.items() if row})
    answer = ask(stolen, "post", wanted)
    assert answer.status_code == 302, wanted
    assert answer.headers["Location"].startswith("/still-you/")


def test_a_pin_may_be_put_on_and_not_be_made_shorter(stolen: str) -> None:
    """Pinned to tomorrow is as good as not pinned."""
    from backups.models import Archive

    archive = Archive.objects.all()[0]
    Archive.objects.filter(pk=archive.pk).update(pinned_until=timezone.now() + timedelta(days=300))
    for days, asked in ((1, True), (400, False)):
        day = timezone.localdate() + timedelta(days=days)
        answer = ask(stolen, "post", f"/archives/{archive.pk}/pin/", {"until": f"{day}", "reason": "x"})
        assert answer.headers["Location"].startswith("/still-you/") is asked
        archive.refresh_from_db()
        assert archive.pinned_until is not None
        assert archive.pinned_until > timezone.now() + timedelta(days=299)


def test_a_guess_at_the_step_up_is_on_the_record_and_counted(stolen: str) -> None:
    for _ in range(9):
        last = ask(stolen, "post", "/still-you/", {"password": "salah"}, REMOTE_ADDR="203.0.113.9")
    assert last.status_code == 429
    assert AuditEvent.objects.filter(action="step_up", outcome="refused", address="203.0.113.9").count() >= 8


def test_the_owner_who_changes_the_password_shuts_the_thief_out(stolen: str, rani: User) -> None:
    assert ask(stolen, "get", "/audit/").status_code == 200
    rani.set_password("sebuah-kata-sandi-yang-baru")
    rani.save()
    assert ask(stolen, "get", "/audit/").status_code == 302


def test_the_owner_who_signs_out_shuts_the_thief_out(stolen: str) -> None:
    ask(stolen, "post", "/sign-out/")
    assert ask(stolen, "get", "/audit/").status_code == 302


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ({"kind": "backup", "trigger": "person"}, False),
        ({"kind": "backup", "trigger": "schedule"}, True),
        ({"kind": "drill", "trigger": "schedule"}, True),
        ({"kind": "restore", "trigger": "person"}, True),
        ({"kind": "undo", "trigger": "person"}, True),
    ],
)
def test_backups_of_a_schedule_are_not_called_off_night_after_night(
    told: dict[str, str], asked: bool, stolen: str, rani: User
) -> None:
    """Nobody is told of what somebody cancelled, so it was a quiet end of all backups."""
    by = rani if told["trigger"] == "person" else None
    job = factories.job(state="running", requested_by=by, **told)
    answer = ask(stolen, "post", f"/jobs/{job.pk}/cancel/")
    assert answer.headers["Location"].startswith("/still-you/") is asked
    job.refresh_from_db()
    assert (job.cancel_requested_at is None) is asked
