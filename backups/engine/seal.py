"""The seal: a signed, public statement of what an archive holds, byte for byte.

Anyone can encrypt to a public key, so encryption does not say that an archive is ours; this does.
A seal is canonical JSON: the same statement has one spelling, and any other spelling is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from . import errors
from .trust import refuse_revoked, signer_fingerprint

FORMAT = 1
DOMAIN = b"qparkin-backup seal 1\n"
# What is larger is not taken apart before its signature holds: brackets swell to thirty times their size.
SMALL = 1024 * 1024
# In the one spelling that a seal has, these two come last.
SIGNED = re.compile(rb'"signature":"([A-Za-z0-9+/=]+)",("signer":"([A-Za-z0-9+/=]+)"})')
LONGEST_SIGNED = 1000


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Seal:
    """What is sealed. `digest` is the SHA-256 of the seal's own bytes; the next seal names it."""

    format: int
    archive: str
    database: str
    sequence: int
    previous: str
    created: datetime
    purpose: str  # manual, schedule, command or safety
    content: tuple[str, ...]
    recipients: tuple[str, ...]  # fingerprints
    signer: str  # base64 of the Ed25519 public key
    members: tuple[Member, ...]  # in the order of the file; without the seal itself
    audit: str = ""  # where the panel's audit stood: how many events, ":", the last one's digest
    digest: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SigningKey:
    public: str
    key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        try:
            text = path.read_bytes()
        except OSError as error:
            raise errors.KeyUnreadable(path=str(path), reason=error.strerror or "not readable") from None
        return cls.read(text, path=str(path))

    @classmethod
    def read(cls, text: bytes, *, path: str) -> SigningKey:
        try:
            key = serialization.load_pem_private_key(text, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise errors.KeyUnreadable(path=path, reason="it is not a signing key") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise errors.KeyUnreadable(path=path, reason="it is not an Ed25519 key")
        return cls(public_half(key), key)

    def signature(self, message: bytes) -> str:
        """`message` begins with what it is, so that no signature of one thing is one of another."""
        return base64.b64encode(self.key.sign(message)).decode()


def new_signing_key() -> bytes:
    """A fresh Ed25519 private key as PEM. A secret."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_half(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def verifies(public: str, signature: str, message: bytes) -> bool:
    """The inverse of `SigningKey.signature`. One spelling: base64's last letter has bits to spare."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        plain = base64.b64decode(signature, validate=True)
        if base64.b64encode(plain).decode() != signature:
            return False
        key.verify(plain, message)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def write(seal: Seal, key: SigningKey) -> bytes:
    """The seal's bytes, signed."""
    statement = _statement(seal)
    return canonical({**statement, "signature": key.signature(DOMAIN + canonical(statement))})


def read(text: bytes, *, archive: str, trusted: Collection[str]) -> Seal:
    """The inverse of `write`; refuses what is not exactly a seal of `archive` by a trusted signer."""
    if len(text) > SMALL:
        _refuse_unsigned(text, archive, trusted)
    statement = _parsed(text, archive)
    if statement.get("format") != FORMAT:
        raise errors.FormatUnknown(archive=archive, format=str(statement.get("format"))[:20])
    seal = _seal(statement, text, archive)
    if seal.signer not in trusted:
        raise errors.SignerUnknown(archive=archive, signer=signer_fingerprint(seal.signer))
    _check_signature(statement, seal, archive)
    if seal.archive != archive:
        raise errors.SealBroken(archive=archive, what=f"it belongs to the archive {seal.archive}")
    refuse_revoked(trusted, archive=archive, signer=seal.signer, created=seal.created, digest=seal.digest)
    return seal


def _statement(seal: Seal) -> dict[str, Any]:
    statement = asdict(seal)
    del statement["digest"]
    return {**statement, "created": seal.created.isoformat()}


def canonical(statement: Mapping[str, Any]) -> bytes:
    """The one spelling that a statement has."""
    return json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _refuse_unsigned(text: bytes, archive: str, trusted: Collection[str]) -> None:
    found = SIGNED.fullmatch(text, max(0, text.rfind(b'"signature":', -LONGEST_SIGNED)))
    if not found:
        raise errors.SealBroken(archive=archive, what="it is not a seal")
    signature, rest, signer = found[1].decode(), found[2], found[3].decode()
    if signer not in trusted:
        raise errors.SignerUnknown(archive=archive, signer=signer_fingerprint(signer))
    if not verifies(signer, signature, b"".join((DOMAIN, memoryview(text)[: found.start()], rest))):
        raise errors.SealBroken(archive=archive, what="its signature does not match")


def _parsed(text: bytes, archive: str) -> dict[str, Any]:
    """Whoever may write to a storage may have written this: it is an error of ours, or a statement."""
    try:
        statement = json.loads(text)
        as_written = isinstance(statement, dict) and canonical(statement) == text
    except (ValueError, RecursionError):
        raise errors.SealBroken(archive=archive, what="it is not a seal") from None
    if not as_written:
        raise errors.SealBroken(archive=archive, what="it was rewritten")
    return dict(statement)


def _seal(statement: Mapping[str, Any], text: bytes, archive: str) -> Seal:
    values = {name: value for name, value in statement.items() if name != "signature"}
    try:
        # Asked for by name below, before anything else of it is believed.
        values["signer"].encode("ascii")
        return Seal(
            **{
                **values,
                "created": datetime.fromisoformat(values["created"]),
                "content": tuple(values["content"]),
                "recipients": tuple(values["recipients"]),
                "members": tuple(Member(**member) for member in values["members"]),
            },
            digest=hashlib.sha256(text).hexdigest(),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise errors.SealBroken(archive=archive, what="it is not a seal") from None


def _check_signature(statement: Mapping[str, Any], seal: Seal, archive: str) -> None:
    signed = {name: value for name, value in statement.items() if name != "signature"}
    if not verifies(seal.signer, str(statement.get("signature", "")), DOMAIN + canonical(signed)):
        raise errors.SealBroken(archive=archive, what="its signature does not match")
