"""The application around a swap: closed just before it, open again right after it or whatever went wrong."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from backups.engine import laravel, maintenance, pipeline, smoke
from backups.engine.errors import BackupError
from backups.engine.small_file import read_small
from qparkin_backup import addresses, env

from .connections import protected_database, restore_server

log = logging.getLogger(__name__)

# What Laravel calls the variable that says where it caches: the newer name first.
STORES = ("CACHE_STORE", "CACHE_DRIVER")
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Note:
    """What came of one step: maintenance, caches, workers or smoke; `why` is a slug or an HTTP status."""

    step: str
    outcome: str  # done, kept, not_done, stuck or failed
    why: str = ""


class Around:
    """One swap's doings with the application; `notes` is for whoever asked for the swap."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self.notes: list[Note] = []

    def after(self, confirm: Callable[[], None]) -> Callable[[], None]:
        """To be called just before the swap: what may refuse comes first."""

        def ask() -> None:
            confirm()
            self._close()

        return ask

    def __enter__(self) -> Around:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._open()
        else:
            open_when_settled()

    def fit(self) -> None:
        """After the swap, when it is written down: what the application remembers, and whether it answers."""
        self.notes += [*_fitted(), *_looked()]

    def told(self) -> list[dict[str, Any]]:
        return [asdict(note) for note in self.notes]

    def _close(self) -> None:
        folder = home()
        if folder is None:
            return
        why = readiness()
        if why in ("no_application", "in_the_cache"):
            self.notes.append(Note("maintenance", "not_done", why))
            return
        try:
            ours = maintenance.switch_on(folder, self._mark)
            self.notes.append(Note("maintenance", "done" if ours else "kept"))
        except OSError as reason:
            # On the worst day of the year a restore does not fail for this.
            log.warning("the application was not closed: %s", reason)
            self.notes.append(Note("maintenance", "not_done", "not_writable"))

    def _open(self) -> None:
        folder = home()
        try:
            if folder is not None:
                maintenance.switch_off(folder, self._mark)
        except OSError as reason:
            log.warning("the application is still closed: %s", reason)
            self.notes = [Note("maintenance", "stuck", "not_writable")]


def home() -> Path | None:
    """Where the Laravel application lies, if that was said."""
    return Path(settings.QPARKIN_LARAVEL_PATH) if settings.QPARKIN_LARAVEL_PATH else None


def readiness() -> str:
    """Could the application be closed now: ready, closed (by somebody), or why not; '' without one."""
    folder = home()
    if folder is None:
        return ""
    if not laravel.is_application(folder):
        return "no_application"
    if _in_the_cache(folder):
        return "in_the_cache"
    if maintenance.switched_on_by(folder) == maintenance.THEIRS:
        return "closed"
    return "ready" if os.access(folder / maintenance.DOWN.parent, os.W_OK) else "not_writable"


def open_when_settled() -> None:
    """Open what a swap of ours had closed, unless one is still neither here nor there. Safe at any time.

    Ours is closed only while a journal is open on the server, so without one nobody needs it closed.
    """
    folder = home()
    mark = maintenance.switched_on_by(folder) if folder else ""
    if folder is None or mark in (maintenance.OFF, maintenance.THEIRS):
        return
    try:
        if pipeline.open_swaps(restore_server(), database=protected_database()):
            return
        opened = maintenance.switch_off(folder, mark)
    except (BackupError, OSError) as reason:
        log.warning("the application stays closed for now: %s", reason)
        return
    if opened:
        log.warning("the application was still closed after a swap that broke off; it is open again")
        # The swap may have been finished by whoever cleared up.
        _fitted()


def _fitted() -> list[Note]:
    """Caches and workers that still know the data from before."""
    folder = home()
    if folder is None or not laravel.is_application(folder):
        return []
    store = _store(folder)
    return [
        _note("caches", lambda: laravel.clear_caches(folder, store=store)),
        # After the caches: what tells the workers lies among them.
        _note("workers", lambda: laravel.restart_workers(folder, store=store, now=int(time.time()))),
    ]


def _note(step: str, deed: Callable[[], None]) -> Note:
    try:
        deed()
    except laravel.NotDone as why:
        return Note(step, "not_done", str(why))
    return Note(step, "done")


def _looked() -> list[Note]:
    if not settings.QPARKIN_SMOKE_URL:
        return []
    folder = home()
    if folder and maintenance.switched_on_by(folder):
        return [Note("smoke", "kept")]
    seen = smoke.look(settings.QPARKIN_SMOKE_URL, is_forbidden=addresses.is_forbidden)
    return [Note("smoke", "done" if seen.well else "failed", seen.why or str(seen.status))]


def _store(folder: Path) -> str:
    told = _own_settings(folder)
    return next((told[name] for name in STORES if told.get(name)), "")


def _in_the_cache(folder: Path) -> bool:
    """Laravel can keep its maintenance mode in its cache; then it does not look at the file."""
    return _own_settings(folder).get("APP_MAINTENANCE_DRIVER") == "cache"


def _own_settings(folder: Path) -> dict[str, str]:
    try:
        text = read_small(folder / ".env", most=MOST_BYTES).decode("utf-8")
        return env.parse(text, source=".env", outer={})
    except (OSError, ValueError, ImproperlyConfigured):
        return {}
