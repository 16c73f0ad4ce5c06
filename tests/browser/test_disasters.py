"""The five disasters, each repaired by following the screen alone, on a real demo with a real worker."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.town import Town, running_town
from tests.browser.walker import Walker, walker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BOTH = pytest.mark.parametrize("language", ["id", "en"])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Town]:
    """A demo with one proven backup, as the start page makes it."""
    with running_town(tmp_path_factory.mktemp("town")) as there:
        first = signed_in(there, chromium, name="backup", language="id")
        first.press(first.page.get_by_role("button", name=first.words("back up")).first)
        expect(first.page.get_by_role("heading", name=first.words("stored"))).to_be_visible()
        first.page.get_by_role("link", name="Buka cadangan").click()
        first.reload_until("proven")
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
    before = town.sql("SELECT COUNT(*) FROM booking")
    town.sql("SET foreign_key_checks=0; DROP TABLE booking")
    rani = signed_in(town, chromium, name="table", language=language, phone=True)
    rani.repair("table", database="qparkin", ends="tables")
    assert town.sql("SELECT COUNT(*) FROM booking") == before
    rani.page.context.close()


@BOTH
def test_an_update_without_where_is_repaired_and_undone_with_the_keyboard_alone(
    town: Town, chromium: Browser, language: str
) -> None:
    before = town.sql("SELECT SUM(biaya) FROM transaksi_parkir")
    town.sql("UPDATE transaksi_parkir SET biaya = 0")
    rani = signed_in(town, chromium, name="rows", language=language, by_key=True)
    rani.repair("rows", tables=("transaksi_parkir",), database="qparkin", ends="tables")
    assert town.sql("SELECT SUM(biaya) FROM transaksi_parkir") == before
    rani.undo()
    assert float(town.sql("SELECT SUM(biaya) FROM transaksi_parkir")) == 0
    rani.repair("rows", tables=("transaksi_parkir",), database="qparkin", ends="tables")
    assert town.sql("SELECT SUM(biaya) FROM transaksi_parkir") == before
    rani.page.context.close()


@BOTH
def test_a_dropped_database_is_back(town: Town, chromium: Browser, language: str) -> None:
    before = town.sql("SELECT COUNT(*) FROM transaksi_parkir")
    town.sql("DROP DATABASE qparkin")
    rani = signed_in(town, chromium, name="database", language=language)
    rani.repair("database", live=False, database="qparkin", ends="whole")
    assert town.sql("SELECT COUNT(*) FROM transaksi_parkir") == before
    rani.page.context.close()


@BOTH
def test_deleted_uploads_are_back_and_undone(town: Town, chromium: Browser, language: str) -> None:
    before = files_in(town.uploads)
    for path in before[::2]:
        path.unlink()
    left = files_in(town.uploads)
    rani = signed_in(town, chromium, name="files", language=language)
    rani.repair("files", live=False, database="qparkin", ends="folders")
    assert files_in(town.uploads) == before
    rani.undo()
    assert files_in(town.uploads) == left
    rani.repair("files", live=False, database="qparkin", ends="folders")
    assert files_in(town.uploads) == before
    rani.page.context.close()


def files_in(folder: Path) -> list[Path]:
    found = subprocess.run(["find", folder, "-type", "f"], capture_output=True, text=True, check=True).stdout
    return sorted(map(Path, found.splitlines()))
