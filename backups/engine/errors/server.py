"""What the protected server cannot or will not do."""

from __future__ import annotations

from .root import BackupError, gettext_noop


class ServerUnreachable(BackupError):
    code = "server_unreachable"
    sentence = gettext_noop(
        "The database server at %(where)s does not answer; check that it is running and that the address "
        "is right."
    )


class SignInRefused(BackupError):
    code = "sign_in_refused"
    sentence = gettext_noop(
        "The database server refused the user %(username)s; check the user name and the password in the "
        "settings."
    )


class ServerFull(BackupError):
    code = "server_full"
    sentence = gettext_noop(
        "The database server at %(where)s has no connection free; try again in a quiet moment, or let it "
        "take more (max_connections, or the account's MAX_USER_CONNECTIONS)."
    )


class ServerReadOnly(BackupError):
    code = "server_read_only"
    sentence = gettext_noop(
        "The database server is read-only, so nothing can be restored there; it was left as it is. Switch "
        "that off (SET GLOBAL read_only=0), or restore on the server that is written to."
    )


class DatabaseMissing(BackupError):
    code = "database_missing"
    sentence = gettext_noop("The database %(database)s does not exist; it can be restored from an archive.")


class ConnectionLost(BackupError):
    code = "connection_lost"
    sentence = gettext_noop(
        "The connection to the database server was lost; nothing was changed, and it can be tried again."
    )


class GrantMissing(BackupError):
    code = "grant_missing"
    sentence = gettext_noop(
        "The user %(username)s lacks a right; run this as an administrator: %(statement)s"
    )


class ServerRefused(BackupError):
    code = "server_refused"
    sentence = gettext_noop("The database server refused a step (%(errno)s: %(message)s).")


class LocalInfileOff(BackupError):
    code = "local_infile_off"
    sentence = gettext_noop(
        "The server has local_infile switched off; switch it on to restore: SET GLOBAL local_infile=1"
    )


class RowNeedsLoadData(BackupError):
    code = "row_needs_load_data"
    sentence = gettext_noop(
        "A row of the table %(table)s is larger than max_allowed_packet, and the server has local_infile "
        "switched off; switch it on to restore: SET GLOBAL local_infile=1"
    )


class UnsupportedServer(BackupError):
    code = "unsupported_server"
    sentence = gettext_noop("The server %(version)s is not supported; MariaDB 10.4 or newer is needed.")
