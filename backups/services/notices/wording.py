"""Notices in words. They leave the house: no path, host or error text; what happened, and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop, ngettext, pgettext

from backups.models import Notice
from backups.models.notice import Urgency

WORDS = {
    "test": gettext_noop("This is a test. If you can read it, notices arrive."),
    "backup_failed": gettext_noop("A backup failed. What was backed up before is not affected."),
    "backup_missed": gettext_noop("A scheduled backup (%(name)s) was not made in time."),
    "backup_late": gettext_noop("A scheduled backup (%(name)s) was made late."),
    "archive_damaged": gettext_noop("A backup is damaged at one storage. Look which other copies there are."),
    "archive_repaired": gettext_noop("A damaged backup was repaired from a good copy."),
    "storage_lost": gettext_noop("A storage (%(name)s) no longer holds backups that it held before."),
    "copy_failed": gettext_noop("A backup could not be copied to a storage, however often it was tried."),
    "storage_away": gettext_noop("A storage (%(name)s) has not answered for an hour."),
    "storage_full": gettext_noop("A storage (%(name)s) is nearly full."),
    "anomaly": gettext_noop(
        "A backup is unlike those before it. Look at it before something is lost for good."
    ),
    "proof_failed": gettext_noop("A restore drill found a problem. Look at it before you need the backup."),
    "drill_failed": gettext_noop("A restore drill could not be finished, so it proved nothing. See why."),
    "proof_old": gettext_noop("Nobody has proven for a while that the backups can be restored."),
    "restore_started": gettext_noop("%(who)s started a restore."),
    "restore_done": gettext_noop("A restore is done. It can be undone for some days."),
    "restored_elsewhere": gettext_noop(
        "A backup was restored into another place. QParkIn's own data is as it was."
    ),
    "restore_failed": gettext_noop("A restore did not go through. Its page says how things stand."),
    "undo_done": gettext_noop("A restore was undone."),
    "own_new_place": gettext_noop(
        "You signed in from a place or a device that was not seen before (%(device)s, %(address)s). If it "
        "was not you: change your password, and call the superadmin."
    ),
    "own_factor_changed": gettext_noop(
        "The second factor of your account, or its codes, was changed. If it was not you, call the "
        "superadmin."
    ),
    "data_unsafe": gettext_noop(
        "The backups need attention; the superadmin is looking after it. Nothing changes in daily work."
    ),
    "data_safe": gettext_noop("All is well again: QParkIn's data is backed up safely."),
    "data_restored_now": gettext_noop(
        "QParkIn's data is being restored. What is entered now may not be kept: look at the panel first."
    ),
    "data_restored": gettext_noop("The restore has ended. The panel says how things stand."),
    "mfa_reset": gettext_noop(
        "At the server the second factor of %(who)s was taken away. If nobody asked for that, look at once."
    ),
    "key_changed": gettext_noop(
        "At the server a key of the backups was replaced or revoked. If nobody meant to, look at once."
    ),
    "channel_changed": gettext_noop(
        "%(who)s changed who is told: by one way (%(name)s) nobody hears of anything any more. "
        "If nobody meant to, look at once."
    ),
    "channel_gone": gettext_noop(
        "This is the last notice that comes here: %(who)s removed or changed this way of being told. "
        "If you know of no reason, call them."
    ),
    "recovery_key_untried": gettext_noop(
        "Nobody has tried for half a year whether the recovery key opens a backup. It takes two minutes."
    ),
    "codes_guessed": gettext_noop(
        "Somebody types the right password of %(who)s and wrong codes after it. "
        "If it is not them, the password is known."
    ),
    "factor_changed": gettext_noop("%(who)s changed how they sign in: the second factor or its codes."),
    "approval_wanted": gettext_noop(
        "%(who)s needs a second superadmin's consent. Speak with them, then look at what exactly is asked."
    ),
    "break_glass": gettext_noop(
        "%(who)s goes on without a second person. Call them now, and look at what they did."
    ),
    "sign_in_new_place": gettext_noop(
        "%(who)s signed in from a place or a device that was not seen before (%(address)s)."
    ),
}


def title(notices: Sequence[Notice], language: str) -> str:
    with translation.override(language):
        if is_urgent(notices):
            return gettext("QParkIn Backup: needs attention")
        if len(notices) == 1:
            return "QParkIn Backup"
        told = ngettext("QParkIn Backup: %(count)d notice", "QParkIn Backup: %(count)d notices", len(notices))
        return told % {"count": len(notices)}


def is_urgent(notices: Sequence[Notice]) -> bool:
    return any(notice.urgency == Urgency.URGENT for notice in notices)


def body(notices: Sequence[Notice], language: str) -> str:
    with translation.override(language):
        return "\n\n".join(_paragraph(notice) for notice in notices)


def audit_line(head: str, language: str) -> str:
    with translation.override(language):
        return gettext("Audit: %(head)s") % {"head": head}


def sentence(notice: Notice) -> str:
    """In the language that is active."""
    told = gettext(WORDS[notice.kind]) % _shown(notice.params)
    failures = int(notice.params.get("failures") or 0)
    if failures > 1:
        more = ngettext(
            "%(count)d failure since the last good one.",
            "%(count)d failures since the last good one.",
            failures,
        )
        told += " " + more % {"count": failures}
    return told


def _paragraph(notice: Notice) -> str:
    when = moment(notice.created_at)
    lines = [f"{sentence(notice)} ({when})"]
    if link := _link(notice.path):
        lines.append(link)
    return "\n".join(lines)


def moment(when: datetime) -> str:
    local = timezone.localtime(when)
    # Translators: Django's date format of a day with its time.
    return f"{date_format(local, pgettext('date format', 'j M Y, H:i'))} {local.tzname()}"


def _shown(params: dict[str, Any]) -> dict[str, str]:
    # On one line: a name that somebody chose is no paragraph of ours.
    return {name: " ".join(str(value).split()) for name, value in params.items()}


def _link(path: str) -> str:
    """Only where the panel knows its own address: a host is never taken from a request."""
    return settings.PANEL_URL.rstrip("/") + path if settings.PANEL_URL and path else ""
