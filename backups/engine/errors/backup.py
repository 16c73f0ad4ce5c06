"""Why a backup was not made."""

from __future__ import annotations

from .root import BackupError, gettext_noop


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
