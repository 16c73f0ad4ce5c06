"""Database and files of one archive as one act: both built and proven, then both live; and both back."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from backups.engine import errors, exchange
from backups.engine.database import Server
from backups.engine.exchange import Act, Settled
from backups.engine.folder_journal import BUILDING, DONE
from backups.engine.stream import Progress
from backups.engine.timed import Timed
from backups.engine.works import Works

from .drill import USUAL, Proof, Trial, new_mark
from .drill import drill as drill_database
from .folders import built, wanted_folders
from .keys import Source
from .open_archive import opened
from .restore import Restored, Wishes
from .restore import restore as restore_database
from .undo import Undone, fate, open_swaps
from .undo import undo as undo_database

GONE = "what was there before it is no longer kept"


@dataclass(frozen=True, slots=True)
class WithFiles:
    """`restored` of a database, or None for files alone."""

    restored: Restored | None
    folders: int
    files: int
    bytes: int
    owners_lost: int
    swap_ms: int
    seconds: float


def restore_with_files(  # noqa: PLR0913 - as many as a restore of the database asks for, and the folders
    source: Source,
    *,
    server: Server | None,
    database: str,
    restore_id: str,
    folders: Sequence[str],
    wishes: Wishes,
    before_swap: Callable[[], None],
    progress: Progress,
) -> WithFiles:
    """The files of the archive in place of the live ones; with `server` its database too, as one act.

    The folders change places under the server's lock, a moment before the tables do; where the tables then do
    not, the folders change back.
    """
    started = time.monotonic()
    with opened(source) as found:
        wanted = wanted_folders(found.manifest(), folders)
        goes_along = database if server else ""
        with built(
            found, wanted, mark=restore_id, kind="restore", database=goes_along, progress=progress
        ) as beside:
            beside.refuse_unproven()
            act, moved = beside.act, 0.0

            def move() -> None:
                nonlocal moved
                before_swap()
                began = time.monotonic()
                act.move_in()
                moved = time.monotonic() - began

            restored = None
            with _all_or_nothing(act, server):
                if server:
                    restored = restore_database(
                        source, server=server, database=database, restore_id=restore_id, wishes=wishes,
                        before_swap=move, progress=progress,
                    )  # fmt: skip
                else:
                    progress.phase("swap")
                    progress.check()
                    move()
            act.finish()
    return WithFiles(
        restored=restored,
        folders=len(wanted),
        files=sum(folder.files for folder in wanted),
        bytes=sum(folder.bytes for folder in wanted),
        owners_lost=beside.owners_lost,
        swap_ms=restored.swap_ms or 0 if restored else round(moved * 1000),
        seconds=time.monotonic() - started,
    )


def undo_with_files(
    server: Server | None,
    *,
    database: str,
    restore_id: str,
    folders: Sequence[str],
    before_swap: Callable[[], None],
    progress: Progress,
) -> Undone:
    """What was live before becomes live again: the folders, and with `server` the database, as one act."""
    with exchange.resumed(folders, restore_id) as act:
        if act is None or act.step != DONE or bool(server) != bool(act.journal.plan.database):
            raise errors.UndoImpossible(restore=restore_id, why=GONE)

        def move() -> None:
            before_swap()
            act.move_out()

        started = time.monotonic()
        undone = None
        with _all_or_nothing(act, server):
            if server:
                undone = undo_database(
                    server, database=database, restore_id=restore_id, before_swap=move, progress=progress
                )
            else:
                progress.phase("swap")
                progress.check()
                started = time.monotonic()
                move()
        act.finish()
        return undone or Undone("", round((time.monotonic() - started) * 1000))


class _all_or_nothing:  # noqa: N801 - a context manager, read as a phrase
    """Where the block fails, what had moved changes back, unless the database went live after all."""

    def __init__(self, act: Act, server: Server | None) -> None:
        self._act, self._server = act, server

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or self._act.step in (BUILDING, DONE):
            return
        # What cannot be settled now stays in the journal, for whoever finds it.
        with suppress(errors.BackupError, OSError):
            if self._server is None:
                self._act.take_back()
            else:
                tuple(exchange.settle(self._act, _fate_on(self._server)))


def _fate_on(server: Server | None) -> Callable[[str, str], str]:
    """What became of a swap; raises while that is not settled."""

    def asked(database: str, mark: str) -> str:
        if server is None:
            raise errors.ServerUnreachable(where="-")
        if any(schema.endswith(mark) for schema in open_swaps(server, database=database)):
            raise errors.Busy(system=database)
        return fate(server, database=database, restore_id=mark)

    return asked


def recover_files(folders: Sequence[str], *, server: Server | None) -> Settled:
    """Settle what a crash broke off; after the databases' own recovery. Safe at any time."""
    return exchange.recover(folders, fate=_fate_on(server))


def fate_of_files(folders: Sequence[str], *, restore_id: str) -> str:
    """What the journal beside the folders says became of a restore: restored, undone, gone or open."""
    with exchange.resumed(folders, restore_id) as act:
        if act is None:
            return "gone"
        return {DONE: "restored", "undone": "undone"}.get(act.step, "open")


def drop_kept_files(folders: Sequence[str], *, restore_id: str) -> tuple[str, ...]:
    """Let go of what a restore and its undo kept aside; returns what went."""
    with exchange.resumed(folders, restore_id) as act:
        return tuple(act.let_go()) if act is not None and act.step in (DONE, "undone") else ()


def drill_with_files(
    source: Source,
    *,
    server: Server | None,
    database: str,
    folders: Sequence[str],
    scratch: str,
    progress: Progress,
    trial: Trial = USUAL,
) -> Proof:
    """All that the archive holds, proven in throw-away places: schemas on the server, folders on the disk.

    The folders are built beside the live ones, or in `scratch` where that is set.
    """
    with opened(source) as found:
        manifest, holds = found.manifest(), found.seal.content
        proof = Proof((), Works((), (), ()), 0, 0, 0.0, "")
        if "database" in holds:
            if server is None:
                raise errors.NotInArchive(archive=source.archive, what="files alone")
            proof = drill_database(
                source,
                server=server,
                database=database,
                progress=progress,
                trial=trial,
            )
        if not manifest.files:
            return proof
        started, mark = time.monotonic(), new_mark()
        timed = Timed(progress)
        places = [f"{scratch}/{number:04d}" for number, _ in enumerate(manifest.files)] if scratch else []
        wanted = manifest.files if scratch else wanted_folders(manifest, folders)
        with built(
            found, wanted, mark=mark, kind="drill", database="", progress=timed, beside=places
        ) as beside:
            timed.phase("drop")
            beside.act.discard()
        return replace(
            proof,
            differences=(*proof.differences, *beside.differences),
            seconds=proof.seconds + time.monotonic() - started,
            phases=_together(proof.phases, timed.took()),
        )


def _together(*parts: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
    """One time for each phase, in the order in which they came."""
    took: dict[str, float] = {}
    for phase, seconds in (one for part in parts for one in part):
        # What is thrown away last is thrown away together.
        took[phase] = took.pop(phase, 0.0) + seconds
    return tuple(took.items())
