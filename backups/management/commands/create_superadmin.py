"""`manage.py create_superadmin`: the first person in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.services.people import create_superadmin

from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "Make a superadmin; the password is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def answer(self, *, email: str, **_: Any) -> Answer:
        password = create_superadmin(email)
        return Answer({"email": email.strip().lower(), "password": password}, f"{email}\n{password}")
