"""What a job did and met, as slugs with their moments, on the job's own row.

Whoever holds the job writes it, so nobody else's entries are lost. No path, host or error text: the page has
the words. Bounded, since some jobs go through a phase a hundred times.
"""

from __future__ import annotations

from contextvars import ContextVar
from threading import Lock
from typing import Any

from django.utils import timezone

MOST = 80
# The beginning is kept; what is left out is counted where it stood.
KEPT_FIRST = 20

Entry = dict[str, Any]
_current: ContextVar[JobLog | None] = ContextVar("job_log", default=None)


class JobLog:
    def __init__(self, entries: list[Entry]) -> None:
        self._entries = list(entries)
        self._guard = Lock()

    def phase(self, slug: str) -> None:
        self._add({"phase": slug})

    def note(self, slug: str, **params: Any) -> None:
        self._add({"note": slug, **({"params": params} if params else {})})

    def entries(self) -> list[Entry]:
        with self._guard:
            return list(self._entries)

    def _add(self, entry: Entry) -> None:
        with self._guard:
            self._entries.append({"at": timezone.now().isoformat(timespec="milliseconds"), **entry})
            if len(self._entries) > MOST:
                self._leave_one_out()

    def _leave_one_out(self) -> None:
        gap = self._entries[KEPT_FIRST]
        before = gap["params"]["count"] if gap.get("note") == "left_out" else 0
        if before:
            del self._entries[KEPT_FIRST + 1]
        self._entries[KEPT_FIRST] = {"at": gap["at"], "note": "left_out", "params": {"count": before + 1}}
        if not before:
            # The gap itself takes a place.
            self._leave_one_out()


def set_current(log: JobLog | None) -> None:
    _current.set(log)


def current() -> JobLog | None:
    """Of the job that this thread is at; whoever works in another one takes it along."""
    return _current.get()


def note(slug: str, **params: Any) -> None:
    if log := current():
        log.note(slug, **params)
