"""How a second person's absence is said."""

from __future__ import annotations

from .acts import Act
from .refusals import BackupError, gettext_noop


class SecondPersonWanted(BackupError):
    """Carries what was to be done, for whoever keeps it as a wish."""

    code = "second_person_wanted"
    sentence = gettext_noop(
        "Nothing was done yet: a second superadmin has to agree to this first. Send it from its own page."
    )

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.act = act


class SecondPersonMissing(BackupError):
    code = "second_person_missing"
    sentence = gettext_noop(
        "It was not begun, and nothing has changed: what a second superadmin agreed to is missing (%(why)s)."
    )


class ApprovalGone(BackupError):
    code = "approval_gone"
    sentence = gettext_noop(
        "This request is decided already, or its time is over; nothing was done. Ask anew if it is needed."
    )


class ApproverUnfit(BackupError):
    code = "approver_unfit"
    sentence = gettext_noop("You cannot decide about this request: %(why)s. Nothing was done.")
