"""Kunci: what each key opens, when the recovery key was last tried, and nothing that is secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from backups.models import Archive, WorkerHost
from backups.services import keys, kit_sheet
from backups.services.key_overview import overview
from backups.services.qr_code import drawing, squares
from tests.web import factories, keys_of

pytestmark = pytest.mark.django_db


def shown(client: Client) -> str:
    return " ".join(client.get("/keys/").content.decode().split())


def test_a_recovery_key_that_nobody_tried_is_the_first_thing_said(superadmin: Client) -> None:
    keys_of.sealed(factories.archive(), keys_of.current())
    page = shown(superadmin)
    assert "Kunci pemulihan belum pernah dicoba" in page
    assert "manage.py prove_recovery_key --identity" in strip_tags(page)
    assert "Belum pernah" in page


@pytest.mark.parametrize(("days", "verdict"), [(179, "safe"), (181, "long_ago")])
def test_it_counts_for_half_a_year(days: int, verdict: str) -> None:
    keys_of.event("proved", keys_of.of_the_kit(), days=days)
    assert overview().verdict == verdict


def test_the_proof_of_a_kit_of_before_says_nothing_of_the_new_one() -> None:
    keys_of.event("proved", keys_of.OLD_KIT, days=1)
    assert overview().verdict == "untried"


def test_each_key_says_what_it_opens_and_what_would_be_lost_with_it(superadmin: Client) -> None:
    keys_of.rotated()
    keys_of.sealed(factories.archive(), (keys_of.OLD_KIT,))
    found = {key.fingerprint: key for key in overview().opening}
    assert [(found[one].count, found[one].alone) for one in (keys_of.OLD_PANEL, keys_of.OLD_KIT)] == [
        (20, 0), (21, 1),
    ]  # fmt: skip
    assert [found[one].count for one in keys_of.current()] == [20, 20]
    assert found[keys_of.OLD_PANEL].kind == "panel"
    assert not found[keys_of.OLD_PANEL].current
    page = shown(superadmin)
    assert "21 cadangan" in page
    assert "1 di antaranya tidak bisa dibuka kunci lain" in page


def test_what_only_a_revoked_key_opens_besides_counts_as_opened_by_one(settings: Any) -> None:
    keys_of.sealed(factories.archive(), (keys_of.OLD_PANEL, keys_of.OLD_KIT))
    settings.BACKUP_REVOKED_RECIPIENTS = (keys_of.OLD_KIT,)
    found = {key.fingerprint: key for key in overview().opening}
    assert (found[keys_of.OLD_PANEL].alone, found[keys_of.OLD_KIT].revoked) == (1, True)


def test_without_an_identity_it_says_where_the_key_is(superadmin: Client, settings: Any) -> None:
    panels = next(one for one in keys_of.current() if one != keys_of.of_the_kit())
    settings.BACKUP_IDENTITY_FILE = ""
    WorkerHost.objects.create(name="uji-1", offers=["identity", f"key:{panels}"])
    page = shown(superadmin)
    assert "melainkan di uji-1" in page
    WorkerHost.objects.all().delete()
    assert superadmin.get("/keys/").status_code == 200


def test_without_an_identity_every_page_stands_and_what_needs_the_key_names_its_host(
    superadmin: Client, settings: Any
) -> None:
    archive = factories.archive()
    settings.BACKUP_IDENTITY_FILE = ""
    for address in ("/", "/archives/", f"/archives/{archive.pk}/", "/restore/", "/keys/", "/keys/kit/"):
        assert superadmin.get(address).status_code == 200, address
    WorkerHost.objects.create(name="uji-1", offers=["identity"])
    refused = superadmin.post(f"/archives/{archive.pk}/drill/")
    assert refused.status_code == 409
    assert "uji-1" in refused.content.decode()


def test_a_key_file_that_cannot_be_read_is_said_and_the_page_stands(
    superadmin: Client, settings: Any
) -> None:
    settings.BACKUP_IDENTITY_FILE = "/nowhere/panel.identity"
    assert "/nowhere/panel.identity" in shown(superadmin)
    settings.BACKUP_SIGNING_KEY_FILE = "/nowhere/signing.pem"
    assert superadmin.get("/keys/").status_code == 200


def test_keys_that_this_process_does_not_use_yet_are_noticed(superadmin: Client) -> None:
    keys_of.event("made", "0" * 16, days=0, kind="signing")
    assert "panel ini belum memakainya" in shown(superadmin)


def test_a_kit_that_does_not_know_the_newest_key_is_told_of(superadmin: Client) -> None:
    keys_of.event("kit", keys_of.of_the_kit(), days=9)
    assert not overview().kit_is_old
    keys_of.event("made", "0" * 16, days=3, kind="panel")
    assert not overview().kit_is_old
    keys_of.event("made", "0" * 16, days=2, kind="signing")
    assert overview().kit_is_old
    assert "Lebih lama dari kunci terbaru" in shown(superadmin)
    keys_of.event("kit", keys_of.of_the_kit(), days=1)
    assert not overview().kit_is_old


def test_no_page_shows_a_private_key(superadmin: Client) -> None:
    keys_of.rotated()
    secret = Path(configured.BACKUP_IDENTITY_FILE).read_text().split()[-1]
    for address in ("/keys/", "/keys/kit/"):
        page = superadmin.get(address).content.decode()
        assert secret not in page
        assert "AGE-SECRET-KEY-1" not in page
        assert "PRIVATE KEY" not in page


def test_as_many_questions_with_many_archives_as_with_few(superadmin: Client) -> None:
    keys_of.rotated()
    superadmin.get("/keys/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        superadmin.get("/keys/")
    now = Archive.objects.values_list("created", flat=True)[0]
    told = [{"recipients": ",".join(keys_of.current())}, {"recipients": keys_of.OLD_KIT}]
    Archive.objects.bulk_create(
        Archive(id=f"viele-{n}", database="qparkin", created=now, **told[n % 2]) for n in range(2000)
    )
    with CaptureQueriesContext(connection) as many:
        superadmin.get("/keys/")
    assert len(many) == len(few)


def test_the_printed_page_names_what_a_new_machine_needs(superadmin: Client) -> None:
    page = superadmin.get("/keys/kit/").content.decode()
    assert "bin/restore-from-kit THIS-FOLDER --panel" in page
    for recipient in configured.BACKUP_RECIPIENTS:
        assert recipient in page
    assert page.count('<svg class="qr"') == 2


@pytest.mark.parametrize("language", kit_sheet.LANGUAGES)
def test_the_kits_own_page_holds_the_key_and_fetches_nothing(language: str) -> None:
    secret = "AGE-SECRET-KEY-1QQPQQQQQQQQQ"
    page = kit_sheet.files(f"# created by us\n{secret}\n".encode())[f"kit.{language}.html"].decode()
    assert secret in page
    assert "created by us" not in page
    assert f'<html lang="{language}">' in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert ("Simpan di brankas" in page) is (language == "id")


QR = "zxingcpp"


@pytest.mark.parametrize("text", ["AGE-SECRET-KEY-1" + "Q2" * 29, "-----BEGIN AGE\n" + "aZ9+/=\n" * 90])
def test_the_square_is_read_back_by_a_reader_of_others(text: str) -> None:
    reader = pytest.importorskip(QR)
    # Each square four dots wide, as a camera would see it.
    rows = squares(text)
    line = [bytes(0 if square else 255 for square in row for _ in range(4)) for row in rows]
    picture = memoryview(b"".join(row for row in line for _ in range(4)))
    (found,) = reader.read_barcodes(picture.cast("B", (len(rows) * 4, len(rows) * 4)))
    assert found.text == text


def test_the_drawing_has_every_dark_square_and_no_other() -> None:
    rows, drawn = squares("age1"), str(drawing("age1", "<b>"))
    assert drawn.count("h1v1h-1z") == sum(map(sum, rows))
    assert all(f"M{x} {y}h" in drawn for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    assert "<b>" not in drawn


def test_the_panel_signs_and_trusts_are_shown(superadmin: Client, settings: Any) -> None:
    own = keys.signing()
    assert own is not None
    settings.BACKUP_TRUSTED_SIGNERS = ("bukan-kunci-asli=",)
    found = overview().signing
    assert [(key.public, key.current) for key in found] == [(own.public, True), ("bukan-kunci-asli=", False)]
