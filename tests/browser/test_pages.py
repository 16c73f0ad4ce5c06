"""Every page in both themes, wide and narrow: axe finds nothing, nothing sticks out, no rule is broken."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.browser.looks import PICTURES, look, walk_by_keyboard
from tests.browser.places import PLACES, Place
from tests.browser.places.home import week
from tests.scratch import ScratchDatabase
from tests.web import factories
from tests.web.protected import protect

SIZES = {"lebar": {"width": 1280, "height": 900}, "sempit": {"width": 360, "height": 800}}
ALL = tuple(product(("light", "dark"), SIZES))
# Each language, theme and width once or more; every pair of them only for the pictures.
CROSSED = {"id": (("light", "lebar"),), "en": (("dark", "sempit"),)}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def protected(database: ScratchDatabase, settings: Any) -> None:
    """The database that the panel protects is there."""
    protect(database, settings)


@pytest.mark.usefixtures("protected")
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_page_is_accessible_and_fits(
    place: Place, live_server: Any, chromium: Browser, settings: Any
) -> None:
    settings.REQUIRE_MFA = place.demanded
    if place.storages:
        settings.BACKUP_STORAGES = place.storages
    rani = factories.superadmin()
    factories.mall_admin()
    walk(place, place.make(rani), live_server.url, chromium)


def test_a_page_without_the_protected_database_is_accessible_and_fits(
    live_server: Any, chromium: Browser
) -> None:
    place = Place("beranda-gangguan", "superadmin", week)
    walk(place, place.make(factories.superadmin()), live_server.url, chromium)


@pytest.mark.usefixtures("protected")
def test_a_page_when_the_protected_database_is_gone_is_accessible_and_fits(
    live_server: Any, chromium: Browser, settings: Any
) -> None:
    settings.QPARKIN_DB_DATABASE = "qparkin_yang_hilang"
    place = Place("beranda-hilang", "superadmin", week)
    walk(place, place.make(factories.superadmin()), live_server.url, chromium)


def test_the_menu_of_a_phone_opens(live_server: Any, chromium: Browser) -> None:
    factories.superadmin()
    context = chromium.new_context(base_url=live_server.url, viewport=SIZES["sempit"])
    sign_in(context, "superadmin", live_server.url)
    page = context.new_page()
    page.goto("/")
    page.locator(".bar summary").press("Enter")
    look(page, "menu-sempit")
    page.get_by_role("link", name="Jejak audit").click()
    page.wait_for_url("**/audit/")
    context.close()


def test_the_theme_is_chosen_with_the_keyboard_alone(live_server: Any, chromium: Browser) -> None:
    context = chromium.new_context(base_url=live_server.url, color_scheme="light")
    page = context.new_page()
    page.goto("/sign-in/")
    for wanted in ("light", "dark"):
        page.locator("button[name=theme]").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(f"html[data-theme={wanted}]")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    context.close()


def walk(place: Place, address: str, url: str, chromium: Browser) -> None:
    """The page in both languages, themes and widths, and by the keyboard; for the pictures, in every pair."""
    context = chromium.new_context(base_url=url)
    sign_in(context, place.role, url)
    page = context.new_page()
    complaints = overheard(page)
    for language in ("id", "en"):
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": url}])
        # A person's own goes before the cookie of the machine.
        factories.User.objects.update(language=language)
        page.goto(address)
        for theme, width in ALL if PICTURES else CROSSED[language]:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.set_viewport_size(SIZES[width])
            look(page, f"{place.name}-{width}-{theme}-{language}")
    walk_by_keyboard(page, place.name)
    context.close()
    assert complaints == []


def sign_in(context: BrowserContext, role: str, url: str) -> None:
    if role == "nobody":
        return
    client = Client()
    kind = "admin_mall" if role == "mall" else "superadmin"
    person = factories.User.objects.filter(role=kind).earliest("pk")
    if role == "half":
        client.post("/sign-in/", {"username": person.email, "password": factories.PASSWORD})
    elif role == "newcomer":
        factories.sign_in_by_password(client, person)
    else:
        factories.sign_in(client, person)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])


def overheard(page: Page) -> list[str]:
    """What the browser complains of: a broken content policy, a script error, a missing file."""
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # The browser mentions the answer of an error page itself, too.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda answer: complaints.append(answer.url) if _is_missing(answer) else None)
    return complaints


def _is_missing(answer: Response) -> bool:
    return answer.status >= 400 and "/static/" in answer.url
