"""The button that hands out an archive as plain SQL: warned of, asked for once more, streamed, recorded."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backups.models import Archive, AuditEvent
from backups.services import work
from backups.services.backup import request_backup
from backups.views.step_up import WHEN
from tests.scratch import ScratchDatabase
from tests.web import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive(parking: ScratchDatabase) -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


@pytest.fixture
def client() -> Client:
    signed_in = Client()
    factories.sign_in(signed_in, factories.superadmin())
    return signed_in


def recorded() -> list[tuple[str, str]]:
    events = AuditEvent.objects.filter(action__startswith="export").order_by("pk")
    return [(event.action, event.outcome) for event in events]


def test_it_is_warned_of_handed_out_whole_and_recorded(archive: Archive, client: Client) -> None:
    assert "Isinya tidak terenkripsi" in client.get(f"/archives/{archive.pk}/").content.decode()
    answer = factories.fetched(client, archive, "export")
    assert answer.headers["Content-Disposition"].endswith('.sql.gz"')
    text = gzip.decompress(b"".join(answer.streaming_content)).decode()
    assert "INSERT INTO `tiket`" in text
    assert text.endswith("cut off */;\n")
    assert recorded() == [("export", "ok"), ("export_end", "ok")]
    assert {event.actor_id for event in AuditEvent.objects.filter(action="export")} != {None}


def test_whoever_leaves_in_the_middle_is_recorded_as_such(archive: Archive, client: Client) -> None:
    answer = factories.fetched(client, archive, "export")
    next(iter(answer.streaming_content))
    answer.close()
    assert recorded() == [("export", "ok"), ("export_end", "failed")]


def test_a_session_left_open_is_not_enough(archive: Archive, client: Client) -> None:
    session = client.session
    session[WHEN] = (timezone.now() - timedelta(hours=3)).timestamp()
    session.save()
    answer = client.post(f"/archives/{archive.pk}/export/")
    assert answer.headers["Location"].startswith("/still-you/")
    assert recorded() == []
