"""Files of an archive in a folder of their own: what is live is neither touched nor needed."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from backups.engine import errors, files
from backups.engine.confined import raw, shown, text
from backups.engine.fitness import refuse_without_room
from backups.engine.folder_places import remove, sync
from backups.engine.manifest import Folder
from backups.engine.stream import Progress

from .keys import Source
from .open_archive import opened

PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class PutInto:
    """`places` as (folder in the archive, where it lies now)."""

    places: tuple[tuple[str, str], ...]
    files: int
    bytes: int
    owners_lost: int
    seconds: float
    phases: tuple[tuple[str, float], ...] = ()


def restore_files_into(source: Source, *, into: str, mark: str, progress: Progress) -> PutInto:
    """Each folder under its own last name in the new or empty folder `into`, which is whole or as it was.

    It is built beside `into` and gets that name when every byte was compared.
    """
    started, place = time.monotonic(), refuse_taken(into)
    with opened(source) as found:
        wanted = found.manifest().files
        if not wanted:
            raise errors.NotInArchive(archive=source.archive, what="files")
        refuse_without_room(
            place, size=sum(one.bytes for one in wanted), entries=sum(one.entries for one in wanted)
        )
        names = names_within(wanted)
        with _built(place, mark) as building:
            progress.phase("files_unpack", sum(folder.bytes for folder in wanted))
            homes = [os.path.join(building, raw(name)) for name in names]
            lost = 0
            for folder, home in zip(wanted, homes, strict=True):
                os.mkdir(home, PRIVATE)
                lost += files.unpack_folder(
                    folder, text(home), archive=source.archive, fetch=found.text, progress=progress
                )
            progress.phase("files_prove", sum(folder.bytes for folder in wanted))
            for folder, home in zip(wanted, homes, strict=True):
                if told := files.differences(folder, text(home), fetch=found.text, progress=progress):
                    raise errors.FilesUnproven(what="; ".join(told[:5]))
            progress.check()
    return PutInto(
        places=tuple((one.path, f"{into}/{name}") for one, name in zip(wanted, names, strict=True)),
        files=sum(folder.files for folder in wanted),
        bytes=sum(folder.bytes for folder in wanted),
        owners_lost=lost,
        seconds=time.monotonic() - started,
    )


def refuse_taken(into: str) -> bytes:
    """The place, if it is new or empty and can be written; nothing is ever put among what is there."""
    if why := next(_obstacles(into), ""):
        raise errors.FolderUnfit(folder=shown(into), why=why)
    return os.path.realpath(raw(into))


def _obstacles(into: str) -> Iterator[str]:
    if not into.startswith("/") or "\0" in into:
        yield "it is no absolute path"
        return
    place = os.path.realpath(raw(into))
    parent = os.path.dirname(place)
    if place == parent:
        yield "it is the root of the file system"
    if not os.path.isdir(parent):
        yield "the folder that holds it is not there; make that one first"
    elif not os.access(parent, os.W_OK | os.X_OK, effective_ids=True):
        yield "the panel may not write into the folder that holds it"
    elif os.path.lexists(place) and not os.path.isdir(place):
        yield "it is not a folder"
    elif os.path.isdir(place) and os.listdir(place):
        yield "the folder is not empty"


def names_within(folders: tuple[Folder, ...]) -> tuple[str, ...]:
    """The last name of each folder, and a number behind it where two are called the same."""
    taken: dict[str, str] = {}
    for folder in folders:
        last = PurePosixPath(folder.path).name or "files"
        number, name = 1, last
        while name in taken.values():
            number += 1
            name = f"{last}-{number}"
        taken[folder.path] = name
    return tuple(taken[folder.path] for folder in folders)


def discard_unfinished(into: str, *, mark: str) -> None:
    """What a crash left: it never got the name that was wanted."""
    with suppress(OSError):
        remove(_building(os.path.realpath(raw(into)), mark))


def _building(place: bytes, mark: str) -> bytes:
    parent, name = os.path.split(place)
    return os.path.join(parent, b"." + name[:200] + b"." + mark.encode() + b".part")


@contextmanager
def _built(place: bytes, mark: str) -> Iterator[bytes]:
    building = _building(place, mark)
    mode = stat.S_IMODE(os.lstat(place).st_mode) if os.path.isdir(place) else PRIVATE
    try:
        os.mkdir(building, PRIVATE)
        yield building
        os.chmod(building, mode)
        # The kernel lets a folder take the place of an empty one, and of no other.
        os.rename(building, place)
        sync(os.path.dirname(place))
    except BaseException as error:
        with suppress(OSError):
            remove(building)
        if isinstance(error, OSError):
            raise errors.FileNotWritten(
                path=shown(text(place)), reason=error.strerror or "no reason given"
            ) from None
        raise
