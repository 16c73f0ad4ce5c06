"""Sessions in the control database, where each lies under the digest of its cookie.

Django keeps the cookie itself: whoever could read the table, a copy of it, or an old backup of it, could go
on as everybody who is signed in.
"""

from __future__ import annotations

import hashlib

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

# As long as the column, and more than anybody can try.
DIGITS = 40


def kept_as(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:DIGITS]


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> AbstractBaseSession | None:
        found = self.model.objects.filter(pk=kept_as(self.session_key or ""), expire_date__gt=timezone.now())
        session: AbstractBaseSession | None = found.first()
        if session is None:
            self._session_key = None
        return session

    def exists(self, session_key: str) -> bool:
        return self.model.objects.filter(pk=kept_as(session_key)).exists()

    def create_model_instance(self, data: dict[str, object]) -> AbstractBaseSession:
        made: AbstractBaseSession = super().create_model_instance(data)
        made.session_key = kept_as(made.session_key)
        return made

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(pk=kept_as(key)).delete()
