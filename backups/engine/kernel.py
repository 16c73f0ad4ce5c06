"""Calls of the kernel that Python has no name for."""

from __future__ import annotations

import ctypes
import errno
import os
from functools import cache
from typing import Any

NO_REPLACE, EXCHANGE = 1, 2
HERE = -100  # AT_FDCWD
NOT_KNOWN = {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP}


def exchange(one: bytes, other: bytes) -> bool:
    """Both change places at the same instant; False where kernel or file system cannot do that."""
    return _renamed(one, other, EXCHANGE)


def move(source: bytes, target: bytes) -> None:
    """rename(2), but never over something that is there."""
    if _renamed(source, target, NO_REPLACE):
        return
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fsdecode(target))
    os.rename(source, target)


def _renamed(source: bytes, target: bytes, flag: int) -> bool:
    call = _library("renameat2")
    if call is None:
        return False
    if call(HERE, source, HERE, target, flag) == 0:
        return True
    number = ctypes.get_errno()
    if number in NOT_KNOWN:
        return False
    raise OSError(number, os.strerror(number), os.fsdecode(source), None, os.fsdecode(target))


def sync_file_system(folder: int) -> None:
    """All that was written to the file system of an open folder is on its disk."""
    call = _library("syncfs")
    if call is None:
        os.sync()
    elif call(folder):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@cache
def _library(name: str) -> Any:
    return getattr(ctypes.CDLL(None, use_errno=True), name, None)


# What adjtimex answers where nobody keeps the clock right.
UNSYNCHRONISED = 5
# Larger than the kernel's structure on any machine; all zero: only asked, nothing set.
TIMEX_BYTES = 512


def clock_is_kept() -> bool | None:
    """Whether something (NTP) keeps this machine's clock right; None where the kernel does not say."""
    call = _library("adjtimex")
    if call is None:
        return None
    state = call(ctypes.create_string_buffer(TIMEX_BYTES))
    return None if state < 0 else bool(state != UNSYNCHRONISED)
