"""The moment restored folders become live: each changes places with the live one, and can change back.

Only what stands on the disk decides, by inode, never what was meant to be done; so each step can be taken
again from any state between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from . import errors
from .confined import raw
from .fitness import refuse_unfit
from .folder_act import Act, explained
from .folder_journal import (
    BUILDING,
    DONE,
    MOVING,
    UNDOING,
    UNDONE,
    FolderJournal,
    FolderPlan,
    Held,
    journal_path,
    journals_beside,
    named,
    real,
)

__all__ = ["Act", "Settled", "begun", "recover", "resumed", "settle"]


@contextmanager
def begun(folders: Sequence[str], *, mark: str, kind: str, database: str) -> Iterator[Act]:
    """A new act on these live folders; refuses what could not be finished, before anything is made."""
    places = [real(folder) for folder in folders]
    for place, folder in zip(places, folders, strict=True):
        refuse_unfit(place, named=raw(folder))
    plan = FolderPlan(mark, kind, database, tuple(map(named, places)))
    with explained(places[0]):
        journal = FolderJournal.create(journal_path(places[0], kind, mark), plan)
    try:
        act = Act(journal)
        try:
            with explained(places[0]):
                act.build()
            yield act
        except BaseException:
            if act.step == BUILDING:
                with suppress(OSError):
                    act.discard()
            raise
    finally:
        journal.close()


@contextmanager
def resumed(folders: Sequence[str], mark: str) -> Iterator[Act | None]:
    """The act that was marked so, whatever became of it; None where there is none, or somebody is at it."""
    for path in journals_beside(folders, colleagues=True):
        if path.endswith(f"-{mark}.journal".encode()):
            with _opened(path, within=folders) as act:
                yield act
                return
    yield None


@contextmanager
def _opened(path: bytes, *, within: Sequence[str] = ()) -> Iterator[Act | None]:
    try:
        journal = FolderJournal.open(path, within=within)
    except Held:
        yield None
        return
    if journal is None:
        yield None
        return
    try:
        with explained(path):
            yield Act(journal)
    finally:
        journal.close()


@dataclass(frozen=True, slots=True)
class Settled:
    """`told`: what was done, in sentences. `pending`: marks of acts that are not settled yet."""

    told: tuple[str, ...]
    pending: tuple[str, ...]


def recover(folders: Sequence[str], *, fate: Callable[[str, str], str]) -> Settled:
    """Finish or take back what a crash broke off. `fate` says of (database, mark) what became of its swap:
    restored, undone or gone, or raises where that is not known yet."""
    told: list[str] = []
    pending: list[str] = []
    for path in tuple(journals_beside(folders)):
        with _opened(path) as act:
            if act is None or act.step in (DONE, UNDONE):
                continue
            try:
                told += settle(act, fate)
            except errors.BackupError:
                pending.append(act.journal.plan.mark)
    return Settled(tuple(told), tuple(pending))


def settle(act: Act, fate: Callable[[str, str], str]) -> Iterator[str]:
    """What goes with a database follows it; files alone go on as they had begun."""
    plan = act.journal.plan
    if act.step == BUILDING:
        act.discard()
        yield "unfinished folders of files were removed"
        return
    wanted = {MOVING: "restored", UNDOING: "undone"}[act.step]
    came = fate(plan.database, plan.mark) if plan.database else wanted
    if came == wanted:
        act.finish()
        yield "the change-over of folders of files was finished"
        return
    kept = act.take_back()
    yield "the change-over of folders of files was taken back"
    yield from (f"{place} is kept, since files were written into it meanwhile" for place in kept)
