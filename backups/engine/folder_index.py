"""The index of a folder read again: one entry a line, over as many members as it takes."""

from __future__ import annotations

from collections.abc import Iterator

from .entries import FOLDER, Entry, NotAnEntry, from_lines
from .manifest import Folder
from .pieces import Fetch, contents


def entries_of(folder: Folder, fetch: Fetch) -> Iterator[Entry]:
    # A line may go on in the next piece.
    rest = b""
    for content in contents(folder.index, fetch):
        whole, cut, tail = (rest + content).rpartition(b"\n")
        yield from from_lines(whole + cut)
        rest = tail
    if rest:
        raise NotAnEntry("a line of the index is not an entry")


def folders_backwards(folder: Folder, fetch: Fetch) -> Iterator[Entry]:
    """Folders from the last to the first: each after all that is in it."""
    rest = b""
    for piece in reversed(folder.index):
        content = next(contents([piece], fetch)) + rest
        rest, cut, whole = content.partition(b"\n")
        if piece is folder.index[0]:
            rest, whole = b"", content
        else:
            rest += cut
        yield from (entry for entry in reversed(tuple(from_lines(whole))) if entry.kind == FOLDER)
