"""One error root. Each class is one sentence for the operator: it names the thing and the way out."""

from __future__ import annotations

from collections.abc import Mapping

Parameter = str | int | float


def gettext_noop(text: str) -> str:
    """Mark a sentence for the translators; the engine itself speaks English."""
    return text


class BackupError(Exception):
    """Root of every error that an operator sees.

    `code` is a stable slug, `status` the exit status of the command line: 1 refused or failed,
    3 a seal, a member or a proof that does not hold. Parameters are plain values, never secrets.
    """

    code = "failed"
    status = 1
    sentence = gettext_noop("It did not work: %(reason)s.")

    def __init__(self, **params: Parameter) -> None:
        self.params: Mapping[str, Parameter] = params
        super().__init__(self.sentence % params)


class Cancelled(BackupError):
    code = "cancelled"
    sentence = gettext_noop("Cancelled as asked; nothing was left behind.")


class DeadlinePassed(BackupError):
    code = "deadline"
    sentence = gettext_noop(
        "It took longer than the %(seconds)s seconds allowed and was stopped; nothing was left behind."
    )


class Busy(BackupError):
    code = "busy"
    sentence = gettext_noop(
        "Another backup or restore of %(system)s is running; try again when it has finished."
    )


# --- the protected server -----------------------------------------------------------------------


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


class UnsupportedObject(BackupError):
    code = "unsupported_object"
    sentence = gettext_noop(
        "%(kind)s %(name)s cannot be backed up without loss yet, so nothing was written; rename or remove"
        " it first."
    )


class InvalidText(BackupError):
    code = "invalid_text"
    sentence = gettext_noop(
        "The table %(table)s holds text in %(columns)s (first in the row %(row)s) with bytes that are not "
        "valid in its character set; no statement could write them back, so nothing was kept. Repair them, "
        "or make that column binary."
    )


class RowTooLarge(BackupError):
    code = "row_too_large"
    sentence = gettext_noop(
        "A row of the table %(table)s is larger than the server can send in one piece, so nothing was kept; "
        "raise max_allowed_packet on the server and run the backup again."
    )


class ChangedDuringBackup(BackupError):
    code = "changed_during_backup"
    sentence = gettext_noop(
        "The table %(table)s was altered during the backup; nothing was kept, run the backup again."
    )


class IncompleteDump(BackupError):
    code = "incomplete_dump"
    sentence = gettext_noop("The backup would have been incomplete (%(what)s), so nothing was kept.")


# --- archives -----------------------------------------------------------------------------------


class ArchiveUnknown(BackupError):
    code = "archive_unknown"
    sentence = gettext_noop("There is no archive %(archive)s; the list of archives shows what there is.")


class ArchiveDamaged(BackupError):
    code = "archive_damaged"
    status = 3
    sentence = gettext_noop(
        "The archive %(archive)s is damaged (%(what)s) and was not opened; use another copy or another "
        "archive."
    )


class SealBroken(BackupError):
    code = "seal_broken"
    status = 3
    sentence = gettext_noop(
        "The seal of the archive %(archive)s does not hold (%(what)s), so nothing in it was opened."
    )


class SignerUnknown(BackupError):
    code = "signer_unknown"
    status = 3
    sentence = gettext_noop(
        "The archive %(archive)s was signed by a key that is not trusted here (%(signer)s), so nothing in"
        " it was opened."
    )


class IdentityMissing(BackupError):
    code = "identity_missing"
    sentence = gettext_noop(
        "This machine holds no key that opens archives; set BACKUP_IDENTITY_FILE, or use the recovery key."
    )


class IdentityWrong(BackupError):
    code = "identity_wrong"
    sentence = gettext_noop(
        "The key on this machine does not open the archive %(archive)s; use the key it was made for, or "
        "the recovery key."
    )


class FormatUnknown(BackupError):
    code = "format_unknown"
    sentence = gettext_noop(
        "The archive %(archive)s has format %(format)s, which this version cannot read; update the panel."
    )


class KeyUnreadable(BackupError):
    code = "key_unreadable"
    sentence = gettext_noop("The key file %(path)s cannot be read (%(reason)s).")


class RecipientInvalid(BackupError):
    code = "recipient_invalid"
    sentence = gettext_noop("%(recipient)s is not an age recipient; it begins with age1.")


# --- storage ------------------------------------------------------------------------------------


class StorageFull(BackupError):
    code = "storage_full"
    sentence = gettext_noop(
        "The storage %(storage)s is full; free some space or prune old archives, then try again."
    )


class StorageFailed(BackupError):
    code = "storage_failed"
    sentence = gettext_noop("The storage %(storage)s does not work (%(reason)s).")


class NameTaken(BackupError):
    code = "name_taken"
    sentence = gettext_noop("%(name)s is there already, and nothing is ever overwritten.")


# --- restore ------------------------------------------------------------------------------------


class ProofFailed(BackupError):
    code = "proof_failed"
    status = 3
    sentence = gettext_noop(
        "The restored copy does not equal the archive (%(what)s), so the live database was left as it is."
    )


class FindingsNotAccepted(BackupError):
    code = "findings_not_accepted"
    status = 3
    sentence = gettext_noop(
        "After this restore these would no longer work: %(names)s. The live database was left as it is; "
        "accept them by name to go on."
    )


class TargetNotEmpty(BackupError):
    code = "target_not_empty"
    sentence = gettext_noop(
        "The database %(database)s is not empty; choose a new name, and nothing is overwritten."
    )


