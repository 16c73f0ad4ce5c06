"""A week of the panel by itself: schedules, copies, drills, retention, crashes, storages that lose all.

Nothing in it is a mock but the clock: database, bucket behind HTTP, workers and their deaths are real.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

import pytest

from backups.engine.database import rows, session
from tests.installation import until
from tests.s3.fault_proxy import Fault
from tests.small_parking import held_up
from tests.week import ending
from tests.week.diary import Diary, lying
from tests.week.ending import Slot
from tests.week.house import House
from tests.week.promise import WIB, Words

FIRST, LAST = date(2026, 11, 4), date(2026, 11, 10)
POLICIES = {"local": Words(all_days=1, daily=0, weekly=2), "s3": Words(all_days=3, daily=7, weekly=0)}
SCHEDULES = """
from datetime import time
from backups.models import Schedule
from backups.services import schedules
from backups.services.timetable import Rule
# `init` makes its tables, and this one, by a process of its own, whose clock is the machine's.
Schedule.objects.all().delete()
schedules.add(schedules.Plan("Malam", Rule("daily", at=time(2))), by=None)
schedules.add(schedules.Plan("Data", Rule("hours", hours=12, at=time(6)), "database"), by=None)
schedules.add(schedules.Plan("Berkas", Rule("cron", cron="30 12 * * 1,4,6"), "files"), by=None)
"""
MINUTE = timedelta(minutes=1)
AT_WORK = "SELECT COUNT(*) FROM backups_job WHERE state IN ('queued', 'running') AND kind NOT IN (?, ?)"


# The film is far larger than all before it: retention holds what was there until a person knows why.
EXPLAIN = """
from backups.models import Archive, User
from backups.services import anomalies
strange = [one for one in Archive.objects.all() if one.anomalies and not one.anomalies_seen_at]
assert strange
for archive in strange:
    anomalies.note_seen(archive, by=User.objects.get())
