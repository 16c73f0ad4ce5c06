"""What the panel stands on: its workers and queue, its clock, its own database, disks, versions, watchers.

All of it is known here or in the control database; the protected server is asked apart (`protected_look`).
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from backups.engine import kernel
from backups.models import Job, WorkerHost
from backups.models.job import State

from . import abilities, hosts, keys, queue
from .connections import row_helper

# Longer than that nobody waits where a worker is there and free.
LONG = timedelta(minutes=10)
# Under it a control database that cannot grow ends everything.
LITTLE_ROOM = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Host:
    name: str
    version: str
    seen_at: datetime
    started_at: datetime
    lives: bool
    is_current: bool
    # Kinds of jobs it takes; none named: all of them.
    kinds: tuple[str, ...]
    has_key: bool
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    waiting: int
    oldest: datetime | None
    answers: bool
    is_redis: bool

    @property
    def is_stuck(self) -> bool:
        return self.oldest is not None and timezone.now() - self.oldest > LONG


@dataclass(frozen=True, slots=True)
class Control:
    """The panel's own database; `file` is '' where it lies on a server."""

    vendor: str
    version: str
    bytes: int | None
    file: str
    free: int | None

    @property
    def is_tight(self) -> bool:
        return self.free is not None and self.free < LITTLE_ROOM


@dataclass(frozen=True, slots=True)
class System:
    """All but the protected server."""

    hosts: Sequence[Host]
    queue: Queue
    control: Control
    # None where the kernel does not say.
    clock_kept: bool | None
    versions: Sequence[tuple[str, str]]
    helper: str
    can_open: bool
    recipients: int
    watchers: Sequence[tuple[str, str, bool]]
    log_json: bool

    @property
    def has_worker(self) -> bool:
        return any(host.lives for host in self.hosts)

    @property
    def worries(self) -> int:
        """How many lines of the page ask for a hand."""
        told = (
            not self.has_worker,
            self.queue.is_stuck or not self.queue.answers,
            self.clock_kept is False,
            self.control.is_tight,
            not self.recipients,
        )
        old = sum(1 for host in self.hosts if host.lives and not host.is_current)
        return sum(told) + old


def look() -> System:
    return System(
        hosts=[_host(host) for host in WorkerHost.objects.all()],
        queue=_queue(),
        control=_control(),
        clock_kept=kernel.clock_is_kept(),
        versions=_versions(),
        helper=row_helper(),
        can_open=keys.can_open(),
        recipients=len(settings.BACKUP_RECIPIENTS),
        watchers=_watchers(),
        log_json=settings.LOG_JSON,
    )


def _host(host: WorkerHost) -> Host:
    every = {f"{abilities.KIND}{kind}" for kind in Job.Kind.values}
    named = () if every <= set(host.offers) else tuple(_told(host, abilities.KIND))
    return Host(
        name=host.name,
        version=host.version,
        seen_at=host.seen_at,
        started_at=host.started_at,
        lives=host.seen_at > timezone.now() - hosts.LIVE,
        is_current=host.version == settings.VERSION,
        kinds=named,
        has_key=abilities.IDENTITY in host.offers,
        folders=tuple(_told(host, abilities.FOLDER)),
    )


def _told(host: WorkerHost, prefix: str) -> list[str]:
    return [offer.removeprefix(prefix) for offer in host.offers if offer.startswith(prefix)]


def _queue() -> Queue:
    waiting = Job.objects.filter(state=State.QUEUED)
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    return Queue(waiting.count(), oldest, queue.answers(), bool(settings.QUEUE_URL))


def _control() -> Control:
    name = str(connection.settings_dict["NAME"])
    file = name if connection.vendor == "sqlite" and Path(name).is_file() else ""
    free = shutil.disk_usage(Path(file).parent).free if file else None
    return Control(connection.display_name, _control_version(), _control_bytes(), file, free)


def _control_version() -> str:
    return ".".join(map(str, connection.get_database_version()))


SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "mysql": "SELECT SUM(data_length + index_length) FROM information_schema.tables"
    " WHERE table_schema = DATABASE()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


def _control_bytes() -> int | None:
    if connection.vendor not in SIZES:
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute(SIZES[connection.vendor])
            row = cursor.fetchone()
    except DatabaseError:
        return None
    return int(row[0]) if row and row[0] is not None else None


def _versions() -> list[tuple[str, str]]:
    return [
        ("QParkIn Backup", settings.VERSION),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
    ]


def _watchers() -> list[tuple[str, str, bool]]:
    """Address, the setting that switches it on, and whether it is."""
    named = (
        ("/metrics", "METRICS_TOKEN"),
        ("/api/status", "STATUS_TOKEN"),
        ("/badge/….svg", "STATUS_BADGE_KEY"),
    )
    return [(address, setting, bool(getattr(settings, setting))) for address, setting in named]
