"""What a storage cannot do."""

from __future__ import annotations

from .root import BackupError, gettext_noop


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
