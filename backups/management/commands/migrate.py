"""`manage.py migrate`: Django's, one host at a time, and the audit guarded afterwards."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from backups.services import audit_guard, control

UNGUARDED = (
    "The account of CONTROL_DATABASE_URL may not create triggers, so the database itself does not refuse to "
    "change the audit; the chain still shows it. Grant it TRIGGER (with a binary log also SET GLOBAL "
    "log_bin_trust_function_creators = 1) and say migrate once more."
)


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with control.alone():
            super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"] or audit_guard.stand()):
                self.stderr.write(UNGUARDED)
