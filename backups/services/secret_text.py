"""Short secrets in the panel's own database: a copy of that alone does not give them away."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


def lock(text: str) -> str:
    return _keys().encrypt(text.encode()).decode() if text else ""


def unlock(token: str) -> str:
    """'' where the key is no longer there: the secret has to be given anew."""
    try:
        return _keys().decrypt(token.encode()).decode() if token else ""
    except InvalidToken:
        return ""


def locked_anew(token: str) -> str:
    """The same secret under the newest key; as it was where that locked it already, or none unlocks it."""
    try:
        Fernet(_derived(settings.SECRET_KEY)).decrypt(token.encode())
    except InvalidToken:
        secret = unlock(token)
        return lock(secret) if secret else token
    return token


def _keys() -> MultiFernet:
    """The newest locks, each of them unlocks: as SECRET_KEY and its predecessors do for sessions."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str | bytes) -> bytes:
    digest = hashlib.sha256(b"qparkin-backup secret text\0" + force_bytes(secret)).digest()
    return base64.urlsafe_b64encode(digest)
