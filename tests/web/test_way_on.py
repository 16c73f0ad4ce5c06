"""What comes after a restore: the step that is left, what an undo waits for, what is kept or gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from backups.models import Archive, Restore
from backups.templatetags.way_on import lies_under, second_step
from tests.web import factories

pytestmark = pytest.mark.django_db

ELSEWHERE = {
    "state": "elsewhere",
    "target": "qparkin__look_20261123_1340",
    "before_schema": "",
    "undo_until": None,
    "swap_ms": None,
    "safety_archive": None,
}


def elsewhere(of: Archive, *, tables: tuple[str, ...] = (), **values: Any) -> Restore:
    job = factories.job("restore", "done", archive=of, options={"tables": list(tables)})
    return factories.restore(
        of, **{**ELSEWHERE, "job": job, "scope": "tables" if tables else "database", **values}
    )


def asked(address: str) -> dict[str, list[str]]:
    assert urlsplit(address).path == "/restore/check/"
    return parse_qs(urlsplit(address).query)


@pytest.mark.parametrize("tables", [(), ("booking",), ("booking", "user")])
def test_the_second_step_keeps_to_what_was_chosen(tables: tuple[str, ...]) -> None:
    of = factories.archive()
    planned = asked(second_step(elsewhere(of, tables=tables)))
    assert planned["archive"] == [of.pk]
    assert planned["target"] == ["live"]
    assert planned["scope"] == ["tables" if tables else "database"]
    assert planned.get("tables", []) == list(tables)


def test_the_second_step_of_files_is_about_files() -> None:
    planned = asked(second_step(elsewhere(factories.archive(), scope="files", folder="/srv/look")))
    assert planned["scope"] == ["files"]


def test_from_an_archive_that_is_gone_or_damaged_no_step_is_proposed(superadmin: Client) -> None:
    restore = elsewhere(factories.archive(state="damaged"))
    assert second_step(restore) == ""
    assert "Tinggal satu langkah" not in superadmin.get(f"/restore/{restore.pk}/").content.decode()


def test_the_page_says_that_one_step_is_left_and_proposes_nothing_else(superadmin: Client) -> None:
    restore = elsewhere(factories.archive(), tables=("booking",))
    shown = superadmin.get(f"/restore/{restore.pk}/").content.decode()
    assert "Tinggal satu langkah" in shown
    assert shown.count("btn-primary") == 1
    assert "tables=booking" in shown


def test_what_is_live_has_no_step_left(superadmin: Client) -> None:
    restore = factories.restore(factories.archive())
    assert "Tinggal satu langkah" not in superadmin.get(f"/restore/{restore.pk}/").content.decode()


def test_after_the_second_step_the_trial_copy_is_named_which_nothing_clears_away(superadmin: Client) -> None:
    of = factories.archive()
    elsewhere(factories.archive(), target="qparkin__look_20251231_0000")
    alone = factories.restore(of)
    assert "__look_" not in superadmin.get(f"/restore/{alone.pk}/").content.decode()
    elsewhere(of, tables=("booking",))
    second = factories.restore(of, scope="tables")
    shown = superadmin.get(f"/restore/{second.pk}/").content.decode()
    assert ELSEWHERE["target"] in shown
    assert "20251231" not in shown


def test_an_earlier_restore_waits_until_the_later_one_is_undone(superadmin: Client) -> None:
    now, of = timezone.now(), factories.archive()
    earlier = factories.restore(of, swapped_at=now - timedelta(hours=2))
    later = factories.restore(of, swapped_at=now - timedelta(hours=1))
    assert lies_under(earlier) == later
    assert lies_under(later) is None
    shown = superadmin.get(f"/restore/{earlier.pk}/undo/").content.decode()
    assert f"/restore/{later.pk}/undo/" in shown
    assert "Urungkan yang itu dulu" in shown
    assert f"/restore/{later.pk}/" in superadmin.get(f"/restore/{earlier.pk}/").content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "undone", "undone_at": timezone.now()}, "Pemulihan ini sudah diurungkan."),
        (
            {"undo_until": timezone.now() - timedelta(days=1)},
            "Batas waktu mengurungkan pemulihan ini sudah lewat",
        ),
        ({"state": "elsewhere"}, "tidak mengganti apa pun"),
    ],
)
def test_why_it_cannot_be_undone_is_said_exactly(
    superadmin: Client, values: dict[str, Any], words: str
) -> None:
    restore = factories.restore(factories.archive(), **values)
    assert words in superadmin.get(f"/restore/{restore.pk}/undo/").content.decode()


@pytest.mark.parametrize(
    ("before", "words"), [("qparkin__before_x", "dengan sendirinya"), ("", "sudah dihapus")]
)
def test_whether_what_was_kept_is_still_there_is_said(superadmin: Client, before: str, words: str) -> None:
    over = timezone.now() - timedelta(minutes=1)
    restore = factories.restore(factories.archive(), undo_until=over, before_schema=before)
    shown = superadmin.get(f"/restore/{restore.pk}/").content.decode()
    assert words in shown


@pytest.mark.parametrize(
    ("kept", "words"), [("qparkin__undone_x", "dengan nama lain sampai"), ("", "sudah dihapus")]
)
def test_after_an_undo_it_is_said_what_is_still_kept(superadmin: Client, kept: str, words: str) -> None:
    values = {"state": "undone", "undone_at": timezone.now(), "before_schema": "", "undone_schema": kept}
    restore = factories.restore(factories.archive(), **values)
    assert words in superadmin.get(f"/restore/{restore.pk}/").content.decode()


@pytest.mark.usefixtures("protected")
@pytest.mark.parametrize("with_safety", [True, False])
def test_after_cancel_it_is_said_that_nothing_is_left_behind(superadmin: Client, with_safety: bool) -> None:
    of = factories.archive()
    job = factories.job("restore", "cancelled", archive=of, error_code="cancelled")
    values = {} if with_safety else {"safety_archive": None}
    restore = factories.restore(of, job=job, state="failed", before_schema="", **values)
    shown = superadmin.get(f"/jobs/{job.pk}/").content.decode()
    assert "Tidak ada yang tertinggal" in shown
    assert ("Hanya cadangan pengaman" in shown) is with_safety
    if restore.safety_archive:
        assert f"/archives/{restore.safety_archive.pk}/" in shown


@pytest.mark.usefixtures("protected")
def test_nothing_is_promised_before_the_clearing_up_is_over(superadmin: Client) -> None:
    job = factories.job("restore", "cancelled", archive=factories.archive(), error_code="cancelled")
    factories.restore(factories.archive(), job=job, state="building", before_schema="")
    assert "Tidak ada yang tertinggal" not in superadmin.get(f"/jobs/{job.pk}/").content.decode()


def test_after_an_undo_the_page_leads_on(superadmin: Client) -> None:
    values = {"state": "undone", "undone_at": timezone.now(), "undone_schema": "qparkin__undone_x"}
    restore = factories.restore(factories.archive(), before_schema="", **values)
    job = factories.job("undo", "done", archive=restore.archive, options={"restore": str(restore.pk)})
    shown = superadmin.get(f"/jobs/{job.pk}/").content.decode()
    assert "Pulihkan dari cadangan lain" in shown
    assert "dengan nama lain sampai" in shown
