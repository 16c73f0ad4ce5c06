"""The two ways to be somebody here: an account of this panel, or a mall admin of QParkIn."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.http import HttpRequest

from backups.models import User

from . import qparkin_sign_in
from .qparkin_sign_in import NotAdmitted, QparkinAway

TURNED_AWAY = "turned_away_by_qparkin"


class Known(BaseBackend):
    """Who a session is of, looked at with each page, whichever way they came in by."""

    def get_user(self, user_id: int) -> User | None:
        person = User.objects.filter(pk=user_id, is_active=True).first()
        if person is None or (person.source and not qparkin_sign_in.still_admitted(person)):
            return None
        return person


class Local(Known, ModelBackend):
    def user_can_authenticate(self, user: Any) -> bool:
        """Whoever comes from elsewhere has no password here, even if somebody wrote one into the row."""
        return bool(super().user_can_authenticate(user)) and not user.source


class QParkIn(Known):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or password is None:
            return None
        try:
            return qparkin_sign_in.admitted(username, password)
        except (NotAdmitted, QparkinAway) as turned:
            if request is not None:
                setattr(request, TURNED_AWAY, turned.code)
            return None


def turned_away(request: HttpRequest | None) -> str:
    """Why, as a code; only that QParkIn cannot be asked is for the person's own eyes."""
    return str(getattr(request, TURNED_AWAY, ""))


def knows(person: User, password: str) -> bool:
    """The password of somebody who is in, where they have it."""
    if not person.source:
        return person.check_password(password)
    try:
        return qparkin_sign_in.is_password_of(person, password)
    except QparkinAway:
        return False
