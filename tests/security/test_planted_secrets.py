"""Distinctive secrets in every setting that takes one, a whole life of the panel, and a search for them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from backups.engine.database import rows, session
from tests.installation import MANAGE, Installation, installation_in
from tests.scratch import ScratchDatabase
from tests.security.planted import Wanted, core, found_in, secret, what_to_look_for
from tests.security.watching import watched

# Where they have to be: what the operator wrote, the keys themselves, and the kit, which is the way back.
THEIRS = ("env", "keys/", "taken/kit/")
# A life in which nothing happened would hide nothing.
DONE = (
    "backup --json: 0",
    "verify latest: 0",
    "drill latest: 0",
    "restore latest: 0",
    "undo_restore latest: 0",
    "download latest: 0",
    "export_sql latest: 0",
    "recovery_kit --output: 0",
    "backup: 1",
    "restore latest: 1",
)


@pytest.fixture
def panel(tmp_path: Path, small_parking: ScratchDatabase) -> Installation:
    account = f"tanam_{small_parking.name}"[:32]
    with session(small_parking.server) as connection:
        rows(connection, f"CREATE USER {account} IDENTIFIED BY {connection.escape(secret('database'))}")
        rows(connection, f"GRANT ALL PRIVILEGES ON *.* TO {account} WITH GRANT OPTION")
    made = installation_in(tmp_path, small_parking)
    # Nobody answers at port 9.
    far = {"BUCKET": "b", "ENDPOINT": "https://127.0.0.1:9", "REGION": "x", "ACCESS_KEY": secret("bucketid")}
    asked = {
        **made.settings,
        **{f"BACKUP_FAR_{name}": value for name, value in far.items()},
        "BACKUP_STORAGES": "far",
        "BACKUP_FAR_SECRET_KEY": secret("bucketkey"),
        "QPARKIN_DB_USERNAME": account,
        "QPARKIN_DB_PASSWORD": secret("database"),
        "QPARKIN_RESTORE_USERNAME": account,
        "QPARKIN_RESTORE_PASSWORD": secret("database"),
        "METRICS_TOKEN": secret("metrics"),
        "STATUS_TOKEN": secret("status"),
        "STATUS_BADGE_KEY": secret("badge"),
        "SECRET_KEY": secret("session") * 3,
        "SMTP_URL": f"smtp://{core('mail')}:{core('mail')}%27%22%24@127.0.0.1:9",
        "MAIL_FROM": "a@b.id",
        "REQUIRE_MFA": "0",
        "HEARTBEAT_PRIVATE": "1",
        "ALLOWED_HOSTS": "testserver",
    }
    where = ["--env-file", str(made.env_file), "--keys", str(made.keys)]
    done = made.run("init", *where, "--no-check", extra=asked)
    assert done.status == 0, done
    yield made
    with session(small_parking.server) as connection:
        rows(connection, f"DROP USER {account}")


def test_no_secret_leaves_its_place(panel: Installation, tmp_path: Path) -> None:
    wanted = what_to_look_for(panel.keys)
    assert len(wanted) > 16
    own, taken = tmp_path / "tmp", tmp_path / "taken"
    own.mkdir()
    taken.mkdir()
    environment = panel.environment() | {
        "PYTHONPATH": str(MANAGE.parent), "DJANGO_SETTINGS_MODULE": "qparkin_backup.settings",
        "TMPDIR": str(own), "LOG_JSON": "1",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.security.planted_driver", str(taken)]
    with watched(wanted, str(panel.env_file).encode()) as seen:
        done = subprocess.run(command, env=environment, capture_output=True, check=False, cwd=MANAGE.parent)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told.decode()[-3000:]
    assert [step for step in DONE if f"== {step}\n".encode() not in told] == []
    assert seen.looks > 20
    assert seen.found == set()
    assert found_in(told, wanted) == []
    assert _in_files(tmp_path, wanted) == {}
    assert _in_the_control_database(panel, wanted) == {}


def _in_files(folder: Path, wanted: Wanted) -> dict[str, list[str]]:
    """Archives, seals, exports, caches, temp folders, pages: all but what the operator wrote."""
    searched, found = 0, {}
    for file in folder.rglob("*"):
        name = file.relative_to(folder)
        if file.is_file() and not str(name).startswith(THEIRS):
            searched += 1
            if names := found_in(file.read_bytes(), wanted):
                found[str(name)] = names
    assert searched > 8
    return found


def _in_the_control_database(panel: Installation, wanted: Wanted) -> dict[str, list[str]]:
    """Each table by itself, so that a find has a name; a binary file may hide a text that is cut in two."""
    found, told = {}, 0
    with sqlite3.connect(panel.folder / "control.sqlite3") as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for table in tables:
            content = repr(connection.execute(f'SELECT * FROM "{table}"').fetchall()).encode()
            told += len(content)
            if names := found_in(content, wanted):
                found[table] = names
    assert told > 5000
    return found
