"""What goes wrong is said in our own words, in both languages, and tells nobody what only we should know."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as panel
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from backups.views.errors import too_often
from qparkin_backup.urls import handler400, handler500

WORDS = {
    400: ("Panel tidak memahami permintaan itu", "The panel did not understand that"),
    403: ("Halaman ini untuk superadmin", "This page is for superadmins"),
    404: ("Tidak ada halaman di alamat ini", "There is nothing at this address"),
    405: ("Alamat ini hanya untuk tombol", "This address only takes a press of a button"),
    413: ("Terlalu banyak sekaligus", "That was too much at once"),
    429: ("Pelan-pelan dulu, ya", "A little slower, please"),
    500: ("Ada yang bermasalah di sisi kami", "Something broke on our side"),
    503: ("Panel tidak bisa membaca catatannya", "The panel cannot reach its own records"),
}
SECRET = "/srv/rahasia/mesin-7.local"

RAISED = {
    "suspicious": (SuspiciousOperation(SECRET), 400),
    "too-big": (RequestDataTooBig(SECRET), 413),
    "denied": (PermissionDenied(SECRET), 403),
    "bug": (ValueError(SECRET), 500),
    "wrong-row": (IntegrityError(SECRET), 500),
    "locked": (OperationalError("database is locked", SECRET), 503),
    "gone": (InterfaceError(0, SECRET), 503),
    "not-a-database": (DatabaseError("file is not a database", SECRET), 503),
}


def raising(request: HttpRequest, name: str) -> HttpResponse:
    raise RAISED[name][0]


def slower(request: HttpRequest) -> HttpResponse:
    return too_often(request, seconds=60)


urlpatterns = [path("raise/<str:name>/", raising), path("slower/", slower), path("", include("backups.urls"))]
__all__ = ["handler400", "handler500"]


def holds(page: str, status: int, language: str) -> None:
    """In the reader's language, and nothing of what went wrong."""
    assert WORDS[status][language == "en"] in page
    assert f'<html lang="{language}"' in page
    assert not re.search(r"Traceback|rahasia|mesin-7|\.py\b|OperationalError|sqlite|/srv", page)


@pytest.fixture(params=["id", "en"])
def stranger(request: pytest.FixtureRequest) -> Client:
    client = Client(raise_request_exception=False)
    client.cookies[panel.LANGUAGE_COOKIE_NAME] = request.param
    client.language = request.param  # type: ignore[attr-defined]
    return client


# No database may be asked: pytest-django refuses it to whoever has not said that they need one.
@pytest.mark.urls("tests.web.test_errors")
@pytest.mark.parametrize("name", RAISED)
def test_each_error_has_its_words_and_asks_no_database(name: str, stranger: Any, settings: Any) -> None:
    settings.MIDDLEWARE = []
    answer = stranger.get(f"/raise/{name}/")
    assert answer.status_code == RAISED[name][1]
    # Without its middleware Django's own pages speak the default language.
    language = stranger.language if answer.status_code not in (403, 404) else "id"
    holds(answer.content.decode(), answer.status_code, language)
    assert ("Retry-After" in answer) is (answer.status_code == 503)


@pytest.mark.urls("tests.web.test_errors")
@pytest.mark.parametrize("name", ["suspicious", "bug", "locked"])
def test_whom_to_call_is_named_where_the_settings_name_somebody(
    name: str, stranger: Any, settings: Any
) -> None:
    """The superadmins' own names stand in a database that may be gone."""
    settings.MIDDLEWARE = []
    unnamed = stranger.get(f"/raise/{name}/").content.decode()
    assert "superadmin" in unnamed
    settings.SUPPORT_CONTACT = "Layanan, 0812-1234"
    named = stranger.get(f"/raise/{name}/").content.decode()
    assert "Layanan, 0812-1234" in named
    assert "superadmin" not in named


@pytest.mark.urls("tests.web.test_errors")
def test_slower_please(stranger: Any, settings: Any) -> None:
    settings.MIDDLEWARE = []
    answer = stranger.get("/slower/")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    holds(answer.content.decode(), 429, stranger.language)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("get", "/tidak-ada/", 404), ("get", "/sign-out/", 405), ("put", "/sign-in/", 405)],
)
def test_what_is_not_there_or_not_so(stranger: Any, method: str, address: str, status: int) -> None:
    answer = getattr(stranger, method)(address)
    assert answer.status_code == status
    holds(answer.content.decode(), status, stranger.language)


@pytest.mark.django_db
def test_another_host_and_too_large_a_form(stranger: Any, settings: Any) -> None:
    strange = stranger.get("/sign-in/", headers={"host": "mesin-7.local"})
    assert strange.status_code == 400
    holds(strange.content.decode(), 400, stranger.language)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    large = stranger.post("/sign-in/", {"username": "x" * 2000, "password": "x"})
    assert large.status_code == 413
    holds(large.content.decode(), 413, stranger.language)


@pytest.mark.django_db
def test_a_form_that_has_expired(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/sign-in/", {"username": "x", "password": "x"})
    assert answer.status_code == 403
    assert "Formulir ini sudah kedaluwarsa" in answer.content.decode()
