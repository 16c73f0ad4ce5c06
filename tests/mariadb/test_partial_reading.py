"""A part of an archive is read at the price of that part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from backups.engine.storage import LocalStorage
from tests.mariadb.parkir import SCHEMA
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase


@dataclass(slots=True)
class Watched:
    """A file that says which ranges of it were read."""

    file: IO[bytes]
    ranges: list[tuple[int, int]]

    def read(self, size: int = -1) -> bytes:
        start = self.file.tell()
        content = self.file.read(size)
        self.ranges.append((start, start + len(content)))
        return content

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@dataclass(frozen=True, slots=True)
class WatchedStorage(LocalStorage):
    root: Path
    name: str = "local"
    ranges: list[tuple[int, int]] = field(default_factory=list)

    def open(self, name: str) -> IO[bytes]:
        file = LocalStorage.open(self, name)
        return file if name.endswith(".json") else Watched(file, self.ranges)  # type: ignore[return-value]


def test_only_the_members_that_are_needed_are_read_and_the_manifest_once(
    road: Road, database: ScratchDatabase
) -> None:
    database.run(*SCHEMA, "CREATE TABLE besar (id INT PRIMARY KEY, isi MEDIUMBLOB)")
    database.run("INSERT INTO besar SELECT seq, RANDOM_BYTES(1024) FROM seq_1_to_3000")
    made = road.back_up(database.server, database.name)
    storage = WatchedStorage(road.storage.root)
    watched = replace(road, storage=storage)
    watched.restore_tables(made, database, "anak")
    sizes = {member.name: member.size for member in made.seal.members}
    manifest = sizes["manifest.json.age"]
    rows = [size for name, size in sizes.items() if "-anak/" in name]
    whole = [stop - start for start, stop in storage.ranges if stop - start in (manifest, *rows)]
    assert sorted(whole) == sorted([manifest, *rows])
    big = max(sizes.values())
    assert big > 3_000_000
    assert sum(stop - start for start, stop in storage.ranges) < big / 20
