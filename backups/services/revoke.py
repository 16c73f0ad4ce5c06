"""A key that somebody else may hold: nothing that it signs from then on is believed, nothing made for it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backups.engine.encrypt import recipient_fingerprint
from backups.engine.errors import SignerRevoked
from backups.engine.trust import signer_fingerprint
from backups.models import Archive, KeyEvent, User
from qparkin_backup import revocations
from qparkin_backup.revocations import Revoked

from . import approvals, audit, copy_rows, keys, settings_file
from .acts import Act
from .key_refusals import KeyInUse, KeyUnknown
from .refusals import Usage

SIGNING, RECIPIENT = "signing", "recipient"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """`refused` are archives of the index that are no longer opened; `kept` the settings file of before."""

    kind: str
    fingerprint: str
    since: datetime
    refused: tuple[str, ...]
    still_held: int
    kept: Path


def revoke(key: str, *, since: datetime, by: User | None) -> Withdrawn:
    """By its fingerprint or as it is."""
    if since > timezone.now():
        raise Usage(reason="that moment is still to come: until then the key would hold")
    with approvals.used(Act("revoke_key", {"key": key, "since": since.isoformat()}), by=by):
        return _revoke(key, since, by)


def _revoke(key: str, since: datetime, by: User | None) -> Withdrawn:
    for public in keys.trusted():
        if key in (public, signer_fingerprint(public)):
            return _revoke_signer(public, since, by)
    recipients = {recipient_fingerprint(one): one for one in settings.BACKUP_RECIPIENTS}
    if key in recipients or key in settings.BACKUP_RECIPIENTS:
        raise KeyInUse(key=key, option="--panel or --recovery")
    fingerprint = recipient_fingerprint(key) if key.startswith("age1") else key
    if not Archive.with_pruned.filter(recipients__contains=fingerprint).exists():
        signers = [signer_fingerprint(public) for public in keys.trusted()]
        raise KeyUnknown(key=key, known=", ".join([*signers, *recipients]))
    return _revoke_recipient(fingerprint, since, by)


def _revoke_signer(public: str, since: datetime, by: User | None) -> Withdrawn:
    own, fingerprint = keys.signing(), signer_fingerprint(public)
    if own and own.public == public:
        raise KeyInUse(key=fingerprint, option="--signing")
    others = tuple(one for one in settings.BACKUP_REVOKED_SIGNERS if one.public != public)
    revoked = (*others, Revoked(public, since))
    # Before the settings say so: from here on the index is what is remembered of that key's seals.
    _note(SIGNING, fingerprint)
    kept = _set("BACKUP_REVOKED_SIGNERS", revocations.written(revoked))
    sealed = Archive.objects.filter(signer=fingerprint)
    refused = tuple(_refuse(archive, since) for archive in sealed.filter(created__gte=since))
    told = Withdrawn(SIGNING, fingerprint, since, refused, sealed.count() - len(refused), kept)
    return _recorded(told, by)


def _revoke_recipient(fingerprint: str, since: datetime, by: User | None) -> Withdrawn:
    _note(RECIPIENT, fingerprint)
    names = dict.fromkeys([*settings.BACKUP_REVOKED_RECIPIENTS, fingerprint])
    kept = _set("BACKUP_REVOKED_RECIPIENTS", ",".join(names))
    opened = Archive.objects.filter(recipients__contains=fingerprint).count()
    return _recorded(Withdrawn(RECIPIENT, fingerprint, since, (), opened, kept), by)


def _note(kind: str, fingerprint: str) -> None:
    what = KeyEvent.What.REVOKED
    KeyEvent.objects.get_or_create(
        what=what, kind=kind, fingerprint=fingerprint, defaults={"host": settings.WORKER_NAME}
    )


def _set(name: str, value: str) -> Path:
    file = Path(settings.ENV_FILE)
    settings_file.refuse_set_elsewhere(file, {name: value}, real=os.environ)
    with settings_file.alone(file):
        return settings_file.change(file, {name: value})


@transaction.atomic
def _refuse(archive: Archive, since: datetime) -> str:
    """At once, and not only when somebody reads it next."""
    problem = SignerRevoked(
        archive=archive.pk, signer=archive.signer, since=since.isoformat(timespec="minutes")
    )
    for copy in archive.copies.all():
        if copy.is_lying:
            copy_rows.mark_damaged(archive, storage=copy.storage, problem=problem)
    return archive.pk


def _recorded(told: Withdrawn, by: User | None) -> Withdrawn:
    details = {"kind": told.kind, "key": told.fingerprint, "since": told.since.isoformat()}
    audit.record("revoke_key", actor=by, details={**details, "refused": len(told.refused)})
    return told
