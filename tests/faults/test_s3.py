"""A bucket that fails while an archive is written into it, copied to it, checked, tried and restored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_django import Settings

from backups.models import Archive, Copy, Job
from backups.services import storages
from qparkin_backup.storages import Folder
from tests.faults import rule
from tests.faults.bucket import FailingBucket
from tests.faults.doing import asked, at, backed_up, copy_of, ended, steps_of, take_back
from tests.faults.killing import killed_at, part_of
from tests.faults.rule import Panel, is_interrupted
from tests.s3.fault_proxy import Fault

SECTION = "S3"
ANOTHER_MARK = (("ETag", f'"{"0" * 32}"'),)
WRITING = {
    "500": Fault(status=500),
    "503": Fault(status=503),
    "slow": Fault(latency=0.02),
    "a reset in the middle": Fault(reset_request_after=10),
    "another ETag": Fault(headers=ANOTHER_MARK),
    "an answer that is lost": Fault(lose_answer=True),
}
READING = {
    "500": Fault(status=500),
    "503": Fault(status=503),
    "slow": Fault(latency=0.02, rate=1_000_000),
    "a reset in the middle": Fault(reset_answer_after=1000),
    "another ETag": Fault(headers=ANOTHER_MARK),
    "a body that is cut short": Fault(close_answer_after=1000),
}
# What a few tries get over.
PASSING = {
    "500",
    "503",
    "slow",
    "a reset in the middle",
    "an answer that is lost",
    "a body that is cut short",
}
PERCENT = pytest.mark.parametrize("percent", [10, 50, 90])
SOME_LONG = pytest.mark.parametrize(
    "percent", [pytest.param(10, marks=pytest.mark.slow), 50, pytest.param(90, marks=pytest.mark.slow)]
)
TRIES = 2


@pytest.fixture
def alone(panel: Panel, bucket: FailingBucket, settings: Settings) -> Archive:
    """No archive on this machine's disk."""
    settings.BACKUP_STORAGES = (bucket.place,)
    return backed_up(panel)


@pytest.fixture
def beside(panel: Panel, archive: Archive, bucket: FailingBucket, settings: Settings) -> Archive:
    """The bucket has just been added to a folder, and lacks what that holds."""
    settings.BACKUP_STORAGES = (Folder("local"), bucket.place)
    return archive


@contextmanager
def failing(bucket: FailingBucket, fault: Fault, method: str, query: str, times: int) -> Iterator[None]:
    bucket.fails(fault, method=method, query=query, times=times)
    yield
    bucket.works()


@pytest.mark.fault(
    what="500, 503, slow, reset, another ETag, an answer lost while a backup is written into a bucket",
    rule="twice is got over, for ever fails; no object and no upload is left",
)
@pytest.mark.parametrize("fault", WRITING)
def test_a_backup_into_a_bucket(panel: Panel, alone: Archive, bucket: FailingBucket, fault: str) -> None:
    before = rule.look(panel)
    with failing(bucket, WRITING[fault], "PUT|POST", "", TRIES):
        job = ended(asked("backup", panel, alone))
    assert (job.state == "done") == (fault in PASSING)
    rule.work_off()
    known = Archive.objects.count()
    with failing(bucket, WRITING[fault], "PUT", "", 100):
        job = ended(asked("backup", panel, alone))
    assert Archive.objects.count() - known == (job.state == "done") == (fault == "slow")
    rule.holds(panel, before)


@pytest.mark.fault(
    what="500, 503, slow, reset, another ETag, an answer lost while an archive is copied to a bucket",
    rule="twice is got over, for ever fails and is tried later; no half copy counts",
)
@pytest.mark.parametrize("fault", WRITING)
def test_a_copy_to_a_bucket(panel: Panel, beside: Archive, bucket: FailingBucket, fault: str) -> None:
    before = rule.look(panel)
    with failing(bucket, WRITING[fault], "PUT", "", 100):
        job = ended(copy_of(beside, "s3"))
    assert (job.state == "done") == (fault == "slow") == is_copied(beside)
    with failing(bucket, WRITING[fault], "PUT|POST", "", TRIES):
        job = ended(copy_of(beside, "s3"))
    assert (job.state == "done") == (fault in PASSING) == is_copied(beside)
    rule.holds(panel, before)


