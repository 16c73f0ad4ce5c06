"""Where the audit ends, kept apart from it and signed: a tail that was cut off would show nowhere else."""

from __future__ import annotations

from backups.engine.errors import BackupError
from backups.engine.seal import verifies
from backups.models import AuditEvent, AuditHead

from . import keys

DOMAIN = b"qparkin-backup audit 1\n"
ONLY = 1


def advance(event: AuditEvent) -> None:
    """In the transaction that adds the event. What was tampered with is never signed again."""
    head = AuditHead.objects.select_for_update().filter(pk=ONLY).first()
    if head is None:
        head = AuditHead(pk=ONLY)
        # Without its head, a record that has events already was tampered with.
        sound = AuditEvent.objects.count() == 1
    else:
        sound = is_signed(head)
    head.count += 1
    head.digest = event.digest
    if sound and (signature := signed(head.count, head.digest)):
        head.signed_count, head.signed_digest, head.signature = head.count, head.digest, signature
    head.save()


def signed(count: int, digest: str) -> str:
    """'' where this host has no signing key, or cannot read it now."""
    try:
        key = keys.signing()
    except BackupError:
        return ""
    return key.signature(_statement(count, digest)) if key else ""


def is_signed(head: AuditHead) -> bool:
    """By a key that this panel trusts; one that trusts none has nothing to compare with."""
    try:
        trusted = keys.trusted()
    except BackupError:
        return False
    statement = _statement(head.signed_count, head.signed_digest)
    return not trusted or any(verifies(public, head.signature, statement) for public in trusted)


def _statement(count: int, digest: str) -> bytes:
    return DOMAIN + f"{count} {digest}".encode()
