"""What is printed: the sheet alone, in ink, on A4, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.looks import PICTURES
from tests.browser.places.archives import certified
from tests.browser.places.incidents import incident_report
from tests.browser.places.place import at
from tests.browser.test_pages import sign_in
from tests.web import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_certificate_is_printed_alone_on_two_sheets(
    language: str, live_server: Any, chromium: Browser, tmp_path: Path
) -> None:
    address = certified(factories.superadmin())
    context = chromium.new_context(base_url=live_server.url, color_scheme="dark")
    sign_in(context, "superadmin", live_server.url)
    factories.User.objects.update(language=language)
    page = context.new_page()
    page.goto(address)
    assert page.locator("html").get_attribute("lang") == language
    page.emulate_media(media="print")
    for elsewhere in (".rail", ".bar", "#alarm", ".screen-only"):
        assert not page.locator(elsewhere).first.is_visible()
    assert page.locator(".certificate").is_visible()
    # On a wide sheet too it has the whole width, not the column of the rail that is not printed.
    width = "node => node.getBoundingClientRect().width / innerWidth"
    assert page.locator(".page").evaluate(width) > 0.5
    assert page.locator("body").evaluate("node => getComputedStyle(node).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    (Path(PICTURES) if PICTURES else tmp_path).joinpath(f"sertifikat-{language}.pdf").write_bytes(printed)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2
    context.close()


SHEETS = {"laporan": (incident_report, ".incident-report"), "perangkat": (at("kit-sheet"), "article.sheet")}


@pytest.mark.parametrize("name", SHEETS)
def test_a_report_and_the_kit_are_printed_alone(
    name: str, live_server: Any, chromium: Browser, tmp_path: Path
) -> None:
    make, sheet = SHEETS[name]
    address = make(factories.superadmin())
    context = chromium.new_context(base_url=live_server.url, color_scheme="dark")
    sign_in(context, "superadmin", live_server.url)
    page = context.new_page()
    page.goto(address)
    page.emulate_media(media="print")
    for elsewhere in (".rail", ".bar", "#alarm", ".screen-only"):
        assert not page.locator(elsewhere).first.is_visible()
    paper = page.locator(sheet)
    assert paper.is_visible()
    # Ink on paper, whatever the screen was: nothing is light on a ground that is not printed.
    assert paper.evaluate("node => getComputedStyle(node).color") == "rgb(0, 0, 0)"
    for line in paper.locator("pre").all():
        ground = line.evaluate("node => getComputedStyle(node).backgroundColor")
        assert ground in ("rgb(241, 245, 249)", "rgba(0, 0, 0, 0)"), "a line to type is black on black"
    folder = Path(PICTURES) if PICTURES else tmp_path
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    folder.joinpath(f"{name}.pdf").write_bytes(printed)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 3
    context.close()
