"""What Prometheus scrapes: the state of backups as numbers, read at each scrape and kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Sum
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from backups import queries
from backups.models import Copy, Job

from . import storages
from .connections import protected_database
from .refusals import BackupError
from .status import status

PREFIX = "qparkin_backup_"
STATES = ("safe", "attention", "waiting")


def exposition() -> bytes:
    registry = CollectorRegistry()
    registry.register(_Panel())
    return generate_latest(registry)


class _Panel(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _state()
        yield from _last_run()
        yield _jobs()
        yield from _copies()
        yield _free()


def _state() -> Iterator[Metric]:
    now = status()
    each = _gauge("state", "1 for what the home page says now.", ["state"])
    for state in STATES:
        each.add_metric([state], float(now.home.state == state))
    yield each
    yield _one("protected_database_up", "1 while the protected database answers.", float(now.protected.is_up))
    yield _when("last_success", "When the newest whole backup was made.", now.seen.last_backup_at)
    yield _when("last_proof", "When a backup was last proven restorable.", now.seen.last_proof_at)
    yield _when("next_run", "When the next scheduled backup is due.", now.seen.next_run_at)


def _last_run() -> Iterator[Metric]:
    database = protected_database()
    newest = queries.last_good_archive(database)
    proven = queries.last_proven(database)
    yield _one("last_size_bytes", "Size of the newest whole backup.", newest.bytes if newest else None)
    yield _one("last_rows", "Rows in the newest whole backup.", newest.rows if newest else None)
    yield _one("last_duration_seconds", "How long it took.", newest.seconds if newest else None)
    yield _one("last_drill_seconds", "How long the last good drill took.", proven.seconds if proven else None)
    failures = queries.failures_since_success(database)
    yield _one("failures_since_success", "Backups that failed since the last good one.", failures)


def _jobs() -> Metric:
    jobs = _gauge("jobs", "Jobs that the panel knows.", ["kind", "state"])
    for row in Job.objects.order_by().values("kind", "state").annotate(count=Count("pk")):
        jobs.add_metric([row["kind"], row["state"]], row["count"])
    return jobs


def _copies() -> Iterator[Metric]:
    copies = _gauge("copies", "Archives at a storage.", ["storage", "state"])
    size = _gauge("copies_bytes", "What they weigh.", ["storage", "state"])
    found = Copy.objects.order_by().values("storage", "state").annotate(count=Count("pk"), size=Sum("bytes"))
    for row in found:
        copies.add_metric([row["storage"], row["state"]], row["count"])
        size.add_metric([row["storage"], row["state"]], row["size"] or 0)
    yield copies
    yield size


def _free() -> Metric:
    free = _gauge("storage_free_bytes", "Free space, where the storage tells.", ["storage"])
    for storage in storages.every():
        try:
            left = storage.free_bytes()
        except BackupError:
            continue
        if left is not None:
            free.add_metric([storage.name], left)
    return free


def _when(name: str, told: str, at: datetime | None) -> Metric:
    return _one(f"{name}_timestamp_seconds", told, at.timestamp() if at else None)


def _one(name: str, told: str, value: float | None) -> Metric:
    """Without a sample where nothing is known: 0 would be a claim."""
    family = GaugeMetricFamily(PREFIX + name, told)
    if value is not None:
        family.add_metric([], value)
    return family


def _gauge(name: str, told: str, labels: list[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, told, labels=labels)
