"""The sentences with which work on keys is refused."""

from __future__ import annotations

from backups.engine.errors import BackupError, gettext_noop


class PassphrasesDiffer(BackupError):
    code = "passphrases_differ"
    sentence = gettext_noop("The two passphrases were not the same, so nothing was made; try again.")


class PassphraseShort(BackupError):
    code = "passphrase_short"
    sentence = gettext_noop(
        "A passphrase needs at least %(least)s characters; six words that belong to nothing are good."
    )


class SetElsewhere(BackupError):
    code = "set_elsewhere"
    sentence = gettext_noop(
        "%(name)s is not set by %(file)s but by %(where)s, so a change there would have no effect; add "
        "--by-hand, which makes the keys and says what to set."
    )


class SettingsBusy(BackupError):
    code = "settings_busy"
    sentence = gettext_noop("Somebody else is changing %(file)s at this moment; try again in a minute.")


class KeyUnknown(BackupError):
    code = "key_unknown"
    sentence = gettext_noop(
        "It is not clear which key is meant by %(key)s; give --replace FINGERPRINT with one of these: "
        "%(known)s."
    )


class KeyInUse(BackupError):
    code = "key_in_use"
    sentence = gettext_noop(
        "The key %(key)s is in use, so it cannot be revoked yet; replace it first: "
        "manage.py rotate_keys %(option)s"
    )


class KitWaiting(BackupError):
    code = "kit_waiting"
    sentence = gettext_noop(
        "The recovery identity of now was not handed out yet (%(path)s); do that first, it opens what there "
        "is: manage.py recovery_kit --output FOLDER"
    )


class KeyHeldHere(BackupError):
    code = "key_held_here"
    sentence = gettext_noop(
        "That is the key that this machine holds itself (%(key)s), which proves nothing of the kit; give the "
        "recovery.identity of the kit."
    )


class KeyOpensNothing(BackupError):
    code = "key_opens_nothing"
    status = 3
    sentence = gettext_noop(
        "The key %(key)s does not open the backup %(archive)s: it is of another panel, or of a kit that was "
        "replaced. Look for the right kit now, or make a new one: manage.py rotate_keys --recovery"
    )


class MomentUnknown(BackupError):
    code = "moment_unknown"
    sentence = gettext_noop("%(text)s is no moment; write e.g. 2026-11-23T08:00 (the panel's clock).")
