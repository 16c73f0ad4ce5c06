"""The index follows the storages: what lies there, of which database, and what went."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from backups import queries
from backups.engine import pipeline
from backups.engine.errors import ArchiveDamaged
from backups.models import Archive, AuditEvent, Job
from backups.services import catalogue, clock, copy_rows, policies, prune, work
from backups.services.archives import find_archive
from backups.services.backup import request_backup
from backups.services.drill import request_drill
from backups.services.refusals import ArchiveUnknown, OtherDatabase
from backups.services.restore import request_restore
from backups.services.retention import Policy
from tests.scratch import ScratchDatabase

pytestmark = pytest.mark.django_db(transaction=True)


def backed_up() -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def of_another_system() -> Archive:
    """Newer than ours, in the same storage."""
    made = backed_up()
    Archive.objects.filter(pk=made.pk).update(database="somebody_elses")
    made.refresh_from_db()
    return made


def test_latest_is_of_the_protected_database(parking: ScratchDatabase) -> None:
    ours = backed_up()
    other = of_another_system()
    assert find_archive("latest") == ours
    assert find_archive(other.pk) == other
    assert queries.best_archive(parking.name) == ours
    assert list(queries.recent_archives(parking.name)) == [ours]


def test_the_index_knows_the_release_of_an_archive(parking: ScratchDatabase) -> None:
    assert backed_up().release == {}
    parking.run(
        "CREATE TABLE migrations (id INT PRIMARY KEY, migration VARCHAR(255), batch INT)",
        "INSERT INTO migrations VALUES (1, '2026_01_01_000000_b', 1), (2, '2025_01_01_000000_a', 1)",
    )
    known = {"framework": "", "revision": "", "migrations": 2, "last_migration": "2026_01_01_000000_b"}
    made = backed_up()
    assert made.release == known
    Archive.with_pruned.filter(pk=made.pk).delete()
    catalogue.sync()
    assert Archive.objects.get(pk=made.pk).release == known


def test_another_database_alone_is_no_backup_of_ours(parking: ScratchDatabase) -> None:
    of_another_system()
    with pytest.raises(ArchiveUnknown):
        find_archive("latest")
    assert queries.home_state(parking.name).reason == "no_backup_yet"


def test_the_same_name_in_another_case_is_ours(parking: ScratchDatabase) -> None:
    made = backed_up()
    Archive.objects.update(database=parking.name.upper())
    assert find_archive("latest") == made
    made.refresh_from_db()
    assert request_drill(made, requested_by=None, trigger="command").archive == made


@pytest.mark.usefixtures("parking")
def test_another_database_is_put_beside_and_never_in_place() -> None:
    other = of_another_system()
    with pytest.raises(OtherDatabase, match="somebody_elses"):
        request_restore(other, requested_by=None, trigger="command")
    with pytest.raises(OtherDatabase):
        request_drill(other, requested_by=None, trigger="command")
    assert request_restore(other, requested_by=None, trigger="command", target="baru").state == "queued"


def test_prune_leaves_other_systems_alone(parking: ScratchDatabase, settings: Settings) -> None:
    settings.BACKUP_KEEP_LAST = 1
    policies.change("local", Policy(0, 0, 0, 0, 0), by=None)
    other, old, new = of_another_system(), backed_up(), backed_up()
    plan = prune.look().plans["local"]
    assert (set(plan.dropped), set(plan.kept)) == ({old.pk}, {new.pk})
    assert other.pk not in plan.kept


@pytest.mark.usefixtures("parking")
def test_prune_drops_nothing_when_the_newest_is_not_whole(settings: Settings) -> None:
    settings.BACKUP_KEEP_LAST = 1
    policies.change("local", Policy(0, 0, 0, 0, 0), by=None)
    backed_up()
    newest = Path(backed_up().copies.get().location)
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    with pytest.raises(ArchiveDamaged):
        work.run_here(prune.request_prune(requested_by=None, trigger="command"))
    assert len(list(newest.parent.glob("*.zip"))) == 2
    assert not AuditEvent.objects.filter(action="drop_archive").exists()
    assert find_archive("latest").pk != newest.name


@pytest.mark.parametrize("change", ["size", "name"])
def test_a_file_that_is_not_what_its_seal_says_is_not_whole(parking: ScratchDatabase, change: str) -> None:
    made = backed_up()
    path = Path(made.copies.get().location)
    if change == "size":
        path.write_bytes(path.read_bytes()[:-100])
    else:
        path.rename(path.with_name("lain" + path.name[path.name.index("-") :]))
    catalogue.sync()
    made.refresh_from_db()
    assert made.state in ("damaged", "missing")
    assert queries.home_state(parking.name).state == "attention"


@pytest.mark.usefixtures("parking")
def test_where_only_a_damaged_one_is_left_latest_says_so() -> None:
    path = Path(backed_up().copies.get().location)
    path.write_bytes(path.read_bytes()[:-100])
    catalogue.sync()
    with pytest.raises(ArchiveDamaged, match="another size"):
        find_archive("latest")


@pytest.mark.usefixtures("parking")
def test_a_signer_that_was_not_believed_for_a_while_damages_nothing(settings: Settings) -> None:
    made, key = backed_up(), settings.BACKUP_SIGNING_KEY_FILE
    settings.BACKUP_SIGNING_KEY_FILE = ""
    catalogue.sync()
    made.refresh_from_db()
    assert (made.state, made.problem_code) == ("damaged", "signer_unknown")
    settings.BACKUP_SIGNING_KEY_FILE = key
    catalogue.sync()
    made.refresh_from_db()
    assert (made.state, made.problem_code) == ("whole", "")


def test_an_emptied_storage_is_noticed_by_the_clock(parking: ScratchDatabase, archives_in: Path) -> None:
    made = backed_up()
    for file in archives_in.iterdir():
        file.unlink()
    # Five minutes later, without the wait.
    cache.delete(catalogue.LOOKED)
    clock.tick()
    made.refresh_from_db()
    assert (made.state, queries.home_state(parking.name).state) == ("missing", "attention")


def test_the_storages_are_not_listed_at_every_beat(
    monkeypatch: pytest.MonkeyPatch, archives_in: Path
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(copy_rows, "judge", lambda _: looked.append(1))
    for _ in range(3):
        assert catalogue.refresh(older_than=timedelta(minutes=5))
    assert looked == [1]
    cache.delete(catalogue.LOOKED)
    archives_in.write_text("not a folder")
    assert not catalogue.refresh(older_than=timedelta(minutes=5))


@pytest.mark.usefixtures("parking")
def test_an_archive_that_was_seen_before_its_job_listed_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    real = pipeline.verify

    def while_somebody_looks(source: pipeline.Source, **options: object) -> pipeline.Verified:
        catalogue.sync()
        return real(source, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "verify", while_somebody_looks)
    made = backed_up()
    assert (made.job, made.copies.count()) == (Job.objects.get(), 1)


@pytest.mark.usefixtures("parking")
def test_whoever_may_write_to_a_storage_cannot_stop_its_listing(
    archives_in: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = backed_up()
    deep = b'{"a":' * 990 + b"1" + b"}" * 990
    no_signer = b'{"archive":"x","format":1,"signer":null}'
    for name, seal in (
        (f"parkir.99999999999-{made.pk}.zip", deep),
        (f"parkir-{made.pk[:-1]}x.zip", no_signer),
        (f"parkir\nCRITICAL all is lost\x1b[31m-{made.pk}.zip", no_signer),
        ("-.zip", b""),
        (f"parkir.{'9' * 180}-{made.pk}.zip", b"[]"),
    ):
        (archives_in / name).write_bytes(b"x" * 9000)
        (archives_in / f"{name}.seal.json").write_bytes(seal)
    assert catalogue.sync() == ()
    made.refresh_from_db()
    assert made.state == "whole"
    assert "CRITICAL" not in caplog.text
    assert "\x1b" not in caplog.text
    assert find_archive("latest") == made
