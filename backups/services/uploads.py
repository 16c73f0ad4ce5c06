"""Files that people bring: kept in a private folder for a day, then swept."""

from __future__ import annotations

import secrets
import time
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from backups.engine import quarantine
from backups.engine.archive import SEAL
from backups.engine.errors import BackupError, StorageFailed
from backups.engine.pipeline.names import archive_of
from backups.engine.stream import Silent
from backups.engine.zip_directory import open_zip
from backups.models import Archive, Job, User
from backups.models.job import ACTIVE, Kind, Trigger

from . import adopt, incoming, inspect
from .archives import find_archive
from .refusals import InputMissing

KEPT = timedelta(hours=24)
NAME_BYTES = 200
OURS = {Kind.INSPECT, Kind.ADOPT}


def take_upload(chunks: Iterable[bytes], *, name: str, by: User, address: str) -> Archive | Job:
    """An archive of ours is checked against the trusted signers and taken in; a dump goes into quarantine."""
    sweep()
    name = _plain(name)
    folder = incoming.folder() / secrets.token_hex(8)
    try:
        folder.mkdir(mode=0o700)
        path = folder / "upload"
        with path.open("xb") as file:
            path.chmod(0o600)
            for chunk in chunks:
                file.write(chunk)
    except OSError as error:
        incoming.remove(folder)
        raise StorageFailed(storage="uploads", reason=error.strerror or "no reason given") from None
    try:
        if _is_archive_of_ours(path):
            return _adopted(path, name, by=by, address=address)
        return inspect.request_inspect(
            path, name=name, adopt=False, requested_by=by, trigger=Trigger.PERSON, address=address
        )
    except BackupError:
        incoming.remove(folder)
        raise


def request_adoption(job: Job, *, by: User, address: str) -> Job:
    """Take over what an inspection has looked at; its file is still here, or has to be brought again."""
    path = Path(job.options.get("file", ""))
    if job.kind != Kind.INSPECT or not path.is_file():
        raise InputMissing(path=str(job.options.get("name", "")), reason="there is no such file")
    name = str(job.options["name"])
    return inspect.request_inspect(
        path,
        name=name,
        adopt=True,
        requested_by=by,
        trigger=Trigger.PERSON,
        address=address,
    )


def sweep() -> None:
    """Remove what nobody works with any more, and what a crash left of a quarantine."""
    quarantine.sweep()
    busy = {str(job.options.get("file")) for job in Job.objects.filter(kind__in=OURS, state__in=ACTIVE)}
    before = time.time() - KEPT.total_seconds()
    for folder in Path(settings.UPLOAD_FOLDER).glob("*"):
        with suppress(OSError):
            if folder.stat().st_mtime < before and str(folder / "upload") not in busy:
                incoming.remove(folder)


def _plain(name: str) -> str:
    """Of a path that a browser sends along, the name alone, and no longer than a file may be called."""
    return Path(name).name.encode("utf-8", "ignore")[:NAME_BYTES].decode("utf-8", "ignore") or "upload"


def _is_archive_of_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file, open_zip(file) as archive:
            return SEAL in archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return False


def _adopted(path: Path, name: str, *, by: User, address: str) -> Archive:
    """By the name it came with, whose end its seal is compared with; one bad file raises what is wrong."""
    named = path.rename(path.parent / name)
    done = adopt.import_archives([named], progress=Silent(), by=by, address=address)
    problem = next((problem.error for problem in done.problems if problem.asked_for), None)
    incoming.remove(path.parent)
    if problem:
        raise problem
    return find_archive(archive_of(name))
