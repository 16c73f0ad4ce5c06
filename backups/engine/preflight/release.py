"""The release: do the archive's data and the application's code know the same migrations?"""

from __future__ import annotations

from backups.engine.release import migrations_run, migrations_there, take_release

from .values import Check, Subject, passed, warned

SHORT = 8


def migrations(subject: Subject) -> Check:
    """The live database counts as what the code knows, too: packages bring migrations of their own."""
    known = subject.manifest.release
    if known is None:
        return passed("migrations", "migrations_unsaid")
    archived = frozenset(known.migrations)
    wanted = frozenset(name for name, _ in migrations_run(subject.connection, subject.live))
    if subject.application:
        wanted |= migrations_there(subject.application)
    if not wanted:
        return passed("migrations", "migrations_none")
    if missing := sorted(wanted - archived):
        return warned(
            "migrations", "archive_behind", mend="artisan_migrate", names=missing, count=len(missing)
        )
    if unknown := sorted(archived - wanted):
        return warned("migrations", "archive_ahead", mend="newer_release", names=unknown, count=len(unknown))
    return passed("migrations", "migrations_same", count=len(archived))


def release(subject: Subject) -> Check:
    known = subject.manifest.release
    if known is None or not subject.application or not (known.lock or known.revision):
        return passed("release", "release_unsaid")
    now = take_release(subject.connection, subject.live, subject.application)
    then = {"then": _told(known.framework, known.revision), "now": _told(now.framework, now.revision)}
    if (known.lock, known.revision) == (now.lock, now.revision):
        return passed("release", "release_same", now=then["now"])
    return warned("release", "release_other", mend="same_release", names=(), **then)


def _told(framework: str, revision: str) -> str:
    return " ".join(part for part in (f"Laravel {framework}".strip(), revision[:SHORT]) if part)
