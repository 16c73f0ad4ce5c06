"""Somebody who follows the screen alone, in either language: by mouse, finger or key, by the words on it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looks import look

PATIENCE = 120_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
MOST_TABS = 80

# What the screen says, by what it means.
SAID = {
    "id": {
        "sign in": "Masuk", "back up": "Cadangkan sekarang", "stored": "Cadangan sudah tersimpan",
        "open it": "Buka cadangan", "proven": "Terbukti bisa dipulihkan", "restore": "Pulihkan",
        "rows": "Ada data yang salah", "table": "Ada tabel yang hilang", "files": "Berkas hilang",
        "database": "Seluruh database hilang", "server": "Server-nya hilang", "since": "Sejak kapan?",
        "what": "Apa yang terjadi?", "plan": "Rencana", "check": "Periksa dan pulihkan",
        "confirm": "Untuk memastikan", "one step left": "Tinggal satu langkah",
        "whole": "Data sudah dipulihkan", "tables": "Tabelnya sudah dipulihkan",
        "folders": "Berkasnya sudah kembali", "undo": "Urungkan", "undo it": "Urungkan pemulihan",
        "undo?": "Urungkan pemulihan?", "undone": "Pemulihan sudah diurungkan",
    },
    "en": {
        "sign in": "Sign in", "back up": "Back up now", "stored": "The backup is stored",
        "open it": "Open the archive", "proven": "Proven to be restorable", "restore": "Restore",
        "rows": "Some data is wrong", "table": "A table is gone", "files": "Files are gone",
        "database": "The whole database is gone", "server": "The server was lost",
        "since": "When did it begin?", "what": "What happened?", "plan": "The plan",
        "check": "Check and restore", "confirm": "To confirm", "one step left": "One step is left",
        "whole": "The data is restored", "tables": "The tables are restored",
        "folders": "The files are back", "undo": "Undo", "undo it": "Undo the restore",
        "undo?": "Undo the restore?", "undone": "The restore is undone",
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

    def heading(self, meaning: str) -> Locator:
        return self.page.get_by_role("heading", name=self.words(meaning), exact=True)

    def arrives_at(self, meaning: str) -> None:
        expect(self.heading(meaning)).to_be_visible()
        self.glance(meaning.replace(" ", "-").strip("?"))

    def sign_in(self, email: str, password: str) -> None:
        self.page.goto("/")
        if self.language == "en":
            self.press(self.page.get_by_role("button", name="EN").last)
            expect(self.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        self.write(self.page.locator("input[name=username]"), email)
        self.write(self.page.locator("input[type=password]"), password)
        self.press(self.page.get_by_role("button", name=self.words("sign in"), exact=True))
        expect(self.page.locator("input[type=password]")).to_have_count(0)
        self._speak()

    def _speak(self) -> None:
        """Whoever chose nothing at the door is spoken to as they last chose, on whatever machine."""
        if self.page.get_attribute("html", "lang") == self.language:
            return
        menu = self.page.locator(".bar summary")
        if menu.is_visible():
            self.press(menu)
        self.press(self.page.locator("button[name=language]").locator("visible=true").first)
        expect(self.page.locator(f"html[lang={self.language}]")).to_have_count(1)

    def press(self, what: Locator) -> None:
        """A button or a link."""
        expect(what).to_be_visible()
        if self.by_key:
            self._reach(what)
            self.page.keyboard.press("Enter")
        else:
            what.click()

    def onward(self) -> None:
        """The one thing that the page proposes: there is never a second button of that weight."""
        proposed = self.page.locator("main :is(.btn-primary, .btn-danger)").locator("visible=true")
        expect(proposed).to_have_count(1)
        self.press(proposed)

    def choose(self, label: str) -> None:
        """One of several, or a tick, by the words that it begins with."""
        starts = re.compile(rf"^{re.escape(label)}\b")
        radio = self.page.get_by_role("radio", name=starts)
        if radio.count():
            self._choose_radio(radio.first)
            return
        tick = self.page.get_by_role("checkbox", name=starts).first
        if tick.is_checked():
            return
        if self.by_key:
            self._reach(tick)
            self.page.keyboard.press("Space")
        else:
            tick.check()

    def _choose_radio(self, one: Locator) -> None:
        if not self.by_key:
            one.check()
            return
        # A group of radio buttons is one stop for Tab; the arrows go on from there.
        self._reach(self.page.locator(f"input[type=radio][name={one.get_attribute('name')}]"))
        for _ in range(10):
            # An arrow chooses what it comes to, but not what it starts from.
            if not one.is_checked() and one.evaluate("e => e === document.activeElement"):
                self.page.keyboard.press("Space")
            if one.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{one} was not reached")

    def type_in(self, label: str, text: str) -> None:
        self.write(self.page.get_by_label(label), text)

    def write(self, field: Locator, text: str) -> None:
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
        """A heading that comes with the end of work which the page neither shows nor waits for."""
        heading = self.page.get_by_role("heading", name=self.words(meaning))
        deadline = time.monotonic() + PATIENCE / 1000
        while not heading.count():
            assert time.monotonic() < deadline, f"{self.words(meaning)} did not come"
            self.page.wait_for_timeout(500)
            self.page.reload()

    def back_up(self) -> None:
        """By the button of the start page, to the proof."""
        self.page.goto("/")
        self.press(self.page.get_by_role("button", name=self.words("back up")).first)
        expect(self.page.get_by_role("heading", name=self.words("stored"))).to_be_visible()
        self.press(self.page.get_by_role("link", name=self.words("open it")))
        self.reload_until("proven")

    def to_restore(self) -> None:
        """From the start page, as it stands, through the menu."""
        self.page.goto("/")
        self.glance("start")
        menu = self.page.locator(".bar summary")
        if menu.is_visible():
            self.press(menu)
        entry = self.page.get_by_role("navigation").get_by_role(
            "link", name=self.words("restore"), exact=True
        )
        self.press(entry.locator("visible=true").first)
        self.arrives_at("what")

    def repair(self, what: str, *, ends: str, tables: tuple[str, ...] = (), since: str = "") -> None:
        """The wizard from what happened to the end, taking whatever it proposes."""
        self.to_restore()
        self.choose(self.words(what))
        if since:
            # A browser splits this field into parts of its own; a person would type them one by one.
            self.page.get_by_label(self.words("since")).fill(since)
        self.onward()
        self.arrives_at("plan")
        for table in tables:
            self.choose(table)
        self.onward()
        self.arrives_at("check")
        self._confirm()
        first, last = self.heading("one step left"), self.heading(ends)
        expect(first.or_(last)).to_be_visible()
        if first.count():
            self.glance("one-step-left")
            self.onward()
            self.arrives_at("check")
            self._confirm()
        self.arrives_at(ends)

    def _confirm(self) -> None:
        label = self.page.locator("label", has_text=self.words("confirm"))
        if label.count():
            # The name to type is the last word of what the page asks for.
            self.type_in(self.words("confirm"), label.inner_text().split()[-1])
        self.onward()

    def undo(self) -> None:
        self.press(self.page.get_by_role("link", name=self.words("undo"), exact=True).last)
        self.arrives_at("undo?")
        self.press(self.page.get_by_role("button", name=self.words("undo it"), exact=True))
        self.arrives_at("undone")


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
