"""docs/reliability.md lists exactly the faults that there are, and each of them holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.faults.elsewhere import ELSEWHERE
from tests.faults.table import committed

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_page_lists_the_faults_that_there_are() -> None:
    command = [sys.executable, "-m", "pytest", "-p", "tests.faults.table", "--collect-only", "-qq"]
    chosen = ["tests/faults", *sorted({fault.test for fault in ELSEWHERE})]
    done = subprocess.run([*command, *chosen], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert committed() in done.stdout, "run bin/test --faults, and commit docs/reliability.md"
