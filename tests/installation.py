"""A panel installed for one test: its own settings file, keys and control database, driven by manage.py."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.panel_environment import PREFIXES
from tests.scratch import ScratchDatabase

MANAGE = Path(__file__).resolve().parents[1] / "manage.py"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.out)
        return answer


@dataclass(frozen=True, slots=True)
class Installation:
    folder: Path
    database: ScratchDatabase
    settings: Mapping[str, str] = field(repr=False)

    @property
    def env_file(self) -> Path:
        return self.folder / "env"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def archives(self) -> Path:
        return self.folder / "archives"

    def init(self, *options: str, **extra: str) -> Ran:
        where = ["--env-file", str(self.env_file), "--keys", str(self.keys)]
        return self.run("init", *where, *options, extra={**self.settings, **extra})

    def manage(self, *arguments: str, **extra: str) -> Ran:
        return self.run(*arguments, extra=extra)

    def json(self, *arguments: str, **extra: str) -> dict[str, Any]:
        """The answer of a command that must succeed."""
        done = self.manage(*arguments, "--json", **extra)
        assert done.status == 0, done
        return done.json

    def run(self, *arguments: str, extra: Mapping[str, str]) -> Ran:
        process = self.start(*arguments, extra=extra)
        out, err = process.communicate(timeout=PATIENCE)
        return Ran(process.returncode, out, err)

    def manage_limited(self, *arguments: str, file_bytes: int) -> Ran:
        """With no file larger than that: the kernel refuses to write more, as on a full disk."""
        limit = ["prlimit", f"--fsize={file_bytes}"]
        process = self._start([*limit, sys.executable, str(MANAGE), *arguments], {})
        out, err = process.communicate(timeout=PATIENCE)
        return Ran(process.returncode, out, err)

    def start(self, *arguments: str, extra: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        return self._start([sys.executable, str(MANAGE), *arguments], extra or {})

    def _start(self, command: list[str], extra: Mapping[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            env={**self.environment(), **extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)}
        return {**kept, "QPARKIN_ENV_FILE": str(self.env_file)}

    def control(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the panel's own database, or turn its clock."""
        with sqlite3.connect(self.folder / "control.sqlite3", timeout=20) as connection:
            return connection.execute(statement, values).fetchall()

    def tamper(self, *statements: str) -> None:
        """As whoever owns the file: past what guards the audit in it."""
        with sqlite3.connect(self.folder / "control.sqlite3", timeout=20) as connection:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.archives.iterdir()) if self.archives.exists() else []


def installation_in(folder: Path, database: ScratchDatabase, *, control: str = "") -> Installation:
    """Not initialised yet. `control` is the URL of its own database where that is not SQLite."""
    settings = {
        "QPARKIN_DB_SOCKET": database.server.socket,
        "QPARKIN_DB_DATABASE": database.name,
        "QPARKIN_DB_USERNAME": database.server.username,
        "QPARKIN_DB_PASSWORD": database.server.password,
        "CONTROL_DATABASE_URL": control or f"sqlite:///{folder / 'control.sqlite3'}",
        "BACKUP_LOCAL_ROOT": str(folder / "archives"),
        "CACHE_FOLDER": str(folder / "cache"),
        "STATIC_ROOT": str(folder / "static"),
        "QPARKIN_INSECURE_HTTP": "1",
    }
    return Installation(folder, database, settings)


def copied(template: Installation, folder: Path, database: ScratchDatabase) -> Installation:
    """Like an installation made by `init`, in no time: the template's files, for another database."""
    made = installation_in(folder, database)
    for name in ("keys", "control.sqlite3"):
        source = template.folder / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / name)
    text = template.env_file.read_text().replace(str(template.folder), str(folder))
    made.env_file.write_text(text.replace(template.database.name, database.name))
    return made


# A limit for what never happens, not a measure: a loaded machine may take its time.
PATIENCE = 120.0


def until(reached: Callable[[], bool], *, seconds: float = PATIENCE, pause: float = 0.05) -> None:
    """Wait for something that another process does; look again after each `pause`."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(pause)


def interrupt(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
