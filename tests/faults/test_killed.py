"""SIGKILL of the process that does the work: early, in the middle, late, and in its narrowest moments."""

from __future__ import annotations

from unittest import mock

import pytest
from pytest_django import Settings

from backups.engine.storage import LocalStorage
from backups.models import Archive, Job, Proof
from backups.services import jobs, lease, policies, work
from backups.services.backup import request_backup
from backups.services.drill import request_drill
from backups.services.prune import request_prune
from backups.services.restore import request_restore
from backups.services.retention import Policy
from backups.services.undo import request_undo
from backups.services.verify import request_verify
from tests.faults import rule
from tests.faults.doing import steps_of
from tests.faults.killing import die, killed_at, killed_while, part_of
from tests.faults.rule import Before, Panel, is_interrupted

SECTION = "Killed"
PERCENT = pytest.mark.parametrize("percent", [10, 50, 90])


def backup_of(panel: Panel) -> Job:
    return request_backup(requested_by=panel.person, trigger="person")


@pytest.mark.fault(
    what="The worker is killed at 10, 50 and 90 % of a backup",
    rule="it is interrupted; nothing half-written stays; what was sealed already is read back",
)
@PERCENT
def test_a_backup(panel: Panel, archive: Archive, percent: int) -> None:
    steps = steps_of(request_backup(requested_by=None, trigger="command"))
    before, known = rule.look(panel), Archive.objects.count()
    job = backup_of(panel)
    killed_at(job, part_of(steps, percent))
    assert is_interrupted(job)
    # At 90 % it was reading back what it had sealed: somebody else has done that since.
    assert Archive.objects.count() - known == (percent == 90)
    rule.holds(panel, before)


NARROW = {
    "after the archive got its name, before its seal lies beside it": (
        "backups.engine.pipeline.backup._put_seal_beside",
        0,
    ),
    "after the seal got its name, before the panel reads it back": (
        "backups.engine.pipeline.backup.read",
        1,
    ),
    "after it was read back, before it is listed": ("backups.services.catalogue.list_made", 1),
    "after it was listed, before the job is done": ("backups.services.lease.finish", 1),
}


@pytest.mark.fault(
    what="The worker is killed in the narrow moments of a backup's end",
    rule="without its seal it goes, with its seal it stays and is read back; no number is given twice",
)
@pytest.mark.parametrize("moment", NARROW)
def test_the_end_of_a_backup(panel: Panel, before: Before, moment: str) -> None:
    where, stays = NARROW[moment]
    job, known = backup_of(panel), Archive.objects.count()
    with mock.patch(where, die):
        killed_while(lambda: work.run_here(job))
    assert is_interrupted(job)
    assert Archive.objects.count() - known == stays
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The worker is killed after it sealed, and the next backup begins before anybody has listed that",
    rule="the next one follows it all the same: no number is given twice",
)
def test_a_sealed_archive_that_nobody_listed(panel: Panel, before: Before) -> None:
    job = request_backup(requested_by=None, trigger="command")
    with mock.patch("backups.engine.pipeline.backup.read", die):
        killed_while(lambda: work.run_here(job))
    Job.objects.filter(pk=job.pk).update(lease_until=job.created_at)
    # What a command does first; no clock has ticked.
    jobs.reap()
    work.run_here(request_backup(requested_by=None, trigger="command"))
    assert sorted(Archive.objects.values_list("sequence", flat=True)) == [1, 2, 3]
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The worker is killed at 10, 50 and 90 % of a verification",
    rule="it is interrupted; the archive is neither called damaged nor freshly checked",
)
@PERCENT
def test_a_verification(panel: Panel, archive: Archive, before: Before, percent: int) -> None:
    def ask() -> Job:
        return request_verify(archive, requested_by=panel.person, trigger="person", deep=True)

    steps, checked = steps_of(ask()), Archive.objects.get(pk=archive.pk).verified_at
    job = ask()
    killed_at(job, part_of(steps, percent))
    assert is_interrupted(job)
    archive.refresh_from_db()
    assert (archive.state, archive.verified_at) == ("whole", checked)
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The worker is killed at 10, 50 and 90 % of a drill",
    rule="it is interrupted; there is no proof of it, and its schemas are gone",
)
@PERCENT
def test_a_drill(panel: Panel, archive: Archive, before: Before, percent: int) -> None:
    def ask() -> Job:
        return request_drill(archive, requested_by=panel.person, trigger="person")

    steps = steps_of(ask())
    job = ask()
    killed_at(job, part_of(steps, percent))
    assert is_interrupted(job)
    assert not Proof.objects.filter(job=job).exists()
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The worker is killed at 10, 50 and 90 % of a restore",
    rule="live is wholly old, or wholly new and can be undone; the application is open again",
)
@PERCENT
def test_a_restore(panel: Panel, archive: Archive, percent: int) -> None:
    def ask() -> Job:
        return request_restore(archive, requested_by=panel.person, trigger="person")

    steps = steps_of(ask())
    old = add_a_ticket(panel)
    before = rule.look(panel)
    job = ask()
    killed_at(job, part_of(steps, percent))
    assert is_interrupted(job)
    restore = job.restores.get()
    assert restore.state in ("failed", "swapped")
    if restore.state == "swapped":
        assert tickets(panel) == old - 1
        work.run_here(request_undo(restore, requested_by=None, trigger="command"))
    assert tickets(panel) == old
    rule.holds(panel, before)


