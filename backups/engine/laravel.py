"""A Laravel application beside its database: what it remembers is made to fit the data that came back."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

CACHE = Path("storage", "framework", "cache", "data")
QUEUE_RESTART = "illuminate:queue:restart"
# What a file of Laravel's file store begins with when it never runs out.
FOR_EVER = "9999999999"
ARTISAN_SECONDS = 60
BUCKET = re.compile(r"[0-9a-f]{2}")
# No setting of ours reaches the application: in Laravel the real environment wins over its .env.
PASSED_ON = ("PATH", "HOME", "LANG")


class NotDone(Exception):
    """With a slug that says why: `no_php`, `artisan_failed` or `not_writable`."""


def is_application(folder: Path) -> bool:
    return (folder / "artisan").is_file() and (folder / "storage" / "framework").is_dir()


def clear_caches(folder: Path, *, store: str) -> None:
    """What the application has cached of the data; compiled configuration, routes and views are not data."""
    try:
        _artisan(folder, "cache:clear")
    except NotDone:
        if store != "file":
            raise
        _on_disk(partial(_empty, folder / CACHE))


def restart_workers(folder: Path, *, store: str, now: int) -> None:
    """Queue workers end after the job they are at, and whoever keeps them running starts them anew."""
    try:
        _artisan(folder, "queue:restart")
    except NotDone:
        if store != "file":
            raise
        _on_disk(partial(_tell_workers, folder / CACHE, now))


def _artisan(folder: Path, command: str) -> None:
    php = shutil.which("php")
    if php is None:
        raise NotDone("no_php")
    try:
        done = subprocess.run(
            [php, "artisan", command, "--no-interaction"],
            cwd=folder,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ARTISAN_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise NotDone("artisan_failed") from None
    if done.returncode:
        raise NotDone("artisan_failed")


def _on_disk(deed: Callable[[], None]) -> None:
    try:
        deed()
    except OSError:
        raise NotDone("not_writable") from None


def _empty(cache: Path) -> None:
    for bucket in cache.iterdir() if cache.is_dir() else ():
        if BUCKET.fullmatch(bucket.name) and not bucket.is_symlink():
            shutil.rmtree(bucket)


def _tell_workers(cache: Path, now: int) -> None:
    name = hashlib.sha1(QUEUE_RESTART.encode(), usedforsecurity=False).hexdigest()
    place = cache
    for part in (name[:2], name[2:4]):
        place /= part
        place.mkdir(exist_ok=True)
        _as_its_own(place, 0o775)
    draft = place / f".{name}"
    draft.write_text(f"{FOR_EVER}i:{now};", encoding="ascii")
    _as_its_own(draft, 0o664)
    draft.replace(place / name)


def _as_its_own(path: Path, mode: int) -> None:
    """The application has to be able to write there again."""
    owner = path.parent.stat()
    with suppress(PermissionError):
        os.chown(path, owner.st_uid, owner.st_gid)
    with suppress(PermissionError):
        path.chmod(mode)
