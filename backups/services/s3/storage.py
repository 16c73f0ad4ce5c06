"""A bucket as one of our storages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, cast

from backups.engine.errors import ArchiveUnknown
from backups.engine.storage import Stored

from . import listing, unfinished
from .asking import Asking
from .fetching import Fetching
from .look import look
from .reader import Reader
from .removing import delete
from .writer import PART, writing


@dataclass(frozen=True, slots=True)
class S3Storage:
    asking: Asking
    part_size: int = PART

    @property
    def name(self) -> str:
        return self.asking.place.name

    @contextmanager
    def create(self, name: str) -> Iterator[IO[bytes]]:
        self._refuse_path(name)
        with writing(self.asking, name, part_size=self.part_size) as writer:
            yield cast("IO[bytes]", writer)

    def open(self, name: str) -> IO[bytes]:
        stored = self.stat(name)
        if stored is None:
            raise ArchiveUnknown(archive=name)
        return cast("IO[bytes]", Reader(Fetching(self.asking, name, stored.size, stored.etag)))

    def names(self) -> list[Stored]:
        return listing.names(self.asking)

    def stat(self, name: str) -> Stored | None:
        self._refuse_path(name)
        seen = look(self.asking, name)
        return seen.stored if seen else None

    def delete(self, name: str) -> None:
        self._refuse_path(name)
        delete(self.asking, name)

    def exists(self, name: str) -> bool:
        return self.stat(name) is not None

    def free_bytes(self) -> int | None:
        return None

    def location(self, name: str) -> str:
        return f"s3://{self.asking.place.bucket}/{self.asking.key(name)}"

    def sweep(self, keep: Callable[[str, datetime], bool]) -> list[str]:
        return unfinished.sweep(self.asking, keep)

    @staticmethod
    def _refuse_path(name: str) -> None:
        if "/" in name or "\0" in name or name in ("", ".", ".."):
            raise ArchiveUnknown(archive=name[:80])
