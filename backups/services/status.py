"""Whether the data is safe, as the home page and whoever watches from outside are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from backups import queries
from backups.mall_queries import MallHome, mall_home
from backups.queries import HomeState

from . import catalogue
from .connections import ProtectedState, protected_database, protected_state

# The clock looks every five minutes; where no clock runs, whoever asks does.
FRESH = timedelta(minutes=15)
STORAGE_AWAY = HomeState("attention", "storage_away")


@dataclass(frozen=True, slots=True)
class Status:
    """`seen` is what a mall admin may see; the reason in `home`, and `protected`, stay inside."""

    home: HomeState
    protected: ProtectedState
    seen: MallHome


def status() -> Status:
    home = home_state()
    return Status(home, protected_state(), mall_home(None, protected_database(), home))


def home_state() -> HomeState:
    listed = catalogue.refresh(older_than=FRESH)
    return queries.home_state(protected_database()) if listed else STORAGE_AWAY
