"""A Laravel application beside its database: what it remembers is made to fit the data that came back."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from .confined import FOLDER_FLAGS, Confined
from .surroundings import passed_on

# `storage` may be a link that a deployment made; below it the application writes, and no link is followed.
STORAGE, CACHE = "storage", "framework/cache/data"
QUEUE_RESTART = "illuminate:queue:restart"
# What a file of Laravel's file store begins with when it never runs out.
FOR_EVER = "9999999999"
ARTISAN_SECONDS = 60
BUCKET = re.compile(r"[0-9a-f]{2}")
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class NotDone(Exception):
    """With a slug that says why: `no_php`, `artisan_failed` or `not_writable`."""


def is_application(folder: Path) -> bool:
    try:
        return (folder / "artisan").is_file() and (folder / STORAGE / "framework").is_dir()
    except OSError:
        # Not to be looked into.
        return False


def clear_caches(folder: Path, *, store: str) -> None:
    """What the application has cached of the data; compiled configuration, routes and views are not data."""
    try:
        _artisan(folder, "cache:clear")
    except NotDone:
        if store != "file":
            raise
        _on_disk(partial(_empty, folder))


def restart_workers(folder: Path, *, store: str, now: int) -> None:
    """Queue workers end after the job they are at, and whoever keeps them running starts them anew."""
    try:
        _artisan(folder, "queue:restart")
    except NotDone:
        if store != "file":
            raise
        _on_disk(partial(_tell_workers, folder, now))


def _artisan(folder: Path, command: str) -> None:
    php = shutil.which("php")
    if php is None:
        raise NotDone("no_php")
    try:
        done = subprocess.run(
            [php, "artisan", command, "--no-interaction"],
            cwd=folder,
            env=passed_on(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ARTISAN_SECONDS,
            check=False,
            **_identity(folder),
        )
    except (OSError, subprocess.TimeoutExpired):
        raise NotDone("artisan_failed") from None
    if done.returncode:
        raise NotDone("artisan_failed")


def _identity(folder: Path) -> dict[str, Any]:
    """Where we are root: as whoever owns what the application writes, since that may well be program text."""
    if os.geteuid() != 0:
        return {}
    owner = os.lstat(folder / STORAGE / "framework")
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}


def _on_disk(deed: Callable[[], None]) -> None:
    try:
        deed()
    except OSError:
        raise NotDone("not_writable") from None


def _storage(folder: Path) -> Confined:
    return Confined(os.fsencode(os.path.realpath(folder / STORAGE)))


def _empty(folder: Path) -> None:
    with _storage(folder) as storage:
        try:
            cache, _ = storage.place(f"{CACHE}/any")
        except FileNotFoundError:
            return
        for name in os.listdir(cache):  # noqa: PTH208 - of an open folder
            if BUCKET.fullmatch(name) and not _is_link(name, cache):
                shutil.rmtree(name, dir_fd=cache)


def _is_link(name: str, parent: int) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)


def _tell_workers(folder: Path, now: int) -> None:
    name = hashlib.sha1(QUEUE_RESTART.encode(), usedforsecurity=False).hexdigest()
    with _storage(folder) as storage:
        for part in (name[:2], f"{name[:2]}/{name[2:4]}"):
            _make_folder(*storage.place(f"{CACHE}/{part}"))
        parent, _ = storage.place(f"{CACHE}/{name[:2]}/{name[2:4]}/{name}")
        draft = f".{name}"
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=parent)
        with os.fdopen(os.open(draft, CREATE, 0o600, dir_fd=parent), "w", encoding="ascii") as file:
            file.write(f"{FOR_EVER}i:{now};")
            _as_its_own(file.fileno(), parent, 0o664)
        os.rename(draft, name, src_dir_fd=parent, dst_dir_fd=parent)


def _make_folder(parent: int, name: bytes) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
    folder = os.open(name, FOLDER_FLAGS, dir_fd=parent)
    try:
        _as_its_own(folder, parent, 0o775)
    finally:
        os.close(folder)


def _as_its_own(made: int, parent: int, mode: int) -> None:
    """The application has to be able to write there again."""
    owner = os.fstat(parent)
    with suppress(PermissionError):
        os.fchown(made, owner.st_uid, owner.st_gid)
    with suppress(PermissionError):
        os.fchmod(made, mode)
