"""Backups in this process, on a real database: listed only when whole, followed by a proof."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.utils import timezone
from pytest_django import Settings

from backups.engine import pipeline
from backups.engine.database import Server
from backups.engine.errors import ArchiveDamaged, BackupError, ConnectionLost
from backups.engine.pace import NO_LIMITS, Limits
from backups.models import Archive, AuditEvent, Job
from backups.services import catalogue, work
from backups.services.archives import find_archive
from backups.services.backup import make_safety_archive, request_backup
from backups.services.refusals import PinUnexplained, Unexpected
from backups.services.verify import request_verify
from backups.services.watch import Watch
from backups.services.wording import sentence_for
from tests.scratch import ScratchDatabase

pytestmark = pytest.mark.django_db(transaction=True)


def backed_up(trigger: str = "schedule") -> Job:
    return work.run_here(request_backup(requested_by=None, trigger=trigger))


def test_a_backup_is_verified_listed_and_recorded(parking: ScratchDatabase) -> None:
    job = backed_up()
    archive = Archive.objects.get()
    assert (job.state, job.archive, archive.job) == ("done", archive, job)
    assert (archive.database, archive.purpose, archive.state) == (parking.name, "schedule", "whole")
    assert archive.verified_at is not None
    assert {row["name"]: row["rows"] for row in archive.table_rows} == {"mall": 2, "tiket": 3, "zona": 1}
    assert archive.code_counts == {"triggers": 1, "views": 0, "routines": 0, "events": 0, "foreign_keys": 1}
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", "outcome"))
    assert actions[:2] == [("request_backup", "ok"), ("backup", "ok")]


@pytest.mark.usefixtures("parking")
def test_it_can_be_pinned_as_it_is_made() -> None:
    asked = request_backup(requested_by=None, trigger="schedule", label="Sebelum rilis 2.4", keep_days=30)
    before = timezone.now()
    work.run_here(asked)
    archive = Archive.objects.get()
    assert archive.pinned_until is not None
    assert before + timedelta(days=30) <= archive.pinned_until <= timezone.now() + timedelta(days=30)
    assert archive.pin_reason == "Sebelum rilis 2.4"
    assert AuditEvent.objects.filter(action="pin_archive", object_id=archive.pk).exists()


def test_what_is_kept_longer_needs_a_reason() -> None:
    with pytest.raises(PinUnexplained):
        request_backup(requested_by=None, trigger="schedule", label="  ", keep_days=30)
    assert not Job.objects.exists()


@pytest.mark.usefixtures("parking")
def test_what_it_cost_is_in_the_row_in_the_result_and_in_the_archive() -> None:
    job = backed_up()
    archive = Archive.objects.get()
    assert archive.burden["rows_per_second"] > 0
    assert archive.burden["peak_bytes"] > 0
    assert archive.burden["replica"] is None
    assert job.result["burden"] == archive.burden
    known = archive.burden
    archive.delete()
    catalogue.sync()
    assert Archive.objects.get().burden == known


@pytest.mark.usefixtures("parking")
def test_a_safety_backup_waits_for_nobody(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DUMP_RATE_LIMIT = 20
    settings.DUMP_MAX_THREADS_RUNNING = 7
    settings.DUMP_MAX_REPLICA_LAG = 0
    settings.DUMP_PATIENCE_SECONDS = 90
    kept, real = [], pipeline.back_up

    def back_up(server: Server, **given: Any) -> pipeline.Made:
        kept.append(given["limits"])
        return real(server, **given)

    monkeypatch.setattr(pipeline, "back_up", back_up)
    job = backed_up()
    make_safety_archive(job, progress=Watch(job))
    assert kept == [Limits(bytes_per_second=20_000_000, running=7, lag=0, patience=90), NO_LIMITS]


@pytest.mark.usefixtures("parking")
def test_a_backup_asks_for_its_proof_once(settings: Settings) -> None:
    backed_up()
    assert Job.objects.filter(kind="drill").count() == 1
    settings.DRILL_AFTER_BACKUP = False
    backed_up()
    assert Job.objects.filter(kind="drill").count() == 1


@pytest.mark.usefixtures("parking")
def test_seals_form_a_chain() -> None:
    for _ in range(2):
        backed_up("command")
    second, first = Archive.objects.all()
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.seal_digest != second.seal_digest


@pytest.mark.usefixtures("parking")
def test_what_cannot_be_read_back_is_not_kept(archives_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(source: pipeline.Source, **_: object) -> None:
        raise ArchiveDamaged(archive=source.archive, what="a member")

    monkeypatch.setattr(pipeline, "verify", damaged)
    with pytest.raises(ArchiveDamaged):
        backed_up()
    job = Job.objects.get()
    assert (job.state, job.error_code, job.lock) == ("failed", "archive_damaged", None)
    assert list(archives_in.iterdir()) == []
    assert not Archive.objects.exists()


@pytest.mark.usefixtures("parking")
def test_an_unexpected_error_is_neutral_on_the_row_and_whole_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("s3cret inside")

    monkeypatch.setattr(pipeline, "back_up", broken)
    with pytest.raises(Unexpected):
        backed_up()
    job = Job.objects.get()
    assert (job.state, job.error_code, job.error_params) == ("failed", "failed", {"reason": "RuntimeError"})
    assert "s3cret" not in sentence_for(job.error_code, job.error_params)
    assert "s3cret inside" in caplog.text


@pytest.mark.usefixtures("parking")
def test_redelivery_is_a_no_op() -> None:
    job = backed_up()
    work.run_from_queue(str(job.pk))
    assert Job.objects.filter(kind="backup").count() == 1
    assert Archive.objects.count() == 1


@pytest.mark.usefixtures("parking")
def test_a_damaged_copy_is_marked_and_a_mended_one_is_whole_again() -> None:
    archive = find_archive(str(backed_up("command").archive_id))
    path = Path(archive.copies.get().location)
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    with pytest.raises(ArchiveDamaged):
        work.run_here(request_verify(archive, requested_by=None, trigger="command"))
    archive.refresh_from_db()
    assert (archive.state, archive.problem_code) == ("damaged", "archive_damaged")
    path.write_bytes(content)
    catalogue.sync()
    archive.refresh_from_db()
    assert archive.state == "damaged", "listing reads no bytes, so it mends nothing"
    work.run_here(request_verify(archive, requested_by=None, trigger="command"))
    archive.refresh_from_db()
    assert (archive.state, archive.problem_code) == ("whole", "")


@pytest.mark.usefixtures("parking")
def test_deleting_a_row_deletes_no_archive() -> None:
    archive = find_archive(str(backed_up("command").archive_id))
    name, path = archive.pk, Path(archive.copies.get().location)
    archive.delete()
    assert path.exists()
    assert [found.pk for found in catalogue.sync()] == [name]


@pytest.mark.usefixtures("parking")
def test_an_archive_that_vanished_is_missing_and_comes_back() -> None:
    archive = find_archive(str(backed_up("command").archive_id))
    path = Path(archive.copies.get().location)
    beside = path.with_name(path.name + ".seal.json")
    aside = path.parent.parent
    path.rename(aside / path.name)
    beside.rename(aside / beside.name)
    catalogue.sync()
    archive.refresh_from_db()
    assert archive.state == "missing"
    (aside / path.name).rename(path)
    (aside / beside.name).rename(beside)
    catalogue.sync()
    archive.refresh_from_db()
    assert archive.state == "whole"


def test_every_sentence_can_be_said_again_from_a_row() -> None:
    error = ConnectionLost()
    assert sentence_for(error.code, {}) != ""
    assert "unheard_of" in sentence_for("unheard_of", {})
    assert sentence_for("", {}) == ""
    # Parameters that do not fit are not a second error.
    assert sentence_for(BackupError.code, {}) != ""


def test_a_second_factor_that_is_switched_off_is_told(settings: Settings) -> None:
    def told() -> list[checks.CheckMessage]:
        return [message for message in checks.run_checks() if message.id == "backups.W005"]

    settings.REQUIRE_MFA = False
    assert told()[0].is_serious(checks.WARNING)
    settings.REQUIRE_MFA = True
    assert told() == []


def test_the_checks_pass_here_and_name_what_is_missing(settings: Settings, archives_in: Path) -> None:
    def found() -> set[str | None]:
        every = checks.run_checks(include_deployment_checks=True)
        return {message.id for message in every if str(message.id).startswith("backups.")}

    settings.REQUIRE_MFA = True
    assert found() == set()
    settings.BACKUP_SIGNING_KEY_FILE = "/nowhere/signing.pem"
    settings.BACKUP_RECIPIENTS = settings.BACKUP_RECIPIENTS[:1]
    settings.QPARKIN_DB_USERNAME = ""
    archives_in.write_text("not a folder")
    assert found() == {"backups.E001", "backups.E002", "backups.E003", "backups.E004", "backups.W001"}
