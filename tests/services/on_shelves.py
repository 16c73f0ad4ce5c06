"""Real archives of chosen days, of files alone, so that no server is needed; and a second storage."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from backups.engine import pipeline
from backups.engine.pace import NO_LIMITS
from backups.engine.stream import Silent
from backups.models import Archive, Job
from backups.services import backup, catalogue, keys, policies, storages
from backups.services.connections import no_server, protected_database
from backups.services.retention import Policy

ONE_DAY = Policy(all_days=1, daily=0, weekly=0, monthly=0, yearly=0)


def stored(age: timedelta) -> Archive:
    """An archive as a backup of that age would have left it."""
    created = (timezone.now() - age).astimezone(UTC)
    order = backup.new_order("schedule", "", backup.FILES)
    made = pipeline.back_up(
        no_server(),
        database=protected_database(),
        order=replace(order, archive=pipeline.new_archive_id(created), created=created),
        storage=storages.first(),
        keys=keys.to_back_up(),
        progress=Silent(),
        limits=NO_LIMITS,
    )
    job = Job.objects.create(kind=Job.Kind.BACKUP, state=Job.State.DONE, system=protected_database())
    return catalogue.list_made(made, storage=storages.first(), job=job)


def stored_daily(count: int) -> list[Archive]:
    """The newest first; all of them in the middle of their day, so that midnight moves none."""
    noon = timezone.localtime().replace(hour=12)
    shift = max(timedelta(0), timezone.localtime() - noon)
    return [stored(timedelta(days=age) + shift) for age in reversed(range(count))][::-1]


def copied(archives: list[Archive], folder: Path) -> None:
    """To the second storage, as its files."""
    folder.mkdir(exist_ok=True)
    for archive in archives:
        for file in Path(archive.copies.get(storage="local").location).parent.glob(f"*{archive.pk}*"):
            shutil.copy(file, folder)
    catalogue.sync()


def keep_one_day(*names: str) -> None:
    for name in names:
        policies.change(name, ONE_DAY, by=None)


def moment(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)
