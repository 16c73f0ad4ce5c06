"""The lines of a preflight in words: what was looked at, what was found, what mends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext_lazy, ngettext_lazy

from backups.services.preflight import Check
from backups.services.wording import sentence_for
from backups.templatetags.measures import size

register = template.Library()

TITLES = {
    "seal": gettext_lazy("The archive's seal"),
    "key": gettext_lazy("The key"),
    "connection": gettext_lazy("The database server"),
    "grants": gettext_lazy("The account's rights"),
    "target": gettext_lazy("The target"),
    "ties": gettext_lazy("Ties to other databases"),
    "folders": gettext_lazy("Where the live tables lie"),
    "files": gettext_lazy("The folders of files"),
    "version": gettext_lazy("The server's version"),
    "read_only": gettext_lazy("Writing"),
    "space": gettext_lazy("Room on the server"),
    "undo_space": gettext_lazy("Room for undo"),
    "engines": gettext_lazy("Storage engines"),
    "collisions": gettext_lazy("Names of tables"),
    "spelling": gettext_lazy("Spelling in triggers and procedures"),
    "own_database": gettext_lazy("Code that names its database"),
    "packet": gettext_lazy("Large rows"),
    "local_infile": gettext_lazy("Loading"),
    "time_zones": gettext_lazy("Time zones"),
    "definers": gettext_lazy("Owners of code"),
    "sessions": gettext_lazy("Who is at work"),
    "events": gettext_lazy("Events"),
    "migrations": gettext_lazy("QParkIn's migrations"),
    "release": gettext_lazy("QParkIn's release"),
    "system": gettext_lazy("The same system"),
    "application": gettext_lazy("QParkIn itself"),
}
FOUND = {
    "seal_holds": gettext_lazy("It holds, and it is signed by a key that is trusted here."),
    "key_opens": gettext_lazy("It opens the archive."),
    "connected": gettext_lazy("It answers: %(version)s."),
    "grants_held": gettext_lazy("The account may do all that a restore needs."),
    "target_free": gettext_lazy("%(database)s is new or empty."),
    "no_ties": gettext_lazy("No other database refers to these tables."),
    "files_fit": ngettext_lazy(
        "%(count)s folder can come back in its place, and there is room for it.",
        "%(count)s folders can come back in their place, and there is room for them.",
        "count",
    ),
    "no_stayers": gettext_lazy("In the server's own folder, from where they can be moved aside."),
    "version_fits": gettext_lazy("%(version)s takes what was made on %(source)s."),
    "version_older": gettext_lazy("%(version)s is older than %(source)s, on which the archive was made."),
    "read_only": gettext_lazy("The server takes no writes now."),
    "read_only_passed_over": gettext_lazy("The server takes no writes now, but this account's all the same."),
    "takes_writes": gettext_lazy("The server takes writes."),
    "space_enough": gettext_lazy("About %(needed)s needed, %(free)s free."),
    "space_tight": gettext_lazy("About %(needed)s needed, and only %(free)s free: it may be enough."),
    "space_lacking": gettext_lazy("About %(needed)s needed, and only %(free)s free."),
    "space_unknown": gettext_lazy("About %(needed)s needed; how much is free cannot be seen from here."),
    "kept_aside": gettext_lazy("What is live now (%(bytes)s) is moved, not copied, and stays for undo."),
    "nothing_aside": gettext_lazy("Nothing is moved aside."),
    "engines_there": gettext_lazy("The server has each one that is needed."),
    "engine_missing": gettext_lazy("The server lacks the engine of these tables."),
    "names_as_written": gettext_lazy("The server keeps names as they are written."),
    "names_differ": gettext_lazy("The server lowers names, and no two become the same."),
    "names_collide": gettext_lazy("The server lowers names, and these become the same."),
    "spelling_fits": gettext_lazy("Each finds its tables on this server."),
    "spelling_breaks": gettext_lazy(
        "%(count)s spell a table name differently from the table on this server."
    ),
    "spelling_known": ngettext_lazy(
        "%(count)s did not find its tables before either; it comes back as it was.",
        "%(count)s did not find their tables before either; they come back as they were.",
        "count",
    ),
    "folder_free": gettext_lazy("%(folder)s is new or empty."),
    "same_name": gettext_lazy("It is put back under its own name."),
    "names_nothing": gettext_lazy("None names %(database)s."),
    "names_original": gettext_lazy("These name %(database)s, and go on meaning that one."),
    "packet_fits": gettext_lazy("No row is larger than the server takes in one piece (%(bytes)s)."),
    "packet_small": gettext_lazy("Rows of these tables are larger than max_allowed_packet (%(bytes)s)."),
    "packet_needs_load_data": gettext_lazy(
        "Rows of these tables are larger than max_allowed_packet (%(bytes)s) while local_infile is off."
    ),
    "local_infile_on": gettext_lazy("By LOAD DATA, the fast way."),
    "local_infile_slower": gettext_lazy(
        "local_infile is off: rows go in by INSERT, slower and just as exact."
    ),
    "time_zones_there": gettext_lazy("The server knows time zones by name."),
    "time_zones_not_needed": gettext_lazy("The server knows none by name, and nothing needs one."),
    "time_zones_missing": gettext_lazy("The server knows no time zone by name, and these need one."),
    "definers_there": gettext_lazy("Each has its account on this server."),
    "definers_missing_before": gettext_lazy("Accounts are missing that were missing before, too."),
    "definers_missing": gettext_lazy("These accounts are missing; what belongs to them will not run."),
    "definers_unseen": gettext_lazy("Whether their accounts exist cannot be seen with these rights."),
    "nobody_concerned": gettext_lazy("The live database is not touched."),
    "sessions_short": gettext_lazy("%(count)s connected, and nobody in the middle of something long."),
    "long_transactions": gettext_lazy("%(count)s connected; these would hold up the change-over."),
    "sessions_unseen": gettext_lazy("Who is at work cannot be seen with these rights."),
    "no_events": gettext_lazy("None that would have to be woken."),
    "events_asleep": gettext_lazy("%(count)s will be asleep until somebody wakes them."),
    "migrations_unsaid": gettext_lazy("The archive does not say which it had."),
    "migrations_none": gettext_lazy("There are none."),
    "migrations_same": gettext_lazy("The archive and the application have the same %(count)s."),
    "archive_behind": ngettext_lazy(
        "The archive is %(count)s migration older than the application.",
        "The archive is %(count)s migrations older than the application.",
        "count",
    ),
    "archive_ahead": ngettext_lazy(
        "The archive is %(count)s migration newer than the application.",
        "The archive is %(count)s migrations newer than the application.",
        "count",
    ),
    "release_unsaid": gettext_lazy("Not known of both sides."),
    "release_same": gettext_lazy("The same as when the archive was made: %(now)s."),
    "release_other": gettext_lazy("%(then)s when the archive was made, %(now)s now."),
    "same_system": gettext_lazy("The archive was made of this database."),
    "application_ready": gettext_lazy("It is closed for the change-over and opened again after it."),
    "application_unknown": gettext_lazy("It stays open during the change-over."),
    "application_closed": gettext_lazy("It is in maintenance mode already, and stays so."),
    "application_no_application": gettext_lazy("QPARKIN_LARAVEL_PATH is not the folder of an application."),
    "application_in_the_cache": gettext_lazy("Its maintenance mode lies in its cache, out of reach."),
    "application_not_writable": gettext_lazy("The panel may not write in its folder, so it stays open."),
}
MENDS = {
    "try_elsewhere": gettext_lazy("The proof will tell; nothing becomes live that was not proven."),
    "install_engine": gettext_lazy("Install the engine on the server, or restore on another one."),
    "other_server": gettext_lazy("Is it a replica? Restore on the primary, or SET GLOBAL read_only=0."),
    "make_room": gettext_lazy("Make room on the server's disk first."),
    "look_at_disk": gettext_lazy("Look at the server's disk."),
    "rename_or_elsewhere": gettext_lazy("Restore on a server with lower_case_table_names=0."),
    "fix_case": gettext_lazy(
        "Let them be spelled anew (the tick below, or --fix-case), or accept by name that they will not run."
    ),
    "fix_case_too": gettext_lazy("They can be mended on the way: the tick below, or --fix-case."),
    "rewrite_original": gettext_lazy("After the restore rewrite them without the database's name."),
    "local_infile": gettext_lazy("SET GLOBAL local_infile=1"),
    "packet": gettext_lazy("Raise max_allowed_packet, or the application may not read them."),
    "time_zones": gettext_lazy("mariadb-tzinfo-to-sql /usr/share/zoneinfo | mariadb mysql"),
    "make_accounts": gettext_lazy("Make the accounts on the server, or accept what will not run by name."),
    "definers_unseen": gettext_lazy("GRANT SELECT ON mysql.user to the account, or go on: the load tells."),
    "wait": gettext_lazy("Wait until they have finished, or end them."),
    "process_right": gettext_lazy("GRANT PROCESS ON *.* to the account."),
    "artisan_migrate": gettext_lazy("Run php artisan migrate after the restore."),
    "newer_release": gettext_lazy("Put the newer release of the application in place."),
    "same_release": gettext_lazy("Look whether this release goes with that data."),
    "enable_events": gettext_lazy("Wake them with the tick on the page, or --enable-events."),
    "set_laravel_path": gettext_lazy("Set QPARKIN_LARAVEL_PATH, and it is closed for that moment."),
    "application_closed": gettext_lazy("Whoever switched it on switches it off: php artisan up."),
    "application_no_application": gettext_lazy("Set it to the folder where artisan lies."),
    "application_in_the_cache": gettext_lazy("Run php artisan down before, and php artisan up after it."),
    "application_not_writable": gettext_lazy("Let the panel's user write to storage/framework."),
}
IN_BYTES = {"needed", "free", "bytes"}


@register.filter
def check_title(check: Check) -> str:
    return str(TITLES.get(check.name, check.name))


@register.filter
def check_words(check: Check) -> str:
    if check.code not in FOUND:
        return sentence_for(check.code, check.params)
    return str(FOUND[check.code] % _shown(check.params))


@register.filter
def check_mend(check: Check) -> str:
    return str(MENDS.get(check.mend, ""))


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: size(value) if name in IN_BYTES else value for name, value in params.items()}
