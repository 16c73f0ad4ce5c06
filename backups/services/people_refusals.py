"""The sentences with which services refuse what concerns people and their ways in."""

from __future__ import annotations

from backups.engine.errors import BackupError, gettext_noop


class FactorKnown(BackupError):
    code = "factor_known"
    sentence = gettext_noop("There is an authenticator app already; remove it before another is set up.")


class FactorUnreadable(BackupError):
    code = "factor_unreadable"
    sentence = gettext_noop(
        "The second factor was locked with a key that this panel no longer has; "
        "put that key into SECRET_KEY_FALLBACKS, or run manage.py reset_mfa."
    )


class LastFactor(BackupError):
    code = "last_factor"
    sentence = gettext_noop(
        "A superadmin needs a second factor, and this is the last one; set up another before it is removed."
    )


class PersonUnknown(BackupError):
    code = "person_unknown"
    sentence = gettext_noop("Nobody signs in with the address %(email)s.")


class PersonKnown(BackupError):
    code = "person_known"
    sentence = gettext_noop("There is already a person with the address %(email)s.")


class NotPermitted(BackupError):
    code = "not_permitted"
    sentence = gettext_noop("%(email)s is not an e-mail address.")


class PersonOfQparkin(BackupError):
    code = "person_of_qparkin"
    sentence = gettext_noop(
        "%(name)s signs in with the password of QParkIn, which says what this person may see. To give them "
        "another role, invite them with an address of their own."
    )


class InvitedAlready(BackupError):
    code = "invited_already"
    sentence = gettext_noop("%(email)s is invited already. Make a new link there if the old one was lost.")


class InvitationVoid(BackupError):
    code = "invitation_void"
    sentence = gettext_noop("This link no longer opens anything.")


class NotOneself(BackupError):
    code = "not_oneself"
    sentence = gettext_noop("Nobody changes their own role or shuts themselves out; another superadmin can.")


class LastSuperadmin(BackupError):
    code = "last_superadmin"
    sentence = gettext_noop("Nobody would be left who can look after the backups, so nothing was changed.")
