"""Pins and policies outlive the panel's own database: signed notes of them lie at the storages."""

from __future__ import annotations

import json
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from backups.engine import seal
from backups.engine.errors import ListRefused, StorageFailed
from backups.engine.storage import LocalStorage
from backups.models import Archive, AuditEvent, Copy, RetentionPolicy
from backups.services import catalogue, clock, keys, notes, pin_notes, pins, policies, policy_notes, shelves
from backups.services.retention import PRESET, Policy
from tests.scratch import ScratchDatabase
from tests.services.copying import backed_up
from tests.services.on_shelves import ONE_DAY, copied, keep_one_day
from tests.services.test_prune import cleared, ids, nas, one_day

__all__ = ["nas", "one_day"]

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "sengketa tiket Budi"


def pinned(archive: Archive, days: int = 30) -> datetime:
    until = timezone.now() + timedelta(days=days)
    pins.pin(archive, until=until, reason=WHY, by=None)
    return until


def control_database_is_lost() -> None:
    for model in (Copy, Archive, RetentionPolicy):
        model._base_manager.all().delete()


def noted(folder: Path) -> list[str]:
    return sorted(notes_of([path.name for path in folder.iterdir()], notes.PIN))


def notes_of(names: list[str], kind: str) -> list[str]:
    return [name for name in names if notes.numbers([name], kind)]


def only_note(folder: Path) -> Path:
    (name,) = noted(folder)
    return folder / name


def test_what_was_pinned_is_pinned_after_the_index_was_lost_and_never_cleared(
    one_day: list[Archive], archives_in: Path
) -> None:
    until = pinned(one_day[8])
    clock.tick()
    control_database_is_lost()
    catalogue.look()
    keep_one_day("local")
    found = Archive.objects.get(pk=one_day[8].pk)
    assert (found.pinned_until, found.pin_reason) == (until, WHY)
    for _ in range(3):
        result = cleared()
    assert {line["id"]: line["reason"] for line in result["kept"]}[one_day[8].pk] == "pinned"
    assert AuditEvent.objects.get(action="pin_found").object_id == one_day[8].pk
    assert len(noted(archives_in)) == 1


def test_import_archives_brings_both_back(one_day: list[Archive], archives_in: Path) -> None:
    policies.change("local", Policy(30, 9, 8, 7, 6, 5_000_000), by=None)
    pinned(one_day[8])
    clock.tick()
    control_database_is_lost()
    call_command("import_archives", "--json")
    assert policies.of("local") == Policy(30, 9, 8, 7, 6, 5_000_000)
    assert AuditEvent.objects.get(action="retention_found").details["after"]["all_days"] == 30
    assert Archive.objects.get(pk=one_day[8].pk).pinned_until


