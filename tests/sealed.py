"""An archive of a few random members, sealed by the panel's own key: a real one, made without a database."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from backups.engine import seal as seals
from backups.engine.archive import SEAL, ArchiveWriter
from backups.engine.seal import Member, Seal
from backups.models import Archive
from backups.services import keys


def sealed_file(archive: Archive, path: Path, *, members: int = 5, size: int = 100_000) -> Path:
    """Written for this row, its seal beside it; whoever decrypted a member would find noise."""
    signing = keys.signing()
    assert signing is not None
    content = {f"data/{number:04d}.age": os.urandom(size) for number in range(members)}
    told = tuple(Member(name, size, hashlib.sha256(text).hexdigest()) for name, text in content.items())
    seal = seals.write(
        Seal(
            format=seals.FORMAT, archive=archive.pk, database=archive.database, sequence=archive.sequence,
            previous="", created=archive.created, purpose=archive.purpose, content=tuple(archive.content),
            recipients=(), signer=signing.public, members=told,
        ),
        signing,
    )  # fmt: skip
    with path.open("wb") as file:
        writer = ArchiveWriter(file, archive.created)
        for name, text in (*content.items(), (SEAL, seal)):
            writer.add(name, text)
        writer.close()
    path.with_name(path.name + ".seal.json").write_bytes(seal)
    digest = hashlib.sha256(seal).hexdigest()
    Archive.objects.filter(pk=archive.pk).update(seal_digest=digest, bytes=path.stat().st_size)
    archive.refresh_from_db()
    archive.copies.update(bytes=archive.bytes)
    return path
