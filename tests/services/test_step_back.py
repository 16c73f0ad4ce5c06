"""What runs by schedule runs at a low priority, and nothing else does."""

from __future__ import annotations

import multiprocessing
import os
import sys

import pytest

from backups.models import Job
from backups.services import work


def _in_a_worker(trigger: str) -> None:
    work._step_back(Job(kind="backup", trigger=trigger))
    sys.exit(os.nice(0))


@pytest.mark.parametrize(("trigger", "lowered"), [("schedule", 10), ("person", 0), ("command", 0)])
def test_a_worker_steps_back_for_what_nobody_waits_for(trigger: str, lowered: int) -> None:
    worker = multiprocessing.get_context("fork").Process(target=_in_a_worker, args=(trigger,))
    worker.start()
    worker.join(120)
    assert worker.exitcode == os.nice(0) + lowered


def test_a_process_that_lives_on_keeps_its_priority() -> None:
    before = os.nice(0)
    work._step_back(Job(kind="backup", trigger="schedule"))
    assert os.nice(0) == before
