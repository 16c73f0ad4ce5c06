"""snapshot > dump > compress > encrypt > archive > seal"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backups.engine import altered, errors, files
from backups.engine.archive import ArchiveWriter
from backups.engine.database import Server
from backups.engine.encrypt import check_recipients, recipient_fingerprint
from backups.engine.manifest import FORMAT, Manifest, Warned, nothing_of, to_json
from backups.engine.pace import NO_LIMITS, Limits
from backups.engine.script import README
from backups.engine.seal import FORMAT as SEAL_FORMAT
from backups.engine.seal import Seal, SigningKey, read, write
from backups.engine.storage import ArchiveStorage
from backups.engine.stream import Progress

from .contents import write_database, write_files
from .keys import Keys
from .names import archive_name
from .packing import Packer
from .rights import refuse_unreadable
from .watched import Watched, watched

MANIFEST = "manifest.json.age"
SIDECAR = ".seal.json"
ATTEMPTS = 3
DATABASE, FILES = "database", "files"


@dataclass(frozen=True, slots=True)
class BackupOrder:
    """One backup to be made. `previous` is the digest of the seal before it, '' for the first.

    What comes from elsewhere has a `definer` (user@host), to whom all its code is given, and `warnings`.
    """

    archive: str
    created: datetime
    sequence: int
    previous: str
    purpose: str
    label: str = ""
    definer: str = ""
    warnings: tuple[Warned, ...] = ()
    folders: tuple[str, ...] = ()
    with_database: bool = True
    application: Path | None = None  # where Laravel lies, to note its release
    audit: str = ""  # where the panel's audit stands

    @property
    def content(self) -> tuple[str, ...]:
        return (DATABASE,) * self.with_database + (FILES,) * bool(self.folders)


@dataclass(frozen=True, slots=True)
class Made:
    name: str
    bytes: int
    seal: Seal
    manifest: Manifest
    seconds: float


def new_archive_id(created: datetime) -> str:
    """Sorts by time, tells two of the same second apart, and holds exactly one dash."""
    return f"{created.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def back_up(
    server: Server,
    *,
    database: str,
    order: BackupOrder,
    storage: ArchiveStorage,
    keys: Keys,
    progress: Progress,
    limits: Limits = NO_LIMITS,
) -> Made:
    """One sealed archive of one instant of `database`; on any error nothing is left at the storage.

    Files come after the rows: what a row names was there before it, and no snapshot is held open for them.
    A table that is altered in the middle means a fresh snapshot and a new try, never a stitched archive.
    """
    started = time.monotonic()
    signing = _ready(keys)
    if not order.content:
        raise errors.NothingToBackUp
    files.refuse_missing(order.folders)
    name = archive_name(database, order.archive)
    with watched(server, limits, progress) as source:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                size, manifest, text = _write_archive(source, database, order, storage, keys, signing)
                break
            except errors.BackupError as error:
                if attempt == ATTEMPTS or not altered.means_a_fresh_start(error):
                    raise
    _put_seal_beside(storage, name, text)
    seal = read(text, archive=order.archive, trusted=(signing.public,))
    return Made(name, size, seal, manifest, time.monotonic() - started)


def _write_archive(
    source: Watched,
    database: str,
    order: BackupOrder,
    storage: ArchiveStorage,
    keys: Keys,
    signing: SigningKey,
) -> tuple[int, Manifest, bytes]:
    """(size, manifest, seal) of an archive that is whole at the storage, its seal within."""
    progress = source.progress
    if order.with_database:
        progress.phase("snapshot")
        refuse_unreadable(source.server, database)
        source.wait_for_calm()
    with storage.create(archive_name(database, order.archive)) as sink:
        packer = Packer(ArchiveWriter(sink, order.created), keys.recipients)
        packer.plain("README.txt", README.encode())
        manifest = _write_members(database, order, packer, source)
        progress.phase("seal")
        seal = _seal(order, database, keys, signing, packer)
        packer.close(seal)
        return packer.size, manifest, seal


def _put_seal_beside(storage: ArchiveStorage, name: str, seal: bytes) -> None:
    # Last: an archive without its seal does not exist, and is not left lying about.
    try:
        with storage.create(name + SIDECAR) as beside:
            beside.write(seal)
    except BaseException:
        # Where the key may not delete, why it failed is still what counts.
        with suppress(errors.BackupError):
            storage.delete(name)
        raise


def _ready(keys: Keys) -> SigningKey:
    check_recipients(keys.recipients)
    if keys.signing is None:
        raise errors.KeyUnreadable(path="BACKUP_SIGNING_KEY_FILE", reason="there is no signing key")
    return keys.signing


def _write_members(database: str, order: BackupOrder, packer: Packer, source: Watched) -> Manifest:
    held = None
    if order.with_database:
        held = write_database(database, packer, source, definer=order.definer, application=order.application)
    folders, told = write_files(order.folders, packer, source.progress)
    manifest = Manifest(
        format=FORMAT,
        archive=order.archive,
        created=order.created,
        label=order.label,
        inventory=held.inventory if held else nothing_of(database),
        rows=held.rows if held else (),
        warnings=(*order.warnings, *(held.warnings if held else ()), *told),
        burden=held.burden if held else None,
        files=folders,
        release=held.release if held else None,
    )
    packer.secret(MANIFEST, to_json(manifest))
    return manifest


def _seal(order: BackupOrder, database: str, keys: Keys, signing: SigningKey, packer: Packer) -> bytes:
    seal = Seal(
        format=SEAL_FORMAT,
        archive=order.archive,
        database=database,
        sequence=order.sequence,
        previous=order.previous,
        created=order.created,
        purpose=order.purpose,
        content=order.content,
        recipients=tuple(map(recipient_fingerprint, keys.recipients)),
        signer=signing.public,
        members=tuple(packer.members),
        audit=order.audit,
    )
    return write(seal, signing)
