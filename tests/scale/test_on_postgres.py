"""The panel's own data on PostgreSQL: the same tests of jobs, approvals and the audit, and the commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, installation_in
from tests.scale.postgres import postgres_running
from tests.scale.test_control_database import HOLDS_JOBS, suite_on
from tests.scratch import ScratchDatabase

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
HERE = (
    *HOLDS_JOBS[:-1],
    "tests/services/test_audit_tampering.py",
    "tests/services/test_repeats.py",
    "tests/web/test_approvals.py",
    "tests/web/test_people.py",
    "tests/web/test_second_factor.py",
    "tests/web/test_qparkin_sign_in.py",
    "tests/scale/on_postgres.py",
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_running() as url:
        yield url


def test_jobs_leases_approvals_and_the_audit_hold(server: str) -> None:
    said = suite_on(server.format(name="postgres"), *dict.fromkeys(HERE))
    passed = re.search(r"(\d+) passed", said)
    assert passed
    assert int(passed[1]) > 90


def test_every_migration_runs_from_nothing_and_the_commands_work(
    server: str, tmp_path: Path, small_parking: ScratchDatabase
) -> None:
    made = installation_in(tmp_path, small_parking, control=server.format(name="template1"))
    done = made.init("--no-check")
    assert done.status == 0, done
    first = made.json("backup")
    assert made.json("drill", "latest")["proven"] is True
    small_parking.run("DELETE FROM tiket")
    restored = made.json("restore", "latest", "--yes")
    assert small_parking.rows("SELECT COUNT(*) FROM tiket") == ((3,),)
    made.json("undo_restore", restored["restore"], "--yes")
    assert first["id"] in [archive["id"] for archive in made.json("archives")["archives"]]
    assert made.manage("audit_verify").status == 0
    assert made.manage("makemigrations", "--check", "--dry-run").status == 0
    _several_hosts_start_at_once(made)
    assert not (tmp_path / "control.sqlite3").exists()


def _several_hosts_start_at_once(made: Installation) -> None:
    starting = [made.start(*command) for command in (["migrate"], ["archives"], ["archives"])]
    for process in starting:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, (out, err)
