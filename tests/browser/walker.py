"""Somebody who follows the screen alone, in either language: by mouse, finger or key, by the words on it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looks import look

PATIENCE = 90_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
MOST_TABS = 80

# What the screen says, by what it means.
SAID = {
    "id": {
        "sign in": "Masuk", "back up": "Backup sekarang", "stored": "Cadangan sudah tersimpan",
        "proven": "Terbukti bisa dipulihkan", "restore": "Pulihkan", "continue": "Lanjut",
        "check": "Periksa dulu", "live": "Menggantikan data yang berjalan",
        "rows": "Ada data yang salah", "table": "Ada tabel yang hilang",
        "database": "Seluruh database hilang", "files": "Berkas hilang", "server": "Server hilang", "confirm": "Untuk memastikan",
        "do it": r"^(Timpa|Ganti|Pulihkan|Kembalikan) ", "whole": "Data sudah dipulihkan",
        "tables": "Tabelnya sudah dipulihkan", "folders": "Berkasnya sudah kembali", "undo": "Urungkan",
        "undo it": "Urungkan pemulihan", "undone": "Pemulihan sudah diurungkan", "menu": "Menu",
    },
    "en": {
        "sign in": "Sign in", "back up": "Back up now", "stored": "The archive is stored",
        "proven": "Proven to be restorable", "restore": "Restore", "continue": "Continue",
        "check": "Have it checked", "live": "In place of the live data",
        "rows": "Some data is wrong", "table": "A table is gone", "database": "The whole database is gone",
        "files": "Files are gone", "server": "The server was lost", "confirm": "To confirm",
        "do it": r"^(Overwrite|Replace|Restore|Put) ", "whole": "The data is restored",
        "tables": "The tables are restored", "folders": "The files are back", "undo": "Undo",
        "undo it": "Undo the restore", "undone": "The restore is undone", "menu": "Menu",
    },
}  # fmt: skip


@dataclass(slots=True)
class Walker:
    """With `by_key` the mouse is never touched."""

    page: Page
    language: str
    by_key: bool = False
    name: str = ""
    seen: int = 0

    def words(self, meaning: str) -> str:
        return SAID[self.language][meaning]

    def glance(self, what: str) -> None:
        self.seen += 1
        look(self.page, f"{self.name}-{self.language}-{self.seen:02d}-{what}")

    def sign_in(self, email: str, password: str) -> None:
        self.page.goto("/")
        if self.language == "en":
            self.page.get_by_role("button", name="EN").last.click()
        self.page.locator("input[name=username]").fill(email)
        self.page.locator("input[type=password]").fill(password)
        self.press(self.page.get_by_role("button", name=self.words("sign in"), exact=True))
        expect(self.page.locator("main h1")).to_be_visible()

    def press(self, what: Locator) -> None:
        """A button or a link."""
        expect(what).to_be_visible()
        if self.by_key:
            self._reach(what)
            self.page.keyboard.press("Enter")
        else:
            what.click()

    def choose(self, card: str) -> None:
        """One of several, or a tick."""
        if not self.by_key:
            self.page.get_by_text(card, exact=True).first.click()
            return
        one = self.page.get_by_label(re.compile(f"^{re.escape(card)}")).first
        if one.get_attribute("type") == "checkbox":
            self._reach(one)
            self.page.keyboard.press("Space")
            return
        # A group of radio buttons is one stop for Tab; the arrows go on from there.
        self._reach(self.page.locator(f"input[type=radio][name={one.get_attribute('name')}]"))
        for _ in range(10):
            if one.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{card} was not reached")

    def type_in(self, label: str, text: str) -> None:
        field = self.page.get_by_label(label)
        if self.by_key:
            self._reach(field)
            self.page.keyboard.type(text)
        else:
            field.fill(text)

    def _reach(self, what: Locator) -> None:
        for _ in range(MOST_TABS):
            if any(one.evaluate("e => e === document.activeElement") for one in what.all()):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{what} was not reached by Tab")

    def reload_until(self, meaning: str) -> None:
        """A heading that comes when the work behind it is done; a page that shows no work does not wait by itself."""
        heading = self.page.get_by_role("heading", name=self.words(meaning))
        deadline = time.monotonic() + PATIENCE / 1000
        while not heading.count():
            assert time.monotonic() < deadline, f"{self.words(meaning)} did not come"
            self.page.wait_for_timeout(500)
            self.page.reload()

    def to_restore(self) -> None:
        """From the start page, as it stands."""
        self.page.goto("/")
        self.glance("start")
        menu = self.page.locator(".bar summary")
        if menu.is_visible():
            self.press(menu)
        self.press(
            self.page.get_by_role("link", name=self.words("restore"), exact=True)
            .locator("visible=true")
            .first
        )

    def repair(
        self, what: str, *, tables: tuple[str, ...] = (), live: bool = True, database: str, ends: str
    ) -> None:
        """The wizard, from what happened to the end."""
        self.to_restore()
        self.choose(self.words(what))
        self.glance("what")
        self.press(self.page.get_by_role("button", name=self.words("continue")))
        self.page.wait_for_url("**/restore/plan/**")
        for table in tables:
            self.choose(table)
        if live:
            self.choose(self.words("live"))
        self.glance("plan")
        self.press(self.page.get_by_role("button", name=self.words("check")))
        self.page.wait_for_url("**/restore/check/**")
        self.glance("check")
        if self.page.get_by_label(self.words("confirm")).count():
            self.type_in(self.words("confirm"), database)
        self.press(
            self.page.get_by_role("button", name=re.compile(self.words("do it"))).locator("visible=true").last
        )
        expect(self.page.get_by_role("heading", name=self.words(ends))).to_be_visible()
        self.glance("done")

    def undo(self) -> None:
        self.press(self.page.get_by_role("link", name=self.words("undo"), exact=True).last)
        self.glance("undo")
        self.press(self.page.get_by_role("button", name=self.words("undo it")))
        expect(self.page.get_by_role("heading", name=self.words("undone"))).to_be_visible()
        self.glance("undone")


def walker(
    chromium: Browser, url: str, *, name: str, language: str, phone: bool = False, by_key: bool = False
) -> Walker:
    context = chromium.new_context(
        base_url=url, locale="id-ID" if language == "id" else "en-GB", viewport=PHONE if phone else DESK,
        has_touch=phone, is_mobile=phone,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    return Walker(context.new_page(), language, by_key, name)
