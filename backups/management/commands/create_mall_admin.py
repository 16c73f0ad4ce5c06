"""`manage.py create_mall_admin`: a person who sees whether their mall is safe."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.services.people import create_mall_admin

from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "Make a mall admin; the password is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument(
            "--mall", type=int, required=True, help="the id_mall whose status this person sees"
        )

    def answer(self, *, email: str, mall: int, **_: Any) -> Answer:
        password = create_mall_admin(email, mall_id=mall)
        return Answer({"email": email.strip().lower(), "password": password}, f"{email}\n{password}")
