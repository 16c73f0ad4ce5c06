"""What every answer of the panel carries: pages, errors, redirects, files, whoever asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from tests.web.test_roles import RULES

pytestmark = pytest.mark.django_db

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "manifest-src 'self'", "form-action 'self'", "base-uri 'none'",
    "frame-ancestors 'none'",
}  # fmt: skip
BADGE_KEY = "a-key-of-its-own"


@pytest.fixture(autouse=True)
def _badge(settings: Any) -> None:
    settings.STATUS_BADGE_KEY = BADGE_KEY


def carries(answer: Any, *, kept: bool = False, elsewhere: bool = False) -> None:
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")} == POLICY
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == ("cross-origin" if elsewhere else "same-origin")
    assert ("no-store" in answer.headers["Cache-Control"]) is not kept


def test_every_address_for_everybody(superadmin: Client, mall_admin: Client) -> None:
    for client in (superadmin, mall_admin, Client()):
        for route, rule in RULES.items():
            carries(getattr(client, rule.method)(reverse(route, args=rule.arguments)))


def test_errors_and_refusals(client: Client, settings: Any) -> None:
    carries(client.get("/no/such/page/"))
    carries(client.get("/sign-out/"))
    carries(Client(enforce_csrf_checks=True).post("/sign-in/"))
    strange = client.get("/", headers={"host": "evil.example"})
    assert strange.status_code == 400
    assert b"evil" not in strange.content
    carries(strange)


def test_an_error_of_our_own(superadmin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    superadmin.raise_request_exception = False
    monkeypatch.setattr("backups.audit_queries.audit_events", lambda _: 1 // 0)
    answer = superadmin.get("/audit/")
    assert answer.status_code == 500
    carries(answer)


def test_files_are_kept_by_browsers_and_the_badge_stands_in_other_pages(client: Client) -> None:
    file = client.get("/static/css/tokens.css")
    carries(file, kept=True)
    for let_go in file._resource_closers:
        let_go()
    carries(client.get(f"/badge/{BADGE_KEY}.svg"), kept=True, elsewhere=True)


@pytest.mark.parametrize("path", ["/metrics", "/api/status", f"/badge/{BADGE_KEY}.svg"])
def test_a_machine_that_asks_in_the_clear_is_refused_and_not_led_on(
    path: str, db: None, settings: Any
) -> None:
    settings.METRICS_TOKEN = settings.STATUS_TOKEN = "x" * 32
    settings.STATUS_BADGE_KEY, settings.SECURE_SSL_REDIRECT = BADGE_KEY, True
    headers = {"Authorization": f"Bearer {'x' * 32}"}
    client = Client()
    assert client.get(path, headers=headers).status_code == 403
    assert client.get(path, headers=headers, secure=True).status_code == 200


def test_over_tls_nobody_comes_without_it_again(db: None) -> None:
    with override_settings(
        SECURE_HSTS_SECONDS=31_536_000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True, SECURE_SSL_REDIRECT=True
    ):
        client = Client()
        assert "max-age=31536000" in client.get("/sign-in/", secure=True).headers["Strict-Transport-Security"]
        plain = client.get("/sign-in/")
        assert (plain.status_code, plain.headers["Location"]) == (301, "https://testserver/sign-in/")
        carries(plain)
