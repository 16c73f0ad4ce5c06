"""The button that removes a trial copy can remove nothing else, whatever the panel's own rows say."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from backups.engine.errors import Busy
from backups.models import Archive, AuditEvent, Job, Restore
from backups.services import trial_copies, work
from backups.services.backup import request_backup
from backups.services.plan import new_database_name
from backups.services.refusals import TrialCopyKept
from backups.services.restore import request_restore
from tests.scratch import ScratchDatabase

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def copy(parking: ScratchDatabase) -> Restore:
    """A real one, of a real backup."""
    archive = work.run_here(request_backup(requested_by=None, trigger="command")).archive
    assert archive is not None
    return tried(archive, new_database_name())


def tried(archive: Archive, name: str) -> Restore:
    work.run_here(request_restore(archive, requested_by=None, trigger="command", target=name))
    return Restore.objects.get(target=name)


def stands(parking: ScratchDatabase, name: str) -> bool:
    there = "SELECT 1 FROM information_schema.schemata WHERE SCHEMA_NAME = %s"
    return bool(parking.rows(there, (name,)))


def refused(copy: Restore) -> str:
    with pytest.raises(TrialCopyKept) as caught:
        trial_copies.drop(copy, by=None)
    assert not AuditEvent.objects.filter(action="drop_trial_copy").exists()
    return str(caught.value.params["why"])


def test_what_is_not_ours_to_remove_stays(parking: ScratchDatabase, copy: Restore) -> None:
    apart, other = copy.target, f"{parking.name}__laporan"
    parking.run(f"CREATE DATABASE `{other}`", f"CREATE DATABASE `{other}__look_20261123_134000`")
    # Whatever a row says: the live one, another system's, one with a name of somebody's own.
    for name in (parking.name, other, f"{other}__look_20261123_134000", "mysql", f"{apart}\n", f"{apart}0"):
        copy.target = name
        assert refused(copy) == "it is no trial copy that was made here"
    copy.target = apart
    for state in ("building", "swapped", "undone", "failed"):
        copy.state = state
        assert refused(copy) == "it is no trial copy that was made here"
    assert all(stands(parking, name) for name in (parking.name, other, apart))


def test_a_table_that_somebody_put_there_keeps_it(parking: ScratchDatabase, copy: Restore) -> None:
    parking.run(f"CREATE TABLE `{copy.target}`.hasil_perbaikan (id INT)")
    assert refused(copy) == "it holds tables that the restore did not put there"
    assert stands(parking, copy.target)


def test_one_whose_backup_nobody_knows_any_more_is_kept(parking: ScratchDatabase, copy: Restore) -> None:
    copy.archive = None
    assert refused(copy) == "it holds tables that the restore did not put there"
    assert stands(parking, copy.target)


def test_not_while_something_is_written_there(parking: ScratchDatabase, copy: Restore) -> None:
    Job.objects.filter(pk=copy.job_id).update(state=Job.State.RUNNING)
    with pytest.raises(Busy):
        trial_copies.drop(copy, by=None)
    assert stands(parking, copy.target)


def test_a_server_that_does_not_answer_says_nothing_of_it(copy: Restore, settings: Settings) -> None:
    assert trial_copies.gone([copy]) == frozenset()
    settings.QPARKIN_DB_SOCKET = "/nonexistent"
    assert trial_copies.gone([copy]) == frozenset()


def test_a_trial_copy_goes_and_nothing_else(parking: ScratchDatabase, copy: Restore) -> None:
    before = parking.rows("SELECT COUNT(*) FROM information_schema.tables WHERE TABLE_SCHEMA = DATABASE()")
    trial_copies.drop(copy, by=None, address="10.0.0.7")
    assert not stands(parking, copy.target)
    assert trial_copies.gone([copy]) == {copy.target}
    event = AuditEvent.objects.get(action="drop_trial_copy")
    assert (event.object_id, event.details) == (str(copy.pk), {"database": copy.target})
    after = parking.rows("SELECT COUNT(*) FROM information_schema.tables WHERE TABLE_SCHEMA = DATABASE()")
    assert after == before
    assert refused_again(copy) == "it is no longer there"


def refused_again(copy: Restore) -> str:
    with pytest.raises(TrialCopyKept) as caught:
        trial_copies.drop(copy, by=None)
    return str(caught.value.params["why"])
