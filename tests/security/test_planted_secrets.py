"""Distinctive secrets in every setting that takes one, a whole life of the panel, and a search for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import MANAGE, Installation
from tests.scratch import ScratchDatabase
from tests.security.planted import found_in, what_to_look_for
from tests.security.planted_panel import THEIRS, accounts, at_first, installed, ordinary
from tests.security.searching import in_database, in_files
from tests.security.watching import watched

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
def panel(tmp_path: Path, small_parking: ScratchDatabase) -> Iterator[Installation]:
    with accounts(small_parking, "database") as names:
        yield installed(at_first(tmp_path, small_parking), ordinary(names["database"]))


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
    assert in_files(tmp_path, wanted, but=THEIRS) == {}
    assert in_database(tmp_path / "control.sqlite3", wanted) == {}
