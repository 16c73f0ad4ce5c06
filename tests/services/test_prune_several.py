"""Clearing where one of several storages does not tell what it holds, and while others work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from backups.engine.errors import BackupError, ListRefused, StorageFailed
from backups.engine.storage import LocalStorage, Stored
from backups.models import Archive, Copy, Job, StorageState
from backups.services import (
    audit,
    catalogue,
    departures,
    last_look,
    pins,
    policies,
    prune,
    thinning,
    verify,
    work,
)
from backups.services.download import open_download
from backups.services.refusals import PinLate
from backups.services.retention import PRESET, Policy, Reason
from tests.services.on_shelves import copied, keep_one_day
from tests.services.test_prune import cleared, ids, lying, nas, one_day

__all__ = ["nas", "one_day"]

pytestmark = pytest.mark.django_db(transaction=True)

AWAY = StorageFailed(storage="nas", reason="away")


@pytest.fixture
def both(one_day: list[Archive], nas: Path) -> list[Archive]:
    copied(one_day, nas)
    keep_one_day("nas")
    return one_day


def listing(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    """What `nas` tells of itself."""
    real = LocalStorage.names

    def names(self: LocalStorage) -> list[Stored]:
        if self.name != "nas":
            return real(self)
        if isinstance(told, BackupError):
            raise told
        return list(told(real(self)))

    monkeypatch.setattr(LocalStorage, "names", names)


def reasons(result: dict[str, Any], storage: str) -> dict[str, str]:
    return {line["id"]: line["reason"] for line in result["kept"] if line["storage"] == storage}


def test_one_that_cannot_be_listed_is_left_out_and_the_other_cleared(
    both: list[Archive], archives_in: Path, nas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing(monkeypatch, AWAY)
    result = cleared()
    assert ids(result["dropped"]) == [both[age].pk for age in (8, 7, 6, 5)]
    assert result["skipped"] == [{"storage": "nas", "code": "storage_failed"}]
    assert (len(lying(archives_in)), len(lying(nas))) == (5, 9)


def test_what_it_is_to_keep_stays_elsewhere_while_nobody_knows_whether_it_has_it(
    both: list[Archive], archives_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies.change("nas", PRESET, by=None)
    listing(monkeypatch, AWAY)
    assert prune.look().plans["local"].dropped == {}
    result = cleared()
    assert (result["dropped"], len(lying(archives_in))) == ([], 9)
    assert reasons(result, "local")[both[8].pk] == "needed"


@pytest.mark.parametrize(
    "shortened",
    [lambda _: [], lambda lying: lying[:2], lambda lying: lying[4:]],
    ids=["empty", "two", "most"],
)
def test_an_empty_or_shortened_list_concludes_nothing(
    both: list[Archive], nas: Path, monkeypatch: pytest.MonkeyPatch, shortened: Any
) -> None:
    policies.change("nas", PRESET, by=None)
    listing(monkeypatch, shortened)
    result = cleared()
    assert len(lying(nas)) == 9
    assert not Copy.objects.exclude(state=Copy.State.WHOLE).exists()
    if StorageState.objects.filter(storage="nas", doubted_at__isnull=False).exists():
        assert result["dropped"] == []
    for gone in ids(result["dropped"]):
        assert Copy.objects.filter(archive=gone, storage="nas", state="whole").exists()


def test_where_none_can_be_listed_nothing_goes(
    one_day: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalStorage, "names", lambda _: (_ for _ in ()).throw(AWAY))
    with pytest.raises(StorageFailed):
        cleared()
    assert Archive.objects.filter(state="whole").count() == 9


def test_one_whose_key_may_not_list_is_asked_for_what_rests_on_it(
    both: list[Archive], archives_in: Path, nas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read back there once. Before the copy here goes, it is looked whether it still lies there."""
    policies.change("nas", PRESET, by=None)
    listing(monkeypatch, ListRefused(storage="nas"))
    for path in nas.glob(f"*{both[8].pk}*"):
        path.unlink()
    result = cleared()
    assert reasons(result, "local")[both[8].pk] == "needed"
    assert ids(result["dropped"]) == [both[age].pk for age in (7, 6, 5)]
    assert {line["storage"] for line in result["dropped"]} == {"local"}
    assert set(reasons(result, "nas").values()) <= {"all", "newest", "daily", "last", "elsewhere"}


