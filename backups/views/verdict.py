"""The first sentence of the panel, for each reason there can be."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from backups import queries, runs
from backups.mall_news import mall_news
from backups.models import User
from backups.queries import HomeState
from backups.runs import Unwell
from backups.services.connections import ProtectedState, protected_database
from backups.templatetags.measures import moment

SENTENCES = {
    "safe": gettext_noop("All data is safely stored"),
    "attention": gettext_noop("Needs attention"),
    "waiting": gettext_noop("Waiting for the first backup"),
    "proof_running": gettext_noop("Backed up, now being proven"),
}

DETAILS = {
    "proven": gettext_noop("The newest backups are whole, and it has been proven that they can be restored."),
    "no_backup_yet": gettext_noop(
        "Nothing is stored yet. The first backup usually takes only a few minutes."
    ),
    "proof_running": gettext_noop(
        "The first backup is stored. A trial restore is running to prove that it works."
    ),
    "last_backup_failed": gettext_noop("The last backup failed. QParkIn itself is not affected by that."),
    "tables_vanished": gettext_noop("Tables that the backup before still had are gone."),
    "anomaly": gettext_noop(
        "A backup is unlike those before it. Look at it before something is lost for good."
    ),
    "backup_old": gettext_noop("The last backup is older than it should be."),
    "archive_damaged": gettext_noop(
        "An archive in the storage is damaged or missing. The others can be used."
    ),
    "storage_away": gettext_noop(
        "The storage of the archives cannot be read, so nobody knows whether they are still there."
    ),
    "storage_lost": gettext_noop("A storage has lost archives. See what is left and where."),
    "storage_in_doubt": gettext_noop(
        "A storage suddenly shows hardly any of its archives. It is looked at again in a few minutes."
    ),
    "storage_failing": gettext_noop(
        "One of the storages does not answer. What lies at the others can be used."
    ),
    "copy_damaged": gettext_noop(
        "A copy is damaged. The archive is whole at another storage, and the copy is made anew from there."
    ),
    "copy_unread": gettext_noop(
        "A copy could not be read at its storage. It will be tried again by itself; other copies can be used."
    ),
    "copy_failed": gettext_noop("An archive could not be copied to a storage, however often it was tried."),
    "check_old": gettext_noop(
        "A copy has not been read whole for a while. Its turn comes by itself while the panel's workers run."
    ),
    "check_very_old": gettext_noop(
        "A copy has not been read whole for a long time. Check it, and that the panel's workers are running."
    ),
    "proof_failed": gettext_noop(
        "The last restore drill found a problem. Look at it before you need the archive."
    ),
    "never_proven": gettext_noop("Backups are stored, but nobody has proven yet that they can be restored."),
    "proof_old": gettext_noop("It has been a while since a backup was last proven restorable."),
    "proof_very_old": gettext_noop(
        "Nobody has proven for a long time that the backups can be restored. Try one out today."
    ),
}

# With the name of the schedule and the time at which it was due.
RUNS = {
    "run_missed": gettext_noop(
        "“%(name)s” was due on %(when)s and was not begun. Check that the panel's workers are running."
    ),
    "run_failed": gettext_noop("“%(name)s” of %(when)s failed. QParkIn itself is not affected by that."),
    "run_late": gettext_noop("“%(name)s” of %(when)s has still not ended."),
}

STILL_SAFE = gettext_noop("What is backed up is still safe")
STILL_SAFE_DETAIL = gettext_noop(
    "The newest backups are whole, and it has been proven that they can be restored."
)

# More names than these nobody reads in one sentence.
NAMED = 6

MALL_WAITING = gettext_noop("The first backup has not been made yet. You need not do anything.")
MALL_ATTENTION = gettext_noop("The superadmin can see the reason. You can go on working as usual.")

# Beside a notice that asks them to wait, nothing may say that all goes on as usual.
MALL_TOLD = gettext_noop("The superadmin can see the reason. What you should do now stands above.")

# While the database is away, nothing may say that all else goes on as usual.
AWAY_DETAILS = {
    "no_backup_yet": gettext_noop("Nothing is stored yet, and nothing can be until the database is back."),
    "proof_running": gettext_noop("The first backup is stored; it has not been proven yet."),
    "last_backup_failed": gettext_noop(
        "The last backup failed. The archives made before it can be restored."
    ),
}
NONE_WHOLE = gettext_noop("The archives in the storage are damaged or missing; none of them can be restored.")
AWAY_EMPTY = gettext_noop("The last backup failed, and there is no archive that could be restored.")
AWAY_MALL_WAITING = gettext_noop("The first backup has not been made yet.")
AWAY_MALL_ATTENTION = gettext_noop(
    "The superadmin can see the reason. Wait with new entries until QParkIn works again."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    sentence: str
    detail: str
    tone: str
    icon: str
    link: str = ""
    link_words: str = ""


def verdict(home: HomeState, *, user: User, protected: ProtectedState) -> Verdict:
    if home.state == "safe" and not protected.is_up:
        # Beside the notice that the database is away, a green "all data" would be false comfort.
        return Verdict(_(STILL_SAFE), _(STILL_SAFE_DETAIL), "calm", "shield-check")
    tone, icon = {
        "safe": ("safe", "shield-check"),
        "attention": ("wait", "alert-triangle"),
        "waiting": ("calm", "hourglass"),
    }[home.state]
    if home.reason in ("proof_very_old", "check_very_old"):
        tone = "harm"
    sentence = _(SENTENCES.get(home.reason, SENTENCES[home.state]))
    if not user.is_superadmin:
        return Verdict(sentence, _(_for_malls(home, protected)), tone, icon)
    return Verdict(sentence, _detail(home.reason, protected), tone, icon, *_way_out(home.reason))


def vanished_words(tables: tuple[str, ...]) -> str:
    told = ngettext(
        "%(count)d table that the backup before still had is gone: %(names)s.",
        "%(count)d tables that the backup before still had are gone: %(names)s.",
        len(tables),
    )
    more = "" if len(tables) <= NAMED else " …"
    return told % {"count": len(tables), "names": ", ".join(tables[:NAMED]) + more}


def _detail(reason: str, protected: ProtectedState) -> str:
    if reason in RUNS:
        return _run_words(reason)
    # Only of these the newest archive says more.
    asked = reason in ("tables_vanished", "archive_damaged") or not protected.is_up
    newest = queries.last_good_archive(protected_database()) if asked else None
    if reason == "tables_vanished" and newest:
        return vanished_words(queries.vanished_tables(newest))
    none_whole = asked and newest is None
    if reason == "archive_damaged" and none_whole:
        return _(NONE_WHOLE)
    if protected.is_up:
        return _(DETAILS[reason])
    if reason == "last_backup_failed" and none_whole:
        return _(AWAY_EMPTY)
    return _(AWAY_DETAILS.get(reason, DETAILS[reason]))


def _run_words(reason: str) -> str:
    run = _unwell(reason)
    # It may have come right since the page began to be made.
    told = {"name": run.schedule.name, "when": moment(run.at)} if run else {"name": "–", "when": "–"}
    return _(RUNS[reason]) % told


def _unwell(reason: str) -> Unwell | None:
    found = runs.unwell(protected_database())
    return next((run for run in found if f"run_{run.problem}" == reason), None)


def _for_malls(home: HomeState, protected: ProtectedState) -> str:
    """Mall admins learn whether, not why."""
    up = protected.is_up or protected.is_refused
    if home.state == "attention" and mall_news():
        return MALL_TOLD
    if home.state == "attention":
        return MALL_ATTENTION if up else AWAY_MALL_ATTENTION
    if home.reason == "no_backup_yet":
        return MALL_WAITING if up else AWAY_MALL_WAITING
    return DETAILS[home.reason] if up else AWAY_DETAILS.get(home.reason, DETAILS[home.reason])


# Where the next step is the page of an archive.
ARCHIVE_WORDS = {
    "tables_vanished": gettext_noop("See the backup"),
    "anomaly": gettext_noop("See what is strange"),
    "never_proven": gettext_noop("Try out a restore"),
    "proof_old": gettext_noop("Try out a restore"),
    "proof_very_old": gettext_noop("Try out a restore"),
}


STORAGES = ("storages", gettext_noop("See the storages"))
# Where the next step is a page of its own.
PAGES = {
    "archive_damaged": ("archives", gettext_noop("See which one")),
    "storage_away": STORAGES,
    "storage_lost": STORAGES,
    "storage_in_doubt": STORAGES,
    "storage_failing": STORAGES,
    "copy_damaged": STORAGES,
    "copy_failed": STORAGES,
    "copy_unread": STORAGES,
    "check_old": STORAGES,
    "check_very_old": STORAGES,
}


def _way_out(reason: str) -> tuple[str, str]:
    database = protected_database()
    # Each is asked for only where it is the reason: home asks enough without them.
    failed = queries.last_backup_failed(database) if reason == "last_backup_failed" else None
    if failed:
        return reverse("job", args=[failed.pk]), _("See why")
    if reason in RUNS:
        run = _unwell(reason)
        job = run.slot.job if run and run.slot else None
        return (reverse("job", args=[job.pk]) if job else reverse("schedules")), _("See why")
    if reason in PAGES:
        route, words = PAGES[reason]
        return reverse(route), _(words)
    if reason in ARCHIVE_WORDS:
        find = queries.strange_archive if reason == "anomaly" else queries.last_good_archive
        newest = find(database)
        return (reverse("archive", args=[newest.pk]), _(ARCHIVE_WORDS[reason])) if newest else ("", "")
    proof = queries.last_proof(database) if reason == "proof_failed" else None
    return (reverse("archive", args=[proof.archive_id]), _("See what was found")) if proof else ("", "")
