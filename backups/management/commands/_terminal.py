"""Long work at a terminal: a bar with rate and time left, and a Ctrl-C that leaves nothing behind."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tqdm import tqdm

from backups.services.refusals import Cancelled

BYTES = {"files", "files_unpack", "files_prove"}
BYTES |= {"dump", "take_in", "verify", "load", "preview", "export", "prove_equal", "download"}
WORDS = {
    "calm": "Waiting for calm",
    "snapshot": "Taking a snapshot",
    "inventory": "Reading definitions",
    "dump": "Backing up rows",
    "files": "Backing up files",
    "files_unpack": "Unpacking files",
    "files_prove": "Comparing files",
    "seal": "Sealing",
    "verify": "Verifying",
    "load": "Loading rows",
    "keys": "Making keys",
    "code": "Making triggers",
    "prove_works": "Trying triggers and views",
    "prove_equal": "Comparing",
    "preview": "Counting on keys",
    "swap": "Changing over",
    "drop": "Tidying up",
    "prune": "Dropping archives",
    "download": "Writing",
    "export": "Writing SQL",
    "quarantine": "Starting the quarantine",
    "take_in": "Loading the dump",
}


class Terminal:
    """Progress for a person at a terminal; silent where there is none."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._bar: tqdm[Any] | None = None
        self._guard = threading.Lock()
        self.stopped = False

    def phase(self, slug: str, total: int = 0) -> None:
        self.close()
        if self._shown:
            in_bytes, size = slug in BYTES, shutil.get_terminal_size()
            self._bar = tqdm(
                total=total or None,
                desc=WORDS.get(slug, slug),
                unit="B" if in_bytes else "",
                unit_scale=in_bytes,
                unit_divisor=1024,
                leave=False,
                # A terminal that does not tell its size still gets a bar.
                ncols=size.columns,
                nrows=size.lines,
                file=sys.stderr,
            )

    def advance(self, steps: int = 1) -> None:
        with self._guard:
            if self._bar is not None:
                self._bar.update(steps)

    def check(self) -> None:
        if self.stopped:
            raise Cancelled

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@contextmanager
def terminal() -> Iterator[Terminal]:
    """The first Ctrl-C (or SIGTERM) cancels at the next safe point, the second one breaks off."""
    shown = Terminal()

    def stop(number: int, frame: FrameType | None) -> None:
        if shown.stopped:
            signal.default_int_handler(number, frame)
        shown.stopped = True
        sys.stderr.write("\nCancelling; this takes a moment…\n")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield shown
    finally:
        shown.close()
        for number, handler in before.items():
            signal.signal(number, handler)
