"""Audit events as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils.translation import gettext, gettext_lazy, ngettext

from backups.models import AuditEvent, Job
from backups.services.audit_origin import PANEL, SHELL, STRANGER
from backups.templatetags.codes import CODES
from backups.templatetags.marks import storage_words
from backups.templatetags.measures import moment, size
from backups.templatetags.retention import line_words

register = template.Library()

ACTIONS = {
    "sign_in": gettext_lazy("Signed in"),
    "second_step": gettext_lazy("Tried a second factor after the right password"),
    "step_up": gettext_lazy("Showed once more that it is them"),
    "add_factor": gettext_lazy("Set up a second factor"),
    "rename_factor": gettext_lazy("Renamed a passkey"),
    "remove_factor": gettext_lazy("Removed a second factor"),
    "new_codes": gettext_lazy("Made new recovery codes"),
    "reset_mfa": gettext_lazy("Reset the second factor of a person at the server"),
    "sign_out": gettext_lazy("Signed out"),
    "request_backup": gettext_lazy("Asked for a backup"),
    "request_verify": gettext_lazy("Asked for a check of an archive"),
    "request_drill": gettext_lazy("Asked for a restore drill"),
    "request_restore": gettext_lazy("Asked for a restore"),
    "request_undo": gettext_lazy("Asked to undo a restore"),
    "request_prune": gettext_lazy("Asked to clear old archives"),
    "backup": gettext_lazy("Made a backup"),
    "request_copy": gettext_lazy("Asked for a copy at another storage"),
    "copy": gettext_lazy("Copied an archive to another storage"),
    "repair_copy": gettext_lazy("Replaced a damaged or missing copy by a good one"),
    "copy_damaged": gettext_lazy("Found a copy damaged"),
    "other_seal": gettext_lazy("Found another archive under the name of a known one, and took it for it"),
    "copy_unread": gettext_lazy("Could not read a copy at its storage"),
    "copy_given_up": gettext_lazy("An archive could not be copied, however often it was tried"),
    "storage_lost": gettext_lazy("A storage has lost archives"),
    "storage_seen": gettext_lazy("Took note of what a storage has lost"),
    "test_storage": gettext_lazy("Tested a storage"),
    "verify": gettext_lazy("Checked an archive"),
    "drill": gettext_lazy("Tried out a restore"),
    "restore": gettext_lazy("Restored from an archive"),
    "undo": gettext_lazy("Undid a restore"),
    "prune": gettext_lazy("Cleared old archives"),
    "download_link": gettext_lazy("Asked for a download"),
    "download": gettext_lazy("Began to download an archive"),
    "download_end": gettext_lazy("Downloaded an archive"),
    "drop_archive": gettext_lazy("Cleared an archive away"),
    "import_archive": gettext_lazy("Took an archive into the list"),
    "export": gettext_lazy("Began to export an archive as plain SQL"),
    "export_end": gettext_lazy("Exported an archive as plain SQL"),
    "rotate_key": gettext_lazy("Made a new key in place of an old one"),
    "revoke_key": gettext_lazy("Revoked a key"),
    "prove_recovery_key": gettext_lazy("Showed that the recovery key opens a backup"),
    "recovery_kit": gettext_lazy("Made a recovery kit"),
    "request_inspect": gettext_lazy("Asked for a look at a dump from elsewhere"),
    "request_adopt": gettext_lazy("Asked to take over a dump from elsewhere"),
    "inspect": gettext_lazy("Looked at a dump from elsewhere"),
    "adopt": gettext_lazy("Took over a dump from elsewhere"),
    "cancel_job": gettext_lazy("Cancelled a job"),
    "job_interrupted": gettext_lazy("A job was interrupted"),
    "restore_settled": gettext_lazy("Settled a restore that broke off"),
    "close_undo_window": gettext_lazy("Gave up the way back of a restore"),
    "drop_trial_copy": gettext_lazy("Removed a trial copy"),
    "undo_window_closed": gettext_lazy("The time for undoing a restore ended"),
    "add_channel": gettext_lazy("Added a way to be notified"),
    "change_channel": gettext_lazy("Changed a way to be notified"),
    "remove_channel": gettext_lazy("Removed a way to be notified"),
    "test_channel": gettext_lazy("Sent a test notice"),
    "anomaly_seen": gettext_lazy("Looked at a strange backup and knew why"),
    "denied": gettext_lazy("Was refused"),
    "view_people": gettext_lazy("Looked at a page with personal data"),
    "export_audit": gettext_lazy("Began to export the audit trail"),
    "export_audit_end": gettext_lazy("Exported the audit trail"),
    "invite_person": gettext_lazy("Invited a person"),
    "renew_invitation": gettext_lazy("Made a new link for an invitation"),
    "revoke_invitation": gettext_lazy("Took an invitation back"),
    "accept_invitation": gettext_lazy("Accepted an invitation"),
    "offer_password": gettext_lazy("Made a link for a new password"),
    "set_password": gettext_lazy("Chose a new password by a link"),
    "change_password": gettext_lazy("Changed their password"),
    "change_profile": gettext_lazy("Changed their profile"),
    "change_own_notices": gettext_lazy("Changed what they are notified of"),
    "end_session": gettext_lazy("Ended a session of their own"),
    "end_sessions": gettext_lazy("Signed out everywhere else"),
    "change_person": gettext_lazy("Changed a person's role"),
    "switch_off_person": gettext_lazy("Switched a person off"),
    "switch_on_person": gettext_lazy("Switched a person on again"),
    "sign_out_person": gettext_lazy("Signed a person out everywhere"),
    "create_person": gettext_lazy("Added a person"),
    "change_retention": gettext_lazy("Changed how long archives are kept"),
    "pin_found": gettext_lazy("Found a pin beside its archive"),
    "retention_found": gettext_lazy("Found how long archives are kept, noted at their storage"),
    "pin_archive": gettext_lazy("Pinned an archive"),
    "unpin_archive": gettext_lazy("Took the pin off an archive"),
    "add_schedule": gettext_lazy("Added a schedule"),
    "change_schedule": gettext_lazy("Changed a schedule"),
    "pause_schedule": gettext_lazy("Paused a schedule"),
    "resume_schedule": gettext_lazy("Switched a schedule on again"),
    "delete_schedule": gettext_lazy("Deleted a schedule"),
    "open_incident": gettext_lazy("Started an incident"),
    "incident_step": gettext_lazy("Ticked a step of an incident"),
    "incident_note": gettext_lazy("Wrote something down of an incident"),
    "incident_facts": gettext_lazy("Filled in the report of an incident"),
    "incident_malls": gettext_lazy("Changed what the malls see of an incident"),
    "close_incident": gettext_lazy("Closed an incident"),
    "qparkin_sign_out": gettext_lazy("No longer a mall admin in QParkIn as before, and signed out"),
    "ask_approval": gettext_lazy("Asked a second person to agree"),
    "approve": gettext_lazy("Agreed as the second person"),
    "refuse_approval": gettext_lazy("Refused as the second person"),
    "withdraw_approval": gettext_lazy("Withdrew a request"),
    "approval_lapsed": gettext_lazy("A request ended because its time was over"),
    "use_approval": gettext_lazy("Did what a second person had agreed to"),
    "break_glass": gettext_lazy("Went on without a second person"),
    "operator_alone": gettext_lazy("Done at the server's own keyboard, without a second person"),
    "use_alone": gettext_lazy("Did it without a second person"),
    "note_break_glass": gettext_lazy("Took note of what was done without a second person"),
}

WHY = {
    "role": gettext_lazy("a page for superadmins"),
    "csrf": gettext_lazy("a form without the panel's own mark"),
    "token": gettext_lazy("a wrong token"),
    "too_often": gettext_lazy("too many tries"),
    "link": gettext_lazy("a download link that does not count"),
}

# Pages with personal data, as the menu calls them.
PAGES = {
    "people": gettext_lazy("Users"),
    "person": gettext_lazy("Users"),
    "notices": gettext_lazy("Notices"),
    "channel": gettext_lazy("Notices"),
    "audit": gettext_lazy("Audit trail"),
}

# Of these the key's fingerprint is worth a glance.
KEY_ACTIONS = {"rotate_key", "revoke_key", "prove_recovery_key", "recovery_kit"}

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
    if event.action in {"break_glass", "use_alone"}:
        return "harm", "alert-triangle", gettext("Alone")
    tone, icon, words = OUTCOMES[event.outcome]
    return tone, icon, str(words)


@register.filter
def actor_words(event: AuditEvent, jobs: Mapping[str, Job]) -> str:
    """What nobody asked for in the panel came from the command line, or from the panel itself."""
    if event.actor:
        return event.actor.display_name
    if event.action in {"sign_in", "second_step"} or event.actor_label == STRANGER:
        return str(event.details.get("email") or gettext("Unknown"))
    if event.actor_label.startswith(SHELL):
        return f"{gettext('Command line')}: {event.actor_label.removeprefix(SHELL)}"
    job = jobs.get(event.object_id)
    if "command" in (event.details.get("trigger"), job.trigger if job else ""):
        return gettext("Command line")
    return gettext("The panel itself") if event.actor_label == PANEL else event.actor_label


@register.filter
def detail_words(event: AuditEvent, jobs: Mapping[str, Job]) -> str:
    """What is worth a glance; the whole event stays in the record."""
    told, parts = event.details, [_archive_words(event, jobs.get(event.object_id))]
    if "bytes" in told:
        parts.append(size(int(told["bytes"])))
    if event.action == "request_restore":
        parts += _what_was_asked(told)
    if event.action in {"drop_archive", "pin_archive", "change_retention"}:
        parts += _what_was_decided(event.action, told)
    elif told.get("storage"):
        parts.append(storage_words(str(told["storage"])))
    parts += _what_was_refused(told)
    if event.action in KEY_ACTIONS:
        parts.append(str(told.get("new") or told.get("key") or told.get("kind") or ""))
    if told.get("code"):
        parts.append(code_words(str(told["code"])))
    return " · ".join(part for part in parts if part)


def _what_was_refused(told: Mapping[str, Any]) -> Iterator[str]:
    """And how often, where it went on."""
    if told.get("why") in WHY:
        yield str(WHY[told["why"]])
    page = str(told.get("page") or "")
    # Otherwise as it stands in the panel's own addresses.
    yield str(told.get("route") or PAGES.get(page, page))
    if told.get("many"):
        yield gettext("from many places")
    if told.get("times"):
        times = int(told["times"])
        yield ngettext("%(count)d more time", "%(count)d more times", times) % {"count": times}


def _what_was_asked(told: Mapping[str, Any]) -> Iterator[str]:
    """How much of it, where to and why."""
    if told.get("tables"):
        yield ", ".join(told["tables"])
    if told.get("target"):
        yield gettext("into %(name)s") % {"name": told["target"]}
    if told.get("into"):
        yield gettext("into %(name)s") % {"name": told["into"]}
    if told.get("fix_case"):
        yield gettext("names of tables spelled anew")
    if told.get("reason"):
        yield f"“{told['reason']}”"


def _what_was_decided(action: str, told: Mapping[str, Any]) -> Iterator[str]:
    if told.get("storage"):
        yield storage_words(str(told["storage"]))
    if action == "drop_archive":
        yield line_words(told)
    elif told.get("reason"):
        yield f"“{told['reason']}”"


def _archive_words(event: AuditEvent, job: Job | None) -> str:
    """The archive by its time, which its id begins with."""
    named = event.object_id if event.object_kind == "archive" else event.details.get("archive")
    named = str(named or (job.archive_id if job else "") or "")
    try:
        made = datetime.strptime(named.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return ""
    return gettext("archive of %(when)s") % {"when": moment(made)}


@register.filter(name="error_words")
def code_words(code: str) -> str:
    return str(CODES.get(code, code.replace("_", " ")))
