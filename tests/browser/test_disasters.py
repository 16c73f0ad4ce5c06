"""Disasters, each repaired by following the screen alone, on a real demo with a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from tests.browser.town import Town, running_town, unlike
from tests.browser.walker import Walker, walker

# The normal suite walks the same way in test_road.py.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

BOTH = pytest.mark.parametrize("language", ["id", "en"])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Town]:
    """A demo with one proven backup, made by the button of the start page."""
    with running_town(tmp_path_factory.mktemp("town")) as there:
        first = signed_in(there, chromium, name="backup", language="id")
        first.back_up()
        first.page.context.close()
        yield there


def signed_in(
    town: Town, chromium: Browser, *, name: str, language: str, phone: bool = False, by_key: bool = False
) -> Walker:
    somebody = walker(chromium, town.url, name=name, language=language, phone=phone, by_key=by_key)
    somebody.sign_in(town.email, town.password)
    return somebody


@BOTH
def test_a_dropped_table_is_back_by_phone(town: Town, chromium: Browser, language: str) -> None:
    before, fired = town.dumped(), town.fired()
    assert fired.split()[1] == "1"
    town.sql("SET foreign_key_checks=0; DROP TABLE booking")
    rani = signed_in(town, chromium, name="table", language=language, phone=True)
    rani.repair("table", ends="tables")
    assert unlike(before, town.dumped()) == ""
    assert town.fired() == fired
    rani.page.context.close()


@BOTH
def test_an_update_without_where_is_repaired_undone_and_repaired_with_the_keyboard_alone(
    town: Town, chromium: Browser, language: str
) -> None:
    before = town.dumped()
    town.sql("UPDATE transaksi_parkir SET biaya = 0")
    spoilt = town.dumped()
    assert spoilt != before
    rani = signed_in(town, chromium, name="rows", language=language, by_key=True)
    rani.repair("rows", tables=("transaksi_parkir",), ends="tables")
    assert unlike(before, town.dumped()) == ""
    rani.undo()
    assert unlike(spoilt, town.dumped()) == ""
    rani.repair("rows", tables=("transaksi_parkir",), ends="tables")
    assert unlike(before, town.dumped()) == ""
    rani.page.context.close()


@BOTH
def test_a_dropped_database_is_back(town: Town, chromium: Browser, language: str) -> None:
    before, fired = town.dumped(), town.fired()
    town.sql("DROP DATABASE qparkin", "mysql")
    rani = signed_in(town, chromium, name="database", language=language)
    rani.repair("database", ends="whole")
    assert unlike(before, town.dumped()) == ""
    assert town.fired() == fired
    rani.page.context.close()


@BOTH
def test_deleted_uploads_are_back_undone_and_back(town: Town, chromium: Browser, language: str) -> None:
    before = town.kept()
    for path in sorted(town.uploads.rglob("*.png")):
        path.unlink()
    left = town.kept()
    rani = signed_in(town, chromium, name="files", language=language)
    rani.repair("files", ends="folders")
    assert town.kept() == before
    rani.undo()
    assert town.kept() == left
    rani.repair("files", ends="folders")
    assert town.kept() == before
    rani.page.context.close()


def test_of_the_backups_before_and_after_the_harm_the_one_before_is_taken(
    town: Town, chromium: Browser
) -> None:
    """A bad UPDATE at 13:40 is in every later backup."""
    before = town.dumped()
    day = timezone.localtime().replace(hour=13, minute=40, second=0, microsecond=0) - timedelta(days=1)
    town.turn("UPDATE backups_archive SET created = ?", utc(day - timedelta(minutes=9)))
    town.sql("UPDATE transaksi_parkir SET biaya = 0")
    rani = signed_in(town, chromium, name="since", language="id")
    rani.back_up()
    newest = "UPDATE backups_archive SET created = ? WHERE id = (SELECT max(id) FROM backups_archive)"
    town.turn(newest, utc(day + timedelta(minutes=5)))
    rani.repair("rows", tables=("transaksi_parkir",), since=f"{day:%Y-%m-%dT%H:%M}", ends="tables")
    assert unlike(before, town.dumped()) == ""
    rani.page.context.close()


def utc(moment: datetime) -> str:
    """As SQLite keeps it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
