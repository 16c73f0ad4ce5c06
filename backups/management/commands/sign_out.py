"""`manage.py sign_out`: every open session ends, of one person or of all; for the day a cookie was stolen."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.services.people import sign_out_at_the_server

from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "End the sessions of a person, or of everybody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", nargs="?", default="", help="nobody named: everybody")

    def answer(self, *, email: str, **_: Any) -> Answer:
        ended = sign_out_at_the_server(email)
        told = f"{email or 'Everybody'}: {ended} sessions ended. Passwords stay as they are."
        return Answer({"email": email.strip().lower(), "sessions": ended}, told)
