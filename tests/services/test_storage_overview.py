"""How a storage is, in one word, and what it holds, in figures."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from backups.models import Archive, Copy, StorageState
from backups.services import disk_room, storage_overview
from backups.services.connections import protected_database
from backups.services.storage_overview import Overview
from qparkin_backup.buckets import Bucket
from qparkin_backup.storages import Folder

pytestmark = pytest.mark.django_db

MB = 1_000_000


@pytest.fixture(autouse=True)
def _three(settings: Settings, tmp_path: Path) -> None:
    cloud = Bucket("cloud", "qparkin-backups", "https://s3.example.id", prefix="malls/")
    settings.BACKUP_STORAGES = (
        Folder("local", str(tmp_path / "a")), Folder("nas", str(tmp_path / "b")), cloud,
    )  # fmt: skip


def made(age: float = 1, **states: str) -> Archive:
    created = timezone.now() - timedelta(days=age)
    number = Archive.objects.count()
    archive = Archive.objects.create(
        id=f"a{number}", database=protected_database(), created=created, purpose="schedule", bytes=MB
    )
    for storage, state in states.items():
        Copy.objects.create(
            archive=archive, storage=storage, name=f"{number}.zip", state=state, bytes=MB, checked_at=created
        )
    return archive


def seen(storage: str = "local", **values: object) -> None:
    StorageState.objects.update_or_create(storage=storage, defaults={"listed_at": timezone.now(), **values})


def of(name: str = "local") -> Overview:
    found = storage_overview.of(name, timezone.now())
    assert found is not None
    return found


def test_an_empty_panel_shows_each_storage_of_its_settings(tmp_path: Path) -> None:
    found = storage_overview.every(timezone.now())
    assert [(one.name, one.health, one.waiting, one.lying.archives) for one in found] == [
        ("local", "not_seen", 0, 0), ("nas", "not_seen", 0, 0), ("cloud", "not_seen", 0, 0),
    ]  # fmt: skip
    assert [one.where for one in found] == [
        f"{tmp_path}/a", f"{tmp_path}/b", "s3://qparkin-backups/malls/",
    ]  # fmt: skip
    assert [one.bucket is None for one in found] == [True, True, False]
    assert storage_overview.of("tape", timezone.now()) is None


@pytest.mark.parametrize(
    ("values", "health"),
    [
        ({"lost_at": timezone.now(), "doubted_at": timezone.now()}, "lost"),
        ({"doubted_at": timezone.now(), "problem_code": "storage_failed"}, "in_doubt"),
        ({"problem_code": "storage_unreachable"}, "failing"),
        ({"problem_code": "list_refused"}, "unlisted"),
        ({"listed_at": None}, "not_seen"),
        ({}, "well"),
    ],
)
def test_the_gravest_comes_first(values: dict[str, object], health: str) -> None:
    seen(**values)
    assert of().health == health


@pytest.mark.parametrize(
    ("state", "health"),
    [("damaged", "damaged"), ("missing", "damaged"), ("failed", "not_copied"), ("pending", "well")],
)
def test_copies_that_are_not_well_are_told(state: str, health: str) -> None:
    seen("nas")
    made(local="whole", nas=state)
    assert of("nas").health == health


def test_what_could_not_be_read_and_what_nobody_read_for_long_are_told(settings: Settings) -> None:
    settings.VERIFY_DAYS = 30
    seen()
    archive = made(local="whole", nas="whole")
    Copy.objects.filter(storage="local").update(arrived_at=timezone.now() - timedelta(days=31))
    assert (of().health, of().lying.overdue, of("nas").lying.overdue) == ("overdue", 1, 0)
    archive.copies.filter(storage="local").update(unread_at=timezone.now())
    assert (of().health, of().lying.unreadable) == ("unreadable", 1)


def test_a_disk_that_is_full_soon_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    seen()
    for age in range(10):
        made(age, local="whole")
    monkeypatch.setattr(disk_room, "of", lambda _: disk_room.Room(1, 3 * MB))
    found = of()
    assert (found.health, found.days_until_full) == ("full_soon", 4)


def test_what_it_holds_is_counted() -> None:
    seen()
    now = timezone.now()
    old, new = made(9, local="whole"), made(2, local="damaged")
    made(1, nas="whole")
    made(3, local="whole")
    soon = now + timedelta(days=3)
    Copy.objects.filter(archive=old).update(read_at=now - timedelta(days=4), retained_until=soon)
    Copy.objects.filter(archive=new).update(read_at=now - timedelta(days=1), retained_until=now)
    lying = of().lying
    assert (lying.whole, lying.damaged, lying.archives, lying.bytes) == (2, 1, 3, 3 * MB)
    assert (lying.oldest, lying.newest) == (old.created, new.created)
    assert (lying.locked, lying.locked_until) == (1, soon)
    assert (lying.read_last, lying.read_first) == (now - timedelta(days=1), now - timedelta(days=4))
    assert lying.unread == 1


def test_what_is_on_its_way_or_not_begun_waits() -> None:
    made(local="whole", nas="pending")
    made(local="whole")
    made(local="whole", nas="failed")
    made(local="whole", nas="whole")
    made(local="damaged")
    assert (of("nas").waiting, of("local").waiting) == (2, 0)
    assert of("nas").lying.failed == 1


def test_a_storage_that_the_settings_no_longer_name_is_told_as_such() -> None:
    made(local="whole", tape="whole")
    made(tape="missing")
    _, (found,) = storage_overview.all_there_are(timezone.now())
    assert (found.name, found.lying.whole, found.lying.missing) == ("tape", 1, 1)


def test_it_asks_the_same_however_much_there_is(django_assert_max_num_queries: object) -> None:
    for age in range(12):
        made(age, local="whole", nas="whole")
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        storage_overview.every(timezone.now())
