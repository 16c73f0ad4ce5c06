"""What must be so when the week is over."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backups.engine.database import quote_name, rows, session
from tests.week.diary import SIDECAR, Diary, lying
from tests.week.house import House
from tests.week.promise import WIB, Words, promised

POLICY = re.compile(r"\.retention-\d+\.json$")


@dataclass(frozen=True, slots=True)
class Slot:
    schedule: str
    at: datetime
    state: str = "done"
    late: bool = False


def is_as_promised(diary: Diary, policies: Mapping[str, Words]) -> None:
    """At each storage what its policy promises, each archive with its seal, and no other file."""
    today = diary.house.clock.now().astimezone(WIB).date()
    there = lying(diary.house)
    for storage, words in policies.items():
        wanted = promised(diary.seen.values(), words, today)
        assert wanted < set(diary.seen), "a week in which nothing goes shows nothing"
        files = {_name(diary, archive) for archive in wanted}
        notes = {name for name in there[storage] if POLICY.search(name)}
        assert len(notes) == 1, "the note of its policy, also after all was lost"
        assert sorted(there[storage]) == sorted(files | notes | {name + SIDECAR for name in files})


def _name(diary: Diary, archive: str) -> str:
    return f"{diary.house.installation.database.name.replace('_', '-')}-{archive}.zip"


def every_slot_was_kept(house: House, wanted: list[Slot]) -> None:
    found = house.control(
        "SELECT schedule.name, slot.at, slot.state, slot.late FROM backups_slot slot "
        "JOIN backups_schedule schedule ON schedule.id = slot.schedule_id ORDER BY slot.at, schedule.name"
    )
    kept = [
        Slot(name, datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(WIB), state, bool(late))
        for name, at, state, late in found
    ]
    assert kept == sorted(wanted, key=lambda slot: (slot.at, slot.schedule))


def nothing_is_left(house: House) -> None:
    assert house.s3.uploads(house.bucket) == []
    database = house.installation.database
    with session(database.server) as connection:
        beside = rows(connection, BESIDE, (f"{database.name}__",) * 2)
    assert beside == ()
    assert house.control("SELECT COUNT(*) FROM backups_job WHERE state IN ('queued', 'running')") == [(0,)]
    assert house.control("SELECT COUNT(*) FROM backups_job WHERE lock IS NOT NULL") == [(0,)]
    assert house.control("SELECT COUNT(*) FROM django_q_ormq") == [(0,)]
    # Those that were killed, and nothing else that did not come through.
    ended = house.control(
        "SELECT kind, state FROM backups_job WHERE state != 'done' AND error_code != 'gave_way' ORDER BY kind"
    )
    assert ended == [(kind, "interrupted") for kind in ("backup", "copy", "drill")], ended
    # Drills of files unpack beside the folder.
    assert [path for path in house.uploads.parent.iterdir() if "photos" in path.name] == [house.uploads]
    drills = house.installation.folder / "drills"
    assert not drills.exists() or not any(drills.iterdir())
    assert json.loads(house.do(AUDIT)) == {"holds": True}


BESIDE = "SELECT SCHEMA_NAME FROM information_schema.schemata WHERE LEFT(SCHEMA_NAME, CHAR_LENGTH(%s)) = %s"
PROVEN_FROM = "SELECT COUNT(*) FROM backups_proof WHERE proven = 1 AND storage = ?"
AUDIT = """
import json
from backups.services import audit
print(json.dumps({"holds": audit.verify_chain().holds}))
"""


def all_is_proven_and_numbered(diary: Diary) -> None:
    listed = {one["id"]: one for one in diary.house.json("archives")["archives"]}
    there = {name.removesuffix(".zip") for names in lying(diary.house).values() for name in names}
    assert set(listed) == {archive for archive in diary.seen if any(archive in name for name in there)}
    assert all(one["proven_at"] and one["state"] == "whole" for one in listed.values())
    for storage in ("local", "s3"):
        assert diary.house.control(PROVEN_FROM, storage) != [(0,)]
    chain = sorted(diary.seals.values(), key=lambda seal: int(str(seal["sequence"])))
    assert [seal["sequence"] for seal in chain] == list(range(1, len(chain) + 1))
    assert [seal["archive"] for seal in chain] == sorted(diary.seen, key=lambda one: diary.seen[one].created)


def each_storage_alone_gives_everything_back(diary: Diary, storages: tuple[str, ...]) -> None:
    """To a panel that never was: only the keys and one storage, and its own data still empty."""
    for storage in storages:
        house = diary.house
        apart = house.installation.folder / f"stranger-{storage}"
        apart.mkdir()
        stranger = {
            "CONTROL_DATABASE_URL": f"sqlite:///{apart / 'control.sqlite3'}",
            "CACHE_FOLDER": str(apart / "cache"),
            "BACKUP_STORAGES": storage,
        }
        archives = [one["id"] for one in house.json("archives", **stranger)["archives"]]
        assert archives
        told = json.loads(house.do(RESTORE.format(archives=archives, into=str(apart)), **stranger))
        for archive in archives:
            _is_what_was_live(diary, archive, told[archive], apart / archive)


RESTORE = """
import json
from io import StringIO
from django.core.management import call_command
from backups.models import Archive
told = {{}}
for number, archive in enumerate({archives!r}):
    content = Archive.objects.get(pk=archive).content
    told[archive] = f"back_{{number}}" if "database" in content else ""
    if told[archive]:
        call_command("restore", archive, database=told[archive], yes=True, json=True, stdout=StringIO())
    if "files" in content:
        where = {into!r} + "/" + archive
        call_command("restore", archive, files=True, into=where, yes=True, json=True, stdout=StringIO())
print(json.dumps(told))
"""


def _is_what_was_live(diary: Diary, archive: str, schema: str, folder: Path) -> None:
    tables, files = diary.states[archive]
    if schema:
        database = diary.house.installation.database
        with session(database.server, schema) as connection:
            for table, content in tables.items():
                assert rows(connection, f"SELECT * FROM {quote_name(table)} ORDER BY 1") == content, archive
            rows(connection, f"DROP DATABASE {quote_name(schema)}")
    if "files" in diary.seen[archive].content:
        place = folder / diary.house.uploads.name
        assert {path.name: path.read_bytes() for path in place.iterdir()} == files, archive
