"""Whether a password stands in lists of stolen ones, asked so that nobody learns which it is.

Off where no address is set: somebody outside is asked. Of the password's SHA-1 five letters of forty are
sent, and the answer holds some hundreds that begin so (k-anonymity, as haveibeenpwned.com has it).
"""

from __future__ import annotations

import hashlib
import logging

from django.conf import settings

from . import ping

log = logging.getLogger(__name__)

SENT = 5
# Eight hundred lines of forty letters, with what is added so that all answers look alike.
MOST_BYTES = 256 * 1024


def is_known(password: str) -> bool:
    """False where nobody answers: a service that is away keeps nobody from changing their password."""
    if not settings.BREACHED_PASSWORDS_URL:
        return False
    digest = (
        hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
    )
    try:
        told = ping.fetch(
            settings.BREACHED_PASSWORDS_URL,
            f"/{digest[:SENT]}",
            private=settings.HEARTBEAT_PRIVATE,
            most=MOST_BYTES,
        )
    except ping.NotReached as error:
        log.warning("stolen passwords were not looked at: %s", error.why)
        return False
    return any(_is_one(line, digest[SENT:]) for line in told.splitlines())


def _is_one(line: str, rest: str) -> bool:
    """Lines that were only added to make answers alike have a count of nothing."""
    found, _, count = line.strip().partition(":")
    return found == rest and count.strip() not in {"", "0"}
