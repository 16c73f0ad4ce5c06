"""An archive whose first copy lies in a bucket, and whose bucket fails: read on from a folder, and mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from backups.engine.errors import NoCopyAnswers
from backups.engine.pipeline import archive_name
from backups.models import Archive, Copy, Job, Proof, StorageState
from backups.services import catalogue, drill_turns, rolling, work
from backups.services.copies import ask_for_what_is_due
from backups.services.download import open_download
from backups.services.restore import request_restore
from backups.services.s3.patience import OF_A_JOB, Patience, patiently
from backups.services.verify import request_verify
from qparkin_backup.storages import Folder
from tests.s3.fault_proxy import Fault, FaultProxy
from tests.s3.servers import S3Server
from tests.scratch import ScratchDatabase
from tests.sealed import sealed_file
from tests.services.conftest import archives_in, parking
from tests.services.copying import backed_up, copied, copy_at
from tests.small_parking import installed_once, small_parking

__all__ = ["archives_in", "installed_once", "parking", "small_parking"]

pytestmark = pytest.mark.django_db(transaction=True)

SOON = Patience(attempts=2, first=0.01, longest=0.02)


@pytest.fixture
def s3_server(rclone_s3: S3Server) -> S3Server:
    """One server is enough: how each of them fails is asked elsewhere."""
    return rclone_s3


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def soon(patience: Patience = OF_A_JOB) -> AbstractContextManager[None]:
        del patience
        return patiently(SOON)

    monkeypatch.setattr(work, "patiently", soon)
    cache.clear()
    with patiently(SOON):
        yield
    cache.clear()


@pytest.fixture
def in_both(
    settings: Settings, tmp_path: Path, proxy: FaultProxy, s3_server: S3Server, bucket: str,
    parking: ScratchDatabase,
) -> Archive:  # fmt: skip
    del parking
    place = S3Server(proxy.url, s3_server.kind, s3_server.secret_key).bucket(bucket)
    settings.BACKUP_STORAGES = (place, Folder("nas", str(tmp_path / "nas")))
    archive = backed_up()
    copied(archive)
    Job.objects.all().delete()
    return archive


@pytest.fixture
def many_parts(
    settings: Settings, tmp_path: Path, proxy: FaultProxy, s3_server: S3Server, bucket: str
) -> Archive:
    """So large that reading it asks the bucket many times."""
    place = S3Server(proxy.url, s3_server.kind, s3_server.secret_key).bucket(bucket)
    settings.BACKUP_STORAGES = (place, Folder("nas", str(tmp_path / "nas")))
    (tmp_path / "nas").mkdir()
    now = timezone.now()
    archive = Archive.objects.create(
        id=f"{now:%Y%m%dT%H%M%SZ}-0000abcd", database=settings.QPARKIN_DB_DATABASE, created=now,
        purpose="manual", content=["database"], sequence=1,
    )  # fmt: skip
    path = tmp_path / "nas" / archive_name(archive.database, archive.pk)
    for storage in ("s3", "nas"):
        Copy.objects.create(
            archive=archive, storage=storage, name=path.name, location=str(path), checked_at=now
        )
    sealed_file(archive, path, members=30)
    for lying in (path, path.with_name(path.name + ".seal.json")):
        s3_server.client.put_object(Bucket=bucket, Key=lying.name, Body=lying.read_bytes())
    return archive


def downloaded(archive: Archive) -> bytes:
    return b"".join(open_download(archive, by=None))


def on_disk(archive: Archive) -> bytes:
    return Path(copy_at(archive, "nas").location).read_bytes()


@pytest.mark.parametrize("percent", [10, 50, 90])
@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503),
        Fault(status=403),
        Fault(status=404, code="NoSuchKey"),
        Fault(close_answer_after=50),
        Fault(reset_answer_after=0),
    ],
    ids=["busy", "refused", "gone", "cut off", "reset"],
)
def test_a_bucket_that_fails_in_the_middle_is_left_for_the_folder(
    many_parts: Archive, proxy: FaultProxy, fault: Fault, percent: int
) -> None:
    proxy.forget()
    assert downloaded(many_parts) == on_disk(many_parts)
    asked = sum(1 for request in proxy.requests if request.method == "GET")
    assert asked > 30
    armed = proxy.arm(fault, method="GET", times=10_000, skip=asked * percent // 100)
    assert downloaded(many_parts) == on_disk(many_parts)
    assert armed.hits > 0
    assert Copy.objects.get(storage="nas").state == "whole"
    # Nobody can say that its bytes are damaged.
    assert Copy.objects.get(storage="s3").state == "whole"


def test_a_bucket_that_is_away_stops_no_restore_and_is_told(
    in_both: Archive, proxy: FaultProxy, parking: ScratchDatabase
) -> None:
    parking.run("DELETE FROM tiket")
    proxy.close()
    asked = request_restore(in_both, requested_by=None, trigger="command", safety_backup=False)
    done = work.run_here(asked)
    assert done.result["rows"] == 6
    (told,) = done.result["passed_over"]
    assert (told["storage"], told["code"]) == ("s3", "storage_unreachable")
    row = copy_at(in_both, "s3")
    assert (row.state, row.unread_code) == ("whole", "storage_unreachable")
    # The clock looks at its next beat, and the storage says so itself.
    assert catalogue.refresh(older_than=catalogue.READ_EVERY)
    assert StorageState.objects.get(storage="s3").problem_code == "storage_unreachable"
    assert rolling.ask_when_quiet(row.checked_at) is None


def test_where_the_folder_is_away_too_both_are_named(in_both: Archive, proxy: FaultProxy) -> None:
    folder = Path(copy_at(in_both, "nas").location).parent
    folder.rename(folder.with_name("unmounted"))
    proxy.close()
    with pytest.raises(NoCopyAnswers, match="s3, nas"):
        open_download(in_both, by=None)
    assert {copy.state for copy in Copy.objects.all()} == {"whole"}


@pytest.mark.parametrize("harm", ["flipped", "cut off", "another archive", "gone"])
def test_what_became_of_an_object_is_found_by_reading_it_whole_and_mended(
    in_both: Archive, s3_server: S3Server, bucket: str, harm: str
) -> None:
    name = copy_at(in_both, "s3").name
    _harm(s3_server.client, bucket, name, harm, on_disk(in_both))
    assert downloaded(in_both) == on_disk(in_both)
    job = request_verify(in_both, requested_by=None, trigger="schedule", storage="s3")
    work.run_from_queue(str(job.pk))
    job.refresh_from_db()
    assert job.state == "failed"
    assert copy_at(in_both, "s3").state in ("damaged", "missing")
    (repair,) = Job.objects.filter(kind="copy", state="queued") or ask_for_what_is_due()
    work.run_from_queue(str(repair.pk))
    repair.refresh_from_db()
    assert (repair.state, repair.result["repaired"]) == ("done", True)
    assert copy_at(in_both, "s3").state == "whole"
    mended = s3_server.client.get_object(Bucket=bucket, Key=repair.result["name"])["Body"].read()
    assert mended == on_disk(in_both)


def _harm(client: Any, bucket: str, name: str, harm: str, whole: bytes) -> None:
    if harm == "gone":
        client.delete_object(Bucket=bucket, Key=name)
        return
    if harm == "flipped":
        middle = len(whole) // 2
        content = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    elif harm == "cut off":
        content = whole[: len(whole) // 2]
    else:
        other = backed_up()
        content = client.get_object(Bucket=bucket, Key=copy_at(other, "s3").name)["Body"].read()
        Archive.objects.filter(pk=other.pk).delete()
        Job.objects.all().delete()
    client.put_object(Bucket=bucket, Key=name, Body=content)


def test_a_drill_in_its_turn_fetches_from_the_bucket(in_both: Archive, proxy: FaultProxy) -> None:
    for storage in ("s3", "nas"):
        proxy.forget()
        cache.clear()
        job = drill_turns.ask_when_due(copy_at(in_both, storage).checked_at)
        assert job is not None
        assert job.options == {"storage": storage}
        work.run_from_queue(str(job.pk))
        assert Proof.objects.get(job=job).storage == storage
        fetched = sum(request.received for request in proxy.requests if request.target.endswith(".zip"))
        assert (fetched > in_both.bytes // 2) == (storage == "s3")
