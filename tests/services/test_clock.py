"""The clock beside the workers: without it nothing is backed up by itself."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from backups.management.commands import qcluster
from backups.management.commands._workers import Workers
from backups.services import clock
from backups.services.leap import Leap
from backups.services.refusals import Cancelled


def test_a_disk_that_fails_does_not_stop_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*, after_leap: bool) -> None:
        raise PermissionError("somebody else's folder")

    monkeypatch.setattr(qcluster.clock, "tick", fail)
    stopping = threading.Event()
    qcluster._tick(Workers(stopping), "cluster", stopping, Leap())


@pytest.mark.django_db
def test_what_fails_holds_up_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fail(_: datetime) -> None:
        raise PermissionError("somebody else's folder")

    def refuse(_: datetime) -> None:
        raise Cancelled

    steps = {"sweep": fail, "settle": refuse, "knock": lambda _: done.append("knocked")}
    monkeypatch.setattr(clock, "STEPS", steps)
    clock.tick()
    assert done == ["knocked"]
    assert "the clock failed to sweep" in caplog.text
    assert "settle: " in caplog.text
