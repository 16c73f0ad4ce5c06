"""`manage.py qcluster`: django-q2's workers, and our clock beside them.

The clock clears up after workers that were killed, starts what is due and knocks again for jobs that
wait. It runs in the process that started the workers, so no long job can hold it up.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, connection

from backups.services import clock, control, hosts, jobs, leftovers, queue
from backups.services.leap import Leap

from ._workers import Workers

log = logging.getLogger(__name__)

TICK_SECONDS = 5.0


class Command(BaseCommand):
    help = "Work off jobs until SIGTERM or Ctrl-C; running work is cancelled then."

    def handle(self, *_: Any, **__: Any) -> None:
        control.prepare()
        # Workers carry it in their names, so that stopping this cluster cancels its own work only.
        os.environ["QPARKIN_CLUSTER"] = name = f"{settings.WORKER_NAME}-{os.getpid()}"
        stopping = threading.Event()
        workers, leap = Workers(stopping), Leap()
        try:
            _begin(workers, stopping)
            while workers.are_alive and not stopping.wait(TICK_SECONDS):
                _tick(workers, name, stopping, leap)
        finally:
            _cancel_work(name)
            workers.stop()
        if not stopping.is_set():
            raise SystemExit("the workers ended by themselves")


def _begin(workers: Workers, stopping: threading.Event) -> None:
    """A queue that is away is waited for: whoever started us at boot may have started it too."""
    while not queue.answers():
        log.warning("the queue (QUEUE_URL) does not answer; the workers start when it does")
        if stopping.wait(TICK_SECONDS):
            return
    hosts.note_start()
    leftovers.sweep_here()
    workers.start()


def _tick(workers: Workers, name: str, stopping: threading.Event, leap: Leap) -> None:
    try:
        clock.tick(after_leap=leap.happened())
        stuck = jobs.nobody_takes_work(name) and queue.answers()
    except Exception:
        # The clock must not stop for one bad moment of the panel's own database, or of a disk.
        log.exception("the clock missed a beat")
        connection.close()
        return
    if stuck and not stopping.is_set():
        log.warning("work waits and no worker takes it: the workers are started anew")
        workers.stop(patience=0)
        workers.start()


def _cancel_work(name: str) -> None:
    try:
        jobs.cancel_all_of(name)
    except Error:
        log.exception("running work was not cancelled; it will be cleared up as interrupted")
    connection.close()
