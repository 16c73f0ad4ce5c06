"""Whether the data is safe, as the home page and whoever watches from outside are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backups import queries, runs
from backups.queries import HomeState

from . import catalogue
from .connections import ProtectedState, protected_database, protected_state

# The clock looks every five minutes; where no clock runs, whoever asks does.
FRESH = timedelta(minutes=15)
STORAGE_AWAY = HomeState("attention", "storage_away")


@dataclass(frozen=True, slots=True)
class Status:
    """No more than a mall admin may see, besides `home.reason` and `protected`, which stay inside."""

    home: HomeState
    protected: ProtectedState
    last_backup_at: datetime | None
    next_run_at: datetime | None
    last_proof_at: datetime | None


def status() -> Status:
    database = protected_database()
    newest, proven = queries.last_good_archive(database), queries.last_proven(database)
    return Status(
        home=home_state(),
        protected=protected_state(),
        last_backup_at=newest.created if newest else None,
        next_run_at=runs.next_run(),
        last_proof_at=proven.made_at if proven else None,
    )


def home_state() -> HomeState:
    listed = catalogue.refresh(older_than=FRESH)
    return queries.home_state(protected_database()) if listed else STORAGE_AWAY
