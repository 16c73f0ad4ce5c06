"""The first steps of an installation: fresh keys and a settings file. Nothing is ever overwritten."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from qparkin_backup import env, storages

from .key_files import PANEL, RECOVERY, SIGNING, Keyring, Secrets, is_locked, make_keys, no_secret
from .refusals import OutputFailed

KIT_SETTINGS = "settings.env"
# Beside the key that it protects it would protect nothing; its _FILE, a path, is kept as all others.
NEVER_KEPT = "BACKUP_IDENTITY_PASSPHRASE"

# Every variable that the settings read, in the order in which the file explains them best.
VARIABLES = (
    "SECRET_KEY", "SECRET_KEY_FALLBACKS", "ALLOWED_HOSTS", "TIME_ZONE", "REQUIRE_MFA",
    "SECOND_PERSON", "SECOND_PERSON_HOURS", "SECOND_PERSON_USE_MINUTES", "QPARKIN_SIGN_IN",
    "QPARKIN_INSECURE_HTTP", "BEHIND_PROXY", "TRUSTED_PROXIES", "CSRF_TRUSTED_ORIGINS", "DJANGO_DEBUG",
    "SESSION_IDLE_MINUTES", "SESSION_MAX_HOURS",
    "QPARKIN_LARAVEL_ENV", "QPARKIN_DB_HOST", "QPARKIN_DB_PORT", "QPARKIN_DB_SOCKET", "QPARKIN_DB_DATABASE",
    "QPARKIN_DB_USERNAME", "QPARKIN_DB_PASSWORD", "QPARKIN_DB_TLS_CA", "QPARKIN_RESTORE_USERNAME",
    "QPARKIN_RESTORE_PASSWORD", "QPARKIN_FILES", "QPARKIN_FILES_SCRATCH",
    "QPARKIN_LARAVEL_PATH", "QPARKIN_SMOKE_URL",
    "QPARKIN_FAST_ROWS", "DUMP_CONNECTIONS", "DUMP_LOCK_TABLES", "DUMP_RATE_LIMIT",
    "DUMP_MAX_THREADS_RUNNING", "DUMP_MAX_REPLICA_LAG", "DUMP_PATIENCE_SECONDS",
    "CONTROL_DATABASE_URL", "QUEUE_URL", "CACHE_FOLDER", "STATIC_ROOT",
    "WORKER_NAME", "WORKER_JOBS", "WORKERS", "JOB_DEADLINE_SECONDS",
    "BACKUP_LOCAL_ROOT", "BACKUP_S3_BUCKET", "BACKUP_S3_ENDPOINT", "BACKUP_S3_REGION", "BACKUP_S3_PREFIX",
    "BACKUP_S3_ACCESS_KEY", "BACKUP_S3_SECRET_KEY", "BACKUP_S3_RETAIN_DAYS", "BACKUP_S3_RETAIN_MODE",
    "BACKUP_STORAGES",
    "BACKUP_RECIPIENTS", "BACKUP_IDENTITY_FILE", "BACKUP_IDENTITY_PASSPHRASE", "BACKUP_SIGNING_KEY_FILE",
    "BACKUP_TRUSTED_SIGNERS", "BACKUP_REVOKED_SIGNERS", "BACKUP_REVOKED_RECIPIENTS",
    "BACKUP_KEEP_LAST", "BACKUP_PRUNE_AT_MOST",
    "DRILL_DB_HOST", "DRILL_DB_PORT", "DRILL_DB_SOCKET", "DRILL_DB_USERNAME", "DRILL_DB_PASSWORD",
    "DRILL_DB_TLS_CA", "DRILL_AFTER_BACKUP", "HEARTBEAT_PRIVATE", "UNDO_DAYS", "PROOF_AMBER_DAYS",
    "PROOF_RED_DAYS", "VERIFY_DAYS", "METRICS_TOKEN", "STATUS_TOKEN", "STATUS_BADGE_KEY", "LOG_JSON",
    "BREACHED_PASSWORDS_URL",
    "PANEL_URL", "SMTP_URL", "MAIL_FROM", "SUPPORT_CONTACT", "PERSONAL_DATA_TABLES",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Installation:
    """What `init` made or found. `recovery_identity` is a path, never the key."""

    env_file: Path
    recipients: tuple[str, ...]
    recovery_identity: Path | None
    written: tuple[str, ...]  # names of the variables that were added to the file
    locked: bool = False  # the panel's identity is under a passphrase
    room: tuple[str, ...] = ()  # folders that were made for the uploads of a lost machine to come back to


def initialise(
    env_file: Path,
    keys: Path,
    *,
    real: Mapping[str, str],
    defaults: Mapping[str, str],
    kit: Path | None,
    secrets_of: Secrets = no_secret,
) -> Installation:
    """Keys into `keys`, settings into `env_file`; both are completed, never changed."""
    known = env.read_file(env_file) if env_file.exists() else {}
    told = _settings_of(kit) if kit else {}
    given = {name: real[name] for name in _names({**told, **real}) if real.get(name) and name != NEVER_KEPT}
    wanted = {**defaults, **told, "SECRET_KEY": secrets.token_urlsafe(48), **given}
    recipients = known.get("BACKUP_RECIPIENTS") or wanted.get("BACKUP_RECIPIENTS")
    if not recipients:
        ring = make_keys(keys.resolve(), kit, secrets_of)
        wanted |= _key_settings(ring)
        recipients = wanted["BACKUP_RECIPIENTS"]
    added = {name: value for name, value in wanted.items() if not _is_set(name, known)}
    _append(env_file, added)
    recovery = keys.resolve() / RECOVERY
    parts = tuple(part.strip() for part in recipients.split(","))
    room = _make_room(told.get("QPARKIN_FILES", ""))
    found = recovery if recovery.exists() else None
    return Installation(env_file.resolve(), parts, found, tuple(added), is_locked(keys / PANEL), room)


def _names(known: Mapping[str, str]) -> tuple[str, ...]:
    """Those of further storages only where they are named."""
    names = (*VARIABLES, *storages.variables(known.get("BACKUP_STORAGES", "")))
    return (*names, *(f"{name}_FILE" for name in names))


def _is_set(name: str, known: Mapping[str, str]) -> bool:
    other = name.removesuffix("_FILE") if name.endswith("_FILE") and name not in VARIABLES else f"{name}_FILE"
    return bool(known.get(name) or known.get(other))


def _key_settings(ring: Keyring) -> dict[str, str]:
    settings = {
        "BACKUP_RECIPIENTS": ",".join(ring.recipients),
        "BACKUP_IDENTITY_FILE": str(ring.folder / PANEL),
        "BACKUP_SIGNING_KEY_FILE": str(ring.folder / SIGNING),
    }
    if ring.signers:
        settings["BACKUP_TRUSTED_SIGNERS"] = ",".join(ring.signers)
    return settings


def _settings_of(kit: Path) -> dict[str, str]:
    """Where archives lie and what is protected, as the kit remembers it. Kits of before hold no such file."""
    path = kit / KIT_SETTINGS
    known = env.read_file(path) if path.is_file() else {}
    return {name: value for name, value in known.items() if name in _names(known)}


def _make_room(uploads: str) -> tuple[str, ...]:
    """A folder comes back beside nothing only where what holds it is there; a fresh machine lacks it."""
    parents = {Path(folder).parent for folder in uploads.split(":") if folder}
    missing = sorted(parent for parent in parents if not parent.exists())
    for parent in missing:
        # Where we may not, the check before the restore says what is missing.
        with suppress(OSError):
            parent.mkdir(parents=True)
    return tuple(str(parent) for parent in missing if parent.is_dir())


def _append(env_file: Path, added: Mapping[str, str]) -> None:
    if not added:
        return
    lines = "".join(f"{name}={env.quote(added[name])}\n" for name in _names(added) if name in added)
    try:
        env_file.parent.mkdir(parents=True, exist_ok=True)
        broken = env_file.exists() and not (env_file.read_bytes() or b"\n").endswith(b"\n")
        handle = os.open(env_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(("\n" if broken else "") + lines)
    except OSError as error:
        raise OutputFailed(path=str(env_file), reason=error.strerror or "no reason given") from None
