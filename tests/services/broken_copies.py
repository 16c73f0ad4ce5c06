"""Ways in which one copy of an archive stops giving its bytes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.services.copying import flip

Harm = Callable[[Path], None]


def truncated_at(percent: int) -> Harm:
    return lambda path: os.truncate(path, path.stat().st_size * percent // 100)


def flipped_at(percent: int) -> Harm:
    return lambda path: flip(path, path.stat().st_size * percent // 100)


def gone(path: Path) -> None:
    path.unlink()
    path.with_name(path.name + ".seal.json").unlink()


def unsealed(path: Path) -> None:
    """Only what was beside it is left."""
    path.unlink()


def rubbish(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


HARMS: dict[str, Harm] = {
    **{f"cut off at {percent} %": truncated_at(percent) for percent in (10, 50, 90)},
    **{f"flipped at {percent} %": flipped_at(percent) for percent in (10, 50, 90)},
    "gone": gone,
    "only its seal left": unsealed,
    "rubbish": rubbish,
}
