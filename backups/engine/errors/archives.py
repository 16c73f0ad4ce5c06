"""What is wrong with an archive, or with the keys to it."""

from __future__ import annotations

from .root import BackupError, gettext_noop


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
        " it was opened. If it comes from a panel of yours: put the line of that panel's trusted-signers.txt"
        " (it is in its recovery kit, too) into BACKUP_TRUSTED_SIGNERS here, start this panel anew, and bring"
        " it again."
    )


class SignerRevoked(SignerUnknown):
    code = "signer_revoked"
    sentence = gettext_noop(
        "The archive %(archive)s was sealed with a signing key that was revoked as of %(since)s (%(signer)s),"
        " so nothing in it was opened: whoever has stolen that key could have made it. Use an archive of"
        " before, or one that the new key has sealed."
    )


class EveryCopyFailed(ArchiveDamaged):
    code = "every_copy_failed"
    sentence = gettext_noop(
        "None of the copies of the archive %(archive)s (at %(copies)s) can be read as it was sealed; use "
        "another archive."
    )


class IdentityMissing(BackupError):
    code = "identity_missing"
    sentence = gettext_noop(
        "This machine holds no key that opens archives; set BACKUP_IDENTITY_FILE, or use the recovery key."
    )


class IdentityWrong(BackupError):
    code = "identity_wrong"
    sentence = gettext_noop(
        "The key on this machine does not open the archive %(archive)s; add the key it was made for, or "
        "the recovery key, as a line of its own to the file that BACKUP_IDENTITY_FILE names."
    )


class RecipientRevoked(BackupError):
    code = "recipient_revoked"
    sentence = gettext_noop(
        "BACKUP_RECIPIENTS names a key that was revoked (%(recipient)s), so no backup is made for it; take it"
        " out, or make new keys with manage.py rotate_keys."
    )


class FormatUnknown(BackupError):
    code = "format_unknown"
    sentence = gettext_noop(
        "The archive %(archive)s has format %(format)s, which this version cannot read; update the panel."
    )


class KeyUnreadable(BackupError):
    code = "key_unreadable"
    sentence = gettext_noop("The key file %(path)s cannot be read (%(reason)s).")


class KeyLocked(BackupError):
    code = "key_locked"
    sentence = gettext_noop(
        "The key file %(path)s is under a passphrase; give it, or name the file that holds it in "
        "BACKUP_IDENTITY_PASSPHRASE_FILE."
    )


class PassphraseWrong(BackupError):
    code = "passphrase_wrong"
    sentence = gettext_noop("That is not the passphrase of the key file %(path)s; try again.")


class RecipientInvalid(BackupError):
    code = "recipient_invalid"
    sentence = gettext_noop("%(recipient)s is not an age recipient; it begins with age1.")
