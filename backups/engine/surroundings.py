"""What a program that we start is told of our own environment, where settings and their secrets may stand."""

from __future__ import annotations

import os

# Of Laravel besides: the real environment wins over its .env there.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")


def passed_on(**more: str) -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | more
