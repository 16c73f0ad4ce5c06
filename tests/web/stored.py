"""Storages with archives on them, as months of backups leave them, and as trouble does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from backups.models import Archive, Copy, StorageState, User
from backups.services import disk_room, growth, storages
from qparkin_backup.buckets import Bucket
from qparkin_backup.storages import Folder
from tests.web import factories

THREE = (
    Folder("local"),
    Folder("nas", "/mnt/nas/qparkin"),
    Bucket(
        "cloud", "qparkin-backup", "https://s3.ap-southeast-3.example.id", prefix="malls/", retain_days=30
    ),
)


def seen(storage: str, **values: object) -> None:
    known = {"listed_at": timezone.now() - timedelta(minutes=3), **values}
    StorageState.objects.update_or_create(storage=storage, defaults=known)


def copy_of(archive: Archive, storage: str, state: str = Copy.State.WHOLE, **values: object) -> Copy:
    name = f"qparkin-{archive.pk}.zip"
    place = {"nas": "/mnt/nas/qparkin/", "cloud": "s3://qparkin-backup/malls/"}.get(storage, "/srv/")
    known = {"name": name, "location": place + name, "state": state, "bytes": archive.bytes}
    return Copy.objects.create(
        **{"archive": archive, "storage": storage, "checked_at": archive.created, **known, **values}
    )


def four_months(by: User) -> list[Archive]:
    """Daily backups that grow, thinned out after a month, on a disk that fills up; two copies of each."""
    now, made = timezone.now(), []
    Path(settings.BACKUP_LOCAL_ROOT).mkdir(parents=True, exist_ok=True)
    room = disk_room.of(storages.first())
    share = room.free // 160 if room else 10**9
    for age in (*range(110, 30, -7), *range(30, -1, -1)):
        created = now - timedelta(days=age, hours=2)
        archive = factories.archive(created, bytes=share * (220 - age) // 200, requested_by=by)
        read = {"read_at": now - timedelta(days=age % 27), "sha256": "3f9c" * 16}
        Copy.objects.filter(archive=archive).update(**read)
        copy_of(archive, "nas", **read)
        if age:
            copy_of(archive, "cloud", **read, retained_until=created + timedelta(days=30))
        made.append(archive)
    factories.proof(made[-1])
    for place in THREE:
        seen(place.name)
    growth.forget()
    return made


def troubled(by: User) -> list[Archive]:
    """One storage has lost archives, one does not answer, one is not set up any more, some copies are bad."""
    now = timezone.now()
    made = [
        factories.archive(now - timedelta(days=age, hours=2), requested_by=by) for age in range(9, -1, -1)
    ]
    gone = {"state": Copy.State.MISSING, "checked_at": now - timedelta(hours=1)}
    for archive in made[:4]:
        copy_of(archive, "nas", **gone)
        copy_of(archive, "cloud")
        copy_of(archive, "tape")
    Copy.objects.filter(archive=made[0]).exclude(storage="nas").delete()
    told = {"archive": made[6].pk, "what": "data/003-booking/0001.tsv.zst.age"}
    copy_of(made[6], "cloud", Copy.State.DAMAGED, problem_code="archive_damaged", problem_params=told)
    full = {"problem_code": "storage_full", "problem_params": {"storage": "cloud"}, "tries": 5}
    copy_of(made[7], "cloud", Copy.State.FAILED, **full, try_after=now + timedelta(hours=20))
    seen("local")
    seen("nas", lost_at=now - timedelta(hours=1), lost_count=4)
    away = {"storage": "cloud", "reason": "it does not answer in time"}
    since = now - timedelta(minutes=40)
    seen("cloud", problem_code="storage_unreachable", problem_params=away, problem_since=since)
    growth.forget()
    return made


def ill_assorted(by: User) -> Archive:
    """Held by its bucket, not copied to one storage, and at one that is not set up any more."""
    now = timezone.now()
    archive = factories.archive(now - timedelta(days=3), requested_by=by)
    factories.proof(archive)
    sums = {"sha256": "3f9c1d0e" * 8, "read_at": now - timedelta(days=2)}
    Copy.objects.filter(archive=archive).update(**sums)
    told = {"storage": "nas", "reason": "its folder is not there; is its disk mounted?"}
    why = {"problem_code": "storage_failed", "problem_params": told}
    copy_of(archive, "nas", Copy.State.FAILED, tries=6, try_after=now + timedelta(hours=9), **why)
    copy_of(archive, "cloud", **sums, retained_until=now + timedelta(days=27))
    copy_of(archive, "tape")
    cut = {
        "unread_code": "storage_unreachable",
        "unread_params": {**told, "reason": "the connection breaks off"},
    }
    Copy.objects.filter(archive=archive, storage="cloud").update(unread_at=now - timedelta(hours=5), **cut)
    return archive
