"""Work that dies: done in a process of its own, which ends itself by SIGKILL at a chosen step."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from django.db import connections

from backups.engine.stream import Silent
from backups.models import Job
from backups.services import work

FAILED = 70


class Counting(Silent):
    """How many steps a piece of work has: each phase, each advance, each look whether to stop."""

    def __init__(self) -> None:
        self.steps = 0
        # Several threads read tables, or write them.
        self._counting = threading.Lock()

    def step(self) -> int:
        """Which one it is."""
        with self._counting:
            self.steps += 1
            return self.steps

    def phase(self, slug: str, total: int = 0) -> None:
        del slug, total
        self.step()

    def advance(self, steps: int = 1) -> None:
        del steps
        self.step()

    def check(self) -> None:
        self.step()


class At(Counting):
    """Does something once, at that step."""

    def __init__(self, step: int, act: Callable[[], None]) -> None:
        super().__init__()
        self._at, self._act = step, act

    def step(self) -> int:
        now = super().step()
        if now == self._at:
            self._act()
        return now


class AtPhase(Silent):
    """Does something once, when that phase begins."""

    def __init__(self, phase: str, act: Callable[[], None]) -> None:
        self._phase, self._act, self.done = phase, act, False

    def phase(self, slug: str, total: int = 0) -> None:
        del total
        if slug == self._phase and not self.done:
            self.done = True
            self._act()


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def part_of(steps: int, percent: int) -> int:
    return max(1, round(steps * percent / 100))


def killed_at(job: Job, step: int) -> None:
    """Do the job in a process that ends at that step, as by the kernel's out-of-memory killer."""
    killed_while(lambda: work.run_here(job, listener=At(step, die)))


def killed_while(act: Callable[[], object]) -> None:
    """`act` must end its process by SIGKILL; nothing of it is waited for or cleared up."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            act()
        finally:
            os._exit(FAILED)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it ended before it could be killed"
    assert os.WTERMSIG(status) == signal.SIGKILL
