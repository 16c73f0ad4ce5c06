"""The load of a backup in plain words, for superadmins only."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from backups.models import Archive, Job
from backups.templatetags.burden import (
    busiest_at,
    busiest_words,
    replica_words,
    waiting_reasons,
    waiting_words,
)
from tests.web import factories

pytestmark = pytest.mark.django_db


def burden(**values: Any) -> dict[str, Any]:
    return {**factories.BURDEN, **values}


def pages(client: Client, archive: Archive) -> list[str]:
    made = factories.job(state=Job.State.DONE, archive=archive)
    return [client.get(f"/archives/{archive.pk}/").content.decode(),
            client.get(f"/jobs/{made.pk}/").content.decode()]  # fmt: skip


def test_both_pages_show_the_load(superadmin: Client) -> None:
    for shown in pages(superadmin, factories.archive()):
        for told in (
            "Beban server selama pencadangan",
            "14.656 baris per detik",
            "2,1 MB per detik",
            "3 sesi lain sedang bekerja",
            "23\N{NO-BREAK SPACE}Nov\N{NO-BREAK SPACE}2026 02.00\N{NO-BREAK SPACE}WIB",
            "Tidak sama sekali",
            "2,8 detik",
            "memori hingga 122 MB",
        ):
            assert told in shown
        assert "Bukan data terbaru" not in shown


def test_an_archive_from_before_says_nothing_of_it(superadmin: Client) -> None:
    for shown in pages(superadmin, factories.archive(burden={})):
        assert "Beban server" not in shown


def test_a_replica_that_was_behind_is_said_on_both_pages(superadmin: Client) -> None:
    late = burden(replica={"behind": 840, "broken": False, "too_far": True})
    for shown in pages(superadmin, factories.archive(burden=late)):
        assert "Bukan data terbaru" in shown
        assert "tertinggal 14 menit dari server utama" in shown


@pytest.mark.parametrize(
    ("replica", "told"),
    [
        ({"behind": 2, "broken": False, "too_far": False}, ""),
        ({"behind": None, "broken": True, "too_far": False}, "replikasinya sedang berhenti"),
        (None, ""),
    ],
)
def test_only_what_is_wrong_with_a_replica_is_said(replica: dict[str, Any] | None, told: str) -> None:
    found = replica_words(burden(replica=replica))
    assert told in found
    assert bool(found) == bool(told)


def test_waiting_and_its_reasons() -> None:
    waited = burden(paused_seconds=590.0, held_seconds=30.4, patience_ended=True)
    assert waiting_words(waited) == "10 menit 20 detik"
    assert waiting_reasons(waited) == [
        "karena server sedang sibuk",
        "lalu dilanjutkan: server terlalu lama sibuk",
        "untuk menaati batas kecepatan",
    ]
    assert waiting_reasons(burden()) == []


def test_nobody_at_work_and_a_server_that_does_not_say() -> None:
    for most, told in ((0, "Tidak ada sesi lain yang bekerja"), (None, "Server tidak memberi tahu")):
        found = burden(most_running=most, most_running_at=None)
        assert (busiest_words(found), busiest_at(found)) == (told, None)


def test_a_backup_that_waits_for_calm_says_so(superadmin: Client) -> None:
    waiting = factories.job(phase="calm", done=0, total=0)
    shown = superadmin.get(f"/jobs/{waiting.pk}/").content.decode()
    assert "Menunggu sampai server tidak terlalu sibuk" in shown