"""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(date(2026, 11, day), time(hour, minute), WIB)


# The machine is off for a day: one run is missed, the one after it comes late.
OFF, ON = at(8, 5, 30), at(8, 23)
CRASH_OF_A_BACKUP, CRASH_OF_A_DRILL, CRASH_OF_A_COPY = at(6, 2), at(4, 6), at(9, 12, 30)
BUCKET_LOST, FOLDER_LOST = at(5, 15), at(9, 15)


def due() -> Iterator[Slot]:
    """When the three schedules fall due, by their words."""
    for number in range((LAST - FIRST).days + 1):
        day = FIRST.day + number
        yield Slot("Malam", at(day, 2))
        yield from (Slot("Data", at(day, hour)) for hour in (6, 18))
        if FIRST.replace(day=day).isoweekday() in (1, 4, 6):
            yield Slot("Berkas", at(day, 12, 30))


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_week_ends_with_all_that_was_promised_and_nothing_else(house: House) -> None:
    house.json("create_superadmin", "siti@qparkin.example")
    house.do(SCHEDULES)
    for storage, words in POLICIES.items():
        house.json("retention", "--storage", storage, *words.options)
    diary, slots = Diary(house), sorted(due(), key=lambda slot: slot.at)
    with house.at_work():
        house.settle()
        live_through([slot.at for slot in slots if slot.at < OFF], diary)
    house.clock.turn_to(ON)
    with house.at_work():
        house.settle()
        diary.look()
        live_through([slot.at for slot in slots if slot.at > ON], diary)
        house.do(EXPLAIN)
        # The next day has begun: whatever the last backups made superfluous goes.
        house.turn_to(at(LAST.day + 1, 0, 10))
        house.turn_to(at(LAST.day + 1, 0, 20))
    ending.is_as_promised(diary, POLICIES)
    ending.every_slot_was_kept(house, expected(slots))
    ending.nothing_is_left(house)
    ending.all_is_proven_and_numbered(diary)
    ending.each_storage_alone_gives_everything_back(diary, tuple(POLICIES))


def live_through(moments: list[datetime], diary: Diary) -> None:
    house = diary.house
    for moment in moments:
        for loss, act in ((BUCKET_LOST, lose_the_bucket), (FOLDER_LOST, lose_the_folder)):
            if house.clock.now() < loss < moment:
                lose(house, loss, act)
        diary.change_what_is_live()
        if moment == CRASH_OF_A_BACKUP:
            crash_in_a_backup(house, moment)
        elif moment == CRASH_OF_A_DRILL:
            crash_in_a_drill(house, moment)
        elif moment == CRASH_OF_A_COPY:
            crash_in_a_copy(house, moment)
        house.turn_to(moment + 4 * MINUTE)
        diary.look()


def crash_in_a_backup(house: House, moment: datetime) -> None:
    with held_up(house.installation.database):
        house.clock.turn_to(moment + MINUTE)
        worker = house.worker_at("backup")
        until(lambda: any(name.startswith(".partial") for name in house.installation.files()))
        os.kill(worker, signal.SIGKILL)
    house.turn_to(moment + 2 * MINUTE)


def crash_in_a_drill(house: House, moment: datetime) -> None:
    """Under a global read lock a backup is made as ever, and the drill stands before its first schema."""
    with session(house.installation.database.server) as connection:
        rows(connection, "FLUSH TABLES WITH READ LOCK")
        house.clock.turn_to(moment + MINUTE)
        worker = house.worker_at("drill")
        stands = "SELECT 1 FROM information_schema.processlist WHERE INFO LIKE 'CREATE DATABASE%'"
        until(lambda: bool(rows(connection, stands)))
        # The copy runs beside it; its lease must not run out as time leaps.
        until(lambda: house.control(AT_WORK, "drill", "prune") == [(0,)])
        os.kill(worker, signal.SIGKILL)
    house.turn_to(moment + 2 * MINUTE)


def crash_in_a_copy(house: House, moment: datetime) -> None:
    # More than one part, and nothing that zstd could make smaller.
    (house.uploads / "film.mp4").write_bytes(os.urandom(66 * 1024 * 1024))
    armed = house.proxy.arm(Fault(hang=True), method="PUT", query="partNumber", times=9)
    house.clock.turn_to(moment + MINUTE)
    until(lambda: armed.hits > 0)
    # The drill runs beside it; its lease must not run out as time leaps.
    until(lambda: house.control(AT_WORK, "copy", "") == [(0,)])
    os.kill(house.worker_at("copy"), signal.SIGKILL)
    house.proxy.disarm()
    assert house.s3.uploads(house.bucket), "it was not in the middle of an upload"
    house.turn_to(moment + 2 * MINUTE)


def lose(house: House, moment: datetime, act: Callable[[House], str]) -> None:
    """Seen at once, believed after minutes, made anew from the other storage; then somebody takes note."""
    house.clock.turn_to(moment)
    house.settle()
    storage = act(house)
    house.turn_to(moment + 6 * MINUTE)
    assert house.control("SELECT doubted_at IS NOT NULL FROM backups_storagestate WHERE storage = ?", storage)
    house.turn_to(moment + 12 * MINUTE)
    [(lost,)] = house.control(
        "SELECT lost_count FROM backups_storagestate WHERE storage = ? AND lost_at IS NOT NULL", storage
    )
    assert lost > 3
    house.do(f"from backups.services import copies; copies.take_note('{storage}', by=None)")
    house.settle()


def lose_the_bucket(house: House) -> str:
    for name in lying(house)["s3"]:
        house.s3.client.delete_object(Bucket=house.bucket, Key=name)
    return "s3"


def lose_the_folder(house: House) -> str:
    for path in house.installation.archives.iterdir():
        path.unlink()
    return "local"


def expected(slots: list[Slot]) -> list[Slot]:
    missed, late = at(8, 6), at(8, 18)
    return [
        Slot(slot.schedule, slot.at, "missed" if slot.at == missed else "done", slot.at == late)
        for slot in slots
    ]
