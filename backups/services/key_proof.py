"""Does the recovery key open anything? Shown with the kit in hand, and remembered; the key is not kept."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from backups.engine import encrypt, pipeline, seal
from backups.engine.errors import ArchiveUnknown, BackupError, IdentityWrong
from backups.engine.pipeline import Keys
from backups.models import Archive, KeyEvent, User

from . import audit, held_keys, keys, reading
from .key_refusals import KeyHeldHere, KeyOpensNothing

DOMAIN = b"qparkin-backup key proof 1\n"


@dataclass(frozen=True, slots=True)
class Opened:
    """`opens` is how many archives of the index the key is for."""

    fingerprint: str
    archive: str
    tables: int
    opens: int
    signed: bool


def prove(text: bytes, *, secret: str, archive: Archive | None, by: User | None) -> Opened:
    """`text` is an identity file's contents; the newest archive that is made for it, or the one asked for."""
    identities = encrypt.read_identities(text, path="that was given", secret=secret)
    held = held_keys.here()
    prints = {encrypt.recipient_fingerprint(key.recipient): key for key in identities}
    apart = [fingerprint for fingerprint in prints if fingerprint not in held]
    if not apart:
        raise KeyHeldHere(key=next(iter(prints)))
    fingerprint = apart[0]
    wanted = archive or _newest_for(fingerprint)
    # That one alone: another key in the same file would open in its name.
    ring = Keys(trusted=keys.trusted(), identities=(prints[fingerprint],))
    try:
        manifest = pipeline.read_manifest(reading.source(wanted, ring))
    except IdentityWrong:
        raise KeyOpensNothing(key=fingerprint, archive=wanted.pk) from None
    statement = _signed(fingerprint, wanted)
    event = KeyEvent.objects.create(
        what=KeyEvent.What.PROVED,
        kind="recovery",
        fingerprint=fingerprint,
        host=settings.WORKER_NAME,
        archive=wanted.pk,
        statement=statement,
    )
    audit.record("prove_recovery_key", actor=by, about=wanted, details={"key": fingerprint})
    opens = Archive.objects.filter(recipients__contains=fingerprint).count()
    return Opened(fingerprint, wanted.pk, len(manifest.inventory.tables), opens, bool(event.statement))


def _newest_for(fingerprint: str) -> Archive:
    """Of whole ones; where the index does not say whom any is for, simply the newest."""
    whole = Archive.objects.filter(state=Archive.State.WHOLE).order_by("-created")
    found = whole.filter(recipients__contains=fingerprint).first() or whole.first()
    if found is None:
        raise ArchiveUnknown(archive="latest")
    return found


def _signed(fingerprint: str, archive: Archive) -> str:
    """'' where this host has no signing key: a drill host may have none."""
    try:
        key = keys.signing()
    except BackupError:
        key = None
    if key is None:
        return ""
    said = {
        "key": fingerprint,
        "archive": archive.pk,
        "seal": archive.seal_digest,
        "at": timezone.now().isoformat(timespec="seconds"),
        "host": settings.WORKER_NAME,
        "signer": key.public,
    }
    return seal.canonical({**said, "signature": key.signature(DOMAIN + seal.canonical(said))}).decode()
