"""Where archives lie. Names are unique, nothing is overwritten, and a failed write leaves nothing behind."""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol

from . import errors

PARTIAL = ".partial-"
VANISHED = "its folder is not there; is its disk mounted?"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Stored:
    """What a storage says of one object; what it does not know is left out."""

    name: str
    size: int
    # The storage's own mark of these very bytes: another mark, other bytes.
    etag: str = ""
    sha256: str = ""
    # Until then nobody deletes it, whoever holds the key.
    retained_until: datetime | None = None


class ArchiveStorage(Protocol):
    """What the engine asks of a storage; names are flat."""

    @property
    def name(self) -> str: ...

    def create(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """A writer. The name exists, whole and on disk, only after the block ended without an error."""

    def open(self, name: str) -> IO[bytes]:
        """A seekable reader; raises ArchiveUnknown where there is no such name."""

    def names(self) -> list[Stored]:
        """Everything that is whole; raises ListRefused or StorageFailed rather than leave something out."""

    def stat(self, name: str) -> Stored | None:
        """None only where the storage says that there is no such name."""

    def delete(self, name: str) -> None: ...

    def exists(self, name: str) -> bool: ...

    def free_bytes(self) -> int | None: ...

    def location(self, name: str) -> str: ...

    def sweep(self, keep: Callable[[str, datetime], bool]) -> list[str]:
        """Remove what broken-off writes left, except where `keep`, told the name and when last something was
        written to it, says so.
        """


class _Reading(io.FileIO):
    """A disk that cannot be read is a storage that fails: its bytes are not known to be damaged."""

    def __init__(self, path: Path, storage: str) -> None:
        super().__init__(path)
        self._storage = storage

    def readinto(self, buffer: Any) -> int:
        try:
            return super().readinto(buffer) or 0
        except OSError as error:
            reason = error.strerror or "no reason given"
            raise errors.StorageFailed(storage=self._storage, reason=reason) from None


@dataclass(frozen=True, slots=True)
class LocalStorage:
    """A folder on this machine's disk; 0700, its files 0600."""

    root: Path
    name: str = "local"

    @contextmanager
    def create(self, name: str) -> Iterator[IO[bytes]]:
        with self._explained():
            self._make_root()
            try:
                with self._partial(name) as partial, partial.open("wb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                    self._publish(partial, name)
            except FileExistsError:
                raise errors.NameTaken(name=name) from None

    def open(self, name: str) -> IO[bytes]:
        with self._explained():
            try:
                return io.BufferedReader(_Reading(self._path(name), self.name))
            except FileNotFoundError:
                self._refuse_vanished()
                raise errors.ArchiveUnknown(archive=name) from None

    def names(self) -> list[Stored]:
        with self._explained():
            if not self.root.exists():
                return []
            files = [entry for entry in os.scandir(self.root) if entry.is_file(follow_symlinks=False)]
            found = [
                Stored(entry.name, entry.stat().st_size) for entry in files if not entry.name.startswith(".")
            ]
            return sorted(found, key=lambda stored: stored.name)

    def stat(self, name: str) -> Stored | None:
        with self._explained():
            try:
                return Stored(name, self._path(name).stat().st_size)
            except FileNotFoundError:
                return None

    def delete(self, name: str) -> None:
        with self._explained():
            self._path(name).unlink(missing_ok=True)
            self._sync_root()

    def exists(self, name: str) -> bool:
        with self._explained():
            try:
                return stat.S_ISREG(self._path(name).stat().st_mode)
            except FileNotFoundError:
                return False

    def free_bytes(self) -> int | None:
        folder = next(parent for parent in (self.root, *self.root.absolute().parents) if parent.exists())
        return shutil.disk_usage(folder).free

    def location(self, name: str) -> str:
        return str(self._path(name).absolute())

    def sweep(self, keep: Callable[[str, datetime], bool]) -> list[str]:
        with self._explained():
            left = [path for path in self.root.glob(PARTIAL + "*") if not self._is_kept(path, keep)]
            for path in left:
                path.unlink(missing_ok=True)
            return sorted(path.name.removeprefix(PARTIAL) for path in left)

    @staticmethod
    def _is_kept(partial: Path, keep: Callable[[str, datetime], bool]) -> bool:
        try:
            written = datetime.fromtimestamp(partial.stat().st_mtime, UTC)
        except FileNotFoundError:
            # Its writer has just ended.
            return True
        return keep(partial.name.removeprefix(PARTIAL), written)

    @contextmanager
    def _partial(self, name: str) -> Iterator[Path]:
        partial = self._path(PARTIAL + name)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            yield partial
        finally:
            partial.unlink(missing_ok=True)

    def _refuse_vanished(self) -> None:
        """Who opens an archive knows that one was there: a folder that is not says nothing of it."""
        if not self.root.exists():
            raise errors.StorageFailed(storage=self.name, reason=VANISHED)

    def _path(self, name: str) -> Path:
        if "/" in name or "\0" in name or name in ("", ".", ".."):
            raise errors.ArchiveUnknown(archive=name[:80])
        return self.root / name

    def _make_root(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root.chmod(0o700)

    def _publish(self, partial: Path, name: str) -> None:
        # A hard link, since rename would overwrite; where the disk knows none, a look before the rename.
        final = self._path(name)
        try:
            os.link(partial, final)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
            if final.exists():
                raise FileExistsError(name) from None
            partial.rename(final)
        self._sync_root()

    def _sync_root(self) -> None:
        with suppress(FileNotFoundError):
            handle = os.open(self.root, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in FULL:
                raise errors.StorageFull(storage=self.name) from None
            raise errors.StorageFailed(
                storage=self.name, reason=error.strerror or "no reason given"
            ) from None
