"""The same work asked for, or handed out, more than once at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from django.db import connection

from backups.engine.errors import BackupError, Busy
from backups.models import Archive, Job
from backups.services import work
from backups.services.backup import request_backup
from tests.faults import rule
from tests.faults.doing import asked, at
from tests.faults.rule import Before, Panel

SECTION = "Two at once"


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """What each gives, or the error that it ends with; all begin at the same moment."""
    gate, found = threading.Barrier(len(acts)), list[object]()

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait(timeout=60)
            found.append(act())
        except BackupError as error:
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.fault(
    what="In the middle of a backup another is asked for by a person, a command and the clock",
    rule="two are refused with a reason, the clock's waits; there is one archive of each that was done",
)
def test_two_backups(panel: Panel, before: Before) -> None:
    known, refused = Archive.objects.count(), list[str]()

    def ask_again() -> None:
        for trigger in ("person", "command"):
            with pytest.raises(Busy):
                request_backup(requested_by=panel.person, trigger=trigger)
            refused.append(trigger)
        request_backup(requested_by=None, trigger="schedule")
        # It is knocked for at once, and nobody may begin it yet.
        work.run_from_queue(str(Job.objects.get(state="queued").pk))
        assert Job.objects.filter(state="queued").count() == 1

    job = at(5, ask_again, request_backup(requested_by=panel.person, trigger="person"))
    assert (job.state, refused) == ("done", ["person", "command"])
    rule.work_off()
    assert Archive.objects.count() - known == 2
    rule.holds(panel, before)


@pytest.mark.fault(
    what="Four workers are handed the same backup at the same moment",
    rule="one does it, and there is one archive",
)
def test_two_workers(panel: Panel, before: Before) -> None:
    known = Archive.objects.count()
    job = request_backup(requested_by=panel.person, trigger="person")
    at_once([lambda: work.run_from_queue(str(job.pk))] * 4)
    job.refresh_from_db()
    assert (job.state, Archive.objects.count() - known) == ("done", 1)
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The button for a backup is pressed twice, and four times at the same moment",
    rule="the second click shows the job of the first; never do two run at once",
)
def test_double_click(panel: Panel, before: Before) -> None:
    client, known = rule.signed_in(panel), Archive.objects.count()
    first, second = (client.post("/backup/").headers["Location"] for _ in range(2))
    assert first == second
    rule.work_off()
    clients = [rule.signed_in(panel) for _ in range(4)]
    at_once([lambda client=client: client.post("/backup/") for client in clients])  # type: ignore[misc]
    rule.work_off()
    assert Archive.objects.count() - known == 2
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The queue hands out a job again: while it runs, when it is done, when it has failed",
    rule="nothing is done twice",
)
def test_redelivery(panel: Panel, archive: Archive, before: Before) -> None:
    again = list[str]()

    def deliver(job: Job) -> None:
        known = Job.objects.get(pk=job.pk)
        work.run_from_queue(str(job.pk))
        now = Job.objects.get(pk=job.pk)
        assert (now.state, now.worker) == (known.state, known.worker)
        again.append(now.state)

    for kind in ("backup", "verify", "drill"):
        job = asked(kind, panel, archive)
        at(3, lambda job=job: deliver(job), job)  # type: ignore[misc]
        deliver(job)
        rule.work_off()
    failed = asked("drill", panel, archive)
    Job.objects.filter(pk=failed.pk).update(state="failed", error_code="storage_failed")
    deliver(failed)
    assert again == ["running", "done"] * 3 + ["failed"]
    Job.objects.filter(pk=failed.pk).delete()
    assert Archive.objects.count() == 2
    rule.holds(panel, before)
