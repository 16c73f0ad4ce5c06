"""A program that asks a person: run at a terminal of its own, and answered when it has asked."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

PATIENCE = 120.0


def answered(
    command: Sequence[str], answers: Sequence[tuple[str, str]], *, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Exit status, and all that stood on the screen. `answers`: what to wait for, and what to type then."""
    ours, theirs = pty.openpty()

    process = subprocess.Popen(
        ["setsid", "--ctty", *command], stdin=theirs, stdout=theirs, stderr=theirs, env=env
    )
    os.close(theirs)
    try:
        screen, seen = "", 0
        for question, line in answers:
            while question not in screen[seen:]:
                text = _read(ours)
                assert text, screen
                screen += text
            seen = len(screen)
            os.write(ours, line.encode() + b"\n")
        while text := _read(ours):
            screen += text
        return process.wait(PATIENCE), screen
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(ours)


def _read(terminal: int) -> str:
    """'' when the program has let go of its terminal."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 1.0)[0]:
            with suppress(OSError):
                return os.read(terminal, 65536).decode(errors="replace")
            return ""
    raise AssertionError("nothing happened at the terminal")
