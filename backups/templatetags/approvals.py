"""What is wished, so plainly that whoever agrees knows what they agree to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.translation import gettext, gettext_lazy

from backups import approval_queries
from backups.models import Approval, Restore, User
from backups.models.approval import State
from backups.templatetags.marks import storage_words
from backups.templatetags.measures import moment, number, rows_words, size, tables_words

register = template.Library()

Line = tuple[str, str]

TITLES = {
    "restore": gettext_lazy("Replace live data by a backup"),
    "undo": gettext_lazy("Undo a restore"),
    "let_go": gettext_lazy("Give up the way back of a restore"),
    "download": gettext_lazy("Download a backup, encrypted as it is"),
    "export": gettext_lazy("Hand out a backup as plain SQL, not encrypted"),
    "unpin": gettext_lazy("Take the pin off a backup"),
    "pin": gettext_lazy("Keep a pinned backup for a shorter time"),
    "retention": gettext_lazy("Keep backups for a shorter time"),
    "storage_seen": gettext_lazy("Take note that a storage has lost backups"),
    "prune": gettext_lazy("Clear old backups now"),
    "rotate_key": gettext_lazy("Put a new key in the place of another"),
    "revoke_key": gettext_lazy("Trust a key no longer"),
    "recovery_kit": gettext_lazy("Make a recovery kit"),
    "empower": gettext_lazy("Let somebody in as superadmin"),
}

HARM = {
    "restore": gettext_lazy(
        "What QParkIn shows and charges from then on is what this backup holds. What was entered after it is "
        "no longer live; it is kept aside until the time for undoing ends."
    ),
    "undo": gettext_lazy(
        "What was live before that restore comes back. What was entered since the restore is no longer live."
    ),
    "let_go": gettext_lazy(
        "What was live before that restore is deleted for good. It cannot be undone afterwards."
    ),
    "download": gettext_lazy(
        "Whoever has the file and one of its keys has every customer's data. The panel cannot call it back."
    ),
    "export": gettext_lazy(
        "The file is readable by anybody who gets hold of it: names, telephone numbers, plates, payments."
    ),
    "unpin": gettext_lazy("Retention may delete this backup afterwards, like any other."),
    "pin": gettext_lazy("Retention may delete this backup earlier than was promised."),
    "retention": gettext_lazy("Backups that are kept today are deleted by one of the next clearings."),
    "empower": gettext_lazy(
        "A superadmin can restore, hand out and delete everything, and be the second person for others. "
        "Be sure that this is a person of their own, and that they want it."
    ),
    "storage_seen": gettext_lazy("The alarm goes from the home page, also for everybody else."),
}

SCOPES = {
    "database": gettext_lazy("the whole database"),
    "tables": gettext_lazy("some tables"),
    "files": gettext_lazy("the folders of files"),
    "everything": gettext_lazy("the database and the folders of files, as one act"),
    "beside": gettext_lazy("tables that lie beside the live ones"),
}

SWITCHES = {
    "fix_case": gettext_lazy("names of tables are spelled anew"),
    "accept_dangling": gettext_lazy("rows that refer to nothing are accepted"),
    "enable_events": gettext_lazy("the database's scheduled events are switched on"),
}

PERIODS = {
    "all_days": gettext_lazy("Every backup, for so many days"),
    "daily": gettext_lazy("Then one a day, for so many days"),
    "weekly": gettext_lazy("Then one a week, for so many weeks"),
    "monthly": gettext_lazy("Then one a month, for so many months"),
    "yearly": gettext_lazy("Then one a year, for so many years"),
    "max_bytes": gettext_lazy("At most, in GB"),
}

MARKS = {
    State.WANTED: ("wait", "hourglass"),
    State.APPROVED: ("safe", "circle-check"),
    State.ALONE: ("harm", "alert-triangle"),
    State.USED: ("safe", "circle-check"),
    State.REFUSED: ("harm", "hand-stop"),
    State.WITHDRAWN: ("calm", "circle-x"),
    State.LAPSED: ("calm", "clock"),
}
DONE_ALONE = gettext_lazy("Done without a second person")


@register.filter
def title_words(approval: Approval) -> str:
    return str(TITLES.get(approval.kind, approval.kind.replace("_", " ")))


@register.filter
def harm_words(approval: Approval) -> str:
    return str(HARM.get(approval.kind, ""))


@register.filter
def state_of(approval: Approval) -> tuple[str, str, str]:
    state = State(approval.shown_state)
    tone, picture = MARKS[state]
    if state == State.USED and approval.went_alone:
        return "harm", "alert-triangle", str(DONE_ALONE)
    return tone, picture, str(state.label)


@register.filter
def lines(approval: Approval) -> list[Line]:
    """What exactly: label and value."""
    return [*_archive(approval), *LINES.get(approval.kind, _as_sent)(approval.about)]


def _archive(approval: Approval) -> Iterator[Line]:
    if approval.archive is None:
        return
    archive = approval.archive
    yield gettext("Which backup"), gettext("of %(when)s") % {"when": moment(archive.created)}
    if archive.label:
        yield gettext("Label"), archive.label
    if archive.tables:
        figures = (tables_words(archive.tables), rows_words(archive.rows), size(archive.bytes))
        yield gettext("It holds"), ", ".join(figures)
    yield gettext("Fingerprint"), _grouped(approval.seal) or archive.pk


def _grouped(digest: str) -> str:
    """Enough to compare over the telephone."""
    return " ".join(digest[at : at + 4] for at in range(0, min(len(digest), 16), 4))


def _restore(about: dict[str, Any]) -> Iterator[Line]:
    yield gettext("It overwrites"), str(_scope(about))
    yield gettext("In the live database"), str(about.get("database", ""))
    if about.get("tables"):
        yield gettext("Tables"), ", ".join(about["tables"])
    kept = gettext("Yes, before anything is touched")
    none = gettext("No: what is live now is kept only until the time for undoing ends")
    yield gettext("Safety backup"), kept if about.get("safety_backup", True) else none
    if about.get("accepted"):
        yield gettext("Accepted although it will not work"), ", ".join(about["accepted"])
    if switched := [str(words) for name, words in SWITCHES.items() if about.get(name)]:
        yield gettext("Also"), "; ".join(switched)
    if about.get("reason"):
        yield gettext("Reason"), f"“{about['reason']}”"


def _scope(about: dict[str, Any]) -> str:
    scope = "tables" if about.get("tables") else about.get("scope", "database")
    return str(SCOPES.get(scope, scope))


def _of_restore(about: dict[str, Any]) -> Iterator[Line]:
    restore = Restore.objects.filter(pk=str(about["restore"])).first()
    if restore:
        yield (
            gettext("Restore"),
            gettext("of %(when)s") % {"when": moment(restore.swapped_at or restore.created_at)},
        )
    yield gettext("It is about"), _scope(about)
    yield gettext("In the live database"), str(about.get("database", ""))


def _storage(about: dict[str, Any]) -> Iterator[Line]:
    yield gettext("Storage"), storage_words(str(about.get("storage", "")))
    if "count" in about:
        yield gettext("Backups found gone"), number(about["count"])


def _retention(about: dict[str, Any]) -> Iterator[Line]:
    yield from _storage(about)
    before, after = about.get("before", {}), about.get("after", {})
    for name, label in PERIODS.items():
        if before.get(name) != after.get(name):
            told = {"before": _kept(name, before), "after": _kept(name, after)}
            yield str(label), gettext("%(before)s until now, then %(after)s") % told


def _kept(name: str, policy: dict[str, Any]) -> str:
    value = policy.get(name)
    if name == "max_bytes":
        return size(value) if value else gettext("no limit")
    return number(value)


HOW = {
    "invite": gettext_lazy("by an invitation"),
    "renew": gettext_lazy("by a new link for their invitation"),
    "role": gettext_lazy("their role is changed"),
    "password": gettext_lazy("by a link with which a new password is chosen"),
    "switch_on": gettext_lazy("their account is switched on again"),
}


def _person(about: dict[str, Any]) -> Iterator[Line]:
    yield gettext("Who"), str(about.get("email", ""))
    yield gettext("How"), str(HOW.get(str(about.get("how")), about.get("how", "")))


def _until(about: dict[str, Any]) -> Iterator[Line]:
    for name, label in (("before", gettext("Kept until now to")), ("after", gettext("From then on only to"))):
        if about.get(name):
            yield label, str(about[name])[:10]


def _as_sent(about: dict[str, Any]) -> Iterator[Line]:
    """Of a kind that has no words of its own: as it was sent, so that nothing is left out."""
    for name, value in about.get("sent", []):
        yield str(name), str(value)


LINES: dict[str, Callable[[dict[str, Any]], Iterator[Line]]] = {
    "restore": _restore,
    "undo": _of_restore,
    "let_go": _of_restore,
    "storage_seen": _storage,
    "export": lambda _: iter(()),
    "retention": _retention,
    "empower": _person,
    "pin": _until,
    "unpin": _until,
    "download": lambda _: iter(()),
}


@register.inclusion_tag("approvals/_note.html", takes_context=True)
def approvals_note(context: RequestContext) -> dict[str, object]:
    """On the home page: what waits for this person, and what somebody did alone."""
    user = context["request"].user
    if not isinstance(user, User) or not user.is_superadmin or not approval_queries.is_any_open():
        return {}
    return {
        "alone": list(approval_queries.unseen_alone()),
        "waiting": list(approval_queries.waiting_for(user)),
        "agreed": list(approval_queries.agreed_to(user)),
        "user": user,
        "csrf_token": context.get("csrf_token"),
    }
