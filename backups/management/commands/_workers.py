"""django-q2's processes, held on a short lead.

A worker that is killed while it waits for work takes the lock of the cluster's inner queue with it: no
other worker ever gets a task again, and stopping politely waits for ever. So we look whether work is
taken, and end the processes ourselves when asking does not help.

A signal is only noted: its own handler would wait for the workers before anybody cancels what they are at.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path
from types import FrameType

from django.db import connections
from django_q.cluster import Cluster

from ._family import end_with_parent

STOP_SECONDS = 15.0


class _NotedSignals(Cluster):  # type: ignore[misc]
    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        super().__init__()

    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        del signum, frame
        self._stopping.set()


class Workers:
    """One cluster at a time; SIGTERM or Ctrl-C sets `stopping`. `start` may be called again after `stop`."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._cluster: Cluster | None = None

    def start(self) -> None:
        end_with_parent()
        # Connections must not be shared with the processes that are made now.
        connections.close_all()
        self._cluster = _NotedSignals(self._stopping)
        self._cluster.start()

    @property
    def are_alive(self) -> bool:
        return self._cluster is not None and bool(self._cluster.sentinel.is_alive())

    def stop(self, *, patience: float = STOP_SECONDS) -> None:
        """Ask, wait, then kill: nothing of the cluster is left afterwards."""
        if self._cluster is None:
            return
        guard = self._cluster.sentinel
        if patience and self.are_alive:
            self._cluster.stop_event.set()
            guard.join(patience)
        if guard.is_alive():
            # The guard first: it would replace each worker that goes.
            family = _descendants(guard.pid)
            guard.kill()
            guard.join()
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._cluster = None


def _descendants(pid: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name in parentheses may hold anything; the parent is the second field after it.
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]