def test_nothing_is_taken_off_a_storage_whose_key_may_not_list(
    both: list[Archive], nas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing(monkeypatch, ListRefused(storage="nas"))
    result = cleared()
    assert len(lying(nas)) == 9
    assert reasons(result, "nas")[both[8].pk] == "elsewhere"


def test_one_that_fails_while_it_is_cleared_keeps_no_other_from_it(
    both: list[Archive], archives_in: Path, nas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = LocalStorage.delete

    def failing(self: LocalStorage, name: str) -> None:
        if self.name == "local":
            raise StorageFailed(storage="local", reason="away")
        real(self, name)

    with monkeypatch.context() as patched:
        patched.setattr(LocalStorage, "delete", failing)
        with pytest.raises(StorageFailed):
            cleared()
    assert (len(lying(archives_in)), len(lying(nas))) == (9, 5)
    result = Job.objects.get(kind="prune").result
    assert {line["storage"] for line in result["dropped"]} == {"nas"}
    assert reasons(result, "local")[both[8].pk] == "failed"
    assert not Copy.objects.filter(leaving__isnull=False).exists()


def test_a_damaged_newest_here_keeps_no_other_storage_from_being_cleared(
    both: list[Archive], archives_in: Path, nas: Path
) -> None:
    newest = next(archives_in.glob(f"*{both[0].pk}.zip"))
    newest.write_bytes(newest.read_bytes()[:-1] + b"!")
    with pytest.raises(BackupError):
        cleared()
    assert (len(lying(archives_in)), len(lying(nas))) == (9, 5)


@pytest.mark.parametrize("kind", ["restore", "drill", "verify", "copy", "backup"])
@pytest.mark.parametrize("state", ["queued", "running"])
def test_what_a_job_reads_or_waits_for_stays(
    one_day: list[Archive], monkeypatch: pytest.MonkeyPatch, kind: str, state: str
) -> None:
    """Asked for after the plan was made, which is when it would hurt."""
    check = verify.check_copy

    def asking(archive: str, **given: Any) -> None:
        check(archive, **given)
        Job.objects.create(kind=kind, state=state, system="x", archive=one_day[8], writes=False)

    monkeypatch.setattr(verify, "check_copy", asking)
    result = cleared()
    assert reasons(result, "local")[one_day[8].pk] == "in_use"
    assert ids(result["dropped"]) == [one_day[age].pk for age in (7, 6, 5)]


def test_what_somebody_downloads_stays_until_it_is_through(one_day: list[Archive]) -> None:
    download = open_download(one_day[8], by=None)
    blocks = iter(download)
    next(blocks)
    assert reasons(cleared(), "local")[one_day[8].pk] == "in_use"
    blocks.close()
    assert one_day[8].pk in ids(cleared()["dropped"])


def test_a_download_that_died_holds_nothing_for_ever(
    one_day: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    audit.record("download", actor=None, about=one_day[8])
    monkeypatch.setattr(last_look, "READ_WITHIN", timedelta(0))
    assert one_day[8].pk in ids(cleared()["dropped"])


def test_a_pin_set_at_the_last_moment_is_kept_and_said(
    one_day: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last look, and before its first byte goes."""
    marked = departures._marked

    def pinning(pk: str, storage: str, reason: Reason) -> Copy | Reason:
        if pk == one_day[8].pk:
            pins.pin(one_day[8], until=timezone.now() + timedelta(days=1), reason="sengketa", by=None)
        return marked(pk, storage, reason)

    monkeypatch.setattr(departures, "_marked", pinning)
    result = cleared()
    assert reasons(result, "local")[one_day[8].pk] == "pinned"
    assert one_day[8].pk not in ids(result["dropped"])


def test_a_pin_that_comes_too_late_is_refused_and_promises_nothing(one_day: list[Archive]) -> None:
    Copy.objects.filter(archive=one_day[8]).update(leaving={"code": "too_old", "params": {}})
    with pytest.raises(PinLate):
        pins.pin(one_day[8], until=timezone.now() + timedelta(days=1), reason="sengketa", by=None)
    one_day[8].refresh_from_db()
    assert one_day[8].pinned_until is None


def test_a_policy_made_larger_between_the_look_and_the_deed_counts(
    one_day: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = verify.check_copy

    def changing(archive: str, **given: Any) -> None:
        check(archive, **given)
        policies.change("local", Policy(7, 0, 0, 0, 0), by=None)

    monkeypatch.setattr(verify, "check_copy", changing)
    assert ids(cleared()["dropped"]) == [one_day[8].pk]


def test_the_clock_asks_for_no_clearing_that_a_failing_or_refusing_storage_would_not_do(
    one_day: list[Archive],
) -> None:
    now = timezone.now()
    StorageState.objects.update(problem_code="storage_failed")
    assert thinning.start_when_due(now) is None
    StorageState.objects.update(problem_code="")
    policies.note_refusal("local", refused=True)
    assert thinning.start_when_due(now + timedelta(days=1)) is None
    assert thinning.start_when_due(now + timedelta(days=8)) is not None


def test_a_seal_that_cannot_be_read_now_is_not_a_damaged_copy(
    both: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was listed, and then the line broke: of the archive that says nothing."""
    real = LocalStorage.open

    def broken(self: LocalStorage, name: str) -> Any:
        if self.name == "nas" and name.endswith(".seal.json"):
            raise StorageFailed(storage="nas", reason="away")
        return real(self, name)

    monkeypatch.setattr(LocalStorage, "open", broken)
    assert set(catalogue.silent()) == {"nas"}
    assert not Copy.objects.exclude(state=Copy.State.WHOLE).exists()
    assert StorageState.objects.get(storage="nas").problem_code == "storage_failed"
    assert work.run_here(prune.request_prune(requested_by=None, trigger="command")).result["skipped"]
