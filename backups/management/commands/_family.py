"""Processes that end with the one that made them, however that ends.

Were the parent killed alone, its workers would go on unseen: nobody would end their jobs when they stop, and
the next parent would start others beside them.
"""

from __future__ import annotations

import ctypes
import os
import signal
from functools import cache

PR_SET_PDEATHSIG = 1


@cache
def end_with_parent() -> None:
    """For all processes that are forked from here on, by this one and by those."""
    # Loaded before any fork: between a fork and its first step nothing may take a lock.
    libc = ctypes.CDLL(None, use_errno=True)
    parent: list[int] = [0]

    def note() -> None:
        parent[0] = os.getpid()

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent[0]:
            # It has ended in between.
            os._exit(1)

    os.register_at_fork(before=note, after_in_child=tie)
