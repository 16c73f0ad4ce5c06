"""Nothing is taken for gone at the first word, and nothing that is gone goes in silence."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from backups import queries
from backups.engine import seal as seals
from backups.engine.archive import size_of
from backups.engine.errors import StorageFailed
from backups.engine.storage import LocalStorage, Stored
from backups.engine.stream import Silent
from backups.models import Archive, AuditEvent, Copy, Job, StorageState
from backups.services import catalogue, clock, copies, keys, pins, policies, work
from backups.services.adopt import import_archives
from backups.services.archives import find_archive
from backups.services.retention import Policy
from tests.scratch import ScratchDatabase
from tests.services.copying import backed_up, copied, copy_at, flip, names, nas, two

__all__ = ["nas", "two"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def four(nas: Path) -> list[Archive]:
    """Four archives, each whole at both storages."""
    made = [backed_up() for _ in range(4)]
    for archive in made:
        copied(archive)
    return made


def states(storage: str = "nas") -> list[str]:
    return list(Copy.objects.filter(storage=storage).values_list("state", flat=True))


def minutes_later() -> None:
    """Without the wait."""
    StorageState.objects.update(doubted_at=timezone.now() - timedelta(minutes=5))


def test_a_list_that_is_refused_says_nothing_and_the_other_storage_is_used(
    four: list[Archive], monkeypatch: pytest.MonkeyPatch, parking: ScratchDatabase
) -> None:
    real = LocalStorage.names

    def refuse(self: LocalStorage) -> list[Stored]:
        if self.name == "nas":
            raise StorageFailed(storage="nas", reason="it may not be listed")
        return real(self)

    monkeypatch.setattr(LocalStorage, "names", refuse)
    with pytest.raises(StorageFailed):
        catalogue.sync()
    assert catalogue.look() == ()
    assert states() == ["whole"] * 4
    assert find_archive("latest") == four[-1]
    state = StorageState.objects.get(storage="nas")
    assert (state.problem_code, state.listed_at is not None) == ("storage_failed", True)
    assert queries.home_state(parking.name).reason == "storage_failing"
    monkeypatch.undo()
    catalogue.sync()
    assert StorageState.objects.get(storage="nas").problem_code == ""


def test_a_list_that_is_cut_short_is_not_believed(
    four: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = LocalStorage.names
    monkeypatch.setattr(
        LocalStorage, "names", lambda self: real(self)[:2] if self.name == "nas" else real(self)
    )
    for _ in range(2):
        catalogue.sync()
        minutes_later()
    assert states() == ["whole"] * 4
    assert not AuditEvent.objects.filter(action="storage_lost").exists()


def test_an_emptied_storage_is_an_alarm_at_once_and_a_loss_at_the_second_look(
    four: list[Archive], nas: Path, parking: ScratchDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    for file in nas.iterdir():
        file.unlink()
    catalogue.sync()
    assert states() == ["whole"] * 4
    assert queries.home_state(parking.name).reason == "storage_in_doubt"
    assert "looked at again" in caplog.text
    catalogue.sync()
    assert states() == ["whole"] * 4
    minutes_later()
    catalogue.sync()
    assert states() == ["missing"] * 4
    assert {archive.state for archive in Archive.objects.all()} == {"whole"}
    assert AuditEvent.objects.get(action="storage_lost").details == {"storage": "nas", "count": 4}
    state = StorageState.objects.get(storage="nas")
    assert (state.lost_count, state.doubted_at) == (4, None)
    # It is filled again by itself; the alarm stands until somebody has taken note of it.
    copies.ask_for_what_is_due()
    while waiting := Job.objects.filter(kind="copy", state="queued").first():
        # Each asks for the next one when it ends.
        work.run_here(waiting)
    assert states() == ["whole"] * 4
    assert queries.home_state(parking.name).reason == "storage_lost"
    copies.take_note("nas", by=None)
    assert queries.home_state(parking.name).reason != "storage_lost"


def test_an_emptied_storage_that_comes_back_was_never_lost(four: list[Archive], nas: Path) -> None:
    nas.rename(nas.with_name("away"))
    nas.mkdir()
    catalogue.sync()
    nas.rmdir()
    nas.with_name("away").rename(nas)
    minutes_later()
    catalogue.sync()
    assert states() == ["whole"] * 4
    assert StorageState.objects.get(storage="nas").doubted_at is None


def test_a_folder_that_is_gone_is_a_disk_that_is_not_mounted(
    two: Archive, nas: Path, parking: ScratchDatabase
) -> None:
    nas.rename(nas.with_name("away"))
    with pytest.raises(StorageFailed, match="mounted"):
        catalogue.sync()
    assert states() == ["whole"]
    another = backed_up()
    with pytest.raises(StorageFailed, match="mounted"):
        copied(another)
    assert not nas.exists()
    assert queries.home_state(parking.name).state == "attention"


def test_one_archive_that_is_gone_is_noticed_at_once(four: list[Archive], nas: Path) -> None:
    for file in nas.glob(f"*{four[0].pk}*"):
        file.unlink()
    catalogue.sync()
    assert copy_at(four[0]).state == "missing"
    assert sorted(states()) == ["missing", "whole", "whole", "whole"]
    assert AuditEvent.objects.filter(action="storage_lost").count() == 1


def test_what_retention_is_taking_away_is_not_lost(four: list[Archive], nas: Path) -> None:
    Copy.objects.filter(archive=four[0]).update(leaving={"code": "too_old", "params": {}})
    for file in nas.glob(f"*{four[0].pk}*"):
        file.unlink()
    catalogue.sync()
    assert not AuditEvent.objects.filter(action="storage_lost").exists()


def test_the_clock_reads_no_seal_twice_in_a_day(four: list[Archive], monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = LocalStorage.open

    def counted(self: LocalStorage, name: str) -> object:
        read.append(name)
        return real(self, name)

    monkeypatch.setattr(LocalStorage, "open", counted)
    catalogue.look(quick=True)
    assert read == []
    catalogue.look()
    assert len(read) == 8


def everything_forgotten() -> None:
    for model in (Copy, Job, Archive):
        model._default_manager.all().delete()  # type: ignore[attr-defined]
    StorageState.objects.all().delete()


def test_the_index_is_rebuilt_from_what_is_left_anywhere(
    four: list[Archive], nas: Path, archives_in: Path
) -> None:
    shutil.rmtree(archives_in)
    everything_forgotten()
    adopted = import_archives([], progress=Silent())
    assert {archive.pk for archive in adopted.imported} == {archive.pk for archive in four}
    assert {archive.state for archive in Archive.objects.all()} == {"whole"}
    assert find_archive("latest").rows == four[-1].rows


@pytest.mark.parametrize("harmed", ["local", "nas"])
def test_of_two_archives_with_one_id_the_whole_one_is_it(
    two: Archive, nas: Path, archives_in: Path, settings: Settings, harmed: str
) -> None:
    """The same id, other bytes, and a seal of ours that holds: only its file does not."""
    folders = {"local": archives_in, "nas": nas}
    forge(folders[harmed], two)
    everything_forgotten()
    import_archives([], progress=Silent())
    found = Archive.objects.get(pk=two.pk)
    assert (found.state, found.seal_digest) == ("whole", two.seal_digest)
    assert {copy.storage: copy.state for copy in found.copies.all()} == {
        **dict.fromkeys(folders, "whole"),
        harmed: "damaged",
    }


def forge(folder: Path, archive: Archive) -> None:
    """In the place of one archive, a file of its size whose seal, signed by us, names other members."""
    (path,) = folder.glob(f"*{archive.pk}.zip")
    beside = path.with_name(path.name + ".seal.json")
    seal = seals.read(beside.read_bytes(), archive=archive.pk, trusted=keys.trusted())
    signing = keys.signing()
    assert signing is not None
    members = (replace(seal.members[0], sha256="0" * 64), *seal.members[1:])
    text = seals.write(replace(seal, members=members), signing)
    beside.write_bytes(text)
    assert path.stat().st_size == size_of(
        tuple((m.name, m.size) for m in members), seal=len(text), created=seal.created
    )
    flip(path)


def test_a_copy_that_is_another_than_the_known_one_is_damaged_and_made_anew(two: Archive, nas: Path) -> None:
    forge(nas, two)
    catalogue.sync()
    two.refresh_from_db()
    assert (two.state, copy_at(two).state, copy_at(two, "local").state) == ("whole", "damaged", "whole")
    copied(two)
    catalogue.sync()
    assert copy_at(two).state == "whole"
    assert len(names(nas)) == 2


def test_notes_that_went_with_their_archives_are_written_again(four: list[Archive], nas: Path) -> None:
    """Found by the simulated week: pins and policies outlive neither storage nor database otherwise."""
    policies.change("nas", Policy(all_days=3), by=None)
    pins.pin(four[0], until=timezone.now() + timedelta(days=9), reason="sengketa", by=None)
    clock.tick()
    before = [name for name in names(nas) if ".pin-" in name or ".retention-" in name]
    assert len(before) == 2
    for file in nas.iterdir():
        file.unlink()
    catalogue.look()
    minutes_later()
    catalogue.look()
    for archive in four:
        copied(archive)
    clock.tick()
    assert set(before) < set(names(nas))
