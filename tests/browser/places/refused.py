"""What somebody reads where there is nothing for them."""

from __future__ import annotations

from django.urls import reverse

from backups.models import User
from tests.browser.places.place import Place, at


def lost(by: User) -> str:
    del by
    return "/tidak-ada/"


PLACES = (
    Place("405", "superadmin", lambda _: reverse("backup")),
    Place("403", "mall", at("audit")),
    Place("404", "superadmin", lost),
)
