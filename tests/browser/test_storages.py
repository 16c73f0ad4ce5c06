"""A storage tested and looked at without a reload, and a loss taken note of, as a superadmin does it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backups.models import AuditEvent, StorageState, User
from backups.services import storage_overview
from qparkin_backup.storages import Folder
from tests.browser.looks import look
from tests.browser.test_pages import sign_in
from tests.web import factories, stored

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 120_000


@pytest.fixture
def rani(settings: Any, tmp_path: Path) -> User:
    settings.BACKUP_STORAGES = (Folder("local", str(tmp_path / "a")), Folder("nas", str(tmp_path / "nas")))
    return factories.superadmin()


@pytest.fixture
def page(chromium: Browser, live_server: Any, rani: User, request: pytest.FixtureRequest) -> Iterator[Page]:
    script = getattr(request, "param", True)
    context = chromium.new_context(base_url=live_server.url, locale="id-ID", java_script_enabled=script)
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    sign_in(context, "superadmin", live_server.url)
    yield context.new_page()
    context.close()


def card(page: Page, name: str) -> Any:
    return page.get_by_role("region", name=name, exact=True)


def test_a_storage_is_tested_where_it_stands_and_the_place_is_kept(page: Page, tmp_path: Path) -> None:
    page.goto("/storages/")
    page.evaluate("window.neverReloaded = true")
    nas = card(page, "nas")
    button = nas.get_by_role("button", name="Uji penyimpanan ini")
    button.focus()
    page.keyboard.press("Enter")
    expect(nas.get_by_role("status")).to_contain_text("Berfungsi")
    expect(button).to_be_focused()
    assert list((tmp_path / "nas").iterdir()) == []
    (tmp_path / "nas").rmdir()
    (tmp_path / "nas").write_text("in the way")
    button.click()
    expect(nas.get_by_role("status")).to_contain_text("Cadangan belum bisa disimpan di sini")
    expect(nas.get_by_role("status")).to_contain_text("ada berkas dengan nama itu")
    assert page.evaluate("window.neverReloaded")
    look(page, "penyimpanan-diuji")


@pytest.mark.parametrize("page", [False], indirect=True, ids=["without a script"])
def test_without_a_script_the_same_buttons_work(page: Page) -> None:
    page.goto("/storages/")
    card(page, "nas").get_by_role("button", name="Uji penyimpanan ini").click()
    expect(card(page, "nas").get_by_role("status")).to_contain_text("Berfungsi")
    page.get_by_role("button", name="Cek sekarang").click()
    expect(page.get_by_text("Dicek baru saja").first).to_be_visible()


def test_a_look_brings_the_cards_up_to_date(page: Page, tmp_path: Path) -> None:
    page.goto("/storages/")
    page.evaluate("window.neverReloaded = true")
    expect(page.get_by_text("Belum dicek").first).to_be_visible()
    page.get_by_role("button", name="Cek sekarang").click()
    expect(page.get_by_text("Dicek baru saja").first).to_be_visible()
    expect(page.get_by_text("Belum dicek")).to_have_count(0)
    assert page.evaluate("window.neverReloaded")


def test_a_test_that_is_asked_for_during_a_look_is_not_lost(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look puts new cards in the place of those on which the result would appear."""
    pressed, real = threading.Event(), storage_overview.look_now

    def slow() -> None:
        pressed.wait(PATIENCE / 1000)
        real()

    monkeypatch.setattr(storage_overview, "look_now", slow)
    page.goto("/storages/")
    page.get_by_role("button", name="Cek sekarang").click()
    expect(page.locator("#main.htmx-request")).to_be_visible()
    # Not before the new cards are there does the button take a press.
    threading.Timer(1, pressed.set).start()
    card(page, "nas").get_by_role("button", name="Uji penyimpanan ini").click()
    expect(card(page, "nas").get_by_role("status")).to_contain_text("Berfungsi")
    expect(page.get_by_text("Dicek baru saja").first).to_be_visible()


def test_a_loss_is_read_and_taken_note_of(page: Page, rani: User) -> None:
    stored.troubled(rani)
    page.goto("/")
    page.get_by_role("link", name="Lihat semuanya").click()
    page.get_by_role("link", name="Lihat apa yang hilang").click()
    expect(page.get_by_role("heading", name="Yang hilang dari “nas”")).to_be_visible()
    name = page.get_by_label("Untuk memastikan")
    name.fill("local")
    page.get_by_role("button", name="Catat").click()
    expect(page.get_by_text("Namanya belum cocok")).to_be_visible()
    look(page, "penyimpanan-hilang-salah-nama")
    name.fill("nas")
    page.get_by_role("button", name="Catat").click()
    expect(page.get_by_text("Sudah dicatat")).to_be_visible()
    expect(page.get_by_text("Ada cadangan yang hilang")).to_have_count(0)
    assert StorageState.objects.get(storage="nas").lost_at is None
    assert AuditEvent.objects.filter(action="storage_seen", actor=rani).count() == 1
