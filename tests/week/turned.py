"""A program of Python under a clock that the test turns: `python turned.py CLOCK PROGRAM ARGUMENT…`.

CLOCK is a file that says by how many seconds the program's time is ahead of the machine's. It is followed
while the program runs, also by the processes that it forks; between two turns time goes on as it always does.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading
import time
from pathlib import Path
from typing import Any

import time_machine

ROOT = Path(__file__).resolve().parents[2]
FOLLOW_SECONDS = 0.02
ASKEW_SECONDS = 0.1
# Ours looks every five seconds; here a day takes less than a minute.
TICK_SECONDS = 0.25


class TurnedClock:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._ahead = self._read()
        self._guard = threading.Lock()
        self._coordinates = time_machine.travel(time.time() + self._ahead).start()
        self._begin_to_follow()
        os.register_at_fork(after_in_child=self._begin_to_follow)

    def follow(self, **_: Any) -> None:
        with self._guard:
            self._ahead = self._read()
            # Also what a busy machine let slip between reckoning the time and setting it.
            if abs(time.time() - self._now()) > ASKEW_SECONDS:
                self._coordinates.move_to(self._now())

    def _begin_to_follow(self) -> None:
        self._guard = threading.Lock()
        threading.Thread(target=self._follow_on, daemon=True).start()

    def _follow_on(self) -> None:
        while not threading.Event().wait(FOLLOW_SECONDS):
            self.follow()

    def _now(self) -> float:
        return float(time_machine.escape_hatch.time.time()) + self._ahead

    def _read(self) -> float:
        return float(self._file.read_text())


def quicken_the_cluster(clock: TurnedClock) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qparkin_backup.settings")
    django.setup()
    from django_q.signals import pre_execute

    from backups.management.commands import qcluster

    qcluster.TICK_SECONDS = TICK_SECONDS
    # However busy the machine is: no job begins by yesterday's clock.
    pre_execute.connect(clock.follow, weak=False)


def main() -> None:
    clock = TurnedClock(Path(sys.argv[1]))
    sys.path[0] = str(ROOT)
    sys.argv = sys.argv[2:]
    if "qcluster" in sys.argv:
        quicken_the_cluster(clock)
    if sys.argv[0] == "-m":
        module = sys.argv[1]
        sys.argv = sys.argv[1:]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
