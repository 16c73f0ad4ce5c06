"""The certificate of a proof: what was found, signed when it was found, for anyone to check."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from backups.engine import pipeline, seal
from backups.engine.errors import BackupError
from backups.engine.trust import signer_fingerprint
from backups.models import Archive, Proof

from . import keys, reading
from .refusals import CertificateBroken

FORMAT = 1
DOMAIN = b"qparkin-backup certificate 1\n"
HOLDS, MISSING, BROKEN = "holds", "missing", "broken"


@dataclass(frozen=True, slots=True)
class Certificate:
    """`signer` sealed the archive, '' where no storage holds it any more; `signature` is of the proof."""

    archive: Archive
    proof: Proof
    signer: str
    signature: str
    signed_by: str
    counts_until: datetime
    # Of the whole file, '' where nobody has read it back since it was written.
    file_sha256: str


def certificate(archive: Archive) -> Certificate | None:
    """Of the newest proof; None as long as there is none."""
    proof = archive.latest_proof
    if proof is None:
        return None
    signature, signed_by = _signature(proof)
    return Certificate(
        archive=archive,
        proof=proof,
        signer=_signer(archive),
        signature=signature,
        signed_by=signed_by,
        counts_until=proof.made_at + timedelta(days=settings.PROOF_RED_DAYS),
        file_sha256=next((copy.sha256 for copy in archive.copies.all() if copy.sha256), ""),
    )


def sign(proof: Proof) -> str:
    """One line of JSON; '' where this host has no signing key, or cannot read it: a drill goes on without."""
    try:
        key = keys.signing()
    except BackupError:
        key = None
    if key is None:
        return ""
    said = {**_facts(proof), **_circumstances(proof), "format": FORMAT, "signer": key.public}
    return seal.canonical({**said, "signature": key.signature(DOMAIN + seal.canonical(said))}).decode()


def check(text: bytes) -> dict[str, Any]:
    """The inverse of `sign`: what it says, if a signer that this panel trusts has said it."""
    said = _parsed(text)
    signature, signer = str(said.pop("signature", "")), str(said.get("signer", ""))
    trusted = keys.trusted()
    if signer not in trusted:
        raise CertificateBroken(reason=f"its signer {signer_fingerprint(signer)} is not trusted here")
    if not seal.verifies(signer, signature, DOMAIN + seal.canonical(said)):
        raise CertificateBroken(reason="its signature does not match")
    if said.get("format") != FORMAT:
        raise CertificateBroken(reason="its format is not known")
    if not trusted.believes(signer, created=datetime.fromisoformat(str(said["made_at"])), digest=None):
        raise CertificateBroken(reason=f"its signer {signer_fingerprint(signer)} was revoked before it")
    return said


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise CertificateBroken(reason="it is not a certificate") from None
    if not isinstance(said, dict) or seal.canonical(said) != text:
        raise CertificateBroken(reason="it was rewritten")
    return said


def _signature(proof: Proof) -> tuple[str, str]:
    """Whether it holds, and whose it is. What the page shows is the record, so that has to agree with it."""
    if not proof.statement:
        return MISSING, ""
    try:
        said = check(proof.statement.encode())
    except BackupError:
        return BROKEN, ""
    facts = _facts(proof)
    agrees = {name: said.get(name) for name in facts} == json.loads(seal.canonical(facts))
    return (HOLDS if agrees else BROKEN), signer_fingerprint(str(said["signer"]))


def _facts(proof: Proof) -> dict[str, Any]:
    """What the record of a proof says, today as on its day."""
    archive = proof.archive
    return {
        "archive": archive.pk,
        "database": archive.database,
        "created": archive.created.isoformat(),
        "seal": archive.seal_digest,
        "made_at": proof.made_at.isoformat(),
        "proven": proof.proven,
        "equal": proof.equal,
        "new_findings": proof.new_findings,
        "known_findings": proof.known_findings,
        "not_exercised": proof.not_exercised,
        "differences": proof.differences,
        "tables": proof.tables,
        "rows": proof.rows,
        "table_rows": proof.table_rows,
        "phases": proof.phases,
        "seconds": f"{proof.seconds:.3f}",
        "storage": proof.storage,
        "server": proof.server,
        "server_version": proof.server_version,
    }


def _circumstances(proof: Proof) -> dict[str, Any]:
    """What may be another today: people leave, limits are set anew."""
    job = proof.job
    person = job.requested_by.email if job and job.requested_by else ""
    return {"asked_by": [job.trigger if job else "", person], "limit_days": settings.PROOF_RED_DAYS}


def _signer(archive: Archive) -> str:
    """A fingerprint of the key that signed it, as short as one can compare by eye."""
    try:
        found = pipeline.read_seal_of(reading.source(archive, keys.to_check())).signer
    except BackupError:
        return ""
    return signer_fingerprint(found)
