"""The simulator under the hand: a slider moves, the calendar follows, and nothing is kept unless saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from backups.services import policies
from backups.services.retention import PRESET
from tests.browser.test_pages import SIZES, sign_in
from tests.web import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_slider_tries_the_reason_shows_on_focus_and_save_keeps(live_server: Any, chromium: Browser) -> None:
    factories.superadmin()
    now = timezone.now()
    for age in range(20):
        factories.archive(now - timedelta(days=age, minutes=5))
    context = chromium.new_context(base_url=live_server.url, viewport=SIZES["lebar"])
    sign_in(context, "superadmin", live_server.url)
    page = context.new_page()
    page.goto("/retention/")
    expect(page.locator("a.day-goes")).to_have_count(0)
    slider = page.locator("input[data-slides=id_daily]")
    slider.focus()
    for _ in range(16):
        page.keyboard.press("ArrowLeft")
    page.locator("input[data-slides=id_weekly]").fill("0")
    # On a slow machine the first keys are answered while the last are pressed: wait for the last answer.
    page.wait_for_url(lambda url: "daily=0" in url and "weekly=0" in url)
    page.wait_for_load_state("networkidle")
    expect(page.locator("a.day-goes").first).to_be_visible()
    assert page.locator("#id_daily").input_value() == "0"
    page.locator("a.day-goes").first.focus()
    expect(page.locator("a.day-goes .why").first).to_contain_text("dihapus")
    assert (page.locator("a.day-goes .why").first.bounding_box() or {"width": 0})["width"] > 100
    assert policies.every() == {"local": PRESET}
    page.get_by_role("button", name="Simpan").click()
    expect(page.locator(".tone-safe")).to_contain_text("Tersimpan")
    assert policies.of("local").daily == 0
    context.close()
