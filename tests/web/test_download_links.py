"""A link for a download: one person, one archive, once, five minutes. Anything else is not there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from backups.models import Archive, AuditEvent, DownloadLink, User
from backups.services.download_links import LASTS
from tests.sealed import sealed_file
from tests.web import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(settings: Any, tmp_path: Path) -> Archive:
    settings.BACKUP_LOCAL_ROOT = str(tmp_path)
    archive = factories.archive()
    sealed_file(archive, tmp_path / archive.copies.get().name)
    return archive


@pytest.fixture
def link(superadmin: Client, made: Archive) -> str:
    return str(superadmin.post(f"/archives/{made.pk}/download/").headers["Location"])


def taken(answer: Any) -> bytes:
    """Closing the answer would close the test's database too."""
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def is_gone(answer: Any) -> None:
    assert answer.status_code == 404
    assert "Tautan unduhan ini tidak berlaku lagi" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="download").exists()


def test_it_leads_to_the_whole_file_once(
    superadmin: Client, link: str, made: Archive, tmp_path: Path
) -> None:
    answer = superadmin.get(link)
    assert answer.headers["Accept-Ranges"] == "none"
    assert "no-store" in answer.headers["Cache-Control"]
    whole = taken(answer)
    assert whole == (tmp_path / made.copies.get().name).read_bytes()
    assert superadmin.get(link).status_code == 404
    told = AuditEvent.objects.filter(action__startswith="download").order_by("pk")
    assert [event.action for event in told] == ["download_link", "download", "download_end"]
    assert told[2].details == {"bytes": len(whole), "of": len(whole)}


def test_nothing_of_it_is_kept_that_would_open_anything(link: str) -> None:
    token = link.rstrip("/").rpartition("/")[2]
    assert len(token) > 40
    assert token not in str(list(DownloadLink.objects.values()) + list(AuditEvent.objects.values()))


def test_it_is_for_whoever_asked(link: str, mall_admin: Client) -> None:
    other = Client()
    factories.sign_in(other, factories.superadmin("dewi@qparkin.id", "Dewi"))
    is_gone(other.get(link))
    is_gone(mall_admin.get(link))
    assert Client().get(link).headers["Location"].startswith("/sign-in/")


def test_nobody_takes_a_right_along_that_was_taken_away(superadmin: Client, link: str, rani: User) -> None:
    User.objects.filter(pk=rani.pk).update(role=User.Role.ADMIN_MALL)
    is_gone(superadmin.get(link))


def test_it_is_for_one_archive_and_one_kind(superadmin: Client, link: str, made: Archive) -> None:
    other = factories.archive()
    is_gone(superadmin.get(link.replace(made.pk, other.pk)))
    is_gone(superadmin.get(link.replace("/download/", "/export/")))
    taken(superadmin.get(link))


@pytest.mark.parametrize("late", [LASTS, timedelta(hours=-1)])
def test_it_lasts_five_minutes(late: timedelta, superadmin: Client, link: str) -> None:
    with time_machine.travel(timezone.now() + late, tick=False):
        is_gone(superadmin.get(link))


def test_a_token_that_was_never_made_is_the_same(superadmin: Client, made: Archive) -> None:
    for token in ("x", "%00", "a" * 2000, "é"):
        is_gone(superadmin.get(f"/archives/{made.pk}/download/{token}/"))


@pytest.mark.parametrize("header", ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"])
def test_a_browser_that_looks_ahead_does_not_burn_it(header: str, superadmin: Client, link: str) -> None:
    ahead = superadmin.get(link, headers={header: "prefetch;prerender"})
    assert (ahead.status_code, ahead.content) == (503, b"")
    assert superadmin.head(link).status_code == 405
    taken(superadmin.get(link))


def test_a_part_is_refused_politely_and_does_not_burn_it(superadmin: Client, link: str) -> None:
    part = superadmin.get(link, headers={"range": "bytes=100-"})
    assert part.status_code == 416
    assert "tidak dapat dilanjutkan" in part.content.decode()
    taken(superadmin.get(link, headers={"range": "bytes=0-"}))


def test_what_could_not_be_handed_out_does_not_burn_it(
    superadmin: Client, link: str, made: Archive, tmp_path: Path
) -> None:
    file = tmp_path / made.copies.get().name
    file.rename(tmp_path / "away")
    assert superadmin.get(link).status_code in {404, 409}
    (tmp_path / "away").rename(file)
    taken(superadmin.get(link))


def test_of_two_at_once_one_gets_it(superadmin: Client, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from backups.services import download

    opened = download.reading.source

    def meanwhile(*told: Any) -> Any:
        monkeypatch.setattr(download.reading, "source", opened)
        is_gone(superadmin.get(link))
        return opened(*told)

    monkeypatch.setattr(download.reading, "source", meanwhile)
    taken(superadmin.get(link))
