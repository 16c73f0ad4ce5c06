"""Folders packed into memory, and hostile ones that our own writer would never make."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from backups.engine.entries import Entry, to_line
from backups.engine.files import Told, differences, pack_folder, unpack_folder
from backups.engine.manifest import Folder
from backups.engine.pieces import PieceWriter
from backups.engine.stream import Progress, Silent
from backups.engine.tar import END, header, padded


@dataclass(frozen=True, slots=True)
class Packed:
    """A folder and its members, plain."""

    folder: Folder
    members: dict[str, bytes]
    told: tuple[str, ...] = ()

    def fetch(self, name: str, limit: int) -> bytes:
        return self.members[name]

    def unpack(self, into: Path, progress: Progress | None = None) -> int:
        into.mkdir(mode=0o700)
        return unpack_folder(
            self.folder, str(into), archive="a", fetch=self.fetch, progress=progress or Silent()
        )

    def differences(self, at: Path) -> tuple[str, ...]:
        return differences(self.folder, str(at), fetch=self.fetch, progress=Silent())

    @property
    def stream(self) -> bytes:
        return b"".join(self.members[piece.member] for piece in self.folder.chunks)


def packed(folder: Path | str, progress: Progress | None = None) -> Packed:
    members: dict[str, bytes] = {}
    told = Told()
    made = pack_folder(
        str(folder),
        "files/0001-uji",
        pack=bytes,
        put=members.__setitem__,
        told=told,
        progress=progress or Silent(),
    )
    return Packed(made, members, told.all())


@dataclass
class Hostile:
    """Entries and bytes as somebody with our signing key, and nothing good in mind, would put them."""

    entries: list[Entry] = field(default_factory=list)
    _tar: list[bytes] = field(default_factory=list)
    _at: int = 0

    def add(
        self, path: str, kind: str, content: bytes = b"", *, tar: bytes | None = None, **values: object
    ) -> None:
        mode = 0o700 if kind == "folder" else 0o600
        entry = Entry(path, kind, mode, os.geteuid(), os.getegid(), "", "", 10**18, self._at)
        if kind == "file":
            entry = replace(entry, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        entry = replace(entry, **values)  # type: ignore[arg-type]
        self.entries.append(entry)
        block = header(entry) + padded(content) if tar is None else tar
        self._tar.append(block)
        self._at += len(block)

    def pack(self, *, end: bytes = END, **values: object) -> Packed:
        members: dict[str, bytes] = {}
        tar = PieceWriter("t-{number}", pack=bytes, put=members.__setitem__)
        index = PieceWriter("i-{number}", pack=bytes, put=members.__setitem__)
        for block in (*self._tar, end):
            tar.write(block)
        for entry in self.entries:
            index.write(to_line(entry))
        files = sum(entry.kind in ("file", "hardlink") for entry in self.entries)
        held = sum(entry.stored_bytes for entry in self.entries)
        folder = Folder("/x", len(self.entries), files, held, tar.close(), index.close())
        return Packed(replace(folder, **values), members)  # type: ignore[arg-type]


def hostile() -> Hostile:
    made = Hostile()
    made.add(".", "folder")
    return made


def state_of(folder: Path) -> dict[bytes, tuple[object, ...]]:
    """All of a folder as one value: kinds, permissions, times, owners, bytes, links."""
    top = os.fsencode(folder)
    found = {b".": _one(top)}
    for place, folders, names in os.walk(top):
        for name in (*folders, *names):
            path = place + b"/" + name
            found[os.path.relpath(path, top)] = _one(path)
    return found


def _one(path: bytes) -> tuple[object, ...]:
    status = os.lstat(path)
    content: object = None
    if stat.S_ISLNK(status.st_mode):
        content = Path(os.fsdecode(path)).readlink()
    elif stat.S_ISREG(status.st_mode) and status.st_size < 2**26:
        content = Path(os.fsdecode(path)).read_bytes()
    links = status.st_nlink if stat.S_ISREG(status.st_mode) else 0
    size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
    return status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, size, links, content


def tree(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"isi {name}\n")
