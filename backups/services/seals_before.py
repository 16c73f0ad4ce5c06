"""Which seals this panel knew before a signing key was revoked: whoever stole the key can write any date."""

from __future__ import annotations

from collections.abc import Container
from functools import cached_property

from backups.engine.trust import signer_fingerprint
from backups.models import Archive, KeyEvent


def known(public: str) -> Container[str] | None:
    """Asked only when a seal of that key is read. None: this panel was not there when it was revoked."""
    fingerprint = signer_fingerprint(public)
    if not KeyEvent.objects.filter(fingerprint=fingerprint, what=KeyEvent.What.REVOKED).exists():
        return None
    return _Known(fingerprint)


class _Known:
    """What is not in the index by then does not come into it any more."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint

    @cached_property
    def _digests(self) -> frozenset[str]:
        sealed = Archive.with_pruned.filter(signer=self._fingerprint)
        return frozenset(sealed.values_list("seal_digest", flat=True))

    def __contains__(self, digest: object) -> bool:
        return digest in self._digests
