"""The mall admins of QParkIn, as its own database knows them: looked up in seconds or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q

from backups.engine import database
from backups.engine.database import quote_name
from backups.models import Job
from backups.models.job import Kind, State

from .connections import protected_database, protected_state, read_server
from .refusals import BackupError, gettext_noop

SECONDS = 3
# Of one name there is one; the server's own idea of equal names may find a few more.
MOST = 20
LONGEST = 255
ROLE, STATUS = "admin_mall", "aktif"

# From the few to the many: no name that a stranger types makes the server read all customers.
LOOK = " ".join(
    [
        "SELECT u.id_user, u.name, u.email, u.password, u.role, u.status, a.id_mall",
        f"FROM {quote_name('admin_mall')} a",
        f"STRAIGHT_JOIN {quote_name('user')} u ON u.id_user = a.id_user",
    ]
)


class QparkinAway(BackupError):
    code = "qparkin_away"
    sentence = gettext_noop(
        "Accounts of QParkIn cannot sign in at the moment: its database is away or being restored. Try again "
        "later, or ask the superadmin for a password of your own."
    )


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    name: str
    email: str
    password: str = field(repr=False)
    role: str
    status: str
    mall: int | None

    @property
    def may_enter(self) -> bool:
        """Compared here: the server takes `Admin_Mall ` for the same."""
        return self.role == ROLE and self.status == STATUS and self.mall is not None

    def is_called(self, typed: str) -> bool:
        """To the server 'a' is 'á', and 'budi' is 'budi  '; to us a name is what it is."""
        return typed == self.name or (bool(self.email) and typed.lower() == self.email.lower())


def named(typed: str) -> list[Account]:
    """All that are called exactly that."""
    if not _can_be_a_name(typed):
        return []
    found = _asked(f"{LOOK} WHERE u.email = %s OR u.name = %s LIMIT {MOST}", (typed, typed))
    called = [account for account in found if account.is_called(typed)]
    # Where there may be more than were looked at, nobody knows whether it is the only one.
    return called if len(found) < MOST else called * 2


def of_id(number: int) -> Account | None:
    found = _asked(f"{LOOK} WHERE a.id_user = %s", (number,))
    return found[0] if len(found) == 1 else None


def _can_be_a_name(typed: str) -> bool:
    try:
        typed.encode()
    except UnicodeEncodeError:
        return False
    return 0 < len(typed) <= LONGEST


def _asked(statement: str, values: Sequence[str | int]) -> list[Account]:
    if _is_closed():
        raise QparkinAway
    try:
        server = replace(read_server(), patience=float(SECONDS))
        with database.session(server, protected_database()) as connection:
            database.run(connection, f"SET SESSION max_statement_time = {SECONDS}")
            database.run(connection, "SET SESSION TRANSACTION READ ONLY")
            return [
                _account(row) for row in database.rows(connection, statement, values) if _is_number(row[0])
            ]
    except (BackupError, OSError):
        raise QparkinAway from None


def _account(row: Sequence[Any]) -> Account:
    number, name, email, password, role, status, mall = row
    return Account(
        id=number, name=str(name or ""), email=str(email or ""), password=str(password or ""),
        role=str(role), status=str(status), mall=mall if _is_number(mall) else None,
    )  # fmt: skip


def _is_number(value: object) -> bool:
    """As our own rows can hold it: that table may have been altered by anybody."""
    return isinstance(value, int) and 0 < value < 2**63


def _is_closed() -> bool:
    """While tables change over, a row may be of yesterday, or nobody's."""
    writing = Job.objects.filter(kind__in=(Kind.RESTORE, Kind.UNDO), writes=True)
    held = writing.filter(Q(state=State.RUNNING) | Q(lock__isnull=False))
    return held.exists() or not protected_state().is_up
