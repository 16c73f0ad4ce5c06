"""What a program that runs what strangers wrote is denied by the system itself."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Confinement:
    """For a server that runs what strangers wrote: limits, and (where we are root) a user of its own."""

    account: tuple[int, int] | None  # user and group id; None: as whoever starts it
    memory_bytes: int
    file_bytes: int

    def apply(self) -> None:
        """In the child, before the server's program begins."""
        resource.setrlimit(resource.RLIMIT_AS, (self.memory_bytes, self.memory_bytes))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_bytes, self.file_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def identity(self) -> dict[str, Any]:
        if self.account is None:
            return {}
        return {"user": self.account[0], "group": self.account[1], "extra_groups": []}


def prepared(tie: Callable[[], None], confined: Confinement | None) -> Callable[[], None]:
    """For `preexec_fn`: `tie` first, then the limits."""

    def prepare() -> None:
        tie()
        if confined:
            confined.apply()

    return prepare
