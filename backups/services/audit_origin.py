"""Where what is being recorded comes from: the address of a request, or the person at a keyboard.

Known once for all that a request or a command does, so that no service can forget to hand it on.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

PANEL = "system"
# Who was refused without having said who they are.
STRANGER = "unknown"
SHELL = "shell:"
# What the kernel wrote down when somebody signed in to the machine: `sudo` does not change it.
LOGIN = Path("/proc/self/loginuid")
NOBODY = 2**32 - 1
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Origin:
    """`label` is who it was where no person of the panel is known."""

    label: str = PANEL
    address: str = ""


BY_ITSELF = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=BY_ITSELF)


def origin() -> Origin:
    return _origin.get()


def label_of_nobody(*, refused: bool) -> str:
    """Of an event of no person: within a request what is refused is refused to somebody."""
    now = _origin.get()
    return STRANGER if refused and now.address else now.label


@contextmanager
def coming_from(address: str) -> Iterator[None]:
    """A request."""
    with _set(Origin(address=address[:45])):
        yield


@contextmanager
def at_the_keyboard() -> Iterator[None]:
    """A command: as which user of the machine it runs, and who had signed in there."""
    with _set(Origin(label=SHELL + _who())):
        yield


@contextmanager
def _set(wanted: Origin) -> Iterator[None]:
    mark = _origin.set(wanted)
    try:
        yield
    finally:
        _origin.reset(mark)


def _who() -> str:
    user, signed_in = _name(os.getuid()), _signed_in()
    return user if signed_in in {"", user} else f"{user} ({signed_in})"


def _signed_in() -> str:
    try:
        number = int(LOGIN.read_text())
    except (OSError, ValueError):
        return ""
    return "" if number == NOBODY else _name(number)


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name[:LONGEST]
    except KeyError:
        return str(number)
