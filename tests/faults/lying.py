"""What lies at the storages, folders and buckets alike: names, what is unfinished, each file's SHA-256."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime

from backups.engine.storage import ArchiveStorage, LocalStorage
from backups.services import storages


def digests() -> Iterator[tuple[str, str]]:
    """(storage/name, SHA-256) of everything."""
    for storage in storages.every():
        for name in names_at(storage):
            yield f"{storage.name}/{name}", digest_at(storage, name)


def names_at(storage: ArchiveStorage) -> set[str]:
    if isinstance(storage, LocalStorage):
        # Also what the storage itself would not list.
        return {path.name for path in storage.root.glob("*")}
    return {stored.name for stored in storage.names()}


def unfinished_at(storage: ArchiveStorage) -> list[str]:
    """Writes that were begun and neither ended nor taken back."""
    found: list[str] = []

    def look(name: str, _: datetime) -> bool:
        found.append(name)
        return True

    storage.sweep(look)
    return found


def digest_at(storage: ArchiveStorage, name: str) -> str:
    if isinstance(storage, LocalStorage):
        return hashlib.sha256((storage.root / name).read_bytes()).hexdigest()
    with storage.open(name) as file:
        return hashlib.sha256(file.read()).hexdigest()


def archive_in(name: str) -> str:
    """The id in the name of a file, whatever stands before and behind it."""
    found = re.search(r"\d{8}T\d{6}Z-[0-9a-f]{8}", name)
    return found[0] if found else ""
