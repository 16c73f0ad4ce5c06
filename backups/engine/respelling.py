"""Code whose tables are spelled otherwise than they are called, written anew: the names and nothing else.

A server that lowers names takes `Notifikasi` for `notifikasi`; one that keeps them finds no such table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .manifest import Event, Inventory, Routine, Trigger, View
from .mentions import Ambiguous, Body
from .tokens import SILENT, Kind, Token, tokens

# In these the second byte of a letter may be that of a backslash, so nobody who reads bytes knows where a
# string ends.
BYTES_LIKE_QUOTES = {"big5", "cp932", "gbk", "sjis"}


Code = Routine | View | Trigger | Event


@dataclass(frozen=True, slots=True)
class Respelling:
    """One object of code: `names` as (written, called), and the `lines` that change as (before, after)."""

    kind: str
    name: str
    names: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]


def respelled(inventory: Inventory, *, present: Iterable[str]) -> tuple[Inventory, tuple[Respelling, ...]]:
    """The inventory with the names of tables as those `present` spell them, and what was changed for it."""
    called = _Called(inventory, present)
    changed: list[Respelling] = []

    def text(kind: str, code: Code, before: str, sql_mode: str) -> str:
        if code.charset in BYTES_LIKE_QUOTES:
            return before
        after, names = called.rewritten(before, sql_mode=sql_mode)
        if names:
            changed.append(Respelling(kind, code.name, names, tuple(_lines(before, after))))
        return after

    return replace(
        inventory,
        triggers=tuple(replace(t, body=text("trigger", t, t.body, t.sql_mode)) for t in inventory.triggers),
        routines=tuple(
            replace(r, statement=text(r.kind.lower(), r, r.statement, r.sql_mode)) for r in inventory.routines
        ),
        views=tuple(replace(v, statement=text("view", v, v.statement, "")) for v in inventory.views),
        events=tuple(
            replace(e, statement=text("event", e, e.statement, e.sql_mode)) for e in inventory.events
        ),
    ), tuple(changed)


def _lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    return ((_shown(old), _shown(new)) for old, new in pairs if old != new)


def _shown(line: str) -> str:
    """Code keeps the bytes of whoever wrote it, which need not be UTF-8."""
    return line.strip().encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class _Called:
    """How tables are called; of two that differ in their case alone nobody can say which is meant."""

    def __init__(self, inventory: Inventory, present: Iterable[str]) -> None:
        self.present = frozenset(present)
        spelled: dict[str, set[str]] = {}
        for name in self.present:
            spelled.setdefault(name.lower(), set()).add(name)
        self.names = {low: min(names) for low, names in spelled.items() if len(names) == 1}
        self.database = inventory.database
        self.source_lowers = inventory.rules.lower_case_table_names != 0

    def rewritten(self, text: str, *, sql_mode: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The text and (written, called) of each name that was changed in it."""
        parts = list(tokens(text, sql_mode=sql_mode))
        places = [place for place, token in enumerate(parts) if token.kind not in SILENT]
        try:
            changes = Body([parts[place] for place in places], self).changes()
        except Ambiguous:
            changes = {}
        told = dict.fromkeys((parts[places[at]].value, name) for at, name in changes.items())
        for at, name in changes.items():
            parts[places[at]] = _spelled(parts[places[at]], name)
        return "".join(token.text for token in parts), tuple(told)

    def is_own(self, schema: str | None) -> bool:
        if schema is None or schema == self.database:
            return True
        return self.source_lowers and schema.lower() == self.database.lower()

    def of(self, name: str) -> str:
        """What is meant by a name; '' where nothing is called so."""
        return name if name in self.present else self.names.get(name.lower(), "")


def _spelled(token: Token, name: str) -> Token:
    """As it was quoted, or not: the same letters need no more than they had."""
    quote = token.text[0] if token.kind is Kind.NAME else ""
    return Token(token.kind, quote + (name.replace(quote, quote * 2) if quote else name) + quote)
