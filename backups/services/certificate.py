"""What a printed certificate says besides the proof itself: the seal, and whose it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from backups.engine import pipeline
from backups.engine.errors import BackupError
from backups.models import Archive, Proof

from . import keys, storages

FINGERPRINT = 16


@dataclass(frozen=True, slots=True)
class Certificate:
    """`signer` is '' where no storage holds the archive any more."""

    archive: Archive
    proof: Proof
    signer: str


def certificate(archive: Archive) -> Certificate | None:
    """Of the newest proof; None as long as there is none."""
    proof = archive.latest_proof
    return Certificate(archive, proof, _signer(archive)) if proof else None


def _signer(archive: Archive) -> str:
    """A fingerprint of the key that signed it, as short as one can compare by eye."""
    try:
        signer = pipeline.read_seal_of(storages.source(archive, keys.to_check())).signer
    except BackupError:
        return ""
    return hashlib.sha256(signer.encode()).hexdigest()[:FINGERPRINT]
