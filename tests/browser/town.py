"""A demo in processes of its own, to lose things in, and what it holds as others than we see it."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.installation import MANAGE, PATIENCE, until
from tests.panel_environment import PREFIXES

PROJECT = MANAGE.parent
START_SECONDS = 200
ROWS = 3000
# Rows, definitions and counters in one order, and no date: the client's own dump, nothing of ours.
DUMP = (
    "mariadb-dump", "--no-defaults", "--skip-dump-date", "--hex-blob", "--order-by-primary", "--routines",
    "--events", "--skip-extended-insert", "--user=root",
)  # fmt: skip
# How the head of a trigger is spaced and quoted is the server's own to say; its body is not.
HEAD = re.compile(r"TRIGGER `?(\w+)`? ((?:BEFORE|AFTER) \w+) ON `?(\w+)`? FOR EACH ROW\s+")
# A booking that was finished lapses after all: a notice, a penalty, and in some cases points taken back.
LAPSE = """
SET @notices := (SELECT COUNT(*) FROM notifikasi), @penalties := (SELECT SUM(penalty) FROM transaksi_parkir);
UPDATE booking SET status = 'expired' WHERE status = 'selesai' LIMIT 3;
SELECT COUNT(*) - @notices FROM notifikasi;
SELECT SUM(penalty) > @penalties FROM transaksi_parkir
"""


@dataclass(frozen=True, slots=True)
class Town:
    folder: Path
    url: str
    email: str
    password: str = field(repr=False)

    @property
    def socket(self) -> Path:
        return self.folder / "mariadb" / "mariadb.sock"

    @property
    def uploads(self) -> Path:
        return self.folder / "qparkin" / "storage" / "app"

    def sql(self, statements: str, database: str = "qparkin") -> str:
        """As root of the server, who is who spoils things."""
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch", "-N"]
        done = subprocess.run(
            [*command, "-e", statements, database], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def dumped(self) -> list[str]:
        """All that is in the database, as the client of the server tells it."""
        command = [*DUMP, f"--socket={self.socket}", "qparkin"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return HEAD.sub(r"TRIGGER `\1` \2 ON `\3` FOR EACH ROW\n", told).splitlines()

    def fired(self) -> str:
        """What the triggers do, in a copy: trying it on the live tables would move their counters."""
        self.sql("DROP DATABASE IF EXISTS tried; CREATE DATABASE tried", "mysql")
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "tried"]
        subprocess.run(command, input="\n".join(self.dumped()), text=True, check=True, capture_output=True)
        told = self.sql(LAPSE, "tried")
        self.sql("DROP DATABASE tried", "mysql")
        return told

    def kept(self) -> dict[str, tuple[str, int, int]]:
        """Each file with its bytes, its mode and its time; each folder with its mode."""
        return {str(path.relative_to(self.uploads)): _kept(path) for path in sorted(self.uploads.rglob("*"))}

    def turn(self, statement: str, *values: object) -> None:
        """The panel's own index, as another day would have left it."""
        with sqlite3.connect(self.folder / "control.sqlite3", timeout=20) as connection:
            connection.execute(statement, values)

    def manage(self, *arguments: str, extra: Mapping[str, str] | None = None) -> str:
        environment = clean({"QPARKIN_ENV_FILE": str(self.folder / "env"), **(extra or {})})
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done
        return done.stdout


def clean(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment without the suite's own panel."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)} | dict(extra)


def unlike(before: list[str], after: list[str]) -> str:
    """The lines in which two dumps differ; '' where they do not."""
    if before == after:
        return ""
    return "\n".join(list(difflib.unified_diff(before, after, n=0, lineterm=""))[:40])


def _kept(path: Path) -> tuple[str, int, int]:
    found = path.lstat()
    if path.is_dir():
        return "folder", found.st_mode, 0
    return hashlib.sha256(path.read_bytes()).hexdigest(), found.st_mode, found.st_mtime_ns


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def running_town(folder: Path) -> Iterator[Town]:
    home, port, log = folder / "home", free_port(), folder / "demo.log"
    command = [sys.executable, "-m", "backups.demo", "--folder", str(home)]
    command += ["--port", str(port), "--rows", str(ROWS)]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=subprocess.STDOUT)
    try:
        until(lambda: "╰" in log.read_text() or process.poll() is not None, seconds=START_SECONDS)
        told = log.read_text()
        email, password = re.search(r"e-mail +(\S+)", told), re.search(r"password +(\S+)", told)
        assert email, told
        assert password, told
        yield Town(home, f"http://127.0.0.1:{port}", email[1], password[1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)
