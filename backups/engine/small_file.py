"""A small file of somebody else's: it may have become anything, and we wait for nothing."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

# Without it, opening a pipe that nobody writes to would never end.
FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def read_small(path: Path, *, most: int) -> bytes:
    """Its first `most` bytes; raises OSError where it is no file."""
    handle = os.open(path, FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(most)
    finally:
        os.close(handle)
