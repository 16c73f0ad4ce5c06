"""Test this storage: a probe is written, read, listed and deleted; each failure is told with its meaning.

Where a lock is asked for, it is looked whether the bucket set one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from backups.engine.errors import BackupError, StorageFailed, StorageUnfaithful
from backups.engine.storage import ArchiveStorage

from .refusals import gettext_noop

WRITE, READ, LIST, DELETE, LOCK = "write", "read", "list", "delete", "lock"
# What it means when that step does not work.
MEANING = {
    WRITE: gettext_noop("Nothing can be stored there: no backup and no copy."),
    READ: gettext_noop("What is stored there can be neither checked nor restored."),
    LIST: gettext_noop(
        "Backups work. Archives that the panel has forgotten are not found there, and nothing counts as "
        "missing."
    ),
    DELETE: gettext_noop(
        "Backups work. Retention happens elsewhere: whoever may delete there has to thin out."
    ),
    LOCK: gettext_noop("Backups work. Whoever holds the key can delete them, and so can whoever steals it."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """`problem` is None where it worked; `tried` is False where a step before it had to work first."""

    name: str
    tried: bool
    problem: BackupError | None

    @property
    def ok(self) -> bool:
        return self.tried and self.problem is None


@dataclass(frozen=True, slots=True)
class Tested:
    storage: str
    steps: tuple[Step, ...]

    @property
    def enough(self) -> bool:
        """For backups and restores; to list and to delete may be somebody else's."""
        return all(step.ok for step in self.steps if step.name in self.needed)

    @property
    def needed(self) -> tuple[str, ...]:
        return WRITE, READ

    @property
    def missing(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if not step.ok)


def run_test(storage: ArchiveStorage, *, locks: bool = False) -> Tested:
    """Leaves nothing, where it may delete; a probe is no archive, and no listing of ours shows it.

    `locks`: it is to keep what is written from being deleted.
    """
    name, content = f".probe-{secrets.token_hex(8)}", secrets.token_bytes(4096)
    wrote = _step(WRITE, lambda: _write(storage, name, content))
    steps = [wrote]
    asked: list[tuple[str, Callable[[], None]]] = [
        (READ, lambda: _read(storage, name, content)),
        (LIST, lambda: _list(storage)),
        (DELETE, lambda: storage.delete(name)),
    ]
    if locks:
        asked.insert(0, (LOCK, lambda: _locked(storage, name)))
    for step, ask in asked:
        steps.append(_step(step, ask) if wrote.ok or step == LIST else Step(step, tried=False, problem=None))
    return Tested(storage.name, tuple(steps))


def _step(name: str, ask: Callable[[], None]) -> Step:
    try:
        ask()
    except BackupError as error:
        return Step(name, tried=True, problem=error)
    return Step(name, tried=True, problem=None)


def _write(storage: ArchiveStorage, name: str, content: bytes) -> None:
    with storage.create(name) as file:
        file.write(content)


def _read(storage: ArchiveStorage, name: str, content: bytes) -> None:
    with storage.open(name) as file:
        if file.read() != content:
            raise StorageUnfaithful(storage=storage.name, name=name, reason="it has another checksum there")


def _locked(storage: ArchiveStorage, name: str) -> None:
    stored = storage.stat(name)
    if stored is None or stored.retained_until is None:
        raise StorageFailed(storage=storage.name, reason="it sets no lock, or does not tell of it")


def _list(storage: ArchiveStorage) -> None:
    storage.names()