class TargetInvalid(BackupError):
    code = "target_invalid"
    sentence = gettext_noop("%(database)s cannot be the target of a restore; choose another name.")


class LiveBusy(BackupError):
    code = "live_busy"
    sentence = gettext_noop(
        "Somebody held the live database for longer than %(seconds)s seconds, so it was left as it is; "
        "try again in a quiet moment."
    )


class SwapIncomplete(BackupError):
    code = "swap_incomplete"
    sentence = gettext_noop(
        "The change-over cannot go on, since these tables stand nowhere any more: %(tables)s. "
        "Nothing more was changed; the schema %(schema)s keeps the journal of what stands where."
    )


class TiedToAnother(BackupError):
    code = "tied_to_another"
    sentence = gettext_noop(
        "Tables of another database refer to tables of %(database)s (%(tables)s), and would lose them in the "
        "change-over; remove those foreign keys first, or restore to a new database."
    )


class TableUnknown(BackupError):
    code = "table_unknown"
    sentence = gettext_noop(
        "The archive holds no table %(tables)s; look at the list of its tables and mind the spelling."
    )


class RowsWouldDangle(BackupError):
    code = "rows_would_dangle"
    sentence = gettext_noop(
        "After this restore rows would refer to rows that are not there: %(what)s. The live database was "
        "left as it is; restore those tables together, or accept it (--accept-dangling)."
    )


class TieUnfit(BackupError):
    code = "tie_unfit"
    sentence = gettext_noop(
        "The foreign key %(name)s of %(table)s does not fit %(parent)s any more (%(message)s), so the live "
        "database was left as it is; restore both tables together, or put them beside the live ones."
    )


class TriggerNameTaken(BackupError):
    code = "trigger_name_taken"
    sentence = gettext_noop(
        "A trigger %(name)s stands on another live table (%(table)s), so the one of the archive cannot come "
        "back; the live database was left as it is. Rename or drop the live one first."
    )


class UndoImpossible(BackupError):
    code = "undo_impossible"
    sentence = gettext_noop("The restore %(restore)s cannot be undone (%(why)s).")


class HistoryNotRestorable(BackupError):
    code = "history_not_restorable"
    sentence = gettext_noop(
        "The archive holds the history of system-versioned tables (%(tables)s), which a server takes in only "
        "from MariaDB 10.11 on; this one is %(version)s. Restore it on a newer server."
    )


class NamesInCapitals(BackupError):
    code = "names_in_capitals"
    sentence = gettext_noop(
        "This server keeps the names of tables in small letters, and the archive holds names with capitals "
        "(%(names)s), so it would not be the same here; restore it on a server that keeps names as they are "
        "written."
    )


class RoleMissing(BackupError):
    code = "role_missing"
    sentence = gettext_noop(
        "Code in the archive belongs to roles that this server does not have; run this as an administrator: "
        "%(statement)s"
    )


class CodeNotRestored(BackupError):
    code = "code_not_restored"
    sentence = gettext_noop(
        "%(kind)s %(name)s could not be made (%(errno)s: %(message)s), so the live database was left as "
        "it is."
    )


# --- folders of files ---------------------------------------------------------------------------


class FolderMissing(BackupError):
    code = "folder_missing"
    sentence = gettext_noop(
        "The folder %(folder)s is not there, so no backup was made of it; restore it, or take it out of "
        "QPARKIN_FILES."
    )


class FolderUnfit(BackupError):
    code = "folder_unfit"
    sentence = gettext_noop("The folder %(folder)s cannot be restored in its place (%(why)s).")


class FolderNotSet(BackupError):
    code = "folder_not_set"
    sentence = gettext_noop(
        "The archive holds the folder %(folder)s, which QPARKIN_FILES does not name here; add it there, or "
        "restore the database alone."
    )


class FileUnreadable(BackupError):
    code = "file_unreadable"
    sentence = gettext_noop(
        "%(path)s cannot be read (%(reason)s), so nothing was kept; give the account of the panel the right "
        "to read it."
    )


class FileNotWritten(BackupError):
    code = "file_not_written"
    sentence = gettext_noop("%(path)s cannot be written (%(reason)s), so the live folder was left as it is.")


class FolderFull(BackupError):
    code = "folder_full"
    sentence = gettext_noop(
        "There is no room beside the folder %(folder)s: %(needed)s MB are needed and %(free)s MB are free. "
        "Nothing was changed."
    )


class FilesRefused(BackupError):
    code = "files_refused"
    status = 3
    sentence = gettext_noop(
        "The files in the archive %(archive)s are not as a backup of ours has them (%(what)s), so none was "
        "put in place."
    )


class FilesUnproven(BackupError):
    code = "files_unproven"
    status = 3
    sentence = gettext_noop(
        "The restored files do not equal the archive (%(what)s), so the live folders were left as they are."
    )


class FilesUnsettled(BackupError):
    code = "files_unsettled"
    sentence = gettext_noop(
        "The change-over of the folder %(folder)s cannot go on, since somebody put something else in its "
        "place; the journal %(journal)s says what stands where."
    )


class NotInArchive(BackupError):
    code = "not_in_archive"
    sentence = gettext_noop("The archive %(archive)s does not hold what was asked for (%(what)s).")


class NothingToBackUp(BackupError):
    code = "nothing_to_back_up"
    sentence = gettext_noop("There are no folders to back up; name them in QPARKIN_FILES.")
