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


class StorageUnreachable(StorageFailed):
    code = "storage_unreachable"
    sentence = gettext_noop("The storage %(storage)s cannot be reached (%(reason)s).")


class NoCopyAnswers(StorageFailed):
    """Nothing is known to be wrong with the copies. `cause` is the code of what a storage said, whose own
    parameters ride along; `why` is its sentence.
    """

    code = "no_copy_answers"
    sentence = gettext_noop(
        "None of the copies of the archive %(archive)s (at %(copies)s) can be read at this moment. %(why)s"
    )


class StorageUnfaithful(StorageFailed):
    code = "storage_unfaithful"
    sentence = gettext_noop(
        "The storage %(storage)s did not keep %(name)s as it was sent (%(reason)s), so it does not count as "
        "stored."
    )


class StorageRefused(StorageFailed):
    """Alive, and the key is right; it is only not allowed this. So nobody may conclude what is there."""

    code = "storage_refused"
    sentence = gettext_noop(
        "The access key of the storage %(storage)s is not allowed to do that (%(reason)s)."
    )


class ListRefused(StorageRefused):
    code = "list_refused"
    sentence = gettext_noop(
        "The access key of the storage %(storage)s may not list what lies there, so nothing counts as "
        "missing."
    )


class DeleteRefused(StorageRefused):
    code = "delete_refused"
    sentence = gettext_noop(
        "The access key of the storage %(storage)s may not delete, so nothing was taken away there."
    )


class NameTaken(BackupError):
    code = "name_taken"
    sentence = gettext_noop("%(name)s is there already, and nothing is ever overwritten.")
