"""Which release of the application the data belongs to: its code by files, its migrations by their table."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from .database import quote_name, rows
from .errors import ServerRefused
from .manifest import Release
from .small_file import read_small

MIGRATIONS = "migrations"
FRAMEWORK = "laravel/framework"
REVISION = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
# No program is run for it: what cannot be read within this is left unsaid.
MOST_BYTES = 32 * 1024 * 1024


def take_release(connection: Connection[Cursor], database: str, application: Path | None) -> Release:
    """As the session sees the database, and as the files lie there now; '' where one is not to be had."""
    ran = migrations_run(connection, database)
    lock = _lock(application) if application else {}
    return Release(
        framework=_version(lock),
        lock=str(lock.get("content-hash", "")),
        revision=git_revision(application) if application else "",
        batch=max((batch for _, batch in ran), default=None),
        migrations=tuple(sorted(name for name, _ in ran)),
    )


def migrations_run(connection: Connection[Cursor], database: str) -> tuple[tuple[str, int], ...]:
    """(name, batch) of each migration that this database has seen; none where it is not Laravel's."""
    try:
        found = rows(
            connection,
            f"SELECT migration, batch FROM {quote_name(database)}.{quote_name(MIGRATIONS)} "
            "WHERE migration IS NOT NULL",
        )
        return tuple((str(name), int(batch or 0)) for name, batch in found)
    except (ServerRefused, ValueError):
        return ()


def migrations_there(application: Path) -> frozenset[str]:
    """The migrations that the code brings along."""
    return frozenset(file.stem for file in (application / "database" / MIGRATIONS).glob("*.php"))


def git_revision(folder: Path) -> str:
    """The commit that is checked out, as git keeps it: a branch in a file of its own or in packed-refs."""
    try:
        git = _git_folder(folder)
        head = _text(git / "HEAD")
        if not head.startswith("ref: "):
            return head if REVISION.fullmatch(head) else ""
        return _branch(_common(git), head.removeprefix("ref: "))
    except (OSError, ValueError):
        return ""


def _git_folder(folder: Path) -> Path:
    """Of a work tree or a submodule `.git` is a file that says where."""
    git = folder / ".git"
    return folder / _text(git).removeprefix("gitdir: ") if git.is_file() else git


def _common(git: Path) -> Path:
    shared = git / "commondir"
    return git / _text(shared) if shared.is_file() else git


def _branch(git: Path, name: str) -> str:
    if not name.startswith("refs/") or ".." in name:
        return ""
    own = git / name
    if own.is_file():
        found = _text(own)
        return found if REVISION.fullmatch(found) else ""
    for line in _text(git / "packed-refs").splitlines():
        revision, _, packed = line.partition(" ")
        if packed == name and REVISION.fullmatch(revision):
            return revision
    return ""


def _lock(application: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(application / "composer.lock"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _version(lock: dict[str, Any]) -> str:
    packages = lock.get("packages")
    for package in packages if isinstance(packages, list) else ():
        if isinstance(package, dict) and package.get("name") == FRAMEWORK:
            return str(package.get("version", ""))[:50]
    return ""


def _text(file: Path) -> str:
    return read_small(file, most=MOST_BYTES).decode("utf-8").strip()
