"""Folders of files of one archive: unpacked beside the live ones, proven, moved in or thrown away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from backups.engine import errors, exchange, files
from backups.engine.confined import shown, text
from backups.engine.exchange import Act
from backups.engine.fitness import refuse_unfit, refuse_without_room
from backups.engine.folder_journal import real
from backups.engine.manifest import Folder, Manifest
from backups.engine.stream import Progress

from .open_archive import OpenArchive


@dataclass(frozen=True, slots=True)
class Built:
    """Folders that stand beside the live ones, whole."""

    act: Act
    differences: tuple[str, ...]
    owners_lost: int

    def refuse_unproven(self) -> None:
        if self.differences:
            raise errors.FilesUnproven(what="; ".join(self.differences[:5]))


def wanted_folders(manifest: Manifest, folders: Sequence[str]) -> tuple[Folder, ...]:
    """All that the archive holds. Where each goes is said by the settings, never by the archive."""
    if not manifest.files:
        raise errors.NotInArchive(archive=manifest.archive, what="files")
    known = {real(folder) for folder in folders}
    for folder in manifest.files:
        if real(folder.path) not in known:
            raise errors.FolderNotSet(folder=shown(folder.path))
    return manifest.files


def refuse_unready(manifest: Manifest, folders: Sequence[str]) -> int:
    """What would stop a restore of the folders, looked at beforehand; how many folders come back."""
    wanted = wanted_folders(manifest, folders)
    for folder in wanted:
        place = real(folder.path)
        refuse_unfit(place)
        refuse_without_room(place, size=folder.bytes, entries=folder.entries)
    return len(wanted)


@contextmanager
def built(
    found: OpenArchive,
    folders: Sequence[Folder],
    *,
    mark: str,
    kind: str,
    database: str,
    progress: Progress,
    beside: Sequence[str] = (),
) -> Iterator[Built]:
    """Unpacked and compared, each beside the live one, or beside the names in `beside`.

    They are gone when the block ends in an error before anything has moved.
    """
    places = list(beside) or [folder.path for folder in folders]
    archive = found.seal.archive
    for folder, place in zip(folders, places, strict=True):
        refuse_without_room(real(place), size=folder.bytes, entries=folder.entries)
    with exchange.begun(places, mark=mark, kind=kind, database=database) as act:
        homes = [text(act.built(spot)) for spot in act.spots]
        progress.phase("files_unpack", sum(folder.bytes for folder in folders))
        lost = sum(
            files.unpack_folder(folder, home, archive=archive, fetch=found.text, progress=progress)
            for folder, home in zip(folders, homes, strict=True)
        )
        progress.phase("files_prove", sum(folder.bytes for folder in folders))
        told = [
            f"{shown(folder.path)}: {difference}"
            for folder, home in zip(folders, homes, strict=True)
            for difference in files.differences(folder, home, fetch=found.text, progress=progress)
        ]
        yield Built(act, tuple(told), lost)
