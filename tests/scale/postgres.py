"""A private PostgreSQL: own data, own socket, no network, and a user of its own: it refuses to be root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.installation import PATIENCE
from tests.scale.control import AWKWARD

ACCOUNT = "postgres"
PROGRAMS = "/usr/lib/postgresql"


def folder_of_programs() -> Path:
    """Debian keeps those of each version beside each other."""
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("Python's driver for PostgreSQL is not here: pip install 'psycopg[binary]'")
    found = sorted(Path(PROGRAMS).glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    beside = shutil.which("initdb")
    if not found and not beside:
        pytest.skip("PostgreSQL is not on this machine: apt-get install postgresql")
    return found[-1].parent if found else Path(str(beside)).parent


@contextmanager
def postgres_running() -> Iterator[str]:
    """The URL of its first database, up to the name."""
    programs = folder_of_programs()
    with tempfile.TemporaryDirectory(prefix="qparkin-pg-") as home:
        folder, runs_as = Path(home), _account()
        if runs_as:
            os.chown(folder, *runs_as)
        (folder / "password").write_text(AWKWARD)
        _run(programs / "initdb", "-D", folder / "data", "-U", ACCOUNT, "-A", "scram-sha-256", "--no-sync",
             "-E", "UTF8", f"--pwfile={folder / 'password'}")  # fmt: skip
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        control = (programs / "pg_ctl", "-D", folder / "data", "-w", "-t", str(int(PATIENCE)))
        _run(*control, "-o", options, "-l", folder / "log", "start")
        try:
            account = f"{ACCOUNT}:{quote(AWKWARD, safe='')}"
            yield f"postgres://{account}@/{{name}}?host={quote(str(folder), safe='')}"
        finally:
            _run(*control, "-m", "immediate", "stop")


def _account() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    found = pwd.getpwnam(ACCOUNT)
    return found.pw_uid, found.pw_gid


def _run(*command: str | Path) -> None:
    runs_as = _account()
    given = {"user": runs_as[0], "group": runs_as[1], "extra_groups": []} if runs_as else {}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **given)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
