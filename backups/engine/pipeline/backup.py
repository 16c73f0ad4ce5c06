"""snapshot > dump > compress > encrypt > archive > seal"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import errors
from backups.engine.archive import ArchiveWriter
from backups.engine.database import Server
from backups.engine.dump import dump_rows, slug
from backups.engine.encrypt import check_recipients, recipient_fingerprint
from backups.engine.inventory import take_inventory
from backups.engine.losses import refuse_losses, warnings_of
from backups.engine.manifest import FORMAT, Manifest, to_json
from backups.engine.pace import NO_LIMITS, Limits
from backups.engine.script import README, code_script, rows_script, tables_script
from backups.engine.seal import FORMAT as SEAL_FORMAT
from backups.engine.seal import Seal, SigningKey, read, write
from backups.engine.snapshot import snapshot
from backups.engine.storage import ArchiveStorage
from backups.engine.stream import Progress

from .keys import Keys
from .packing import Packer
from .rights import refuse_unreadable
from .watched import Watched, watched

MANIFEST = "manifest.json.age"
SIDECAR = ".seal.json"
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class BackupOrder:
    """One backup to be made. `previous` is the digest of the seal before it, '' for the first."""

    archive: str
    created: datetime
    sequence: int
    previous: str
    purpose: str
    label: str = ""


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


def archive_name(database: str, archive: str) -> str:
    return f"{slug(database)}-{archive}.zip"


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

    A table that is altered in the middle means a fresh snapshot and a new try, never a stitched archive.
    """
    started = time.monotonic()
    signing = _ready(keys)
    name = archive_name(database, order.archive)
    with watched(server, limits, progress) as source:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                size, manifest, text = _write_archive(source, database, order, storage, keys, signing)
                break
            except errors.ChangedDuringBackup:
                if attempt == ATTEMPTS:
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
    progress, name = source.progress, archive_name(database, order.archive)
    progress.phase("snapshot")
    refuse_unreadable(source.server, database)
    source.wait_for_calm()
    progress.phase("snapshot")
    with snapshot(source.server, database) as sessions, storage.create(name) as sink:
        packer = Packer(ArchiveWriter(sink, order.created), keys.recipients)
        manifest = _write_members(sessions, database, order, packer, source)
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
        storage.delete(name)
        raise


def _ready(keys: Keys) -> SigningKey:
    check_recipients(keys.recipients)
    if keys.signing is None:
        raise errors.KeyUnreadable(path="BACKUP_SIGNING_KEY_FILE", reason="there is no signing key")
    return keys.signing


def _write_members(
    sessions: Sequence[Connection[Cursor]],
    database: str,
    order: BackupOrder,
    packer: Packer,
    source: Watched,
) -> Manifest:
    source.progress.phase("inventory")
    inventory = take_inventory(sessions[0], database)
    refuse_losses(sessions[0], inventory)
    packer.plain("README.txt", README.encode())
    packer.script("schema/1-tables.sql", tables_script(inventory))
    with source.reading(sessions) as pacer:
        rows = dump_rows(
            sessions, inventory, pack=packer.pack, put=packer.plain, pacer=pacer, progress=source.progress
        )
    packer.script("schema/2-rows.sql", rows_script(inventory, rows))
    packer.script("schema/3-code.sql", code_script(inventory))
    warnings = tuple(warnings_of(inventory))
    burden = source.burden(rows)
    manifest = Manifest(FORMAT, order.archive, order.created, order.label, inventory, rows, warnings, burden)
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
        content=("database",),
        recipients=tuple(map(recipient_fingerprint, keys.recipients)),
        signer=signing.public,
        members=tuple(packer.members),
    )
    return write(seal, signing)
