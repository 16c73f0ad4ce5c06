"""Pages met only when something went wrong, met as they would be: nothing is rendered by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page

from backups.models import Archive, User
from backups.services import download_links
from backups.services.sign_in import TRIES_FOR_ACCOUNT
from tests.browser.looks import PICTURES, look
from tests.browser.places.factors import with_factors
from tests.browser.test_pages import ALL, CROSSED, SIZES, overheard, sign_in
from tests.web import factories

pytestmark = pytest.mark.django_db(transaction=True)

Step = Callable[[Page], None]


def in_all_looks(name: str, role: str, do: Step, browser: Browser, url: str, says: dict[str, str]) -> None:
    for language in ("id", "en"):
        context = browser.new_context(base_url=url)
        sign_in(context, role, url)
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": url}])
        User.objects.update(language=language)
        page = context.new_page()
        complaints = overheard(page)
        do(page)
        page.get_by_text(says[language]).first.wait_for()
        for theme, width in ALL if PICTURES else CROSSED[language]:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.set_viewport_size(SIZES[width])
            look(page, f"{name}-{width}-{theme}-{language}")
        context.close()
        assert complaints == []


def goes_to(address: str) -> Step:
    def goes(page: Page) -> None:
        page.goto(address)

    return goes


def knocks(page: Page) -> None:
    page.goto(reverse("sign-in"))
    page.locator("[name=username]").fill("rani@qparkin.id")
    page.locator("[name=password]").fill("salah")
    page.locator("form[action='/sign-in/'] button[type=submit]").click()


def test_a_link_with_far_too_much_in_it(live_server: Any, chromium: Browser) -> None:
    factories.superadmin()
    address = f"{reverse('archives')}?{'&'.join(['a=1'] * 1001)}"
    says = {"id": "Panel tidak memahami permintaan itu", "en": "The panel did not understand that"}
    in_all_looks("400", "superadmin", goes_to(address), chromium, live_server.url, says)


def test_a_page_over_a_row_that_makes_no_sense(live_server: Any, chromium: Browser) -> None:
    factories.superadmin()
    made = factories.archive()
    Archive.objects.update(table_rows=[{"rows": "banyak"}])
    says = {"id": "Ada yang bermasalah di sisi kami", "en": "Something broke on our side"}
    address = reverse("archive", args=[made.pk])
    in_all_looks("500", "superadmin", goes_to(address), chromium, live_server.url, says)


@contextmanager
def without(table: str) -> Iterator[None]:
    """The panel's own database answers, and has lost what is asked for."""
    name = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name(table)} RENAME TO {name(table + '_x')}")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {name(table + '_x')} RENAME TO {name(table)}")


def test_the_panel_without_its_own_records(live_server: Any, chromium: Browser) -> None:
    factories.superadmin()
    says = {"id": "Panel tidak bisa membaca catatannya", "en": "The panel cannot reach its own records"}
    with without("backups_channel"):
        in_all_looks("503", "superadmin", goes_to(reverse("notices")), chromium, live_server.url, says)


def test_a_download_link_that_was_used(live_server: Any, chromium: Browser) -> None:
    rani = factories.superadmin()
    made = factories.archive()
    token = download_links.make(made, "archive", by=rani)
    assert download_links.use(token, archive=str(made.pk), what="archive", by=rani)
    says = {
        "id": "Tautan unduhan ini tidak berlaku lagi", "en": "This download link does not count any more",
    }  # fmt: skip
    address = reverse("download-link", args=[made.pk, token])
    in_all_looks("tautan-unduhan-habis", "superadmin", goes_to(address), chromium, live_server.url, says)


def test_a_door_that_was_tried_too_often(live_server: Any, chromium: Browser) -> None:
    factories.superadmin()
    for _ in range(TRIES_FOR_ACCOUNT):
        Client().post(reverse("sign-in"), {"username": "rani@qparkin.id", "password": "salah"})
    says = {"id": "mencoba lagi dalam 15 menit", "en": "In 15 minutes you can try again"}
    in_all_looks("429", "nobody", knocks, chromium, live_server.url, says)


def test_a_password_that_is_wrong(live_server: Any, chromium: Browser) -> None:
    factories.superadmin()
    says = {"id": "Alamat email dan kat", "en": "That address and password"}
    in_all_looks("masuk-salah", "nobody", knocks, chromium, live_server.url, says)


def test_qparkins_people_are_refused_politely_while_its_database_is_down(
    live_server: Any, chromium: Browser, settings: Any
) -> None:
    settings.QPARKIN_SIGN_IN = True
    settings.AUTHENTICATION_BACKENDS = [
        "backups.services.backends.Local", "backups.services.backends.QParkIn",
    ]  # fmt: skip
    settings.QPARKIN_DB_SOCKET = "/tidak/ada.sock"

    def comes(page: Page) -> None:
        page.goto(reverse("sign-in"))
        look(page, f"masuk-qparkin-{page.locator('html').get_attribute('lang')}")
        page.locator("[name=username]").fill("sinta")
        page.locator("[name=password]").fill("kata-sandi-laravel")
        page.locator("form[action='/sign-in/'] button[type=submit]").click()

    says = {"id": "QParkIn", "en": "QParkIn"}
    in_all_looks("masuk-qparkin-mati", "nobody", comes, chromium, live_server.url, says)


def test_a_second_step_with_a_wrong_code(live_server: Any, chromium: Browser) -> None:
    address = with_factors("second-step")(factories.superadmin())

    def types(page: Page) -> None:
        page.goto(address)
        page.locator("[name=code]").fill("000000")
        page.locator("form:has([name=code]) button[type=submit]").click()
        page.locator("[aria-invalid=true]").wait_for()

    says = {"id": "Satu langkah lagi", "en": "One more step"}
    in_all_looks("langkah-kedua-salah", "half", types, chromium, live_server.url, says)
