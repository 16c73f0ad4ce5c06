"""Whose journals count: the application may write beside its folders, and what they say is done as us."""

from __future__ import annotations

import os
import stat


def is_ours(status: os.stat_result) -> bool:
    return _is_private(status) and status.st_uid == os.geteuid()


def may_be_a_colleagues(status: os.stat_result) -> bool:
    """Root at the terminal finishes what the account of the workers began."""
    return _is_private(status) and os.geteuid() == 0


def _is_private(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and not status.st_mode & 0o022