def add_a_ticket(panel: Panel) -> int:
    panel.database.run("INSERT INTO tiket (id_mall, plat) VALUES (1, 'BP 9 Z')")
    return tickets(panel)


def tickets(panel: Panel) -> int:
    return len(panel.database.rows("SELECT * FROM tiket"))


def keep_only_the_newest(settings: Settings) -> None:
    settings.BACKUP_KEEP_LAST = 1
    policies.change("local", Policy(0, 0, 0, 0, 0), by=None)


@pytest.mark.fault(
    what="The worker is killed at 10, 50 and 90 % of a clearing of old archives",
    rule="what was to go is gone or whole, never half; what was to stay stays",
)
@PERCENT
def test_a_prune(panel: Panel, archive: Archive, settings: Settings, percent: int) -> None:
    def make_three() -> None:
        for _ in range(3):
            work.run_here(request_backup(requested_by=None, trigger="command"))

    make_three()
    keep_only_the_newest(settings)
    steps = steps_of(request_prune(requested_by=None, trigger="command"))
    make_three()
    before = rule.look(panel)
    job = request_prune(requested_by=panel.person, trigger="person")
    killed_at(job, part_of(steps, percent))
    assert is_interrupted(job)
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The worker is killed between the two files of an archive that it lets go",
    rule="the other file goes too, and the archive is not called missing",
)
def test_a_half_dropped_archive(panel: Panel, archive: Archive, settings: Settings) -> None:
    work.run_here(request_backup(requested_by=None, trigger="command"))
    work.run_here(request_backup(requested_by=None, trigger="command"))
    keep_only_the_newest(settings)
    before = rule.look(panel)
    job = request_prune(requested_by=panel.person, trigger="person")
    real = LocalStorage.delete

    def delete(storage: LocalStorage, name: str) -> None:
        real(storage, name)
        die()

    with mock.patch.object(LocalStorage, "delete", delete):
        killed_while(lambda: work.run_here(job))
    assert is_interrupted(job)
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The worker is killed as soon as it has taken a job, and before it began anything",
    rule="it is interrupted within the lease of twenty seconds",
)
def test_a_claimed_job(panel: Panel, before: Before) -> None:
    job = backup_of(panel)

    def claim_and_die() -> None:
        lease.claim(job.pk, lease.new_worker_name())
        die()

    killed_while(claim_and_die)
    assert is_interrupted(job)
    rule.holds(panel, before)
