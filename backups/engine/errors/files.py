"""What stands in the way of folders of files."""

from __future__ import annotations

from .root import BackupError, gettext_noop


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
