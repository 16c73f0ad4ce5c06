"""age v1: anyone encrypts to a recipient, only its identity opens. Debian's `age` reads the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
from pyrage import x25519

from . import errors, passphrase
from .small_file import read_small


@dataclass(frozen=True, slots=True)
class Identity:
    """The private half of an age key. Only its recipient is ever shown."""

    recipient: str
    key: x25519.Identity = field(repr=False)


class NotForUs(ValueError):
    """None of the identities opens this."""


def new_identity() -> tuple[str, str]:
    """A fresh (identity, recipient) pair as age writes them. The first is a secret."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def load_identities(path: Path, secret: str | None = None) -> tuple[Identity, ...]:
    """The identities of an age identity file: one a line, `#` begins a comment.

    `secret` is the passphrase, for a file that has one.
    """
    return read_identities(read_identity_file(path), path=str(path), secret=secret)


def read_identity_file(path: Path) -> bytes:
    try:
        text = read_small(path, most=passphrase.MOST_BYTES + 1)
    except OSError as error:
        raise errors.KeyUnreadable(path=str(path), reason=error.strerror or "not readable") from None
    if len(text) > passphrase.MOST_BYTES:
        raise errors.KeyUnreadable(path=str(path), reason="it is too large for a file of keys")
    return text


def read_identities(text: bytes, *, path: str, secret: str | None = None) -> tuple[Identity, ...]:
    """Those in the contents of an identity file that came from `path`."""
    try:
        lines = unlocked(text, path=path, secret=secret).decode().splitlines()
    except UnicodeDecodeError:
        raise errors.KeyUnreadable(path=path, reason="it is not text") from None
    found = tuple(
        _identity(line.strip(), path) for line in lines if line.strip() and not line.startswith("#")
    )
    if not found:
        raise errors.KeyUnreadable(path=path, reason="it holds no identity")
    return found


def unlocked(text: bytes, *, path: str, secret: str | None) -> bytes:
    """What is in the file, whether or not it is under a passphrase."""
    if not passphrase.is_locked(text):
        return text
    if not secret:
        raise errors.KeyLocked(path=path)
    try:
        return passphrase.unlock(text, secret)
    except passphrase.NotThePassphrase:
        raise errors.PassphraseWrong(path=path) from None
    except passphrase.NotLocked:
        raise errors.KeyUnreadable(path=path, reason="it is not locked with a passphrase we open") from None


def _identity(line: str, path: str) -> Identity:
    try:
        key = x25519.Identity.from_str(line)
    except pyrage.IdentityError:
        # The library's own words would repeat the line, which may be a secret with a typing error.
        raise errors.KeyUnreadable(path=path, reason="a line is not an age identity") from None
    return Identity(str(key.to_public()), key)


def check_recipients(recipients: Sequence[str]) -> None:
    """Refuse anything that is not an age recipient, and an empty list."""
    if not recipients:
        raise errors.RecipientInvalid(recipient="(none)")
    for recipient in recipients:
        _recipient(recipient)


def recipient_fingerprint(recipient: str) -> str:
    """Sixteen hex digits that tell recipients apart on screen and in seals."""
    return hashlib.sha256(recipient.encode()).hexdigest()[:16]


def encrypt(plain: bytes, recipients: Sequence[str]) -> bytes:
    check_recipients(recipients)
    cipher: bytes = pyrage.encrypt(plain, [_recipient(recipient) for recipient in recipients])
    return cipher


def decrypt(cipher: bytes, identities: Sequence[Identity]) -> bytes:
    try:
        plain: bytes = pyrage.decrypt(cipher, [identity.key for identity in identities])
    except pyrage.DecryptError:
        raise NotForUs("no identity opens it, or it was changed") from None
    return plain


def _recipient(text: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise errors.RecipientInvalid(recipient=text[:12]) from None
