"""The clock beside the workers: without it nothing is backed up by itself."""

from __future__ import annotations

import threading

import pytest

from backups.management.commands import qcluster
from backups.management.commands._workers import Workers


def test_a_disk_that_fails_does_not_stop_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise PermissionError("somebody else's folder")

    monkeypatch.setattr(qcluster.schedule, "tick", fail)
    stopping = threading.Event()
    qcluster._tick(Workers(stopping), "cluster", stopping)
