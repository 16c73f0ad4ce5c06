"""What archives are called at a storage: SLUG-ID.zip; a later copy beside a damaged one SLUG.2-ID.zip."""

from __future__ import annotations

from collections.abc import Iterator

from backups.engine.dump import slug

# More copies of one archive than these at one storage nobody will ever need.
MOST = 9
LATER = {str(number) for number in range(2, MOST + 1)}
# With the seal's ending it must fit into any file system.
LONGEST = 200


def archive_name(database: str, archive: str) -> str:
    return f"{slug(database)}-{archive}.zip"


def names_of(database: str, archive: str) -> Iterator[str]:
    """Every name that a copy of the archive may have, the first one first. A slug holds no dot."""
    yield archive_name(database, archive)
    for number in range(2, MOST + 1):
        yield f"{slug(database)}.{number}-{archive}.zip"


def earlier_names(name: str) -> Iterator[str]:
    """The names of the damaged copies beside which this one may have been put."""
    prefix, dash, rest = name.rpartition("-" + archive_of(name).partition("-")[0])
    slug_of, dot, number = prefix.partition(".")
    if dot and number in LATER:
        yield f"{slug_of}{dash}{rest}"
        for earlier in range(2, int(number)):
            yield f"{slug_of}.{earlier}{dash}{rest}"


def is_name_of(name: str, database: str, archive: str) -> bool:
    return name in names_of(database, archive)


def is_possible(name: str) -> bool:
    """What somebody put there under a name that a log, a page or a disk could not take is none of ours."""
    return name.isprintable() and len(name.encode()) <= LONGEST


def archive_of(name: str) -> str:
    """The archive's id from its file name; the id itself holds one dash."""
    return "-".join(name.removesuffix(".zip").rsplit("-", 2)[-2:])
