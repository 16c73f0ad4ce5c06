"""Why a restore stopped; the live database was left as it is."""

from __future__ import annotations

from .root import BackupError, gettext_noop


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


class FolderOfItsOwn(BackupError):
    code = "folder_of_its_own"
    sentence = gettext_noop(
        "Live tables lie in a folder of their own (DATA DIRECTORY: %(tables)s), which the server does not "
        "move in a change-over; nothing was changed. Restore to a new database instead."
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
