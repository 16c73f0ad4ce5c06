"""A dump from elsewhere as a stream of plain SQL: `.sql`, `.sql.gz`, or a ZIP that holds one of them."""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from .errors import BackupError, gettext_noop
from .zip_directory import DirectoryTooLarge, open_zip

BLOCK = 1024 * 1024
MIB, GIB = 1024**2, 1024**3
GZIP, ZIP = b"\x1f\x8b", b"PK"
WIDE = (b"\xff\xfe", b"\xfe\xff")
OUR_SEAL = "seal.json"
MOST_MEMBERS = 20_000
BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError)


class DumpUnreadable(BackupError):
    code = "dump_unreadable"
    sentence = gettext_noop("The file %(name)s cannot be read as a dump (%(reason)s).")


class DumpTooLarge(BackupError):
    code = "dump_too_large"
    sentence = gettext_noop("The dump %(name)s is more than is let into quarantine (%(what)s).")


class DumpStatementTooLarge(BackupError):
    code = "dump_statement_too_large"
    sentence = gettext_noop(
        "The dump %(name)s is more than is let into quarantine: at line %(line)s begins one statement that "
        "is larger than any server takes."
    )


class DumpEncrypted(BackupError):
    code = "dump_encrypted"
    sentence = gettext_noop(
        "The ZIP %(name)s is locked with a password, which is not asked for here; unpack it where the "
        "password is known, and give the .sql file."
    )


@dataclass(frozen=True, slots=True)
class DumpLimits:
    packed_bytes: int = 4 * GIB
    plain_bytes: int = 40 * GIB
    # SQL packs well; what packs better than this is no dump but a bomb.
    ratio: int = 200
    ratio_from: int = 64 * MIB
    statement_bytes: int = 256 * MIB


@dataclass(frozen=True, slots=True)
class Dump:
    """An open dump. `chunks` can be read once; it stops with DumpTooLarge or DumpUnreadable."""

    name: str
    packed_bytes: int
    is_plain: bool
    chunks: Iterator[bytes]


@contextmanager
def open_dump(path: Path, *, name: str, limits: DumpLimits) -> Iterator[Dump]:
    """`name` is what people call the file; what it is goes by its first bytes."""
    try:
        packed = path.stat().st_size
        if not path.is_file():
            raise DumpUnreadable(name=name, reason="it is not a file")
        if packed > limits.packed_bytes:
            raise DumpTooLarge(name=name, what="the file is larger than is taken")
        with path.open("rb") as file, _plain(file, name) as plain:
            yield Dump(name, packed, plain is file, _limited(plain, name, packed, limits))
    except OSError as error:
        raise DumpUnreadable(name=name, reason=error.strerror or "no reason given") from None


@contextmanager
def _plain(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    start = file.read(4)
    file.seek(0)
    if start.startswith(ZIP):
        with _zipped(file, name) as member:
            yield member
    elif start.startswith(GZIP):
        with gzip.GzipFile(fileobj=file) as plain:
            yield cast(IO[bytes], plain)
    else:
        yield file


@contextmanager
def _zipped(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    try:
        archive = open_zip(file)
    except DirectoryTooLarge:
        raise DumpTooLarge(name=name, what="it names too many files") from None
    except BROKEN:
        raise DumpUnreadable(name=name, reason="it is cut off or not an archive") from None
    with archive:
        member = _only_dump(archive, name)
        if member.flag_bits & 1:
            raise DumpEncrypted(name=name)
        try:
            opened = archive.open(member)
        except BROKEN:
            raise DumpUnreadable(name=name, reason="it is packed in a way that is not known") from None
        with opened, _plain_member(opened, member.filename) as plain:
            yield plain


@contextmanager
def _plain_member(opened: IO[bytes], inside: str) -> Iterator[IO[bytes]]:
    if inside.lower().endswith(".gz"):
        with gzip.GzipFile(fileobj=opened) as plain:
            yield cast(IO[bytes], plain)
    else:
        yield opened


def _only_dump(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise DumpTooLarge(name=name, what="it names too many files")
    if any(member.filename == OUR_SEAL for member in members):
        raise DumpUnreadable(name=name, reason="it is an archive of ours: take it in as one")
    dumps = [member for member in members if member.filename.lower().endswith((".sql", ".sql.gz"))]
    if not dumps:
        raise DumpUnreadable(name=name, reason="there is no .sql file in it")
    if len(dumps) > 1:
        raise DumpUnreadable(name=name, reason="there are several .sql files in it; give one of them")
    return dumps[0]


def _limited(plain: IO[bytes], name: str, packed: int, limits: DumpLimits) -> Iterator[bytes]:
    size, first = 0, True
    most = min(limits.plain_bytes, max(limits.ratio_from, packed * limits.ratio))
    while True:
        try:
            block = plain.read(BLOCK)
        except BROKEN:
            raise DumpUnreadable(name=name, reason="it is cut off or damaged") from None
        if not block:
            return
        if first and block.startswith(WIDE):
            raise DumpUnreadable(name=name, reason="it is UTF-16; save it as UTF-8 first")
        size += len(block)
        if size > most:
            raise DumpTooLarge(name=name, what="unpacked, it is far larger than a dump would be")
        yield block.removeprefix(b"\xef\xbb\xbf") if first else block
        first = False
