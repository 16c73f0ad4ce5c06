"""The panel's own database refuses to change or delete what is in the record, whoever asks it to.

Our own code never does (models/audit_event.py); this holds for whoever has the database's account, by mistake
or by an injection. Whoever may drop triggers gets past it: for those there are the chain, its signed head,
the seals and the heads in notices.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import OperationalError, ProgrammingError, connection

from backups.models import AuditEvent, AuditHead

SAID = "the audit is only ever added to"
EVENTS, HEAD = AuditEvent._meta.db_table, AuditHead._meta.db_table
# The head only ever counts on.
BACK = "NEW.count <= OLD.count"
MARIADB = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{SAID}'"
SQLITE = f"SELECT RAISE(ABORT, '{SAID}');"
FUNCTION = "audit_only_added_to"

GUARDS: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "audit_no_change": f"BEFORE UPDATE ON {EVENTS} BEGIN {SQLITE} END",
        "audit_no_delete": f"BEFORE DELETE ON {EVENTS} BEGIN {SQLITE} END",
        "audit_head_on": f"BEFORE UPDATE ON {HEAD} WHEN {BACK} BEGIN {SQLITE} END",
        "audit_head_stays": f"BEFORE DELETE ON {HEAD} BEGIN {SQLITE} END",
    },
    "mysql": {
        "audit_no_change": f"BEFORE UPDATE ON {EVENTS} FOR EACH ROW {MARIADB}",
        "audit_no_delete": f"BEFORE DELETE ON {EVENTS} FOR EACH ROW {MARIADB}",
        "audit_head_on": f"BEFORE UPDATE ON {HEAD} FOR EACH ROW IF {BACK} THEN {MARIADB}; END IF",
        "audit_head_stays": f"BEFORE DELETE ON {HEAD} FOR EACH ROW {MARIADB}",
    },
    "postgresql": {
        "audit_no_change": f"BEFORE UPDATE OR DELETE ON {EVENTS} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
        "audit_no_truncate": f"BEFORE TRUNCATE ON {EVENTS} EXECUTE FUNCTION {FUNCTION}()",
        "audit_head_on": f"BEFORE UPDATE ON {HEAD} FOR EACH ROW WHEN ({BACK}) EXECUTE FUNCTION {FUNCTION}()",
        "audit_head_stays": f"BEFORE DELETE ON {HEAD} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
        "audit_head_no_truncate": f"BEFORE TRUNCATE ON {HEAD} EXECUTE FUNCTION {FUNCTION}()",
    },
}
STANDING = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "mysql": "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}
RAISING = (
    f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{SAID}'; END $$"
)


def stand() -> bool:
    """Set up what is missing: after each migration, since SQLite makes a table anew to alter it.

    False where the account may not: the panel works without, and `audit_verify` says so.
    """
    if EVENTS not in connection.introspection.table_names():
        return True
    standing = _standing()
    missing = [name for name in _guards() if name not in standing]
    try:
        if missing and connection.vendor == "postgresql":
            _run(RAISING)
        for name in missing:
            _run(f"CREATE TRIGGER {name} {_guards()[name]}")
    except (OperationalError, ProgrammingError):
        return False
    return True


def stands() -> bool:
    return set(_guards()) <= _standing()


def _guards() -> Mapping[str, str]:
    return GUARDS[connection.vendor]


def _standing() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(STANDING[connection.vendor])
        return {str(name) for (name,) in cursor.fetchall()}


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
