"""What every page has: language, theme, a strict policy, errors in our own words, little weight."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import Client
from django.utils import timezone

from backups.models import User
from backups.views.smaller_pages import LARGE
from tests.web import factories

pytestmark = pytest.mark.django_db

STATIC = settings.BASE_DIR / "static"
FIRST_LOAD = [
    "vendor/tabler/tabler-subset.min.css",
    "vendor/inter/inter-latin-wght-normal.woff2",
    "vendor/htmx/htmx.min.js",
    "css/tokens.css",
    "css/shell.css",
    "css/parts.css",
    "css/pages.css",
    "js/theme.js",
    "js/panel.js",
    "icons.svg",
    "mark.svg",
]


@pytest.mark.parametrize("template", sorted((settings.BASE_DIR / "templates").rglob("*.html")))
def test_a_template_compiles(template: Path) -> None:
    get_template(str(template.relative_to(settings.BASE_DIR / "templates")))


def test_the_language_switch_lasts(superadmin: Client) -> None:
    superadmin.post("/language/", {"language": "en", "next": "/"})
    assert '<html lang="en"' in superadmin.get("/").content.decode()


def test_an_unknown_language_or_theme_changes_nothing(client: Client) -> None:
    client.post("/language/", {"language": "xx"})
    client.post("/theme/", {"theme": "<script>"})
    assert not client.cookies


@pytest.mark.parametrize(("theme", "shown"), [("dark", "dark"), ("light", "light"), ("auto", "light")])
def test_the_theme_lasts_without_a_script(theme: str, shown: str, superadmin: Client) -> None:
    superadmin.post("/theme/", {"theme": theme})
    page = superadmin.get("/").content.decode()
    assert f'data-theme="{theme}"' in page
    assert f'data-bs-theme="{shown}"' in page


def test_a_forged_theme_cookie_is_not_echoed(client: Client) -> None:
    client.cookies["theme"] = '"><script>alert(1)</script>'
    assert "alert(1)" not in client.get("/sign-in/").content.decode()


def test_a_page_has_nothing_inline_and_forbids_it(superadmin: Client, rani: User) -> None:
    factories.a_good_week(rani)
    answer = superadmin.get("/")
    shown = answer.content.decode()
    assert " style=" not in shown
    assert "<style" not in shown
    assert "<script>" not in shown
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_first_load_stays_below_150_kb(superadmin: Client, rani: User) -> None:
    factories.a_good_week(rani)
    page = superadmin.get("/").content
    files = sum(_sent(STATIC / name) for name in FIRST_LOAD)
    assert len(page) + files < 150_000


def test_a_large_page_is_sent_compressed_and_a_small_one_as_it_is(superadmin: Client, rani: User) -> None:
    """Half a year of backups on the page of retention: the largest page there is."""
    now = timezone.now()
    for age in range(180):
        factories.archive(now - timedelta(days=age, hours=2))
    page = superadmin.get("/retention/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert "Masa simpan" in gzip.decompress(page.content).decode()
    files = [*FIRST_LOAD, "css/retention.css", "css/chart.css"]
    assert len(page.content) + sum(_sent(STATIC / name) for name in files) < 150_000
    assert not superadmin.get("/retention/").has_header("Content-Encoding")


def test_no_page_with_a_secret_is_compressed_however_long_somebody_makes_it(superadmin: Client) -> None:
    """The key of an app, beside what stands in the address."""
    long = f"/me/second-factor/app/?next=/{'a' * 3000}"
    page = superadmin.get(long, headers={"Accept-Encoding": "gzip"})
    assert len(page.content) > LARGE
    assert not page.has_header("Content-Encoding")


def _sent(file: Path) -> int:
    content = file.read_bytes()
    return len(content) if file.suffix == ".woff2" else len(gzip.compress(content))


def test_what_is_not_there_is_said_in_our_words(superadmin: Client) -> None:
    answer = superadmin.get("/tidak-ada/")
    assert answer.status_code == 404
    assert "Tidak ada halaman di alamat ini" in answer.content.decode()


def test_what_is_not_allowed_is_said_in_our_words(mall_admin: Client) -> None:
    assert "Halaman ini untuk superadmin" in mall_admin.get("/audit/").content.decode()


def test_an_address_for_buttons_opened_like_a_page_is_said_in_our_words(superadmin: Client) -> None:
    answer = superadmin.get("/backup/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "Alamat ini hanya untuk tombol" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_form_without_its_token_is_refused_in_our_words(rani: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(rani)
    answer = strict.post("/backup/")
    assert answer.status_code == 403
    assert "Formulir ini sudah kedaluwarsa" in answer.content.decode()


def test_what_breaks_shows_no_trace(rani: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("kata-rahasia di /srv/rahasia")

    monkeypatch.setattr("backups.queries.home_state", broken)
    client = Client(raise_request_exception=False)
    client.force_login(rani)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Ada yang bermasalah di sisi kami" in answer.content.decode()
    assert "rahasia" not in answer.content.decode()


def test_the_browsers_own_language_does_not_decide(client: Client) -> None:
    shown = client.get("/sign-in/", headers={"Accept-Language": "en-US,en"}).content.decode()
    assert "Alamat email" in shown


def test_a_switch_on_a_page_that_was_posted_leads_home(superadmin: Client) -> None:
    factories.job()
    refused = superadmin.post(f"/archives/{factories.archive().pk}/drill/").content.decode()
    assert 'name="next" value=""' in " ".join(refused.split())


def test_the_menu_has_groups_and_a_mall_admin_sees_only_their_own(
    superadmin: Client, mall_admin: Client
) -> None:
    whole, short = (asked.get("/archives/").content.decode() for asked in (superadmin, mall_admin))
    assert whole.count('class="menu-heading"') == 4
    assert "Jejak audit" in whole
    assert "menu-heading" not in short
    assert "Jejak audit" not in short
    assert 'href="/archives/" aria-current="page"' in " ".join(short.split())
