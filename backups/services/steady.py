"""Trying again what the panel's own database refused for a moment only."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

log = logging.getLogger(__name__)

T = TypeVar("T")

# Shorter than a lease: whoever waits for longer has lost it.
PATIENCE_SECONDS = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
# Of MariaDB and MySQL: a deadlock, a wait for a lock, a row changed under a snapshot; a session that was
# killed or lost; a server that starts, stops or is full.
PASSING = {1213, 1205, 1020, 1927, 2002, 2003, 2006, 2013, 2014, 2055, 1040, 1053, 1203}
# Of PostgreSQL: could not serialise, deadlock, and those whose class is connection or operator intervention.
PASSING_STATES = ("40001", "40P01", "08", "57P")


def steadily(act: Callable[[], T], *, patience: float = PATIENCE_SECONDS) -> T:
    """Do `act`, which must be safe to do twice. Within a transaction once: what it did before is gone."""
    deadline, pause = time.monotonic() + patience, FIRST_PAUSE
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or not is_passing(error) or time.monotonic() > deadline:
                raise
            log.warning("the panel's own database is asked again (%s)", type(error).__name__)
            connection.close_if_unusable_or_obsolete()
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def is_passing(error: OperationalError | InterfaceError) -> bool:
    """Whether the same may work in a moment."""
    if isinstance(error, InterfaceError):
        # PyMySQL says so of a session that is closed already.
        return True
    state = getattr(error.__cause__, "sqlstate", None)
    if state:
        return str(state).startswith(PASSING_STATES)
    code = error.args[0] if error.args else None
    return code in PASSING or (isinstance(code, str) and ("locked" in code or "busy" in code))
