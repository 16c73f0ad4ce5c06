"""New keys for old ones. What the old ones open they go on opening: nothing is deleted or written over.

First the new key's file, then the settings file at one instant: whatever breaks off in between leaves the
panel as it was, with a file beside it that nobody uses.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from backups.engine import encrypt, passphrase, seal
from backups.engine.errors import IdentityMissing
from backups.engine.trust import signer_fingerprint
from backups.models import KeyEvent, User

from . import approvals, audit, held_keys, keys, settings_file
from .acts import Act
from .key_files import PANEL, RECOVERY, TITLES, give_like, write_once
from .key_refusals import KeyUnknown, KitWaiting
from .refusals import SettingMissing, Usage

SUCCESSION = b"qparkin-backup succession 1\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be written; `old` and `new` are fingerprints of public halves."""

    kind: str
    old: str
    new: str
    files: Mapping[Path, bytes] = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    # Signed by the old key and by the new one, where it is a signing key.
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Rotated:
    """`kept` is the settings file of before; None where the settings are changed by hand."""

    plan: Plan
    kept: Path | None


def plan_panel() -> Plan:
    if not settings.BACKUP_IDENTITY_FILE:
        raise IdentityMissing
    path, secret = Path(settings.BACKUP_IDENTITY_FILE), settings.BACKUP_IDENTITY_PASSPHRASE
    text = encrypt.read_identity_file(path)
    older = encrypt.unlocked(text, path=str(path), secret=secret).decode()
    old = [key.recipient for key in keys.identities()]
    identity, recipient = encrypt.new_identity()
    content = _identity_text(PANEL, identity, recipient, older).encode()
    if passphrase.is_locked(text):
        content = passphrase.lock(content, secret)
    fresh = encrypt.recipient_fingerprint(recipient)
    made = path.with_name(f"panel-{fresh}.identity")
    others = [one for one in settings.BACKUP_RECIPIENTS if one not in old]
    values = {"BACKUP_RECIPIENTS": ",".join([recipient, *others]), "BACKUP_IDENTITY_FILE": str(made)}
    return Plan("panel", encrypt.recipient_fingerprint(old[0]), fresh, {made: content}, values)


def plan_recovery(*, replace: str, secret: str) -> Plan:
    folder, waiting = _folder(), held_keys.waiting_recovery()
    if waiting:
        raise KitWaiting(path=str(waiting))
    old = _old_recovery(replace)
    identity, recipient = encrypt.new_identity()
    content = _identity_text(RECOVERY, identity, recipient, "").encode()
    fresh = encrypt.recipient_fingerprint(recipient)
    made = folder / f"recovery-{fresh}.identity"
    recipients = [recipient if one == old else one for one in settings.BACKUP_RECIPIENTS]
    files = {made: passphrase.lock(content, secret) if secret else content}
    values = {"BACKUP_RECIPIENTS": ",".join(recipients)}
    return Plan("recovery", encrypt.recipient_fingerprint(old), fresh, files, values)


def plan_signing() -> Plan:
    own = keys.signing()
    if own is None:
        raise SettingMissing(name="BACKUP_SIGNING_KEY_FILE")
    content = seal.new_signing_key()
    new = seal.SigningKey.read(content, path="")
    fresh = signer_fingerprint(new.public)
    made = Path(settings.BACKUP_SIGNING_KEY_FILE).with_name(f"signing-{fresh}.pem")
    trusted = dict.fromkeys([own.public, *settings.BACKUP_TRUSTED_SIGNERS])
    values = {"BACKUP_SIGNING_KEY_FILE": str(made), "BACKUP_TRUSTED_SIGNERS": ",".join(trusted)}
    statement = _succession(own, new)
    return Plan("signing", signer_fingerprint(own.public), fresh, {made: content}, values, statement)


def plan_secret() -> Plan:
    before = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if any("," in key or key != key.strip() for key in before):
        raise Usage(reason="SECRET_KEY holds a comma, or a blank at an end: it cannot be kept besides.")
    values = {"SECRET_KEY": secrets.token_urlsafe(48), "SECRET_KEY_FALLBACKS": ",".join(before)}
    return Plan("secret", "", "", {}, values)


def carry_out(plan: Plan, *, by_hand: bool, by: User | None) -> Rotated:
    with approvals.used(Act("rotate_key", {"kind": plan.kind, "old": plan.old}), by=by):
        done = Rotated(plan, write_down(plan, by_hand=by_hand))
        _record(plan, by)
        return done


def write_down(plan: Plan, *, by_hand: bool) -> Path | None:
    file = Path(settings.ENV_FILE)
    if by_hand:
        _write(plan)
        return None
    settings_file.refuse_set_elsewhere(file, plan.values, real=os.environ)
    with settings_file.alone(file):
        _write(plan)
        return settings_file.change(file, plan.values)


def _write(plan: Plan) -> None:
    for path, content in plan.files.items():
        write_once(path, content)
        give_like(path, path.parent)


def _record(plan: Plan, by: User | None) -> None:
    told = {"kind": plan.kind, "old": plan.old, "new": plan.new, "statement": plan.statement}
    audit.record("rotate_key", actor=by, details={name: value for name, value in told.items() if value})
    if plan.new:
        host = settings.WORKER_NAME
        KeyEvent.objects.create(what=KeyEvent.What.REPLACED, kind=plan.kind, fingerprint=plan.old, host=host)
        KeyEvent.objects.create(
            what=KeyEvent.What.MADE,
            kind=plan.kind,
            fingerprint=plan.new,
            host=host,
            statement=plan.statement,
        )


def _folder() -> Path:
    for file in (settings.BACKUP_SIGNING_KEY_FILE, settings.BACKUP_IDENTITY_FILE):
        if file:
            return Path(file).parent
    raise SettingMissing(name="BACKUP_SIGNING_KEY_FILE")


def _old_recovery(replace: str) -> str:
    """The one recipient that no host holds, or the one that is named."""
    known = {encrypt.recipient_fingerprint(one): one for one in settings.BACKUP_RECIPIENTS}
    held = held_keys.fingerprints()
    apart = [fingerprint for fingerprint in known if fingerprint not in held]
    if replace in known:
        return known[replace]
    # Where nobody holds any, they look alike.
    if replace or len(apart) != 1:
        raise KeyUnknown(key=replace or "--recovery", known=", ".join(apart or known))
    return known[apart[0]]


def _identity_text(name: str, identity: str, recipient: str, older: str) -> str:
    return f"# QParkIn Backup, {TITLES[name]}\n# public key: {recipient}\n{identity}\n{older}"


def _succession(old: seal.SigningKey, new: seal.SigningKey) -> str:
    """Anyone who trusts the old key can see that it named the new one."""
    said = {"old": old.public, "new": new.public, "at": timezone.now().isoformat(timespec="seconds")}
    message = SUCCESSION + seal.canonical(said)
    signed = {"by_old": old.signature(message), "by_new": new.signature(message)}
    return seal.canonical({**said, **signed}).decode()
