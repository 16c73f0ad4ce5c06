"""What somebody sends begins no line of the log."""

from __future__ import annotations

import logging
import sys

import pytest

from qparkin_backup.logs import Line

FORGED = "2026-11-23 02:00:00,000 INFO backups: all is well"
LINE = Line("{asctime} {levelname} {name}: {message}", style="{")


def record(told: str, error: bool = False) -> logging.LogRecord:
    exc_info = sys.exc_info() if error else None
    return logging.LogRecord(
        "django.request", logging.WARNING, __file__, 1, "Not Found: %s", (told,), exc_info
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\x1b[2K\x1b[1G", "\u202e"])
def test_a_message_is_one_line(end: str) -> None:
    shown = LINE.format(record(f"/a{end}{FORGED}"))
    assert len(shown.splitlines()) == 1
    assert end not in shown


@pytest.mark.parametrize("end", ["\n", "\r", "\u2028"])
def test_nor_does_what_an_error_says_begin_one(end: str) -> None:
    try:
        raise ValueError(f"bad{end}{FORGED}")
    except ValueError:
        first, *below = LINE.format(record("/a", error=True)).splitlines()
    assert first.endswith("Not Found: /a")
    assert any(FORGED in line for line in below)
    assert all(line.startswith("    ") for line in below)
