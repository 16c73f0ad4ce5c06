"""What mall admins see while something is wrong, and of one backup: their words, and nothing besides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backups.mall_queries import as_mall_sees
from backups.models import Archive, Copy, Incident, Job, User
from backups.services import incidents
from backups.services.incidents import Opening
from tests.web import factories

pytestmark = pytest.mark.django_db

BANNER = "alarm-calm"


@pytest.fixture
def theft(rani: User) -> Incident:
    return incidents.begin(Opening("Rahasia: laptop dicuri", timezone.now()), by=rani)


def story_of(archive: Archive) -> str:
    return reverse("archive-story", args=[as_mall_sees(archive).stamp])


def pages(client: Client) -> list[str]:
    return [client.get(address).content.decode() for address in ("/", "/archives/")]


def test_an_incident_is_shown_to_malls_only_when_a_superadmin_says_so(
    mall_admin: Client, superadmin: Client, theft: Incident, rani: User
) -> None:
    assert not any(BANNER in page for page in pages(mall_admin))
    words = "Jangan isi <b>data</b> baru"
    incidents.tell_malls(theft, on=True, do=words, call="Rani 0812", by=rani)
    for page in pages(mall_admin):
        assert "Jangan isi &lt;b&gt;data&lt;/b&gt; baru" in page
        assert "Rani 0812" in page
        assert "Rahasia" not in page
    assert not any(BANNER in page for page in pages(superadmin))
    incidents.close(theft, "Selesai", by=rani)
    assert not any(BANNER in page for page in pages(mall_admin))


@pytest.mark.parametrize(
    ("kind", "state", "options", "shown"),
    [
        ("restore", "running", {}, True),
        ("restore", "queued", {"target": None, "into": "", "beside": False}, True),
        ("undo", "running", {}, True),
        ("restore", "done", {}, False),
        ("restore", "running", {"target": "qparkin_baru"}, False),
        ("restore", "running", {"into": "/srv/lihat"}, False),
        ("restore", "running", {"beside": True}, False),
        ("drill", "running", {}, False),
    ],
)
def test_a_restore_in_place_is_announced_by_itself(
    mall_admin: Client, kind: str, state: str, options: dict[str, Any], shown: bool
) -> None:
    factories.job(kind, state, options=options)
    assert [BANNER in page for page in pages(mall_admin)] == [shown, shown]


def test_nothing_says_to_go_on_beside_a_notice_to_wait(mall_admin: Client) -> None:
    factories.archive(state="damaged")
    above = "Yang perlu Anda lakukan sekarang tertulis di atas"
    assert above not in pages(mall_admin)[0]
    factories.job("restore", Job.State.RUNNING)
    assert above in pages(mall_admin)[0]


@pytest.fixture
def places_of_a_call(mall_admin: Client) -> tuple[str, ...]:
    """The home page, the story of a backup, and what is not for them."""
    archive = factories.archive()
    factories.job("restore", Job.State.RUNNING)
    return ("/", story_of(archive), "/keys/")


def test_whom_to_call_stands_in_the_settings(
    mall_admin: Client, rani: User, places_of_a_call: tuple[str, ...], settings: Any
) -> None:
    settings.SUPPORT_CONTACT = "Layanan, 0812-1234"
    pages = [mall_admin.get(address).content.decode() for address in places_of_a_call]
    # In the banner, and below; a page of an error has no banner.
    assert [page.count("Layanan, 0812-1234") for page in pages] == [2, 2, 1]
    assert not any(rani.email in page for page in pages)


def test_without_a_setting_the_superadmins_are_whom_to_call(
    mall_admin: Client, rani: User, bima: User, places_of_a_call: tuple[str, ...]
) -> None:
    told = f"{rani.display_name} ({rani.email})"
    pages = [mall_admin.get(address).content.decode() for address in places_of_a_call]
    assert [page.count(told) for page in pages] == [2, 2, 1]
    assert not any(f"({bima.email})" in page for page in pages)
    User.objects.create(email="dewi@qparkin.id", name="Dewi", role=User.Role.SUPERADMIN)
    User.objects.create(email="pergi@qparkin.id", name="Ali", role=User.Role.SUPERADMIN, is_active=False)
    assert f"Dewi (dewi@qparkin.id) atau {told}" in mall_admin.get("/").content.decode()
    assert "pergi@" not in mall_admin.get("/").content.decode()
    User.objects.filter(pk=rani.pk).update(name="")
    assert mall_admin.get("/archives/").content.decode().count(rani.email) == 1


def test_a_stranger_learns_nobodys_name(client: Client, rani: User) -> None:
    for address in ("/", "/keys/", "/nowhere/", "/sign-in/"):
        assert rani.email not in client.get(address, follow=True).content.decode()


def test_the_story_of_a_backup_tells_what_became_of_it_and_no_place(mall_admin: Client) -> None:
    archive = factories.archive(label="Sebelum rilis", warnings=[{"kind": "x"}])
    address = story_of(archive)
    assert address in mall_admin.get("/archives/").content.decode()
    told = mall_admin.get(address).content.decode()
    # Made, and checked when it was made.
    assert told.count("story-done") == 2
    seen = timezone.now() - timedelta(minutes=5)
    Copy.objects.create(
        archive=archive, storage="nas-kantor", name="x", location="/mnt/nas/x", checked_at=seen, read_at=seen
    )
    factories.proof(archive)
    told = mall_admin.get(address).content.decode()
    assert told.count("story-done") == 4
    assert "8.214" in told
    for secret in ("nas", "/srv", "/mnt", "local", "Sebelum rilis", "MariaDB", "5.120", "qparkin-2"):
        assert secret not in told


@pytest.mark.parametrize("values", [{"purpose": "safety"}, {"purpose": "adopted"}, {"database": "lain"}])
def test_of_others_there_is_no_story(mall_admin: Client, values: dict[str, str]) -> None:
    archive = factories.archive(**values)
    assert mall_admin.get(story_of(archive)).status_code == 404
    assert story_of(archive) not in mall_admin.get("/archives/").content.decode()
