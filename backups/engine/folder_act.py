"""Folders restored as one: moved in together, taken back together, each by the inodes that stand there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from . import errors, kernel
from .confined import raw, shown
from .folder_journal import DONE, MOVING, UNDOING, UNDONE, FolderJournal, Move, Step, beside, named
from .folder_places import inode_of, is_touched, next_tick, remove, sync


@dataclass(frozen=True, slots=True)
class Spot:
    """One live folder and the names beside it that an act uses."""

    path: bytes
    mark: str

    def beside(self, kind: str) -> bytes:
        return beside(self.path, kind, self.mark)

    def find(self, inode: int) -> bytes | None:
        places = (self.path, *(self.beside(kind) for kind in ("restore", "before", "undone")))
        return next((place for place in places if inode_of(place) == inode), None)


class Act:
    """Folders restored as one: built beside, moved in together, taken back together."""

    def __init__(self, journal: FolderJournal) -> None:
        self.journal = journal
        plan = journal.plan
        self.spots = tuple(Spot(raw(folder), plan.mark) for folder in plan.folders)

    @property
    def step(self) -> str:
        return self.journal.step.name

    def built(self, spot: Spot) -> bytes:
        return spot.beside(self.journal.plan.kind)

    def build(self) -> None:
        """An empty private folder beside each live one."""
        for spot in self.spots:
            os.mkdir(self.built(spot), 0o700)

    def move_in(self) -> None:
        """What was built becomes live; what was live is kept as before."""
        self._move(MOVING, "restore", "before")

    def move_out(self) -> None:
        """Undo: what was kept as before becomes live again; what is live is kept as undone."""
        self._move(UNDOING, "before", "undone")

    def _move(self, name: str, source: str, park: str) -> None:
        moves = tuple(Move(inode_of(spot.beside(source)), inode_of(spot.path)) for spot in self.spots)
        self.journal.note(Step(name, moves, next_tick()))
        self._forward(park)

    def _forward(self, park: str) -> None:
        for spot, move in zip(self.spots, self.journal.step.moves, strict=True):
            self._put(spot, live=move.live, aside=move.aside, park=spot.beside(park))

    def _back(self, park: str) -> None:
        for spot, move in zip(self.spots, self.journal.step.moves, strict=True):
            # What an earlier try has thrown away already need not be put anywhere.
            built = move.live if move.live is not None and spot.find(move.live) else None
            self._put(spot, live=move.aside, aside=built, park=spot.beside(park))

    def finish(self) -> None:
        """Whatever has not moved yet moves now, and that is that."""
        restoring = self.step == MOVING
        self._forward("before" if restoring else "undone")
        self.journal.note(Step(DONE if restoring else UNDONE))

    def take_back(self) -> tuple[str, ...]:
        """As if nothing had been; returns what was kept, since somebody wrote into it while it was live."""
        if self.step == UNDOING:
            self._back("before")
            self.journal.note(Step(DONE))
            return ()
        kept: list[str] = []
        if self.step == MOVING:
            self._back("restore")
            kept += self._keep_touched()
        self.discard()
        return tuple(kept)

    def _keep_touched(self) -> Iterator[str]:
        for spot in self.spots:
            place = spot.beside("restore")
            if inode_of(place) is not None and is_touched(place, self.journal.step.since):
                kernel.move(place, spot.beside("undone"))
                yield shown(named(spot.beside("undone")))

    def discard(self) -> None:
        """What was built and never stayed live."""
        for spot in self.spots:
            remove(self.built(spot))
        self.journal.forget()

    def let_go(self) -> Iterator[str]:
        """What a restore and its undo set aside."""
        for spot in self.spots:
            for kind in ("before", "undone"):
                if inode_of(spot.beside(kind)) is not None:
                    remove(spot.beside(kind))
                    yield shown(named(spot.beside(kind)))
        self.journal.forget()

    def _put(self, spot: Spot, *, live: int | None, aside: int | None, park: bytes) -> None:
        """`live` stands at the folder's path and `aside` at `park`, from wherever a crash left them."""
        with explained(spot.path):
            source = self._found(spot, live)
            if aside is not None and inode_of(spot.path) == aside:
                _make_way(spot.path, source, park)
            if source is not None and inode_of(spot.path) is None:
                kernel.move(source, spot.path)
            if inode_of(spot.path) != live:
                raise self._unsettled(spot)
            lies = self._found(spot, aside)
            if lies is not None and lies != park:
                kernel.move(lies, park)
            sync(os.path.dirname(spot.path))

    def _found(self, spot: Spot, inode: int | None) -> bytes | None:
        if inode is None:
            return None
        place = spot.find(inode)
        if place is None:
            raise self._unsettled(spot)
        return place

    def _unsettled(self, spot: Spot) -> errors.FilesUnsettled:
        return errors.FilesUnsettled(folder=shown(named(spot.path)), journal=shown(named(self.journal.path)))


def _make_way(path: bytes, source: bytes | None, park: bytes) -> None:
    """At once where the file system can: then nobody ever finds the folder missing."""
    if source is None or not kernel.exchange(path, source):
        kernel.move(path, park)


@contextmanager
def explained(place: bytes) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise errors.FolderUnfit(
            folder=shown(named(place)), why=error.strerror or "no reason given"
        ) from None
