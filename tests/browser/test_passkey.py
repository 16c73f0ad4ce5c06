"""A passkey, made and used in a real browser with an authenticator of its own, by the buttons alone."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page, expect

from backups.models import AuditEvent
from tests.browser.looks import look
from tests.web import factories

pytestmark = pytest.mark.django_db(transaction=True)


def with_authenticator(page: Page) -> Any:
    """What a laptop has: it keeps passkeys, and asks for a finger."""
    told = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": told})
    return cdp, made["authenticatorId"]


def sign_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.locator("input[name=username]").fill("rani@qparkin.id")
    page.locator("input[type=password]").fill(factories.PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()


def test_the_first_sign_in_sets_up_a_passkey_and_the_next_needs_nothing_else(
    live_server: Any, chromium: Browser, settings: Any
) -> None:
    settings.REQUIRE_MFA = True
    rani = factories.superadmin()
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    cdp, device = with_authenticator(page)
    sign_in(page)
    page.get_by_role("link", name="Dengan passkey").click()
    page.get_by_label("Nama").fill("Laptop kantor")
    look(page, "passkey-baru")
    page.get_by_role("button", name="Buat passkey").click()
    expect(page.get_by_role("heading", name="Sekarang simpan kode ini")).to_be_visible()
    assert Authenticator.objects.get(user=rani, type="webauthn").wrap().name == "Laptop kantor"
    page.get_by_role("link", name="Sudah saya simpan").click()
    expect(page.get_by_role("button", name="Keluar").first).to_be_visible()

    context.clear_cookies()
    page.goto("/sign-in/")
    page.get_by_role("button", name="Pakai passkey").click()
    expect(page.get_by_role("button", name="Keluar").first).to_be_visible()
    assert AuditEvent.objects.filter(action="sign_in", actor=rani).latest("pk").details["by"] == "webauthn"

    # After the password it is the second step; a finger that is not known opens nothing.
    context.clear_cookies()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    sign_in(page)
    page.get_by_role("button", name="Pakai passkey").click()
    expect(page.get_by_text("Tidak berhasil, atau dibatalkan")).to_be_visible()
    look(page, "passkey-gagal")
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Pakai passkey").click()
    expect(page.get_by_role("button", name="Keluar").first).to_be_visible()
    context.close()
