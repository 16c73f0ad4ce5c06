"""What the panel leaves in a browser, and what it takes away again."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from tests.installation import MANAGE

NAMES = (
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "THEME_COOKIE_NAME",
    "DEVICE_COOKIE_NAME",
)  # fmt: skip

FLAGS = (
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY",
)  # fmt: skip


def test_over_tls_no_other_host_and_no_open_page_sets_or_reads_a_cookie_of_ours() -> None:
    """The settings as they are where nobody asked for HTTP, read by a process of its own."""
    told = f"from django.conf import settings as s; print(*[getattr(s, name) for name in {NAMES}])"
    told += f"; print(*[getattr(s, name) for name in {FLAGS}])"
    environment = {**os.environ, "QPARKIN_INSECURE_HTTP": "0"}
    done = subprocess.run(
        [sys.executable, "-c", told],
        env=environment,
        cwd=MANAGE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    names, flags = done.stdout.splitlines()
    assert [name.startswith("__Host-") for name in names.split()] == [True] * len(NAMES)
    assert flags == "True True True True"


@pytest.mark.django_db
def test_whoever_signs_out_leaves_nothing_in_the_browser(superadmin: Client) -> None:
    answer = superadmin.post("/sign-out/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0


@pytest.mark.django_db
def test_each_cookie_is_for_this_site_alone(client: Client) -> None:
    client.get("/sign-in/")
    client.post("/language/", {"language": "en"})
    client.post("/theme/", {"theme": "dark"})
    assert len(client.cookies) >= 3
    assert {cookie["samesite"] for cookie in client.cookies.values()} == {"Lax"}
    assert {(cookie["path"], cookie["domain"]) for cookie in client.cookies.values()} == {("/", "")}
