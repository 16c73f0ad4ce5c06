"""The folder where uploads arrive: ours alone, and nothing stays in it that nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(slots=True)
class Upload:
    """Kept only when whoever works with it says so."""

    is_kept: bool = False


@contextmanager
def gone_unless_kept(file: Path) -> Iterator[Upload]:
    """An upload is removed at the end, also of a failure or a cancel; somebody's own file never is."""
    upload = Upload()
    try:
        yield upload
    finally:
        if not upload.is_kept and file.parent.parent == Path(settings.UPLOAD_FOLDER).absolute():
            remove(file.parent)


def folder() -> Path:
    """Made where it is missing."""
    place = Path(settings.UPLOAD_FOLDER)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def remove(entry: Path) -> None:
    """A folder with its upload, or a file that was still coming in when its process was killed."""
    if entry.is_file():
        entry.unlink(missing_ok=True)
        return
    for path in entry.glob("*"):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        entry.rmdir()
