"""Where everything of one demo lies, and that only one demo uses it at a time."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from backups.engine.errors import BackupError, gettext_noop

PROJECT = Path(__file__).resolve().parents[2]


class DemoRunning(BackupError):
    code = "demo_running"
    sentence = gettext_noop(
        "Another demo is running in %(folder)s; stop it first with Ctrl-C in its terminal."
    )


class PortBusy(BackupError):
    code = "port_busy"
    sentence = gettext_noop(
        "Port %(port)s on %(host)s is in use or not allowed; choose another one: bin/demo --port %(other)s"
    )


class StepFailed(BackupError):
    code = "step_failed"
    sentence = gettext_noop("The demo could not start: %(step)s failed (%(reason)s).")


@dataclass(frozen=True, slots=True)
class Login:
    who: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Home:
    """The demo's folder; nothing of a demo lies anywhere else."""

    folder: Path

    @property
    def env_file(self) -> Path:
        return self.folder / "env"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def mariadb(self) -> Path:
        return self.folder / "mariadb"

    @property
    def seeded(self) -> Path:
        """Written when the database is whole, so that a set-up cut short is begun again."""
        return self.folder / "seeded.json"

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def clear(self) -> None:
        for entry in self.folder.iterdir():
            if entry.name == "lock":
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def read_logins(self) -> dict[str, Login]:
        path = self.folder / "logins.json"
        if not path.exists():
            return {}
        return {who: Login(**login) for who, login in json.loads(path.read_text()).items()}

    def write_logins(self, logins: dict[str, Login]) -> None:
        text = json.dumps({who: asdict(login) for who, login in logins.items()}, indent=2)
        partial = self.folder / "logins.json.partial"
        partial.unlink(missing_ok=True)
        # Never readable by others, not even for a moment.
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
        partial.rename(self.folder / "logins.json")


@contextmanager
def locked_home(folder: Path) -> Iterator[Home]:
    """The demo's folder, ours alone while the block lasts."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoRunning(folder=str(folder)) from None
        yield Home(folder)


def require_free_port(host: str, port: int) -> None:
    """Before anything is made: a demo that cannot be reached is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # A port that a demo left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortBusy(port=port, host=host, other=port + 1) from None
