"""What a storage held day by day, what it will hold, and when its disk is full."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from backups.models import Archive, Copy, Job, StorageState
from backups.services import audit, disk_room, growth, policies, storages
from backups.services.connections import protected_database
from backups.services.retention import Policy
from qparkin_backup.storages import Folder

pytestmark = pytest.mark.django_db

MB = 1_000_000
NOW = timezone.now
EVERYTHING = Policy(all_days=3650, daily=0, weekly=0, monthly=0, yearly=0)


@pytest.fixture(autouse=True)
def _two(settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_STORAGES = (Folder("local", str(tmp_path / "a")), Folder("nas", str(tmp_path / "b")))
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()


def made(age: float, size: int = MB, *, at: tuple[str, ...] = ("local",), **values: object) -> Archive:
    created = NOW() - timedelta(days=age)
    archive = Archive.objects.create(
        id=f"a{age}", database=protected_database(), created=created, purpose="schedule",
        content=["database"], bytes=size,
    )  # fmt: skip
    for name in at:
        Copy.objects.create(
            archive=archive, storage=name, name=f"{age}.zip", bytes=size, checked_at=created, **values
        )
    return archive


def held(storage: str = "local") -> list[int]:
    """Megabytes by day, today's last."""
    return [dot.bytes // MB for dot in growth.every(NOW())[storage].past]


def free(monkeypatch: pytest.MonkeyPatch, **rooms: int) -> None:
    """What the disks say, each its own unless two have the same number."""
    told = {name: disk_room.Room(disk=size, free=size) for name, size in rooms.items()}
    monkeypatch.setattr(disk_room, "of", lambda storage: told.get(storage.name))


def test_without_archives_there_is_nothing_to_tell() -> None:
    found = growth.every(NOW())["local"]
    assert ([dot.bytes for dot in found.past], found.ahead, found.full_on) == ([0], (), None)


def test_each_day_has_what_lay_there_then() -> None:
    made(3, 2 * MB)
    made(1, 3 * MB)
    assert held() == [2, 2, 5, 5]


def test_what_retention_let_go_counts_until_it_went() -> None:
    archive = made(5, 4 * MB)
    made(2)
    archive.copies.all().delete()
    Archive.with_pruned.filter(pk=archive.pk).update(pruned_at=NOW())
    audit.record("drop_archive", actor=None, about=archive, details={"storage": "local"})
    assert held() == [4, 4, 4, 5, 5, 1]


def test_what_is_lost_counts_until_it_was_missed() -> None:
    made(3, 4 * MB, state="missing")
    Copy.objects.update(checked_at=NOW() - timedelta(days=1))
    made(2)
    assert held() == [4, 5, 1, 1]


def test_what_is_on_its_way_counts_nothing() -> None:
    made(1, state="pending")
    made(0, state="failed")
    assert held() == [0]


def test_a_further_storage_holds_it_from_when_it_was_copied() -> None:
    archive = made(4, at=("local", "nas"))
    Job.objects.create(
        kind="copy", state="done", system="x", archive=archive, options={"storage": "nas"},
        result={"repaired": False}, finished_at=NOW() - timedelta(days=1),
    )  # fmt: skip
    assert (held(), held("nas")) == ([1, 1, 1, 1, 1], [1, 1])


def test_a_copy_that_was_made_anew_was_there_before() -> None:
    archive = made(4, at=("nas",))
    Job.objects.create(
        kind="copy", state="done", system="x", archive=archive, options={"storage": "nas"},
        result={"repaired": True}, finished_at=NOW() - timedelta(days=1),
    )  # fmt: skip
    assert held("nas") == [1, 1, 1, 1, 1]


def test_only_the_last_months_are_told() -> None:
    made(400)
    assert held() == [1] * (growth.BACK + 1)


def test_it_goes_on_as_it_was_and_is_full_on_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    policies.change("local", EVERYTHING, by=None)
    for age in range(28):
        made(age)
    free(monkeypatch, local=100 * MB)
    found = growth.every(NOW())["local"]
    today = timezone.localdate()
    assert found.ahead[0].day == today
    assert found.ahead[10].bytes == 38 * MB
    assert found.full_on == today + timedelta(days=101)
    assert found.days_until_full(NOW()) == 101


def test_what_retention_will_let_go_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    policies.change("local", Policy(all_days=20, daily=0, weekly=0, monthly=0, yearly=0), by=None)
    for age in range(20):
        made(age)
    free(monkeypatch, local=5 * MB)
    assert growth.every(NOW())["local"].full_on is None


def test_where_the_panel_may_not_delete_nothing_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    policies.change("local", Policy(all_days=20, daily=0, weekly=0, monthly=0, yearly=0), by=None)
    policies.note_refusal("local", refused=True)
    for age in range(20):
        made(age)
    free(monkeypatch, local=5 * MB)
    assert growth.every(NOW())["local"].days_until_full(NOW()) == 6


def test_two_storages_on_one_disk_fill_it_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("local", "nas"):
        policies.change(name, EVERYTHING, by=None)
    for age in range(28):
        made(age, at=("local", "nas"))
    free(monkeypatch, local=100 * MB, nas=100 * MB)
    found = growth.every(NOW())
    assert {found[name].days_until_full(NOW()) for name in found} == {51}


def test_a_disk_that_has_no_room_now_is_full_today(monkeypatch: pytest.MonkeyPatch) -> None:
    policies.change("local", EVERYTHING, by=None)
    for age in range(10):
        made(age)
    free(monkeypatch, local=0)
    assert growth.every(NOW())["local"].days_until_full(NOW()) == 1


def test_a_day_or_two_say_nothing_about_a_year() -> None:
    for part in range(9):
        made(part / 10)
    assert growth.every(NOW())["local"].ahead == ()


def test_nothing_is_foretold_of_a_storage_in_doubt() -> None:
    for age in range(9):
        made(age)
    StorageState.objects.create(storage="local", doubted_at=NOW())
    assert growth.every(NOW())["local"].ahead == ()


def test_archives_of_another_system_weigh_too() -> None:
    for age in range(9):
        made(age)
    other = made(20, 50 * MB)
    Archive.objects.filter(pk=other.pk).update(database="another")
    found = growth.every(NOW())["local"]
    assert (found.past[-1].bytes, found.ahead[0].bytes) == (59 * MB, 59 * MB)
    assert found.ahead[1].bytes >= 50 * MB


def test_a_folder_knows_its_disk_and_a_folder_that_is_away_does_not(tmp_path: Path) -> None:
    local, nas = storages.every()
    (tmp_path / "b").rmdir()
    here = disk_room.of(local)
    assert here is not None
    assert here.free > 0
    assert disk_room.of(nas) is None


def test_what_was_reckoned_is_remembered_for_a_while() -> None:
    made(3)
    first = growth.known(NOW())
    made(1, 3 * MB)
    assert growth.known(NOW()) == first
    growth.forget()
    assert growth.known(NOW())["local"].past[-1].bytes == 4 * MB


def test_the_clock_reckons_before_anybody_has_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    reckoned: list[object] = []
    real = growth.every
    monkeypatch.setattr(growth, "every", lambda now: reckoned.append(now) or real(now))
    now = NOW()
    growth.stay_known(now)
    growth.stay_known(now + timedelta(minutes=3))
    growth.known(now + timedelta(minutes=9))
    assert reckoned == [now]
    growth.stay_known(now + timedelta(minutes=5))
    growth.known(now + timedelta(minutes=14))
    assert len(reckoned) == 2
    growth.known(now - timedelta(days=1))
    assert len(reckoned) == 3


def test_a_storage_that_is_new_in_the_settings_is_reckoned_at_once(settings: Settings) -> None:
    growth.known(NOW())
    settings.BACKUP_STORAGES = (*settings.BACKUP_STORAGES, Folder("tape", "/mnt/tape"))
    assert list(growth.known(NOW())) == ["local", "nas", "tape"]


def test_what_is_remembered_is_plain_and_comes_back_as_it_was() -> None:
    """A cache on Redis takes JSON and nothing else."""
    for age in range(6):
        made(age)
    growth.forget()
    now = timezone.now()
    found = growth.known(now)
    remembered = cache.get(growth.REMEMBERED)
    assert json.loads(json.dumps(remembered)) == remembered
    assert growth.known(now) == found
    assert all(one.past and one.free for one in found.values())
    assert found["local"].ahead
