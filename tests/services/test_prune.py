"""Retention is a pure function that would rather keep too much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backups.engine.errors import BackupError, StorageFailed
from backups.engine.storage import LocalStorage
from backups.models import Archive, Proof
from backups.services import prune
from backups.services.prune import Choice, choose

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
WINDOW = timedelta(days=7)


def archives(count: int, **values: object) -> list[Archive]:
    """Daily ones, newest first: a0 is of today."""
    defaults = {"database": "qparkin", "purpose": "schedule", **values}
    prefix = str(defaults.pop("prefix", "a"))
    return [
        Archive.objects.create(id=f"{prefix}{age}", created=NOW - timedelta(days=age), **defaults)
        for age in range(count)
    ]


def proven(archive: Archive) -> None:
    Proof.objects.create(archive=archive, made_at=archive.created, proven=True, equal=True)


def chosen(keep_last: int) -> Choice:
    return choose(list(Archive.objects.all()), keep_last=keep_last, now=NOW, undo_window=WINDOW)


def test_the_last_ones_stay_and_the_oldest_goes() -> None:
    archives(5)
    assert set(chosen(3).dropped) == {"a3", "a4"}


def test_no_more_than_a_few_go_at_once_the_oldest_first() -> None:
    archives(12)
    choice = chosen(2)
    assert list(choice.dropped) == ["a11", "a10", "a9", "a8", "a7"]
    assert len(choice.kept) + len(choice.dropped) == 12


def test_the_newest_proven_and_the_pinned_stay() -> None:
    made = archives(6)
    proven(made[4])
    proven(made[5])
    Archive.objects.filter(pk="a3").update(pinned_until=NOW + timedelta(days=1))
    assert set(chosen(2).dropped) == {"a2", "a5"}


@pytest.mark.parametrize("state", ["damaged", "missing"])
def test_what_is_not_whole_neither_counts_nor_goes(state: str) -> None:
    archives(4)
    Archive.objects.filter(pk__in=["a0", "a3"]).update(state=state)
    choice = chosen(1)
    assert set(choice.dropped) == {"a2"}
    assert choice.kept["a1"] == "one of the last"


def test_a_safety_backup_stays_for_the_undo_window_and_never_counts() -> None:
    archives(3)
    archives(10, purpose="safety", prefix="s")
    choice = chosen(1)
    assert [pk for pk in choice.kept if pk.startswith("a")] == ["a0"]
    assert [pk for pk in choice.dropped if pk.startswith("s")] == ["s9", "s8"]


@pytest.mark.parametrize("keep_last", [0, -3])
def test_a_wrong_setting_still_keeps_the_newest(keep_last: int) -> None:
    archives(2)
    assert set(chosen(keep_last).kept) == {"a0"}


def test_a_storage_that_cannot_be_listed_stops_it(
    monkeypatch: pytest.MonkeyPatch, archives_in: object
) -> None:
    archives(40)

    def refuse(_: object) -> list[object]:
        raise StorageFailed(storage="local", reason="away")

    monkeypatch.setattr(LocalStorage, "names", refuse)
    with pytest.raises(BackupError):
        prune.choose_now()
    assert Archive.objects.filter(state="whole").count() == 40


def test_backups_of_the_database_alone_never_push_out_the_last_that_hold_files() -> None:
    archives(3, content=["database"], prefix="d")
    archives(7, content=["database", "files"], prefix="e")
    Archive.objects.filter(pk__in=["e0", "e1", "e2"]).delete()
    proven(Archive.objects.get(pk="e6"))
    assert set(chosen(1).kept) == {"d0", "e3", "e6"}


@pytest.mark.usefixtures("archives_in")
def test_an_empty_storage_drops_nothing() -> None:
    archives(40)
    assert prune.choose_now().dropped == {}
