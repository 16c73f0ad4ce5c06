"""A demo in processes of its own, to lose things in."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.installation import MANAGE, until

PROJECT = MANAGE.parent
START_SECONDS = 120


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

    def sql(self, statements: str) -> str:
        """As root of the demo's server, who is who spoils things."""
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch", "-N"]
        database = [] if statements.startswith("DROP DATABASE") else ["qparkin"]
        done = subprocess.run(
            [*command, "-e", statements, *database], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def manage(self, *arguments: str) -> str:
        environment = os.environ | {"QPARKIN_ENV_FILE": str(self.folder / "env")}
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done
        return done.stdout


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def running_town(folder: Path) -> Iterator[Town]:
    home, port = folder / "home", free_port()
    command = [
        sys.executable,
        "-m",
        "backups.demo",
        "--folder",
        str(home),
        "--port",
        str(port),
        "--rows",
        "3000",
    ]
    with (folder / "demo.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=subprocess.STDOUT)
        try:
            until(
                lambda: "╰" in (folder / "demo.log").read_text() or process.poll() is not None,
                seconds=START_SECONDS,
            )
            told = (folder / "demo.log").read_text()
            email, password = re.search(r"e-mail +(\S+)", told), re.search(r"password +(\S+)", told)
            assert email, told
            assert password, told
            yield Town(home, f"http://127.0.0.1:{port}", email[1], password[1])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
