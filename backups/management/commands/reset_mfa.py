"""`manage.py reset_mfa`: the way back in for the one who lost the phone."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.services.second_factor.reset import reset

from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "Take all second factors from a person, who sets up new ones after the next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def answer(self, *, email: str, **_: Any) -> Answer:
        factors, sessions = reset(email)
        told = f"{email}: {factors} second factors taken away, {sessions} sessions ended."
        return Answer({"email": email.strip().lower(), "factors": factors, "sessions": sessions}, told)
