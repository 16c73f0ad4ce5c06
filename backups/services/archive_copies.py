"""The copies of an archive as its page shows them, and how many of how many it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backups import storage_queries
from backups.models import Archive, AuditEvent, Copy, Job
from backups.models.job import ACTIVE, Kind

from .connections import protected_database

BAD = (Copy.State.DAMAGED, Copy.State.MISSING, Copy.State.FAILED)


@dataclass(frozen=True, slots=True)
class Line:
    """`copy` is None where none lies and none was begun; `let_go`: retention has cleared it there."""

    storage: str
    copy: Copy | None
    is_set_up: bool
    let_go: bool
    job: Job | None
    whole_elsewhere: bool

    @property
    def can_check(self) -> bool:
        return self.is_set_up and self.job is None and self.copy is not None and self.copy.is_lying

    @property
    def can_copy(self) -> bool:
        is_whole = self.copy is not None and self.copy.is_whole
        return self.is_set_up and self.job is None and not is_whole and self.whole_elsewhere


@dataclass(frozen=True, slots=True)
class Count:
    """`tone` is well, coming (the rest is on its way) or wanting."""

    whole: int
    wanted: int
    tone: str


def lines(archive: Archive) -> list[Line]:
    """Each storage that is set up, in its order, and then those that only a copy speaks of."""
    names, copies = storage_queries.names(), {copy.storage: copy for copy in archive.copies.all()}
    strange = [name for name in copies if name not in names]
    let_go, jobs = _let_go([archive.pk]).get(archive.pk, frozenset()), _jobs(archive)
    whole = {name for name in names if name in copies and copies[name].is_whole}
    return [
        Line(
            storage=name,
            copy=copies.get(name),
            is_set_up=name in names,
            let_go=name in let_go and name not in copies,
            job=_job_at(name, jobs),
            whole_elsewhere=bool(whole - {name}),
        )
        for name in (*names, *strange)
    ]


def counts(archives: Iterable[Archive]) -> dict[str, Count]:
    """Of a page of archives, whose copies were fetched along; of one storage each archive tells by itself."""
    names = set(storage_queries.names())
    if len(names) < 2:
        return {}
    found = list(archives)
    lacking = [one.pk for one in found if names - {copy.storage for copy in one.copies.all()}]
    let_go = _let_go(lacking)
    return {one.pk: _count(one, names - let_go.get(one.pk, frozenset())) for one in found}


def _count(archive: Archive, names: set[str]) -> Count:
    states = {copy.storage: copy.state for copy in archive.copies.all() if copy.storage in names}
    # What belongs to another system is not copied by this panel.
    ours = archive.database.casefold() == protected_database().casefold()
    wanted = len(names) if ours else len(states)
    whole = sum(state == Copy.State.WHOLE for state in states.values())
    if any(state in BAD for state in states.values()) or not whole:
        return Count(whole, wanted, "wanting")
    return Count(whole, wanted, "well" if whole >= wanted else "coming")


def _let_go(archives: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """From which storages retention has cleared each."""
    wanted = list(archives)
    if not wanted:
        return {}
    events = AuditEvent.objects.filter(action="drop_archive", object_id__in=wanted)
    found: dict[str, frozenset[str]] = {}
    for archive, details in events.values_list("object_id", "details"):
        found[archive] = found.get(archive, frozenset()) | {str(details.get("storage", ""))}
    return found


def _jobs(archive: Archive) -> list[Job]:
    return list(Job.objects.filter(archive=archive, kind__in=(Kind.COPY, Kind.VERIFY), state__in=ACTIVE))


def _job_at(storage: str, jobs: Iterable[Job]) -> Job | None:
    """A check that names no storage is one of all of them."""
    return next((job for job in jobs if job.options.get("storage", storage) == storage), None)
