"""Passkeys: what is asked of the browser, and what it answers. Whatever the answer holds, it is yes or no."""

from __future__ import annotations

import json
import struct
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.core.exceptions import ValidationError
from django.http.request import split_domain_port
from django.utils import timezone

from backups.models import User

# What the libraries raise over an answer that no browser gives.
MALFORMED = (
    ValidationError, ValueError, TypeError, KeyError, IndexError, AttributeError, NotImplementedError,
    AssertionError, RecursionError, OverflowError, struct.error, InvalidSignature, UnsupportedAlgorithm,
)  # fmt: skip
ASKED_AT = "passkey_asked_at"
SECONDS_TO_ANSWER = 300


def is_possible(host: str) -> bool:
    """Passkeys belong to a name, never to a number."""
    try:
        ip_address(split_domain_port(host)[0].strip("[]"))
    except ValueError:
        return True
    return False


def to_ask(person: User | None) -> dict[str, Any]:
    """Of this person's passkeys, or of whoever sits there."""
    _note_asked()
    return dict(auth.begin_authentication(person))


def to_make(person: User) -> dict[str, Any]:
    _note_asked()
    return dict(auth.begin_registration(person, passwordless=True))


def answered_by(credential: str, person: User | None) -> Authenticator | None:
    """The passkey that signed what was asked, if it is one of ours and in time."""
    try:
        response = _read(credential)
        _be_of_this_page(auth.parse_authentication_response(response).response.client_data.origin)
        owner = person or auth.extract_user_from_response(response)
        return auth.complete_authentication(owner, response) if owner.is_active else None
    except MALFORMED:
        return None
    finally:
        # One answer to one question, right or wrong.
        auth.clear_state()


def made(credential: str) -> dict[str, Any] | None:
    """The new passkey as it is kept, if the browser made it as it was asked to."""
    try:
        response = _read(credential)
        _be_of_this_page(auth.parse_registration_response(response).response.client_data.origin)
        auth.complete_registration(response)
    except MALFORMED:
        return None
    finally:
        auth.clear_state()
    return response


def _be_of_this_page(origin: str) -> None:
    """A passkey also answers to pages whose name ends in ours; the panel does not."""
    if urlsplit(origin).netloc != context.request.get_host():
        raise ValueError


def _note_asked() -> None:
    context.request.session[ASKED_AT] = timezone.now().timestamp()


def _read(credential: str) -> dict[str, Any]:
    age = timezone.now().timestamp() - float(context.request.session.pop(ASKED_AT, 0))
    if not 0 <= age <= SECONDS_TO_ANSWER:
        raise ValueError
    read: dict[str, Any] = json.loads(credential)
    return read
