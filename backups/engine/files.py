"""Folders of files as a tar stream in pieces, and back: pack, unpack, and whether what came back is equal."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence

from . import errors, kernel
from .confined import FOLDER_FLAGS, Confined, LeadsOut, raw, shown
from .entries import FILE, HARD_LINK, TOP, NotAnEntry
from .file_reader import entry_of
from .file_writer import FileWriter, differences_of
from .folder_index import entries_of, folders_backwards
from .folder_packer import FolderPacker, Told
from .manifest import Folder
from .pieces import Fetch, NotWhole, Pack, PieceReader, Put
from .stream import Progress
from .tar import END, header, padding
from .walk import told_of, walk

__all__ = ["Told", "differences", "pack_folder", "refuse_missing", "size_of", "unpack_folder"]

MOST_DIFFERENCES = 50


def refuse_missing(folders: Sequence[str]) -> None:
    """By name, and before anything is written: a folder that is gone is never an empty backup."""
    for folder in folders:
        with told_of(folder):
            try:
                os.close(_open_top(folder))
            except (FileNotFoundError, NotADirectoryError):
                raise errors.FolderMissing(folder=shown(folder)) from None


def size_of(folders: Sequence[str], *, check: Callable[[], None]) -> int:
    """About how many bytes there are to read; it may change until they are."""
    total = 0
    for folder in folders:
        top = _open_top(folder)
        try:
            for found in walk(top, gone=lambda _: None):
                check()
                regular = stat.S_ISREG(found.status.st_mode)
                total += min(found.status.st_size, found.status.st_blocks * 512) if regular else 0
        finally:
            os.close(top)
    return total


def _open_top(folder: str) -> int:
    # The settings may name a link to the folder: that one link is followed, and no other.
    return os.open(os.path.realpath(raw(folder)), FOLDER_FLAGS)


def pack_folder(folder: str, member: str, *, pack: Pack, put: Put, told: Told, progress: Progress) -> Folder:
    """One folder as members `member`/…; links are kept and not followed, devices and sockets told of."""
    top = _open_top(folder)
    try:
        packing = FolderPacker(folder, member, pack=pack, put=put, told=told, progress=progress)
        packing.add(entry_of(TOP, os.fstat(top), at=0))
        for found in walk(top, gone=packing.gone):
            progress.check()
            packing.take(found)
        return packing.close()
    finally:
        os.close(top)


def unpack_folder(folder: Folder, into: str, *, archive: str, fetch: Fetch, progress: Progress) -> int:
    """Into the new, empty folder `into`, and nowhere else; returns how many owners could not be given back.

    The index is signed for and says what is to be; the tar stream must say the same, byte for byte.
    """
    try:
        with Confined(raw(into)) as place:
            writer = FileWriter(place, progress)
            _unpack(folder, writer, fetch, progress)
            for entry in folders_backwards(folder, fetch):
                writer.finish(entry)
            kernel.sync_file_system(place.top)
            return writer.owners_lost
    except (NotWhole, NotAnEntry, LeadsOut) as error:
        raise errors.FilesRefused(archive=archive, what=str(error)) from None
    except OSError as error:
        raise errors.FileNotWritten(path=shown(into), reason=error.strerror or "no reason given") from None


def _unpack(folder: Folder, writer: FileWriter, fetch: Fetch, progress: Progress) -> None:
    stream = PieceReader(folder.chunks, fetch)
    entries = files = held = 0
    for entry in entries_of(folder, fetch):
        progress.check()
        entries, files = entries + 1, files + (entry.kind in (FILE, HARD_LINK))
        held += entry.stored_bytes
        # Before it is written: an index of more than the manifest says is a bomb.
        if entries > folder.entries or held > folder.bytes or (entry.path == TOP) != (entries == 1):
            raise NotWhole("it holds more than it says")
        expected = header(entry)
        if entry.at != stream.position or stream.read(len(expected)) != expected:
            raise NotWhole("its tar says something else than its index")
        writer.make(entry, stream)
        if stream.read(padding(entry.stored_bytes)).strip(b"\0"):
            raise NotWhole("something stands between two files")
    if (entries, files, held) != (folder.entries, folder.files, folder.bytes):
        raise NotWhole("it holds less than it says")
    if stream.read(len(END)) != END or not stream.at_end:
        raise NotWhole("something stands behind its end")


def differences(folder: Folder, at: str, *, fetch: Fetch, progress: Progress) -> tuple[str, ...]:
    """What the folder `at` has other than the manifest says; empty: equal. At most 50."""
    told: list[str] = []
    with Confined(raw(at)) as place:
        expected = 0
        for entry in entries_of(folder, fetch):
            progress.check()
            expected += 1
            told += [f"{shown(entry.path)}: {what}" for what in differences_of(entry, place, progress)]
            if len(told) >= MOST_DIFFERENCES:
                return tuple(told[:MOST_DIFFERENCES])
        present = 1 + sum(1 for _ in walk(place.top, gone=lambda _: None))
    if present != expected:
        told.append(f"{present} entries are there and not {expected}")
    return tuple(told)