def test_a_rebuilt_panel_does_not_clear_by_the_preset_what_was_to_stay_longer(
    one_day: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    policies.change("local", Policy(9, 0, 0, 0, 0), by=None)
    policy_notes.write_due()
    control_database_is_lost()
    assert cleared()["dropped"] == []
    assert policies.of("local") == Policy(9, 0, 0, 0, 0)


def test_of_several_the_last_one_counts(one_day: list[Archive], archives_in: Path) -> None:
    pinned(one_day[8])
    pin_notes.write_due()
    pins.unpin(one_day[8], by=None)
    pin_notes.write_due()
    pinned(one_day[7])
    pin_notes.write_due()
    control_database_is_lost()
    catalogue.look()
    assert list(Archive.objects.exclude(pinned_until=None)) == [one_day[7]]


def test_a_copy_made_later_gets_it_too_and_a_copy_alone_is_enough(
    one_day: list[Archive], archives_in: Path, nas: Path
) -> None:
    pinned(one_day[8])
    pin_notes.write_due()
    copied(one_day, nas)
    clock.tick()
    assert noted(nas) == noted(archives_in) != []
    for path in archives_in.iterdir():
        path.unlink()
    control_database_is_lost()
    catalogue.look()
    assert Archive.objects.get(pk=one_day[8].pk).pinned_until


def test_an_older_copy_of_the_control_database_learns_what_came_after(one_day: list[Archive]) -> None:
    before = Archive.objects.filter(pk=one_day[8].pk).values("pinned_until", "pin_reason", "pin_number").get()
    until = pinned(one_day[8])
    pin_notes.write_due()
    Archive.objects.filter(pk=one_day[8].pk).update(**before)
    Copy.objects.update(pin_noted=0)
    assert one_day[8].pk not in ids(cleared()["dropped"])
    assert Archive.objects.get(pk=one_day[8].pk).pinned_until == until


def test_what_is_known_is_newer_than_a_note(one_day: list[Archive]) -> None:
    pinned(one_day[8])
    pin_notes.write_due()
    pins.unpin(one_day[8], by=None)
    catalogue.look()
    one_day[8].refresh_from_db()
    assert one_day[8].pinned_until is None


def test_the_reason_is_not_readable_there(
    one_day: list[Archive], archives_in: Path, settings: Settings
) -> None:
    until = pinned(one_day[8])
    pin_notes.write_due()
    assert b"Budi" not in only_note(archives_in).read_bytes()
    settings.BACKUP_IDENTITY_FILE = ""
    control_database_is_lost()
    catalogue.look()
    found = Archive.objects.get(pk=one_day[8].pk)
    assert (found.pinned_until, found.pin_reason) == (until, "")


def signed(text: bytes, key: seal.SigningKey | None, **changed: Any) -> bytes:
    """A note that takes the pin off, with the number two."""
    assert key is not None
    said = {name: value for name, value in json.loads(text).items() if name != "signature"}
    said |= {"until": "", "number": 2, "signer": key.public, **changed}
    return seal.canonical({**said, "signature": key.signature(notes.DOMAIN + seal.canonical(said))})


def by_us(text: bytes, **changed: Any) -> bytes:
    return signed(text, keys.signing(), **changed)


def by_a_stranger(text: bytes) -> bytes:
    path = Path(tempfile.mkdtemp()) / "key"
    path.write_bytes(seal.new_signing_key())
    return signed(text, seal.SigningKey.load(path))


def altered(text: bytes, **changed: Any) -> bytes:
    return seal.canonical({**json.loads(by_us(text)), **changed})


SPOILT = {
    "empty": lambda _: b"",
    "nested": lambda _: b"[" * 9_000,
    "a list": lambda _: b"[]",
    "no text": lambda _: b"\xff\xfe",
    "a space behind": lambda text: by_us(text) + b" ",
    "a space within": lambda text: by_us(text).replace(b'{"archive"', b'{ "archive"'),
    "altered": lambda text: altered(text, until="2199-01-01T00:00:00+00:00"),
    "unsigned": lambda text: altered(text, signature=""),
    "a stranger": by_a_stranger,
    "another number": lambda text: by_us(text, number=1),
    "another kind": lambda text: by_us(text, kind="retention"),
    "another format": lambda text: by_us(text, format=2),
    "too large": lambda text: by_us(text, reason="x" * 20_000),
}


@pytest.mark.parametrize("spoilt", [*SPOILT, "nothing"])
def test_what_is_no_note_of_ours_is_passed_over(
    one_day: list[Archive], archives_in: Path, spoilt: str
) -> None:
    """The true one below it counts; where nothing is wrong with the later one, that does."""
    until = pinned(one_day[8])
    pin_notes.write_due()
    note = only_note(archives_in)
    text = SPOILT.get(spoilt, by_us)(note.read_bytes())
    note.with_name(note.name.replace("pin-1", "pin-2")).write_bytes(text)
    control_database_is_lost()
    catalogue.look()
    assert Archive.objects.get(pk=one_day[8].pk).pinned_until == (until if spoilt in SPOILT else None)


def test_false_ones_above_the_true_one_do_not_hide_it(one_day: list[Archive], archives_in: Path) -> None:
    until = pinned(one_day[8])
    pin_notes.write_due()
    note = only_note(archives_in)
    for number in range(2, 30):
        note.with_name(note.name.replace("pin-1", f"pin-{number}")).write_bytes(b"{}")
    control_database_is_lost()
    catalogue.look()
    assert Archive.objects.get(pk=one_day[8].pk).pinned_until == until
    for number in range(30, 99):
        note.with_name(note.name.replace("pin-1", f"pin-{number}")).write_bytes(b"{}")
    control_database_is_lost()
    with pytest.raises(StorageFailed, match="not ours"):
        cleared()


def test_thousands_of_strangers_notes_stop_no_listing(one_day: list[Archive], archives_in: Path) -> None:
    for number in range(1_500):
        (archives_in / f"x-20261123T000000Z-{number:08x}.zip.pin-1.json").write_bytes(b"{}")
    assert catalogue.look() == ()


def test_a_note_is_of_its_archive_its_storage_and_its_number_alone(
    one_day: list[Archive], archives_in: Path, nas: Path
) -> None:
    copied(one_day, nas)
    pinned(one_day[8])
    policies.change("nas", ONE_DAY, by=None)
    pin_notes.write_due()
    policy_notes.write_due()
    (note,) = [path for path in archives_in.iterdir() if ".pin-" in path.name]
    other = note.name.replace(one_day[8].pk, one_day[7].pk)
    (archives_in / other).write_bytes(note.read_bytes())
    (of_nas,) = [path for path in nas.iterdir() if ".retention-" in path.name]
    here = of_nas.name.replace("retention-1", "retention-7")
    (archives_in / here).write_bytes(of_nas.read_bytes())
    (archives_in / of_nas.name).write_bytes(of_nas.read_bytes())
    control_database_is_lost()
    catalogue.look()
    assert list(Archive.objects.exclude(pinned_until=None)) == [one_day[8]]
    assert (policies.of("local"), policies.of("nas")) == (PRESET, ONE_DAY)


def test_where_a_note_cannot_be_read_now_nothing_goes(
    one_day: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be the one that says what must stay."""
    pinned(one_day[8])
    pin_notes.write_due()
    Archive.objects.update(pinned_until=None, pin_number=0)
    real = LocalStorage.open

    def broken(self: LocalStorage, name: str) -> Any:
        if ".pin-" in name:
            raise StorageFailed(storage="local", reason="away")
        return real(self, name)

    monkeypatch.setattr(LocalStorage, "open", broken)
    with pytest.raises(StorageFailed):
        cleared()
    assert Archive.objects.count() == 9


def test_a_number_that_a_panel_before_this_one_has_used_is_passed_over(
    one_day: list[Archive], archives_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the key may not list, nobody was told of it."""
    pinned(one_day[8], days=3)
    pin_notes.write_due()
    Archive.objects.filter(pk=one_day[8].pk).update(pinned_until=None, pin_number=0)
    Copy.objects.update(pin_noted=0)
    monkeypatch.setattr(LocalStorage, "names", lambda _: (_ for _ in ()).throw(ListRefused(storage="local")))
    until = pinned(one_day[8], days=90)
    pin_notes.write_due()
    pin_notes.write_due()
    monkeypatch.undo()
    control_database_is_lost()
    catalogue.look()
    assert Archive.objects.get(pk=one_day[8].pk).pinned_until == until


def test_what_goes_takes_its_notes_along(one_day: list[Archive], archives_in: Path) -> None:
    pinned(one_day[8])
    pin_notes.write_due()
    pins.unpin(one_day[8], by=None)
    assert one_day[8].pk in ids(cleared()["dropped"])
    assert noted(archives_in) == []


def test_a_host_that_cannot_sign_writes_none_and_fails_nothing(
    one_day: list[Archive], archives_in: Path, settings: Settings
) -> None:
    pinned(one_day[8])
    settings.BACKUP_SIGNING_KEY_FILE = ""
    pin_notes.write_due()
    policy_notes.write_due()
    assert noted(archives_in) == []


def test_a_storage_that_fails_is_left_in_peace_for_a_while(
    one_day: list[Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned(one_day[8])
    tried: list[str] = []

    def failing(self: LocalStorage, name: str) -> Any:
        tried.append(name)
        raise StorageFailed(storage="local", reason="away")

    monkeypatch.setattr(LocalStorage, "create", failing)
    for _ in range(3):
        pin_notes.write_due()
    assert len(tried) == 1


def test_the_command_does_not_wait_for_the_clock(one_day: list[Archive], archives_in: Path) -> None:
    until = (timezone.localdate() + timedelta(days=9)).isoformat()
    call_command("pin", one_day[8].pk, "--until", until, "--reason", WHY, "--json")
    assert only_note(archives_in).name.endswith(".pin-1.json")
    call_command("unpin", one_day[8].pk, "--json")
    assert only_note(archives_in).name.endswith(".pin-2.json")


def test_what_came_before_a_strange_one_is_held_again(
    parking: ScratchDatabase, settings: Settings, archives_in: Path
) -> None:
    settings.BACKUP_KEEP_LAST = 1
    parking.run(f"INSERT INTO zona VALUES {', '.join(f'({number}, 1)' for number in range(10, 99))}")
    parking.run("INSERT INTO tiket (id_mall) SELECT 1 FROM zona a, zona b LIMIT 500")
    before = backed_up()
    parking.run("DELETE FROM tiket")
    strange = backed_up()
    strange.refresh_from_db()
    assert strange.anomalies
    control_database_is_lost()
    catalogue.look()
    keep_one_day("local")
    _, plans = shelves.plan(timezone.now())
    assert plans["local"].kept[before.pk].code == "before_anomaly"
