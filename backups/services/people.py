"""Who may sign in."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from backups.models import User

from . import audit
from .refusals import NotPermitted, PersonKnown

# 20 bytes are about 27 characters: out of reach for guessing, still typed from paper.
PASSWORD_BYTES = 20


def create_superadmin(email: str) -> str:
    """Make the person and return the password, which is shown once and kept nowhere."""
    return _create(email, role=User.Role.SUPERADMIN, mall_id=None)


def create_mall_admin(email: str, *, mall_id: int) -> str:
    return _create(email, role=User.Role.ADMIN_MALL, mall_id=mall_id)


def set_language(person: User, language: str) -> None:
    """In what the panel speaks to them next time, on whatever machine."""
    if language in dict(settings.LANGUAGES):
        User.objects.filter(pk=person.pk).update(language=language)


def _create(email: str, *, role: str, mall_id: int | None) -> str:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    person = User(email=email.strip().lower(), role=role, mall_id=mall_id)
    try:
        validate_email(person.email)
    except ValidationError:
        raise NotPermitted(email=person.email) from None
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise PersonKnown(email=person.email) from None
    audit.record("create_person", actor=None, about=person, details={"email": person.email, "role": role})
    return password
