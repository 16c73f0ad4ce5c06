"""The two streams of one folder, its tar and its index, on their way into the archive."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import replace

from .confined import shown
from .entries import FILE, HARD_LINK, Entry, Run, to_line
from .file_reader import blocks_of, entry_of, has_changed, leads_out, link_text, open_file, runs_of
from .manifest import Folder
from .pieces import Pack, PieceWriter, Put
from .stream import Progress
from .tar import END, header, padding
from .walk import Found, told_of

MOST_TOLD = 1000
INDEX, CHUNK = "index-{number}.jsonl.zst.age", "{number}.tar.zst.age"


class Told:
    """What is said of a backup of files, up to a bound: a list of a million names helps nobody."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self._more = 0

    def add(self, sentence: str) -> None:
        if len(self.sentences) < MOST_TOLD:
            self.sentences.append(sentence)
        else:
            self._more += 1

    def all(self) -> tuple[str, ...]:
        more = [f"{self._more} more files are not named here"] if self._more else []
        return (*self.sentences, *more)


class FolderPacker:
    def __init__(
        self, folder: str, member: str, *, pack: Pack, put: Put, told: Told, progress: Progress
    ) -> None:
        self._folder, self._told, self._progress = folder, told, progress
        self._tar = PieceWriter(f"{member}/{CHUNK}", pack=pack, put=put)
        self._index = PieceWriter(f"{member}/{INDEX}", pack=pack, put=put)
        self._first_names: dict[tuple[int, int], str] = {}
        self._entries = self._files = self._bytes = 0

    def take(self, found: Found) -> None:
        try:
            self._take(found)
        except FileNotFoundError:
            self.gone(found.path)

    def _take(self, found: Found) -> None:
        mode = found.status.st_mode
        if stat.S_ISREG(mode):
            self._take_file(found)
        elif stat.S_ISLNK(mode):
            self._take_link(found)
        elif stat.S_ISDIR(mode):
            self.add(entry_of(found.path, found.status, at=self._tar.position))
        else:
            self._say("%s is a socket, a pipe or a device; it is not kept", found.path)

    def _take_link(self, found: Found) -> None:
        with told_of(found.path):
            link = link_text(found)
        if leads_out(self._folder, found.path, link):
            self._say("The link %s leads out of its folder; the link is kept, not what it shows", found.path)
        self.add(entry_of(found.path, found.status, at=self._tar.position, link=link))

    def _take_file(self, found: Found) -> None:
        first = self._first_names.get((found.status.st_dev, found.status.st_ino))
        if first is not None:
            entry = entry_of(found.path, found.status, at=self._tar.position, link=first)
            self.add(replace(entry, kind=HARD_LINK))
            return
        with told_of(found.path):
            file = open_file(found)
        if file is None:
            self._say("The file %s changed while it was read", found.path)
            return
        try:
            self._read(found.path, file)
        finally:
            os.close(file)

    def _read(self, path: str, file: int) -> None:
        status = os.fstat(file)
        entry = entry_of(path, status, at=self._tar.position)
        with told_of(path):
            entry = replace(entry, size=status.st_size, runs=runs_of(file, status))
        self._tar.write(header(entry))
        found = hashlib.sha256()
        for run in entry.stored:
            for block in self._blocks(path, file, run):
                self._progress.check()
                self._tar.write(block)
                found.update(block)
                self._progress.advance(len(block))
        self._tar.write(bytes(padding(entry.stored_bytes)))
        if has_changed(file, status):
            self._say("The file %s changed while it was read", path)
        self._note(replace(entry, sha256=found.hexdigest()))
        if status.st_nlink > 1:
            self._first_names[status.st_dev, status.st_ino] = path

    def _blocks(self, path: str, file: int, run: Run) -> Iterator[bytes]:
        blocks = blocks_of(file, run)
        while True:
            # Only the reading: what goes wrong at the storage is the storage's.
            with told_of(path):
                block = next(blocks, None)
            if block is None:
                return
            yield block

    def add(self, entry: Entry) -> None:
        """An entry without content of its own."""
        self._tar.write(header(entry))
        self._note(entry)

    def _note(self, entry: Entry) -> None:
        self._index.write(to_line(entry))
        self._entries += 1
        self._files += entry.kind in (FILE, HARD_LINK)
        self._bytes += entry.stored_bytes

    def gone(self, path: str) -> None:
        self._say("The file %s vanished before it was read", path)

    def _say(self, sentence: str, path: str) -> None:
        self._told.add(sentence % shown(f"{self._folder}/{path}"))

    def close(self) -> Folder:
        if self._entries == 1:
            self._told.add(f"The folder {shown(self._folder)} is empty")
        self._tar.write(END)
        return Folder(
            self._folder, self._entries, self._files, self._bytes, self._tar.close(), self._index.close()
        )
