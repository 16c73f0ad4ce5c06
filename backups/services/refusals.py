"""The sentences with which services refuse, and the engine's by the same names for the layers above."""

from __future__ import annotations

from backups.engine.errors import (
    ArchiveUnknown,
    BackupError,
    Busy,
    Cancelled,
    FindingsNotAccepted,
    ListRefused,
    NameTaken,
    gettext_noop,
)

__all__ = [
    "AddressRefused",
    "ArchiveUnknown",
    "AuditBroken",
    "BackupError",
    "Busy",
    "Cancelled",
    "CertificateBroken",
    "ConfirmationMissing",
    "ControlDatabaseBehind",
    "ControlDatabaseUnreachable",
    "CopyImpossible",
    "DumpBreaks",
    "FindingsNotAccepted",
    "FirstCheckFailed",
    "InputMissing",
    "Interrupted",
    "KitEmpty",
    "ListRefused",
    "NameTaken",
    "NobodyOffers",
    "NotProven",
    "NotYet",
    "NothingToRepeat",
    "NothingWhole",
    "OtherDatabase",
    "OutputFailed",
    "PinLate",
    "PinPast",
    "RestoreUnknown",
    "SafetyBackupFailed",
    "SettingMissing",
    "StorageUnfit",
    "StorageUnknown",
    "Unexpected",
    "Usage",
    "gettext_noop",
]


class Interrupted(BackupError):
    code = "interrupted"
    sentence = gettext_noop(
        "The work was interrupted (%(reason)s) and cleared up; nothing half-done was left, "
        "so it can be started again."
    )


class StorageUnfit(BackupError):
    code = "storage_unfit"
    sentence = gettext_noop("Archives cannot be kept at %(storages)s as it is; see above what is missing.")


class Unexpected(BackupError):
    code = "failed"
    sentence = gettext_noop(
        "It failed for an unexpected reason (%(reason)s); the log on the server says more."
    )


class CertificateBroken(BackupError):
    code = "certificate_broken"
    status = 3
    sentence = gettext_noop("The certificate does not hold: %(reason)s.")


class AddressRefused(BackupError):
    code = "address_refused"
    sentence = gettext_noop("That address cannot be used: %(reason)s.")


class AuditBroken(BackupError):
    code = "audit_broken"
    status = 3
    sentence = gettext_noop("The audit does not hold: %(reason)s.")


class CopyImpossible(BackupError):
    code = "copy_impossible"
    sentence = gettext_noop(
        "No whole copy of the archive %(archive)s is left that one for %(storage)s could be made of."
    )


class RestoreUnknown(BackupError):
    code = "restore_unknown"
    sentence = gettext_noop("There is no restore %(restore)s; the list of restores shows what there is.")


class SafetyBackupFailed(BackupError):
    """`cause` is the code of what went wrong, whose own parameters ride along; `why` is its sentence."""

    code = "safety_backup_failed"
    sentence = gettext_noop(
        "The safety backup could not be made, so nothing was restored and everything is as it was: %(why)s "
        "Mend that, or go on without it (--no-safety-backup)."
    )


class TrialCopyKept(BackupError):
    code = "trial_copy_kept"
    sentence = gettext_noop("The database %(database)s was not removed (%(why)s).")


class NothingToRepeat(BackupError):
    code = "nothing_to_repeat"
    sentence = gettext_noop("This restore did not stop at its safety backup; begin anew from the archive.")


class ConfirmationMissing(BackupError):
    code = "usage"
    status = 2
    sentence = gettext_noop("%(command)s changes the live database; add --yes to confirm it.")


class SettingMissing(BackupError):
    code = "setting_missing"
    sentence = gettext_noop("%(name)s is not set; put it into the settings file, or run manage.py init.")


class ControlDatabaseBehind(BackupError):
    code = "control_database_behind"
    sentence = gettext_noop("The panel's own database is of an older version; run manage.py migrate first.")


class ControlDatabaseUnreachable(BackupError):
    code = "control_database_unreachable"
    sentence = gettext_noop(
        "The panel's own database cannot be opened (%(reason)s); check CONTROL_DATABASE_URL."
    )


class OutputFailed(BackupError):
    code = "output_failed"
    sentence = gettext_noop("The file %(path)s cannot be written (%(reason)s).")


class KitEmpty(BackupError):
    code = "kit_empty"
    sentence = gettext_noop("The folder %(folder)s holds no keys; give the folder of a recovery kit.")


class NotYet(BackupError):
    code = "usage"
    status = 2
    sentence = gettext_noop("%(option)s is not there yet; it comes with a later version.")


class Usage(BackupError):
    code = "usage"
    status = 2
    sentence = gettext_noop("%(reason)s")


class InputMissing(BackupError):
    code = "input_missing"
    sentence = gettext_noop("The file %(path)s cannot be read (%(reason)s).")


class DumpBreaks(BackupError):
    code = "dump_breaks"
    status = 3
    sentence = gettext_noop("The dump %(name)s does not load whole: line %(line)s, %(what)s")


class OtherDatabase(BackupError):
    code = "other_database"
    sentence = gettext_noop(
        "The archive %(archive)s is of the database %(database)s, and this panel protects %(protected)s; it "
        "can be restored into a new database: manage.py restore %(archive)s --database NAME"
    )


class NothingWhole(BackupError):
    code = "nothing_whole"
    sentence = gettext_noop(
        "No whole archive would be left, so nothing was cleared away; make a backup first."
    )


class NotProven(BackupError):
    code = "not_proven"
    status = 3
    sentence = gettext_noop("The archive %(archive)s is not proven (%(why)s).")


class FirstCheckFailed(BackupError):
    code = "check_failed"
    sentence = gettext_noop(
        "The settings were written to %(env_file)s, but the check did not pass (%(reason)s); "
        "mend that, then run manage.py init again."
    )


class StorageUnknown(BackupError):
    code = "storage_unknown"
    sentence = gettext_noop("There is no storage %(storage)s; the settings name %(known)s.")


class PinPast(BackupError):
    code = "pin_past"
    sentence = gettext_noop("%(date)s has passed; give a day that is still to come.")


class PinUnexplained(BackupError):
    code = "pin_unexplained"
    sentence = gettext_noop("What is kept longer needs a reason; give it a label.")


class PinLate(BackupError):
    code = "pin_late"
    sentence = gettext_noop(
        "The archive %(archive)s is being cleared at this moment; pin another one, or try again in a minute."
    )


class KeyElsewhere(BackupError):
    code = "key_elsewhere"
    sentence = gettext_noop(
        "The key that opens archives is not on this host but on %(host)s; run the command there, or let its "
        "workers take this too (WORKER_JOBS)."
    )


class NobodyOffers(BackupError):
    code = "nobody_offers"
    sentence = gettext_noop(
        "No worker host is set up for this (%(needs)s); start one that is, or run the command on such a host."
    )


class IncidentClosed(BackupError):
    code = "incident_closed"
    sentence = gettext_noop("This incident is closed; what was written down stays as it is. Start a new one.")
