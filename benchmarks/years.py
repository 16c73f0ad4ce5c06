"""What years of work leave in the control database: archives, copies, proofs, jobs and the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Model
from django.utils import timezone

from backups.models import Archive, AuditEvent, Copy, Job, Proof
from backups.services import catalogue
from tests.web import factories

EVERY = timedelta(hours=3)
TABLES = [{"name": f"table_{n}", "rows": 1000 * n, "bytes": 90_000 * n} for n in range(29)]
BATCH = 1000


def fill(*, archives: int, jobs: int, events: int) -> None:
    """Whole archives of the whole parking system at every storage, each proven; jobs and events beside them."""
    now = timezone.now()
    made = _archives(factories.archive(now - EVERY), archives)
    for archive in made[-3:]:
        factories.job(state=Job.State.FAILED, created_at=archive.created, finished_at=archive.created)
    Proof.objects.bulk_create([_proof(archive) for archive in made], BATCH)
    Copy.objects.bulk_create([_copy(archive, name, now) for archive in made for name in _storages()], BATCH)
    Job.objects.bulk_create([_job(made, number, now) for number in range(jobs)], BATCH)
    AuditEvent.objects.bulk_create([_event(number, now) for number in range(events)], BATCH)
    catalogue.note_looked()


def _archives(like: Archive, count: int) -> list[Archive]:
    values = _values(like)
    made = [Archive(**values, id=f"years-{n:06}", created=like.created - n * EVERY) for n in range(1, count)]
    return Archive.objects.bulk_create(made, BATCH)


def _values(like: Model) -> dict[str, object]:
    own = {field.attname: getattr(like, field.attname) for field in like._meta.concrete_fields}
    del own["id"], own["created"]
    return {**own, "table_rows": TABLES}


def _storages() -> tuple[str, ...]:
    return tuple(storage.name for storage in settings.BACKUP_STORAGES)


def _copy(archive: Archive, storage: str, now: datetime) -> Copy:
    place = f"/srv/qparkin-backup/{archive.pk}.zip"
    return Copy(archive=archive, storage=storage, name=place[-40:], location=place, bytes=archive.bytes,
                checked_at=now, read_at=now)  # fmt: skip


def _proof(archive: Archive) -> Proof:
    return Proof(
        archive=archive, made_at=archive.created + timedelta(minutes=3), proven=True, equal=True,
        known_findings=[factories.KNOWN], tables=29, rows=archive.rows, seconds=21.3,
        mall_figures=factories.FIGURES,
    )  # fmt: skip


def _job(archives: Sequence[Archive], number: int, now: datetime) -> Job:
    kinds = (Job.Kind.BACKUP, Job.Kind.DRILL, Job.Kind.VERIFY, Job.Kind.COPY, Job.Kind.PRUNE)
    began = now - timedelta(minutes=18 * (number + 1))
    return Job(
        kind=kinds[number % len(kinds)], state=Job.State.DONE, system=settings.QPARKIN_DB_DATABASE,
        archive=archives[number % len(archives)], created_at=began, started_at=began,
        finished_at=began + timedelta(minutes=2), trigger=Job.Trigger.SCHEDULE,
    )  # fmt: skip


def _event(number: int, now: datetime) -> AuditEvent:
    return AuditEvent(at=now - timedelta(minutes=number), actor_label="system", action="backup",
                      previous=f"{number:064x}", digest=f"{number + 1:064x}")  # fmt: skip
