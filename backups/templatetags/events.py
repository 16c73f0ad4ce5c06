"""Audit events as sentences."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext, gettext_lazy

from backups.models import AuditEvent
from backups.templatetags.measures import size

register = template.Library()

ACTIONS = {
    "sign_in": gettext_lazy("Signed in"),
    "sign_out": gettext_lazy("Signed out"),
    "request_backup": gettext_lazy("Asked for a backup"),
    "request_verify": gettext_lazy("Asked for a check of an archive"),
    "request_drill": gettext_lazy("Asked for a restore drill"),
    "request_restore": gettext_lazy("Asked for a restore"),
    "request_undo": gettext_lazy("Asked to undo a restore"),
    "request_prune": gettext_lazy("Asked to clear old archives"),
    "request_download": gettext_lazy("Began to download an archive"),
    "backup": gettext_lazy("Backup"),
    "verify": gettext_lazy("Check of an archive"),
    "drill": gettext_lazy("Restore drill"),
    "restore": gettext_lazy("Restore"),
    "undo": gettext_lazy("Undo of a restore"),
    "prune": gettext_lazy("Clearing of old archives"),
    "download": gettext_lazy("Download of an archive"),
    "cancel_job": gettext_lazy("Cancelled a job"),
    "interrupt_job": gettext_lazy("A job was interrupted"),
    "create_person": gettext_lazy("Added a person"),
    "change_schedule": gettext_lazy("Changed the schedule"),
    "import_archives": gettext_lazy("Read the storage again"),
}

OUTCOMES = {
    "ok": ("safe", "circle-check", gettext_lazy("Done")),
    "refused": ("wait", "hand-stop", gettext_lazy("Refused")),
    "failed": ("harm", "circle-x", gettext_lazy("Failed")),
}


@register.filter
def action_words(event: AuditEvent) -> str:
    return str(ACTIONS.get(event.action, event.action.replace("_", " ")))


@register.filter
def outcome(event: AuditEvent) -> tuple[str, str, str]:
    tone, icon, words = OUTCOMES[event.outcome]
    return tone, icon, str(words)


@register.filter
def actor_words(event: AuditEvent) -> str:
    if event.actor:
        return event.actor.display_name
    if event.action == "sign_in":
        return str(event.details.get("email") or gettext("Unknown"))
    return gettext("The panel itself") if event.actor_label == "system" else event.actor_label


@register.filter
def detail_words(event: AuditEvent) -> str:
    """What is worth a glance; the whole event stays in the record."""
    told = event.details
    if "bytes" in told:
        return size(int(told["bytes"]))
    return str(told.get("code") or "")
