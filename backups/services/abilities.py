"""What a job needs of the host that does it, and what this host offers.

Both are words: `kind:drill`, `identity`, `folder:/var/www/files`, `laravel:/var/www`, `host:web1`,
`storage:nas`, `key:0123456789abcdef` (told, never needed). A host may take a job when it offers all that the
job needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from backups.models import Job, WorkerHost
from backups.models.job import Kind

from . import held_keys, keys

IDENTITY = "identity"
FOLDER, LARAVEL, HOST, STORAGE, KIND = "folder:", "laravel:", "host:", "storage:", "kind:"
# They read a file that was uploaded to the host where they were asked for.
OF_ONE_HOST = {Kind.INSPECT, Kind.ADOPT}
SWAPPING = {Kind.RESTORE, Kind.UNDO}


def offered() -> frozenset[str]:
    """By this host, as it is set up."""
    kinds = settings.WORKER_JOBS or tuple(Kind.values)
    words = {f"{KIND}{kind}" for kind in kinds} | {f"{HOST}{settings.WORKER_NAME}"}
    words |= {f"{FOLDER}{folder}" for folder in settings.QPARKIN_FILES}
    words |= {f"{STORAGE}{storage.name}" for storage in settings.BACKUP_STORAGES}
    if settings.QPARKIN_LARAVEL_PATH:
        words.add(f"{LARAVEL}{settings.QPARKIN_LARAVEL_PATH}")
    if keys.can_open():
        words.add(IDENTITY)
    words |= {f"{held_keys.KEY}{fingerprint}" for fingerprint in held_keys.here()}
    return frozenset(words)


def needed(kind: str, options: Mapping[str, Any]) -> list[str]:
    words = {f"{KIND}{kind}"}
    if kind in {Kind.DRILL, Kind.RESTORE} or options.get("deep"):
        words.add(IDENTITY)
    if kind in OF_ONE_HOST:
        words.add(f"{HOST}{settings.WORKER_NAME}")
    if options.get("storage"):
        words.add(f"{STORAGE}{options['storage']}")
    return sorted(words | _of_the_application(kind, options))


def _of_the_application(kind: str, options: Mapping[str, Any]) -> set[str]:
    """Folders and the application lie on somebody's disk; whoever asks may be another host than that."""
    wanted: set[str] = set()
    if kind == Kind.BACKUP and options.get("content") != "database":
        wanted |= known(FOLDER)
    if kind in SWAPPING and not options.get("target"):
        wanted |= known(LARAVEL)
        if options.get("scope") in ("files", "everything"):
            wanted |= known(FOLDER)
    return wanted


def known(prefix: str) -> set[str]:
    """What of this sort any host has told of, or this one is set up with."""
    told: Iterable[Any] = WorkerHost.objects.values_list("offers", flat=True)
    return {word for offers in (*told, offered()) for word in offers if word.startswith(prefix)}


def can_do(job: Job) -> bool:
    return set(job.needs) <= offered()


def reaches_places_of(job: Job) -> bool:
    """This host has what the job works on, whether or not its workers take such jobs."""
    return {need for need in job.needs if not need.startswith(KIND)} <= offered()


def holds_all_places() -> bool:
    """This host has every folder, and the application, that any host has: it can put right what broke off."""
    return known(FOLDER) | known(LARAVEL) <= offered()
