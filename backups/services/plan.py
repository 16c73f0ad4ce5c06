"""What a restore should be, by what happened and when: the safe choice, before anybody has chosen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from backups import queries
from backups.engine.database import session
from backups.engine.errors import BackupError
from backups.engine.journal import tables_of
from backups.models import Archive
from backups.models.archive import DATABASE, FILES

from . import folders
from .connections import look_at_protected, protected_database, read_server


class Happening(StrEnum):
    ROWS = "rows"
    TABLE = "table"
    DATABASE = "database"
    FILES = "files"
    SERVER = "server"
    LOOK = "look"


class Scope(StrEnum):
    DATABASE = "database"
    TABLES = "tables"
    FILES = "files"
    BOTH = "both"


class Target(StrEnum):
    NEW = "new"
    BESIDE = "beside"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is ticked before anybody has ticked anything. `archive` is None where none is old enough."""

    archive: Archive | None
    scope: Scope
    target: Target
    database: str
    folder: str  # where files would go, apart from the live ones


PROPOSED = re.compile(r"__look_\d{8}_\d{6}$")
SCOPES = {
    Happening.ROWS: Scope.TABLES,
    Happening.TABLE: Scope.TABLES,
    Happening.FILES: Scope.FILES,
    Happening.SERVER: Scope.BOTH,
}


def proposed(what: Happening, since: datetime | None) -> Plan:
    """The newest proven archive from before it began, into a new database unless nothing is there to lose."""
    archive = _best(what, since)
    scope = _scope(what, archive)
    return Plan(archive, scope, _target(scope), new_database_name(), folders.proposed())


def scopes_of(archive: Archive) -> tuple[Scope, ...]:
    """What an archive can give back."""
    held = set(archive.content)
    if DATABASE not in held:
        return (Scope.FILES,)
    ours = (Scope.DATABASE, Scope.TABLES)
    return (*ours, Scope.FILES, Scope.BOTH) if FILES in held else ours


def missing_tables(archive: Archive) -> frozenset[str]:
    """What the archive holds and the live database does not; nothing where that cannot be seen."""
    return _lacking(archive, _present())


def was_proposed(name: str) -> bool:
    """A name that was made here for another attempt, which may have taken it since."""
    return PROPOSED.search(name) is not None


def new_database_name() -> str:
    """Within the pattern that the restore account is granted; told apart by the second."""
    return _beside(f"__look_{timezone.localtime():%Y%m%d_%H%M%S}")


def is_made_here(name: str) -> bool:
    """Whether the name is one that `new_database_name` makes of the protected database's."""
    ending = PROPOSED.search(name)
    return ending is not None and ending.end() == len(name) and name == _beside(ending[0])


def _beside(ending: str) -> str:
    return protected_database()[: 64 - len(ending)] + ending


def _best(what: Happening, since: datetime | None) -> Archive | None:
    """Backups go on without what is gone: the newest may hold nothing of it."""
    database = protected_database()
    archives = queries.good_archives(database)
    if what == Happening.FILES:
        found = queries.best_of(queries.whole_archives(database), before=since, fits=_holds_files)
    elif what == Happening.TABLE:
        found = queries.best_of(archives, before=since, fits=_holds_what_is_missing())
    else:
        found = queries.best_of(archives, before=since, fits=_holds_tables)
    return found or queries.best_archive(database, before=since)


def _holds_what_is_missing() -> Callable[[Archive], bool]:
    present = _present()
    return lambda archive: bool(_lacking(archive, present))


def _holds_tables(archive: Archive) -> bool:
    return bool(archive.tables) or not archive.is_known


def _holds_files(archive: Archive) -> bool:
    """An empty folder is backed up, too."""
    kept = [folder for folder in archive.folders if folder["files"]]
    return archive.holds_files and bool(kept or not archive.folders)


def _present() -> frozenset[str] | None:
    """The live tables; None where nobody can see them."""
    try:
        with session(read_server()) as connection:
            names = tables_of(connection, protected_database(), sequences=False)
    except BackupError:
        return None
    return frozenset(name.casefold() for name in names)


def _lacking(archive: Archive, present: frozenset[str] | None) -> frozenset[str]:
    if present is None:
        return frozenset()
    held = (str(table["name"]) for table in archive.table_rows)
    return frozenset(name for name in held if name.casefold() not in present)


def _scope(what: Happening, archive: Archive | None) -> Scope:
    wished = SCOPES.get(what, Scope.DATABASE)
    possible = scopes_of(archive) if archive else (wished,)
    return wished if wished in possible else possible[0]


def _target(scope: Scope) -> Target:
    if scope == Scope.FILES:
        # Where a folder is gone or empty there is nothing to overwrite in it.
        return Target.NEW if folders.all_hold_something() else Target.LIVE
    if scope == Scope.BOTH:
        return Target.LIVE
    # Where the database is gone there is nothing to overwrite: the direct way is the safe one.
    return Target.LIVE if look_at_protected().state == "missing" else Target.NEW
