"""System checks: `manage.py check --deploy` says what would fail at night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from backups.models.job import Kind
from backups.services import approvals, keys, storages
from backups.services.refusals import BackupError, ListRefused
from qparkin_backup import redis


@register(Tags.security, deploy=True)
def keys_are_usable(**_: Any) -> Sequence[CheckMessage]:
    """Recipients valid, key files readable, and more than one key that opens an archive."""
    found = [
        *_refusal(keys.to_back_up, "backups.E001"),
        *_refusal(keys.to_open, "backups.E002"),
    ]
    if len(settings.BACKUP_RECIPIENTS) == 1:
        hint = "Add the recovery key's recipient to BACKUP_RECIPIENTS."
        found.append(
            checks.Warning(
                "Only one key opens the archives: if it is lost, so are they.", hint, id="backups.W001"
            )
        )
    return found


@register(Tags.files, deploy=True)
def storages_can_be_listed(**_: Any) -> Sequence[CheckMessage]:
    return [message for storage in storages.every() for message in _listed(storage.names)]


@register(Tags.files, deploy=True)
def folders_are_there(**_: Any) -> Sequence[CheckMessage]:
    hint = "Make it, or take it out of QPARKIN_FILES; a backup would stop there."
    return [
        Error(f"The folder {folder} of QPARKIN_FILES is not there.", hint, id="backups.E005")
        for folder in settings.QPARKIN_FILES
        if not Path(folder).is_dir()
    ]


@register(Tags.security, deploy=True)
def account_is_set(**_: Any) -> Sequence[CheckMessage]:
    if settings.QPARKIN_DB_USERNAME:
        return []
    return [
        Error("No account for the protected database is set.", "Set QPARKIN_DB_USERNAME.", id="backups.E004")
    ]


@register(Tags.security)
def a_second_factor_is_demanded(**_: Any) -> Sequence[CheckMessage]:
    """Whoever learns a superadmin's password could copy and replace the whole business."""
    if settings.REQUIRE_MFA:
        return []
    hint = "Set REQUIRE_MFA=1; superadmins are then led through the set-up at their next sign-in."
    told = "Superadmins need no second factor: a password alone opens all archives."
    return [checks.Warning(told, hint, id="backups.W005")]


@register(Tags.security)
def whoever_asks_is_told_apart(**_: Any) -> Sequence[CheckMessage]:
    """Behind a proxy that is not believed, thirty wrong passwords of one stranger shut everybody out."""
    if not settings.SECURE_PROXY_SSL_HEADER or settings.TRUSTED_PROXIES:
        return []
    hint = "Set TRUSTED_PROXIES to how many proxies stand in front, each adding to X-Forwarded-For."
    told = "Behind the proxy everybody has one address: one who guesses passwords keeps all others out."
    return [checks.Warning(told, hint, id="backups.W007")]


@register(Tags.security, deploy=True)
def there_is_a_second_person(**_: Any) -> Sequence[CheckMessage]:
    """Asked for and not there, every such step would be done alone."""
    if not settings.SECOND_PERSON:
        return []
    try:
        found = approvals.superadmins().count()
    except DatabaseError:
        return []
    if found > 1:
        return []
    hint = "Add another superadmin, or set SECOND_PERSON=0."
    told = f"SECOND_PERSON asks for two superadmins, and {found} can sign in."
    return [checks.Warning(told, hint, id="backups.W006")]


@register(Tags.security, deploy=True)
def several_hosts_are_safe(**_: Any) -> Sequence[CheckMessage]:
    """Redis is there for several hosts, and whoever reaches it unasked can read and drop what waits."""
    found: list[CheckMessage] = []
    if settings.QUEUE_URL and "sqlite" in str(settings.DATABASES["default"]["ENGINE"]):
        hint = (
            "Set CONTROL_DATABASE_URL to a MariaDB database that all hosts reach, or leave QUEUE_URL empty."
        )
        told = "The queue is Redis, for several hosts, and the panel's own data is a file of this one."
        found.append(checks.Warning(told, hint, id="backups.W002"))
    if settings.QUEUE_URL and not (
        redis.is_local(settings.QUEUE_URL) or redis.has_password(settings.QUEUE_URL)
    ):
        hint = "Set requirepass there, and write QUEUE_URL=redis://:password@host:6379/0"
        found.append(checks.Warning("The queue on another host has no password.", hint, id="backups.W003"))
    return found


@register(Tags.security)
def jobs_of_the_workers_are_known(**_: Any) -> Sequence[CheckMessage]:
    unknown = sorted(set(settings.WORKER_JOBS) - set(Kind.values))
    if not unknown:
        return []
    hint = f"Write some of {', '.join(Kind.values)}, or nothing for all."
    return [Error(f"WORKER_JOBS names no kind of job: {', '.join(unknown)}.", hint, id="backups.E006")]


def _listed(attempt: Callable[[], object]) -> list[CheckMessage]:
    try:
        attempt()
    except ListRefused as refused:
        # Such a key is enough for backups.
        return [checks.Warning(str(refused), id="backups.W004")]
    except BackupError as error:
        return [Error(str(error), id="backups.E003")]
    return []


def _refusal(attempt: Callable[[], object], code: str) -> list[CheckMessage]:
    try:
        attempt()
    except BackupError as error:
        return [Error(str(error), id=code)]
    return []
