"""Forms of every kind pressed without a reload: the result is shown, and focus and history are right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, Route, expect

from backups.models import Archive, Channel, Job, Schedule, User
from backups.services import incidents
from backups.views.certainty import OPENED, WHEN
from qparkin_backup.storages import Folder
from tests.browser.looks import look
from tests.browser.places.approvals import to_decide
from tests.browser.test_pages import SIZES, overheard, sign_in
from tests.web import factories

pytestmark = pytest.mark.django_db(transaction=True)

SILENCE = ("htmx:afterRequest", "htmx:sendError")


@pytest.fixture
def rani(settings: Any, tmp_path: Path) -> User:
    settings.BACKUP_STORAGES = (Folder("local", str(tmp_path / "a")),)
    return factories.superadmin()


@pytest.fixture
def page(chromium: Browser, live_server: Any, rani: User, request: pytest.FixtureRequest) -> Iterator[Page]:
    script, size = getattr(request, "param", (True, "lebar"))
    context = chromium.new_context(
        base_url=live_server.url, locale="id-ID", viewport=SIZES[size], java_script_enabled=script
    )
    sign_in(context, "superadmin", live_server.url)
    opened = context.new_page()
    complaints = overheard(opened)
    yield opened
    context.close()
    # What htmx says of a request that was never answered.
    assert [said for said in complaints if not said.startswith(SILENCE)] == []


def go(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate("window.neverReloaded = true")


def stayed(page: Page) -> None:
    assert page.evaluate("window.neverReloaded"), "the page was loaded anew"


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True).first


def message(page: Page, words: str) -> Locator:
    return page.locator("[data-told]").filter(has_text=words)


def no_longer_sure(page: Page) -> None:
    """The last proof of who sits there is too old for what harms."""
    key = next(
        cookie["value"] for cookie in page.context.cookies()
        if cookie["name"] == django_settings.SESSION_COOKIE_NAME
    )  # fmt: skip
    session = import_module(django_settings.SESSION_ENGINE).SessionStore(key)
    session.update({WHEN: 0, OPENED: []})
    session.save()


def test_a_pin_is_put_on_and_taken_off_with_a_step_in_the_middle(page: Page, rani: User) -> None:
    archive = factories.a_good_week(rani)[-1]
    own = f"/archives/{archive.pk}/"
    go(page, own)
    page.get_by_text("Sematkan: simpan lebih lama").click()
    page.get_by_label("Simpan sampai akhir tanggal").fill(f"{timezone.localdate() + timedelta(days=9)}")
    page.locator("#pin-reason").fill("Audit akhir tahun")
    button(page, "Sematkan").click()
    expect(message(page, "Disematkan")).to_be_focused()
    assert page.url.endswith(own)
    no_longer_sure(page)
    button(page, "Lepas sematan").click()
    expect(page.get_by_label("Kata sandi")).to_be_focused()
    expect(page).to_have_title("Masih Anda, kan? · QParkIn Backup")
    expect(page.locator("#spoken")).to_have_text("Masih Anda, kan?")
    page.get_by_label("Kata sandi").fill("bukan ini")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Kata sandi")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Kata sandi")).to_be_focused()
    page.get_by_label("Kata sandi").fill(factories.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{own}")
    button(page, "Lepas sematan").click()
    expect(message(page, "Sematan dilepas")).to_be_focused()
    stayed(page)
    look(page, "tanpa-muat-ulang")
    assert Archive.objects.get(pk=archive.pk).pinned_until is None


def test_a_switch_keeps_the_focus_and_each_redirect_its_address(page: Page, rani: User) -> None:
    night = factories.schedules()[0]
    go(page, "/schedules/")
    own = page.get_by_role("region", name="Setiap malam")
    pause = own.get_by_role("button", name="Jeda")
    pause.focus()
    page.keyboard.press("Enter")
    expect(message(page, "Dijeda")).to_be_visible()
    expect(own.get_by_role("button", name="Aktifkan kembali")).to_be_focused()
    expect(page.locator("#spoken")).to_contain_text("Dijeda")
    assert not Schedule.objects.get(pk=night.pk).enabled
    # To another page, whose heading is put there anew each second; Back shows the one before as it is now.
    own.get_by_role("button", name="Jalankan sekarang").click()
    page.wait_for_url("**/jobs/**")
    expect(page.locator("#main")).to_be_focused()
    expect(page).not_to_have_title("Jadwal · QParkIn Backup")
    stayed(page)
    page.go_back()
    page.wait_for_url("**/schedules/")
    expect(own.get_by_role("button", name="Aktifkan kembali")).to_be_visible()


def test_what_is_wrong_is_shown_at_its_field(page: Page, rani: User) -> None:
    go(page, "/people/invite/")
    page.get_by_label("Alamat email").fill("bukan alamat")
    button(page, "Buat tautan").click()
    expect(page.get_by_label("Alamat email")).to_be_focused()
    expect(page.locator(".form-error").first).to_be_visible()
    stayed(page)
    # Refused before any page of the panel's own: that is said too.
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'x'")
    button(page, "Buat tautan").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("link", name="Ke beranda")).to_be_visible()
    stayed(page)


def test_a_schedule_shows_its_runs_and_is_saved_in_place(page: Page, rani: User) -> None:
    go(page, "/schedules/new/")
    page.get_by_label("Jam (WIB)").fill("04:15")
    page.get_by_label("Jam (WIB)").blur()
    expect(page.locator("#runs")).to_contain_text("04.15")
    button(page, "Simpan").click()
    expect(message(page, "Tersimpan")).to_be_focused()
    stayed(page)
    assert Schedule.objects.filter(at="04:15").count() == 1


@pytest.mark.parametrize("page", [(True, "sempit")], indirect=True, ids=["phone"])
def test_the_step_after_a_refused_one_begins_at_its_top(page: Page, rani: User) -> None:
    archive = factories.archive()
    # Of a plan that is refused the address is already that of the check.
    go(page, f"/restore/check/?what=rows&archive={archive.pk}&scope=tables&target=beside")
    page.get_by_role("checkbox").first.check()
    button(page, "Periksa dulu").click()
    expect(page.get_by_role("heading", level=1, name="Periksa dan pulihkan")).to_be_focused()
    stayed(page)
    assert page.evaluate("scrollY") == 0


def test_a_persons_own_ways_count_at_once_and_the_page_stays(page: Page, rani: User) -> None:
    go(page, "/me/")
    page.get_by_label("Bahasa").select_option("en")
    page.get_by_label("Tema").select_option("dark")
    button(page, "Simpan").click()
    expect(page.locator("html[lang=en][data-theme=dark][data-bs-theme=dark]")).to_be_attached()
    expect(message(page, "Saved")).to_be_focused()
    expect(page).to_have_title("My account · QParkIn Backup")
    page.locator("button[name=theme]").first.click()
    expect(page.locator("html[data-theme=auto][data-bs-theme=light]")).to_be_attached()
    expect(page.locator("button[name=theme]").first).to_be_focused()
    page.locator("button[name=language]").first.click()
    expect(page.locator("html[lang=id]")).to_be_attached()
    expect(page.get_by_role("heading", name="Perangkat yang sedang masuk")).to_be_visible()
    stayed(page)


def test_channels_approvals_and_incidents(page: Page, rani: User, settings: Any) -> None:
    incident = incidents.begin(incidents.Opening("Baris hilang", timezone.now(), "lost"), by=rani)
    go(page, f"/incidents/{incident.pk}/")
    story = page.locator("#timeline")
    story.locator("textarea").fill("Pak Anton menelepon lagi.")
    button(page, "Catat").click()
    expect(story).to_contain_text("menelepon lagi")
    expect(page).to_have_url(f"{page.url.partition('#')[0]}#timeline")
    expect(story).to_be_in_viewport()
    stayed(page)
    made = Channel.objects.create(
        name="Papan", kind="webhook", hint="hooks.qparkin.id", locked_address="x", language="id"
    )
    go(page, f"/notices/{made.pk}/")
    page.get_by_label("Nama").fill("Papan status")
    button(page, "Simpan").click()
    page.wait_for_url("**/notices/")
    expect(message(page, "Tersimpan")).to_be_focused()
    stayed(page)
    settings.SECOND_PERSON = True
    wish = to_decide(rani)
    go(page, wish)
    page.locator("summary", has_text="Tolak").click()
    button(page, "Tolak").click()
    reason = page.locator("#id_reason")
    expect(reason).to_be_focused()
    # Its own address takes no visit, so the page keeps the one it was asked from.
    assert page.url.endswith(wish)
    reason.fill("Tarifnya memang begitu")
    button(page, "Tolak").click()
    expect(message(page, "Ditolak")).to_be_focused()
    stayed(page)


def test_a_second_press_is_not_sent_and_silence_is_said(page: Page, rani: User) -> None:
    factories.schedules()
    go(page, "/schedules/")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    held: list[Route] = []
    page.route("**/run/", lambda route: held.append(route))  # noqa: PLW0108
    now = button(page, "Jalankan sekarang")
    now.dispatch_event("click")
    now.dispatch_event("click")
    expect(page.locator("form[aria-busy=true]")).to_have_count(1)
    expect(page.locator("#spoken")).to_have_text("Sebentar…")
    assert len(sent) == 1
    held[0].abort()
    expect(page.locator("#unanswered")).to_be_focused()
    expect(page.locator("#unanswered")).to_contain_text("belum jelas")
    expect(page.locator("form[aria-busy=true]")).to_have_count(0)
    # And then it may be pressed again.
    page.unroute("**/run/")
    now.click()
    page.wait_for_url("**/jobs/**")
    stayed(page)
    assert (len(sent), Job.objects.filter(state=Job.State.QUEUED).count()) == (2, 1)


@pytest.mark.parametrize("page", [(False, "sempit")], indirect=True, ids=["without a script"])
def test_without_a_script_the_same_forms_work(page: Page, rani: User) -> None:
    night = factories.schedules()[0]
    page.goto("/schedules/")
    page.get_by_role("region", name="Setiap malam").get_by_role("button", name="Jeda").click()
    expect(message(page, "Dijeda")).to_be_visible()
    assert not Schedule.objects.get(pk=night.pk).enabled
    page.goto("/people/invite/")
    page.get_by_label("Alamat email").fill("bukan alamat")
    button(page, "Buat tautan").click()
    expect(page.get_by_label("Alamat email")).to_have_attribute("aria-invalid", "true")
    no_longer_sure(page)
    page.goto("/me/")
    page.get_by_label("Bahasa").select_option("en")
    button(page, "Simpan").click()
    expect(page.locator("html[lang=en]")).to_be_attached()
    expect(message(page, "Saved")).to_be_visible()


def test_what_is_put_there_anew_each_second_takes_no_focus_away(page: Page, rani: User) -> None:
    factories.a_good_week(rani)
    running = factories.job(requested_by=rani)
    go(page, "/")
    card = page.locator(f"[hx-get^='/jobs/{running.pk}/']")
    link = card.get_by_role("link").first
    link.focus()
    link.evaluate("link => { link.old = true }")
    expect(link).not_to_have_js_property("old", True)
    expect(link).to_be_focused()
    stayed(page)
