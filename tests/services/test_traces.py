"""What people do leaves its traces: from where, how much was handed out, and in which language they read."""

from __future__ import annotations

from pathlib import Path

import pytest

from backups.engine.database import rows, session
from backups.models import Archive, AuditEvent, Job, User
from backups.services import connections, jobs, profile, work
from backups.services.backup import request_backup
from backups.services.download import open_download
from backups.services.drill import request_drill
from backups.services.restore import request_restore
from backups.services.undo import request_undo
from backups.services.verify import request_verify
from tests.scratch import ScratchDatabase

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "10.20.1.14"


@pytest.fixture
def archive(parking: ScratchDatabase) -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def test_each_request_says_from_where(archive: Archive) -> None:
    told = {"requested_by": None, "trigger": "command", "address": ADDRESS}
    for job in (
        request_backup(**told),
        request_verify(archive, **told),
        request_drill(archive, **told),
        request_restore(archive, **told),
    ):
        assert AuditEvent.objects.get(object_id=str(job.pk)).address == ADDRESS
        jobs.cancel(job, by=None, address=ADDRESS)
    assert AuditEvent.objects.filter(action="cancel_job", address=ADDRESS).count() == 4


def test_a_refusal_says_from_where(archive: Archive) -> None:
    request_backup(requested_by=None, trigger="person")
    with pytest.raises(jobs.Busy):
        request_drill(archive, requested_by=None, trigger="person", address=ADDRESS)
    assert AuditEvent.objects.get(outcome="refused").address == ADDRESS


def test_a_restore_and_its_undo_are_seen_at_once(parking: ScratchDatabase, archive: Archive) -> None:
    with session(parking.server) as connection:
        rows(connection, f"DROP DATABASE {parking.name}")
    assert connections.protected_state().state == "missing"
    restored = work.run_here(request_restore(archive, requested_by=None, trigger="command"))
    assert connections.protected_state().is_up
    work.run_here(request_undo(restored.restores.get(), requested_by=None, trigger="command"))
    assert Job.objects.get(kind="undo").state == "done"
    assert connections.protected_state() == connections.look_at_protected()


def test_a_download_that_never_began_is_on_the_record(archive: Archive) -> None:
    opened = open_download(archive, by=None, address=ADDRESS)
    opened.close()
    opened.close()
    assert opened.closed
    event = AuditEvent.objects.get(action="download_end")
    assert (event.outcome, event.details["bytes"], event.address) == ("failed", 0, ADDRESS)


def test_a_download_to_its_end_is_recorded_once(archive: Archive) -> None:
    opened = open_download(archive, by=None)
    assert b"".join(opened) == Path(archive.copies.get().location).read_bytes()
    opened.close()
    assert AuditEvent.objects.get(action="download_end").outcome == "ok"


def test_the_language_is_kept_with_the_person() -> None:
    siti = User.objects.create(email="siti@qparkin.example")
    profile.set_language(siti, "en")
    siti.refresh_from_db()
    assert siti.language == "en"
    profile.set_language(siti, "tlh")
    siti.refresh_from_db()
    assert siti.language == "en"
