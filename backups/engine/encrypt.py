"""age v1: anyone encrypts to a recipient, only its identity opens. Debian's `age` reads the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
from pyrage import x25519

from . import errors


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


def load_identities(path: Path) -> tuple[Identity, ...]:
    """The identities of an age identity file: one a line, `#` begins a comment."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise errors.KeyUnreadable(path=str(path), reason=error.strerror or "not readable") from None
    except UnicodeDecodeError:
        raise errors.KeyUnreadable(path=str(path), reason="it is not text") from None
    found = tuple(
        _identity(line.strip(), path) for line in lines if line.strip() and not line.startswith("#")
    )
    if not found:
        raise errors.KeyUnreadable(path=str(path), reason="it holds no identity")
    return found


def _identity(line: str, path: Path) -> Identity:
    try:
        key = x25519.Identity.from_str(line)
    except pyrage.IdentityError:
        # The library's own words would repeat the line, which may be a secret with a typing error.
        raise errors.KeyUnreadable(path=str(path), reason="a line is not an age identity") from None
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
