"""`manage.py migrate`: Django's, one host at a time."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from backups.services import control


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with control.alone():
            super().handle(*args, **options)
