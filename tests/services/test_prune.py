"""Clearing on real storages: what goes, what it is asked before, and what a crash leaves."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from backups.engine.errors import ArchiveDamaged, BackupError, DeleteRefused, StorageFailed
from backups.engine.storage import LocalStorage
from backups.models import Archive, AuditEvent, Copy, Job, RetentionPolicy
from backups.services import audit, catalogue, departures, pins, policies, prune, thinning, verify, work
from backups.services.retention import PRESET
from qparkin_backup.storages import Folder
from tests.engine.folders import tree
from tests.services.on_shelves import copied, keep_one_day, stored_daily

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def one_day(settings: Settings, archives_in: Path, tmp_path: Path) -> list[Archive]:
    """Nine daily archives where only one day is kept: a2 to a8 are to go."""
    tree(tmp_path / "uploads", ["a.png"])
    settings.QPARKIN_FILES = (str(tmp_path / "uploads"),)
    settings.BACKUP_KEEP_LAST = 1
    settings.BACKUP_PRUNE_AT_MOST = 4
    keep_one_day("local")
    return stored_daily(9)


@pytest.fixture
def nas(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_STORAGES = (Folder("local"), Folder("nas", str(tmp_path / "nas")))
    return tmp_path / "nas"


def cleared(storage: str = "") -> dict[str, Any]:
    job = work.run_here(prune.request_prune(requested_by=None, trigger="command", storage=storage))
    return dict(job.result)


def ids(lines: list[dict[str, Any]]) -> list[str]:
    return [line["id"] for line in lines]


def lying(folder: Path) -> set[str]:
    """The ids of the archives that lie there with their seal, and that nothing else lies there."""
    seals = {path.name.removesuffix(".zip.seal.json") for path in folder.glob("*.seal.json")}
    assert {path.name for path in folder.iterdir()} == {
        name + end for name in seals for end in (".zip", ".zip.seal.json")
    }
    return {name.split("-", 1)[1] for name in seals}


def test_the_oldest_go_first_and_it_is_on_the_record(one_day: list[Archive], archives_in: Path) -> None:
    result = cleared()
    gone = [one_day[age].pk for age in (8, 7, 6, 5)]
    assert ids(result["dropped"]) == gone
    assert lying(archives_in) == {archive.pk for archive in one_day[:5]}
    assert set(Archive.objects.values_list("pk", flat=True)) == lying(archives_in)
    assert Archive.with_pruned.get(pk=gone[0]).pruned_at is not None
    event = AuditEvent.objects.filter(action="drop_archive").order_by("pk")[0]
    assert (event.object_id, event.details["storage"], event.details["reason"]) == (
        gone[0],
        "local",
        "too_old",
    )
    waiting = {line["id"]: line["reason"] for line in result["kept"]}
    assert waiting[one_day[4].pk] == "next_run"
    assert audit.verify_chain().holds


def test_the_next_run_takes_the_rest_and_the_one_after_it_nothing(
    one_day: list[Archive], archives_in: Path
) -> None:
    cleared()
    cleared()
    assert lying(archives_in) == {one_day[0].pk, one_day[1].pk}
    assert cleared()["dropped"] == []


def test_the_newest_that_stays_is_read_before_anything_goes(one_day: list[Archive]) -> None:
    newest = Path(one_day[0].copies.get().location)
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    with pytest.raises(ArchiveDamaged):
        cleared()
    assert len(lying(newest.parent)) == 9
    assert not AuditEvent.objects.filter(action="drop_archive").exists()


def test_a_copy_goes_here_and_the_archive_stays_there(
    one_day: list[Archive], archives_in: Path, nas: Path
) -> None:
    copied(one_day, nas)
    assert ids(cleared("local")["dropped"]) == [one_day[age].pk for age in (8, 7, 6, 5)]
    assert len(lying(nas)) == 9
    kept = Archive.objects.get(pk=one_day[8].pk)
    assert (kept.state, [copy.storage for copy in kept.copies.all()]) == ("whole", ["nas"])
    catalogue.sync()
    assert Archive.objects.get(pk=one_day[8].pk).state == "whole"


def test_it_stays_here_until_it_is_whole_there(one_day: list[Archive], nas: Path) -> None:
    copied(one_day[:7], nas)
    result = cleared("local")
    reasons = {line["id"]: (line["reason"], line["params"]) for line in result["kept"]}
    assert reasons[one_day[8].pk] == ("needed", {"storage": "nas"})
    assert ids(result["dropped"]) == [one_day[age].pk for age in (6, 5, 4, 3)]


def test_what_nobody_keeps_goes_from_both(one_day: list[Archive], archives_in: Path, nas: Path) -> None:
    copied(one_day, nas)
    keep_one_day("nas")
    assert len(cleared()["dropped"]) == 8
    assert lying(nas) == lying(archives_in) == {archive.pk for archive in one_day[:5]}
    assert Archive.objects.count() == 5


def test_a_key_that_may_not_delete_is_no_error_and_is_remembered(
    one_day: list[Archive], archives_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DeleteRefused(storage="local")

    with monkeypatch.context() as patched:
        patched.setattr(LocalStorage, "delete", refuse)
        result = cleared()
    assert (result["dropped"], len(lying(archives_in))) == ([], 9)
    reasons = {line["id"]: line["reason"] for line in result["kept"]}
    assert reasons[one_day[8].pk] == "elsewhere"
    assert not Copy.objects.filter(leaving__isnull=False).exists()
    assert set(policies.refusals()) == {"local"}
    assert len(cleared()["dropped"]) == 4
    assert policies.refusals() == {}


class Died(BaseException):
    """As SIGKILL would: nothing of ours catches it."""


@pytest.mark.parametrize("calls", [0, 1, 2, 3])
def test_a_crash_in_the_middle_leaves_a_true_catalogue(
    one_day: list[Archive], archives_in: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    """Before the seal of the first goes, between seal and archive, after both, and in the second."""
    done: list[str] = []
    delete = LocalStorage.delete

    def dying(self: LocalStorage, name: str) -> None:
        if len(done) == calls:
            raise Died
        delete(self, name)
        done.append(name)

    job = prune.request_prune(requested_by=None, trigger="command")
    with monkeypatch.context() as patched:
        patched.setattr(LocalStorage, "delete", dying)
        with pytest.raises(Died):
            work.run_here(job)
    Job.objects.filter(pk=job.pk).update(state=Job.State.INTERRUPTED, lock=None)
    departures.settle_what_broke_off()
    catalogue.sync()
    there = lying(archives_in)
    assert there == set(Archive.objects.filter(state="whole").values_list("pk", flat=True))
    assert not Archive.objects.exclude(state="whole").exists()
    assert not Copy.objects.exclude(state="whole").exists()
    dropped = AuditEvent.objects.filter(action="drop_archive").values_list("object_id", flat=True)
    assert len(dropped) == len(set(dropped)) == 9 - len(there)
    assert len(cleared()["dropped"]) == 4


def test_what_a_running_job_is_at_is_not_settled(one_day: list[Archive]) -> None:
    Copy.objects.filter(archive=one_day[8]).update(leaving={"code": "too_old", "params": {}})
    running = Job.objects.create(kind=Job.Kind.PRUNE, state=Job.State.RUNNING, system="x")
    departures.settle_what_broke_off()
    assert Copy.objects.filter(leaving__isnull=False).exists()
    running.delete()
    departures.settle_what_broke_off()
    assert not Copy.objects.filter(leaving__isnull=False).exists()
    assert len(Archive.objects.filter(state="whole")) == 9


def test_what_was_pinned_after_the_plan_was_made_stays(
    one_day: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = verify.check_copy

    def pinning(archive: str, **given: Any) -> None:
        check(archive, **given)
        until = timezone.now() + timedelta(days=1)
        pins.pin(one_day[8], until=until, reason="sengketa", by=None)

    monkeypatch.setattr(verify, "check_copy", pinning)
    result = cleared()
    assert ids(result["dropped"]) == [one_day[age].pk for age in (7, 6, 5)]
    assert {line["id"]: line["reason"] for line in result["kept"]}[one_day[8].pk] == "pinned"


def test_a_storage_that_cannot_be_listed_stops_it(
    one_day: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> list[object]:
        raise StorageFailed(storage="local", reason="away")

    monkeypatch.setattr(LocalStorage, "names", refuse)
    with pytest.raises(BackupError):
        cleared()
    assert Archive.objects.filter(state="whole").count() == 9


def test_an_empty_storage_drops_nothing(
    one_day: list[Archive], archives_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalStorage, "names", lambda _: [])
    assert cleared()["dropped"] == []
    assert len(lying(archives_in)) == 9


@pytest.mark.parametrize("year", [1970, 2099])
def test_a_wrong_clock_drops_nothing(
    one_day: list[Archive], archives_in: Path, monkeypatch: pytest.MonkeyPatch, year: int
) -> None:
    wrong = datetime(year, 1, 2, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr(prune.timezone, "now", lambda: wrong)
    plans = prune.look().plans
    assert {reason.code for reason in plans["local"].kept.values()} == {"clock"}


def test_the_clock_asks_for_it_once_a_day_and_after_each_backup(one_day: list[Archive]) -> None:
    now = timezone.now()
    asked = thinning.start_when_due(now)
    assert asked is not None
    assert (asked.kind, asked.trigger) == ("prune", "schedule")
    assert thinning.start_when_due(now) is None
    assert thinning.start_when_due(now + timedelta(days=1)) not in (None, asked)


def test_the_clock_asks_for_nothing_where_nothing_goes(one_day: list[Archive]) -> None:
    policies.change("local", PRESET, by=None)
    assert thinning.start_when_due(timezone.now()) is None
    assert not Job.objects.filter(kind="prune").exists()


def test_the_model_begins_with_the_preset() -> None:
    assert policies.every() == {"local": PRESET}
    RetentionPolicy.objects.create(storage="local")
    assert policies.every() == {"local": PRESET}


def test_a_change_is_on_the_record() -> None:
    keep_one_day("local")
    told = AuditEvent.objects.get(action="change_retention").details
    assert (told["storage"], told["before"]["daily"], told["after"]["daily"]) == ("local", 16, 0)
