"""A file that one process holds at a time; the kernel lets go of it when that one ends, however it does."""

from __future__ import annotations

import fcntl
from typing import IO


def locked(handle: int | IO[bytes]) -> bool:
    """Taken now, or somebody else has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