def is_copied(archive: Archive) -> bool:
    return Copy.objects.filter(archive=archive, storage="s3", state=Copy.State.WHOLE).exists()


@pytest.mark.fault(
    what="500, 503, slow, reset, another ETag, a body cut short while an archive in a bucket is checked, "
    "tried and restored",
    rule="twice is got over, for ever fails; the archive is not called damaged, and live is old",
)
@pytest.mark.parametrize("fault", READING)
def test_reading_from_a_bucket(panel: Panel, alone: Archive, bucket: FailingBucket, fault: str) -> None:
    before = rule.look(panel)
    for kind in ("verify", "drill", "restore"):
        for times in (TRIES, 100_000):
            with failing(bucket, READING[fault], "GET", ".zip", times):
                job = ended(asked(kind, panel, alone))
            assert job.state == "done" or fault != "slow"
            assert job.state == "done" or times != TRIES or fault not in PASSING
            assert Copy.objects.get(archive=alone).state == Copy.State.WHOLE
            rule.work_off()
            take_back()
    # Until it has been read again, the pages say that it could not be.
    assert ended(asked("verify", panel, alone)).state == "done"
    rule.holds(panel, before)


@pytest.mark.fault(
    what="From 10, 50 and 90 % of a backup into a bucket on, nothing there answers any more",
    rule="it fails; what it left there goes when the bucket is back",
)
@SOME_LONG
def test_away_from_a_backup_on(panel: Panel, alone: Archive, bucket: FailingBucket, percent: int) -> None:
    steps = steps_of(asked("backup", panel, alone))
    rule.work_off()
    before = rule.look(panel)
    job = at(part_of(steps, percent), lambda: away(bucket), asked("backup", panel, alone))
    # At 90 % all of it has been read back, and nothing more is asked for.
    assert (job.state == "failed") == (percent != 90)
    bucket.works()
    rule.holds(panel, before)


@pytest.mark.fault(
    what="From 10, 50 and 90 % of a copy to a bucket on, nothing there answers any more",
    rule="it fails, and is made when the bucket is back",
)
@SOME_LONG
def test_away_from_a_copy_on(panel: Panel, beside: Archive, bucket: FailingBucket, percent: int) -> None:
    steps, before = steps_of_a_copy(panel, beside), rule.look(panel)
    job = at(part_of(steps, percent), lambda: away(bucket), copy_of(beside, "s3"))
    assert (job.state, is_copied(beside)) == ("failed", False)
    bucket.works()
    rule.holds(panel, before)


def away(bucket: FailingBucket) -> None:
    bucket.fails(Fault(status=503), method=".*")


def steps_of_a_copy(panel: Panel, archive: Archive) -> int:
    """As many as one has to the end; afterwards it is as if it had never been made."""
    steps = steps_of(copy_of(archive, "s3"))
    storage = storages.named("s3")
    assert storage is not None
    for stored in storage.names():
        storage.delete(stored.name)
    Copy.objects.filter(storage="s3").delete()
    return steps


@pytest.mark.fault(
    what="The worker is killed at 10, 50 and 90 % of a copy to a bucket",
    rule="it is interrupted; its upload is taken back, and the copy is made anew",
)
@PERCENT
def test_killed_while_it_copies(panel: Panel, beside: Archive, bucket: FailingBucket, percent: int) -> None:
    steps, before = steps_of_a_copy(panel, beside), rule.look(panel)
    job = copy_of(beside, "s3")
    killed_at(job, part_of(steps, percent))
    assert bool(bucket.server.uploads(bucket.name)) == (percent == 50) or percent == 10
    assert is_interrupted(job)
    assert bucket.server.uploads(bucket.name) == []
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The worker is killed at 10, 50 and 90 % of a backup into a bucket",
    rule="it is interrupted; its upload is taken back",
)
@SOME_LONG
def test_killed_while_it_backs_up(panel: Panel, alone: Archive, bucket: FailingBucket, percent: int) -> None:
    steps = steps_of(asked("backup", panel, alone))
    rule.work_off()
    before = rule.look(panel)
    job: Job = asked("backup", panel, alone)
    killed_at(job, part_of(steps, percent))
    assert is_interrupted(job)
    assert bucket.server.uploads(bucket.name) == []
    rule.holds(panel, before)
