"""Playing whoever owns the panel's own database and changes the record in it, past what guards it there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from backups.services import audit_guard


@contextmanager
def lifted() -> Iterator[None]:
    """Nothing guards it meanwhile."""
    guards = audit_guard.GUARDS[connection.vendor]
    with connection.cursor() as cursor:
        for name, guard in guards.items():
            table = guard.partition(" ON ")[2].split()[0]
            place = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")
    try:
        yield
    finally:
        audit_guard.stand()


def by_hand(*statements: str) -> None:
    with lifted(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
