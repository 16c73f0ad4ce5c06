"""The restore wizard's own rules: what is chosen before anybody has chosen, and what cannot be chosen."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from backups.forms import HappeningForm, PlanForm
from backups.models import Archive, Job
from backups.services import plan
from backups.services.plan import Happening, Scope, Target, proposed, scopes_of
from tests.scratch import ScratchDatabase
from tests.web import factories
from tests.web.protected import protect

pytestmark = pytest.mark.django_db

WHOLE = {"scope": "database", "target": "live"}


def check_address(archive: Archive, **chosen: object) -> str:
    asked = {"what": "look", "archive": archive.pk, **WHOLE, **chosen}
    return "/restore/check/?" + urlencode(asked, doseq=True)


def planned(**chosen: object) -> PlanForm:
    return PlanForm({"archive": "a", **WHOLE, **chosen}, tables=["booking", "user"])


def test_the_newest_proven_archive_is_chosen_before_a_newer_unproven_one() -> None:
    proven = factories.archive(timezone.now() - timedelta(days=1))
    factories.proof(proven)
    factories.archive()
    assert proposed(Happening.ROWS, None).archive == proven


def test_what_was_made_after_it_began_is_not_chosen() -> None:
    now = timezone.now()
    for hours in (3, 27, 51):
        factories.proof(factories.archive(now - timedelta(hours=hours)))
    chosen = proposed(Happening.ROWS, now - timedelta(hours=20)).archive
    assert chosen
    assert chosen.created == now - timedelta(hours=27)


def test_harm_at_1340_leads_to_the_newest_proven_archive_before_1340(superadmin: Client) -> None:
    """Another, just before it, is not proven; those after it hold the harm."""
    harm = timezone.localtime().replace(hour=13, minute=40, second=0, microsecond=0) - timedelta(days=1)
    earlier, right, unproven, later, newest = (
        factories.archive(harm + timedelta(minutes=minutes)) for minutes in (-700, -9, -1, 1, 300)
    )
    for proven in (earlier, right, later, newest):
        factories.proof(proven)
    shown = superadmin.get(f"/restore/plan/?what=rows&since={harm:%Y-%m-%dT%H:%M}").content.decode()
    ticked = re.search(r'name="archive"\s+value="([^"]+)"\s+checked', shown)
    assert ticked
    assert ticked[1] == right.pk
    assert shown.count("dibuat setelah kejadian") == 2
    assert unproven.pk in shown


def test_where_none_is_old_enough_the_oldest_is_offered_and_nothing_is_chosen(superadmin: Client) -> None:
    oldest = factories.archive(timezone.now() - timedelta(days=3))
    factories.archive()
    shown = superadmin.get("/restore/plan/?what=rows&since=2020-01-01T08:00").content.decode()
    assert "Tidak ada cadangan dari sebelum" in shown
    assert oldest.pk in shown


@pytest.mark.usefixtures("protected")
@pytest.mark.parametrize("what", [Happening.ROWS, Happening.TABLE, Happening.DATABASE, Happening.LOOK])
def test_a_new_database_is_chosen_while_the_live_one_is_there(what: Happening) -> None:
    factories.archive()
    assert proposed(what, None).target == Target.NEW


def test_a_lost_database_comes_back_to_its_place(database: ScratchDatabase, settings: Any) -> None:
    settings.QPARKIN_DB_SOCKET = database.server.socket
    settings.QPARKIN_DB_USERNAME = database.server.username
    settings.QPARKIN_DB_PASSWORD = database.server.password
    settings.QPARKIN_DB_DATABASE = "qparkin_yang_hilang"
    factories.archive()
    assert proposed(Happening.DATABASE, None).target == Target.LIVE


def test_of_a_lost_table_the_newest_backup_that_holds_it_is_chosen(
    superadmin: Client, database: ScratchDatabase, settings: Any
) -> None:
    """It was dropped days ago, nobody knows when, and backups went on without it."""
    protect(database, settings)
    database.run("CREATE TABLE mall (id INT)")
    now = timezone.now()
    mall, booking = ({"name": name, "rows": 3, "bytes": 99} for name in ("mall", "booking"))
    days = {9: [mall, booking], 5: [mall, booking], 4: [mall, booking], 2: [mall], 1: [mall]}
    made = {day: factories.archive(now - timedelta(days=day), table_rows=held) for day, held in days.items()}
    for day in (9, 5, 2, 1):
        factories.proof(made[day])
    assert proposed(Happening.TABLE, None).archive == made[5]
    assert proposed(Happening.TABLE, now - timedelta(days=6)).archive == made[9]
    assert proposed(Happening.ROWS, None).archive == made[1]
    shown = superadmin.get("/restore/plan/?what=table").content.decode()
    assert re.findall(r'name="tables"\s+value="([^"]+)"\s+checked', shown) == ["booking"]
    assert "masih memuat yang hilang" in shown
    database.run("CREATE TABLE booking (id INT)")
    assert proposed(Happening.TABLE, None).archive == made[1]


def test_an_empty_backup_brings_no_lost_database_back() -> None:
    """Emptied in the evening, and backed up as it was in the night."""
    full = factories.archive(timezone.now() - timedelta(days=1))
    nothing = factories.archive(tables=0, rows=0, table_rows=[])
    for each in (full, nothing):
        factories.proof(each)
    assert proposed(Happening.DATABASE, None).archive == full
    assert proposed(Happening.SERVER, None).archive == full
    # What a storage holds and nobody has opened here may be anything.
    unopened = factories.archive(tables=0, rows=0, table_rows=[], code_counts={})
    factories.proof(unopened)
    assert proposed(Happening.DATABASE, None).archive == unopened


def test_lost_files_come_from_a_backup_that_holds_files() -> None:
    both = factories.archive(timezone.now() - timedelta(days=2), content=["database", "files"])
    factories.archive()
    assert (proposed(Happening.FILES, None).archive, proposed(Happening.FILES, None).scope) == (both, "files")
    alone = factories.archive(timezone.now() - timedelta(days=1), content=["files"])
    assert proposed(Happening.FILES, None).archive == alone
    emptied = [{"path": "/srv/uploads", "files": 0, "bytes": 0}]
    factories.archive(timezone.now() - timedelta(hours=9), content=["files"], folders=emptied)
    assert proposed(Happening.FILES, None).archive == alone


def test_a_backup_that_lacks_tables_leads_to_the_last_that_has_them(superadmin: Client) -> None:
    before = factories.archive(timezone.now() - timedelta(days=1))
    lacking = factories.archive(table_rows=before.table_rows[1:])
    shown = superadmin.get(f"/restore/plan/?what=look&archive={lacking.pk}").content.decode()
    assert f"/restore/from/{before.pk}/" in shown


def test_the_name_of_the_new_database_is_within_what_the_account_may_make(settings: Any) -> None:
    settings.QPARKIN_DB_DATABASE = "q" * 64
    name = proposed(Happening.LOOK, None).database
    assert len(name) <= 64
    assert "__" in name


def test_whoever_only_wants_to_look_is_told_of_no_second_step(superadmin: Client) -> None:
    archive = factories.archive()
    look, repair = (
        superadmin.get(f"/restore/plan/?what={what}&archive={archive.pk}").content.decode()
        for what in ("look", "database")
    )
    assert "dua langkah" not in look
    assert "dua langkah" in repair


def test_whoever_comes_back_to_the_plan_is_offered_a_name_that_is_not_taken(superadmin: Client) -> None:
    archive = factories.archive()
    asked = {"what": "look", "archive": archive.pk, "database": "qparkin__look_20261123_134000"}
    shown = superadmin.get("/restore/plan/?" + urlencode(asked)).content.decode()
    assert "__look_" in shown
    assert 'value="qparkin__look_20261123_134000"' not in shown
    mine = superadmin.get("/restore/plan/?" + urlencode({**asked, "database": "qparkin__mine"}))
    assert 'value="qparkin__mine"' in mine.content.decode()


def test_only_what_an_archive_holds_can_be_chosen() -> None:
    assert Scope.FILES not in scopes_of(factories.archive())
    assert scopes_of(factories.archive(content=["files"])) == (Scope.FILES,)
    assert Scope.BOTH in scopes_of(factories.archive(content=["database", "files"]))


def test_a_table_that_is_missing_stands_first_and_ticked(
    superadmin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.archive()
    monkeypatch.setattr(plan, "missing_tables", lambda _: frozenset({"transaksi_parkir"}))
    shown = superadmin.get("/restore/plan/?what=table").content.decode()
    listed = re.findall(r'name="tables"\s+value="([^"]+)"\s+(checked)?', shown)
    assert listed[0] == ("transaksi_parkir", "checked")
    assert [name for name, ticked in listed if ticked] == ["transaksi_parkir"]


def test_a_moment_to_come_is_no_beginning() -> None:
    soon = timezone.localtime() + timedelta(hours=1)
    assert "since" in HappeningForm({"what": "rows", "since": f"{soon:%Y-%m-%dT%H:%M}"}).errors


@pytest.mark.parametrize(
    ("chosen", "wrong"),
    [
        ({"scope": "tables"}, "tables"),
        ({"scope": "tables", "tables": ["nope"]}, "tables"),
        ({"target": "beside"}, "target"),
        ({"target": "new"}, "database"),
        ({"scope": "files", "target": "new", "database": "x"}, "folder"),
        ({"scope": "both", "target": "new", "database": "x"}, "target"),
        ({"archive": ""}, "archive"),
    ],
)
def test_a_plan_that_cannot_be(chosen: dict[str, object], wrong: str) -> None:
    assert wrong in planned(**chosen).errors


@pytest.mark.parametrize(
    "chosen",
    [{}, {"scope": "tables", "tables": ["user"], "target": "beside"}, {"target": "new", "database": "x"}],
)
def test_a_plan_that_can(chosen: dict[str, object]) -> None:
    assert planned(**chosen).is_valid()


def test_what_was_forgotten_is_asked_on_the_plan(superadmin: Client) -> None:
    answer = superadmin.get(check_address(factories.archive(), scope="tables"))
    assert answer.status_code == 422
    assert "Centang paling sedikit satu tabel" in answer.content.decode()


def test_files_too_are_checked_before_anybody_confirms(superadmin: Client) -> None:
    """This archive lies nowhere, which stops it here and not in the middle; no database is asked."""
    folders = [{"path": "/srv/qparkin/uploads", "files": 3, "bytes": 9}]
    archive = factories.archive(content=["database", "files"], folders=folders)
    shown = superadmin.get(check_address(archive, scope="files")).content.decode()
    assert "Segel cadangan" in shown
    assert "Periksa lagi" in shown


@pytest.mark.usefixtures("protected")
def test_an_archive_that_cannot_be_read_stops_the_check_of_tables_by_name_of_the_check(
    superadmin: Client,
) -> None:
    """It lies nowhere: the page says which check stops it, with all the others, and is no error."""
    asked = check_address(factories.archive(), scope="tables", tables=["booking"])
    answer = superadmin.get(asked)
    assert answer.status_code == 200
    assert "Segel cadangan" in answer.content.decode()


def test_an_archive_that_is_not_whole_leads_back_to_the_beginning(superadmin: Client) -> None:
    damaged = factories.archive(state="damaged")
    answer = superadmin.post(check_address(damaged), {"name": "qparkin"})
    assert answer.headers["Location"] == "/restore/"
    assert not Job.objects.exists()
