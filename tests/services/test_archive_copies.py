"""The copies of an archive, each with what can be done about it; and how many of how many there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from backups.models import Archive, Copy, Job
from backups.services import archive_copies, audit
from backups.services.archive_copies import Line
from backups.services.connections import protected_database
from qparkin_backup.storages import Folder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two(settings: Settings) -> None:
    settings.BACKUP_STORAGES = (Folder("local"), Folder("nas", "/mnt/nas"))


def made(*, database: str = "", **states: str) -> Archive:
    archive = Archive.objects.create(
        id=f"a{Archive.objects.count()}", database=database or protected_database(), created=timezone.now(),
        purpose="schedule",
    )  # fmt: skip
    for storage, state in states.items():
        Copy.objects.create(
            archive=archive, storage=storage, name="x.zip", state=state, checked_at=timezone.now()
        )
    return archive


def lines(archive: Archive) -> list[Line]:
    return archive_copies.lines(archive)


def can(archive: Archive) -> list[tuple[str, bool, bool]]:
    return [(line.storage, line.can_check, line.can_copy) for line in lines(archive)]


def count(archive: Archive) -> tuple[int, int, str]:
    found = archive_copies.counts([archive])[archive.pk]
    return found.whole, found.wanted, found.tone


def test_what_is_whole_can_be_checked() -> None:
    assert can(made(local="whole", nas="whole")) == [("local", True, False), ("nas", True, False)]


@pytest.mark.parametrize("state", ["damaged", "missing", "failed", "pending"])
def test_what_is_not_whole_can_be_made_anew_from_a_whole_one(state: str) -> None:
    lying = state == "damaged"
    assert can(made(local="whole", nas=state)) == [("local", True, False), ("nas", lying, True)]
    assert can(made(local=state, nas="whole")) == [("local", lying, True), ("nas", True, False)]


def test_where_nothing_is_whole_nothing_can_be_made_anew() -> None:
    assert can(made(local="damaged", nas="missing")) == [("local", True, False), ("nas", False, False)]


def test_a_storage_that_has_none_yet_is_shown_too() -> None:
    nas = lines(made(local="whole"))[1]
    assert (nas.storage, nas.copy, nas.can_copy, nas.let_go) == ("nas", None, True, False)


def test_what_retention_let_go_there_is_told_and_is_not_wanting() -> None:
    archive = made(local="whole")
    audit.record("drop_archive", actor=None, about=archive, details={"storage": "nas"})
    nas = lines(archive)[1]
    assert (nas.let_go, nas.can_copy) == (True, True)
    assert count(archive) == (1, 1, "well")


def test_a_storage_that_is_no_longer_set_up_is_only_told() -> None:
    tape = lines(made(local="whole", nas="whole", tape="whole"))[2]
    assert (tape.storage, tape.is_set_up, tape.can_check, tape.can_copy) == ("tape", False, False, False)


def test_a_whole_copy_at_a_storage_that_is_not_set_up_is_no_source() -> None:
    assert can(made(local="missing", tape="whole"))[0] == ("local", False, False)


@pytest.mark.parametrize(
    ("kind", "options", "busy"),
    [
        ("copy", {"storage": "nas"}, [False, True]),
        ("verify", {"storage": "local"}, [True, False]),
        ("verify", {}, [True, True]),
        ("drill", {}, [False, False]),
    ],
)
def test_what_is_being_done_is_not_asked_for_again(
    kind: str, options: dict[str, str], busy: list[bool]
) -> None:
    archive = made(local="whole", nas="damaged")
    Job.objects.create(kind=kind, state="running", system="x", archive=archive, options=options)
    found = lines(archive)
    assert [line.job is not None for line in found] == busy
    assert all(line.job is None or not (line.can_check or line.can_copy) for line in found)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ({"local": "whole", "nas": "whole"}, (2, 2, "well")),
        ({"local": "whole", "nas": "pending"}, (1, 2, "coming")),
        ({"local": "whole"}, (1, 2, "coming")),
        ({"local": "whole", "nas": "failed"}, (1, 2, "wanting")),
        ({"local": "damaged", "nas": "whole"}, (1, 2, "wanting")),
        ({"local": "missing", "nas": "missing"}, (0, 2, "wanting")),
        ({"local": "whole", "nas": "whole", "tape": "missing"}, (2, 2, "well")),
    ],
)
def test_how_many_of_how_many(states: dict[str, str], told: tuple[int, int, str]) -> None:
    assert count(made(**states)) == told


def test_an_archive_of_another_database_is_not_copied_and_so_lacks_nothing() -> None:
    assert count(made(database="another", local="whole")) == (1, 1, "well")


def test_a_list_is_counted_with_two_questions(django_assert_max_num_queries: Any) -> None:
    for _ in range(20):
        made(local="whole")
    with django_assert_max_num_queries(3):
        archive_copies.counts(Archive.objects.prefetch_related("copies"))
