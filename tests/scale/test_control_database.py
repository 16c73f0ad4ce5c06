"""The panel's own data on MariaDB: the same tests of jobs, leases and the audit, and the commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import Installation, installation_in
from tests.panel_environment import CONTROL_VARIABLE, PREFIXES
from tests.scale.control import AWKWARD, ControlDatabase
from tests.scratch import ScratchDatabase

HOLDS_JOBS = (
    "tests/services/test_lease.py",
    "tests/services/test_slots.py::test_of_many_clocks_one_takes_the_slot",
    "tests/services/test_slots.py::test_what_was_missed_is_made_up_for_once_and_late",
    "tests/services/test_slots.py::test_a_backup_that_a_crash_broke_off_is_begun_anew",
    "tests/services/test_audit.py",
    "tests/services/test_shelves.py",
    "tests/services/test_audit_tampering.py::test_the_database_itself_refuses_to_change_the_record",
    "tests/services/test_audit_tampering.py::test_every_harm_to_the_head_shows",
    "tests/scale/on_mariadb.py",
)
ROOT = Path(__file__).resolve().parents[2]


def suite_on(url: str, *arguments: str) -> str:
    """A run of its own: settings are read once in the life of a process."""
    ours = (*PREFIXES, "PYTEST_", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env={**environment, CONTROL_VARIABLE: url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.timeout(300)
def test_jobs_leases_and_the_audit_hold_on_mariadb(control: ControlDatabase) -> None:
    said = suite_on(control.url, *HOLDS_JOBS)
    passed = re.search(r"(\d+) passed", said)
    assert passed
    assert int(passed[1]) > 40


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_everything_holds_on_mariadb(control: ControlDatabase) -> None:
    suite_on(control.url, "-m", "not slow", "tests/services", "tests/web", "tests/scale/on_mariadb.py")


@pytest.fixture
def installation(tmp_path: Path, small_parking: ScratchDatabase, control: ControlDatabase) -> Installation:
    """With its own data on MariaDB, initialised."""
    made = installation_in(tmp_path, small_parking, control=control.url)
    assert made.init("--no-check").status == 0
    return made


def test_commands_work_without_web_and_worker(
    installation: Installation, control: ControlDatabase, small_parking: ScratchDatabase
) -> None:
    made = installation.json("backup")
    assert installation.json("drill", "latest")["proven"] is True
    small_parking.run("DELETE FROM tiket")
    restored = installation.json("restore", "latest", "--yes")
    assert small_parking.rows("SELECT COUNT(*) FROM tiket") == ((3,),)
    installation.json("undo_restore", restored["restore"], "--yes")
    listed = [archive["id"] for archive in installation.json("archives")["archives"]]
    assert made["id"] in listed
    holds = "from backups.services import audit; print(audit.verify_chain().holds)"
    assert installation.manage("shell", "--no-imports", "--command", holds).out.strip() == "True"
    assert {state for (state,) in control.rows("SELECT state FROM backups_job")} == {"done"}
    assert not (installation.folder / "control.sqlite3").exists()


def test_hosts_that_start_at_once_make_the_tables_once(
    installation: Installation, control: ControlDatabase
) -> None:
    control.make_anew()
    starting = [installation.start(*command) for command in (["migrate"], ["archives"], ["archives"])]
    for process in starting:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, (out, err)
    applied = control.rows("SELECT COUNT(*), COUNT(DISTINCT app, name) FROM django_migrations")
    assert applied[0][0] == applied[0][1] > 10


def test_no_password_is_said(installation: Installation, control: ControlDatabase) -> None:
    wrong = control.url.replace(f"/{control.name}?", "/panel_elsewhere?")
    done = installation.manage("archives", CONTROL_DATABASE_URL=wrong)
    assert done.status == 1
    assert "CONTROL_DATABASE_URL" in done.err
    said = done.out + done.err + installation.manage("check", CONTROL_DATABASE_URL=wrong).err
    assert not any(word in said for word in (AWKWARD, control.url, "%22a%27"))
