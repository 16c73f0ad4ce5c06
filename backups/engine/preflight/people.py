"""Who is at work: accounts that code belongs to, sessions that would hold up the swap, events."""

from __future__ import annotations

from backups.engine.database import rows
from backups.engine.errors import ServerRefused

from .values import Check, Subject, passed, warned

# A swap waits this long for whoever holds a table, and then gives up.
LONG_SECONDS = 3
SESSIONS = (
    "SELECT ID, USER, COALESCE(COMMAND, ''), COALESCE(TIME, 0) FROM information_schema.PROCESSLIST "
    "WHERE DB = %s AND ID <> CONNECTION_ID()"
)
# The server tells the start of a transaction by its own clock, and our sessions stand in UTC.
TRANSACTIONS = (
    "SELECT p.ID, p.USER, "
    "TIMESTAMPDIFF(SECOND, t.trx_started, CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM')) "
    "FROM information_schema.INNODB_TRX t "
    "JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id "
    "WHERE p.DB = %s AND p.ID <> CONNECTION_ID()"
)


def definers(subject: Subject, missing: tuple[str, ...] | None) -> Check:
    """`missing`: definers that the target does not know; None: the account may not look."""
    if missing is None:
        return warned("definers", "definers_unseen", mend="definers_unseen")
    gone = set(missing) - set(subject.manifest.inventory.missing_definers or ())
    if gone:
        return warned("definers", "definers_missing", mend="make_accounts", names=sorted(gone))
    if missing:
        return passed("definers", "definers_missing_before")
    return passed("definers", "definers_there")


def sessions(subject: Subject) -> Check:
    """Only over the live database does anybody stand in the way."""
    if not subject.over_live:
        return passed("sessions", "nobody_concerned")
    try:
        present = rows(subject.connection, SESSIONS, (subject.live,))
        waiting = rows(subject.connection, TRANSACTIONS, (subject.live,))
    except ServerRefused:
        return warned("sessions", "sessions_unseen", mend="process_right")
    long = [
        f"{user} (#{number}): {seconds} s"
        for number, user, seconds in sorted(waiting, key=lambda row: -int(row[2]))
        if int(seconds) >= LONG_SECONDS
    ]
    if long:
        return warned("sessions", "long_transactions", mend="wait", names=long, count=len(present))
    return passed("sessions", "sessions_short", count=len(present))


def events(subject: Subject) -> Check:
    if subject.tables is not None:
        # They belong to the database: whoever restores some tables leaves those of live as they are.
        return passed("events", "no_events")
    awake = [event.name for event in subject.manifest.inventory.events if event.status == "ENABLED"]
    if awake:
        return warned("events", "events_asleep", mend="enable_events", names=awake, count=len(awake))
    return passed("events", "no_events")
