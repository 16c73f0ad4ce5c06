"""Whose seals are believed, and from which moment on one of the signers is not."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from . import errors


def signer_fingerprint(public: str) -> str:
    return hashlib.sha256(public.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Revocation:
    """Of a signing key that somebody else may hold.

    Whoever holds it writes any date into a seal. So where it is remembered which seals were there before
    (`known`: their digests), an older date alone is not enough. None: nobody remembers, and the date decides.
    """

    signer: str
    since: datetime
    known: Container[str] | None = field(default=None, compare=False)

    def spares(self, created: datetime, digest: str | None) -> bool:
        remembered = self.known is None or digest is None or digest in self.known
        return created < self.since and remembered


@dataclass(frozen=True, slots=True)
class Signers(Collection[str]):
    """The public keys of those who are believed, of revoked ones too: what they sealed before still holds."""

    public: tuple[str, ...]
    revoked: tuple[Revocation, ...] = ()

    def __contains__(self, signer: object) -> bool:
        return signer in self.public

    def __iter__(self) -> Iterator[str]:
        return iter(self.public)

    def __len__(self) -> int:
        return len(self.public)

    def believes(self, signer: str, *, created: datetime, digest: str | None) -> bool:
        """`digest`: of a seal; None for what is in no index, where the date alone decides."""
        return all(one.spares(created, digest) for one in self.revoked if one.signer == signer)

    def of_now(self) -> tuple[str, ...]:
        """For what carries no date of its own."""
        gone = {one.signer for one in self.revoked}
        return tuple(signer for signer in self.public if signer not in gone)


def refuse_revoked(
    trusted: Collection[str], *, archive: str, signer: str, created: datetime, digest: str
) -> None:
    """Of plain keys none is revoked."""
    if isinstance(trusted, Signers) and not trusted.believes(signer, created=created, digest=digest):
        since = min(one.since for one in trusted.revoked if one.signer == signer)
        raise errors.SignerRevoked(
            archive=archive, signer=signer_fingerprint(signer), since=since.isoformat(timespec="minutes")
        )
