"""A folder laid out as Laravel lays out an application; where there is a `php`, the test itself wrote it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

# What `php artisan down --secret=… --render=…` writes.
SOMEBODYS = {
    "except": ["/status"],
    "redirect": None,
    "retry": 60,
    "refresh": None,
    "secret": "hanya-kami",
    "status": 503,
    "template": "<h1>Sebentar</h1>",
}


@dataclass(frozen=True, slots=True)
class Application:
    folder: Path

    @property
    def down(self) -> Path:
        return self.folder / "storage/framework/down"

    @property
    def cache(self) -> Path:
        return self.folder / "storage/framework/cache/data"

    @property
    def restart_signal(self) -> Path:
        name = hashlib.sha1(b"illuminate:queue:restart").hexdigest()  # noqa: S324 - Laravel's own
        return self.cache / name[:2] / name[2:4] / name

    @property
    def is_down(self) -> bool:
        """As Laravel asks."""
        return self.down.exists()

    def switched_on_by_somebody(self) -> None:
        self.down.write_text(json.dumps(SOMEBODYS, indent=4))

    def remember(self, name: str = "kunci") -> Path:
        """An entry of the file cache."""
        hashed = hashlib.sha1(name.encode()).hexdigest()  # noqa: S324 - Laravel's own
        place = self.cache / hashed[:2] / hashed[2:4] / hashed
        place.parent.mkdir(parents=True)
        place.write_text('9999999999s:3:"isi";')
        return place


def laravel_in(folder: Path, *, settings: str = "CACHE_STORE=file\n") -> Application:
    for part in ("bootstrap/cache", "database/migrations", "public", "storage/framework/cache/data"):
        (folder / part).mkdir(parents=True)
    (folder / "artisan").write_text("#!/usr/bin/env php\n")
    (folder / "bootstrap/cache/config.php").write_text("<?php return [];")
    (folder / "storage/framework/cache/data/.gitignore").write_text("*\n")
    (folder / ".env").write_text(f'APP_NAME=QParkIn\nDB_PASSWORD="r a h#asia"\n{settings}')
    return Application(folder)


def php_in(folder: Path, *, status: int = 0) -> Path:
    """A `php` that writes down what it was asked and in which environment; to be put first in PATH."""
    folder.mkdir(exist_ok=True)
    asked = folder / "asked"
    program = folder / "php"
    program.write_text(f'#!/bin/sh\necho "$PWD $*" >> {asked}\nenv >> {folder}/env\nexit {status}\n')
    program.chmod(0o755)
    return asked
