"""Code whose tables are spelled otherwise than they are called, written anew: the names and nothing else.

A server that lowers names takes `Notifikasi` for `notifikasi`; one that keeps them finds no such table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .manifest import Inventory
from .table_reader import Mention, TableReader
from .tokens import NOTHING, SILENT, Kind, Token, tokens

NAMES = (Kind.WORD, Kind.NAME)


@dataclass(frozen=True, slots=True)
class Respelling:
    """One object of code: `names` as (written, called), and the `lines` that change as (before, after)."""

    kind: str
    name: str
    names: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]


class _Ambiguous(Exception):
    """A name that may stand for a table and for something else: then nothing is changed."""


def respelled(inventory: Inventory, *, present: Iterable[str]) -> tuple[Inventory, tuple[Respelling, ...]]:
    """The inventory with the names of tables as those `present` spell them, and what was changed for it."""
    called = _Called(inventory, present)
    changed: list[Respelling] = []

    def text(kind: str, name: str, before: str, sql_mode: str) -> str:
        after, names = called.rewritten(before, sql_mode=sql_mode)
        if names:
            changed.append(Respelling(kind, name, names, tuple(_lines(before, after))))
        return after

    return replace(
        inventory,
        triggers=tuple(
            replace(t, body=text("trigger", t.name, t.body, t.sql_mode)) for t in inventory.triggers
        ),
        routines=tuple(
            replace(r, statement=text(r.kind.lower(), r.name, r.statement, r.sql_mode))
            for r in inventory.routines
        ),
        views=tuple(replace(v, statement=text("view", v.name, v.statement, "")) for v in inventory.views),
        events=tuple(
            replace(e, statement=text("event", e.name, e.statement, e.sql_mode)) for e in inventory.events
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
            spelled.setdefault(name.casefold(), set()).add(name)
        self.names = {low: min(names) for low, names in spelled.items() if len(names) == 1}
        self.database = inventory.database
        self.source_lowers = inventory.rules.lower_case_table_names != 0

    def rewritten(self, text: str, *, sql_mode: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The text and (written, called) of each name that was changed in it."""
        parts = list(tokens(text, sql_mode=sql_mode))
        places = [place for place, token in enumerate(parts) if token.kind not in SILENT]
        try:
            changes = _Body([parts[place] for place in places], self).changes()
        except _Ambiguous:
            changes = {}
        told = dict.fromkeys((parts[places[at]].value, name) for at, name in changes.items())
        for at, name in changes.items():
            parts[places[at]] = _spelled(parts[places[at]], name)
        return "".join(token.text for token in parts), tuple(told)

    def is_own(self, schema: str | None) -> bool:
        if schema is None or schema == self.database:
            return True
        return self.source_lowers and schema.casefold() == self.database.casefold()

    def of(self, name: str) -> str:
        """What is meant by a name; '' where nothing is called so."""
        return name if name in self.present else self.names.get(name.casefold(), "")


class _Body:
    """One body, read once: where it names tables, and where it refers to a table that it has named."""

    def __init__(self, spoken: list[Token], called: _Called) -> None:
        self.spoken, self.called = spoken, called
        reader = TableReader(spoken)
        reader.read()
        self.mentions = [m for m in reader.found if self._is_ours(m, reader.made)]
        self.deleted = frozenset(m.place for m in reader.deleted)
        self.taken = {m.place for m in reader.found} | {m.place - 2 for m in reader.found if m.table.schema}

    def _is_ours(self, mention: Mention, made: set[str]) -> bool:
        table = mention.table
        own = self.called.is_own(table.schema) and bool(self.called.of(table.name))
        return own and (table.schema is not None or table.name.casefold() not in made)

    def changes(self) -> dict[int, str]:
        """Place among the meaningful tokens, and the name that belongs there."""
        wanted: dict[int, str] = {}
        for mention in self.mentions:
            wanted[mention.place] = self.called.of(mention.table.name)
            if mention.table.schema is not None:
                wanted[mention.place - 2] = self.called.database
        for start, end in self._statements():
            wanted |= dict(self._references(start, end))
        return {at: name for at, name in wanted.items() if self.spoken[at].value != name}

    def _statements(self) -> Iterator[tuple[int, int]]:
        start = 0
        for place, token in enumerate(self.spoken):
            if token.text == ";":
                yield start, place
                start = place + 1
        yield start, len(self.spoken)

    def _references(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """`Tiket.id` and `DELETE Tiket FROM` go by the name that the table has in the same statement."""
        named = {
            mention.table.name.casefold(): self.called.of(mention.table.name)
            for mention in self.mentions
            if start <= mention.place < end
        }
        targets = self._targets(start, end)
        found = [
            (place, named[self.spoken[place].value.casefold()])
            for place in range(start, end)
            if self.spoken[place].kind in NAMES
            and place not in self.taken
            and self.spoken[place].value.casefold() in named
            and (place in targets or self._qualifies(place))
        ]
        other = self._other_meanings(start, end)
        if any(name.casefold() in other and self.spoken[place].value != name for place, name in found):
            raise _Ambiguous
        return iter(found)

    def _targets(self, start: int, end: int) -> frozenset[int]:
        """What stands between DELETE and its FROM or its USING."""
        targets: set[int] = set()
        deleting = False
        for place in range(start, end):
            word = self.spoken[place].keyword
            deleting = word == "DELETE" or (deleting and word != "FROM")
            if deleting and word != "DELETE" and self._at(place - 1).text != ".":
                targets.add(place)
        return frozenset(targets | {place for place in self.deleted if start <= place < end})

    def _qualifies(self, place: int) -> bool:
        if self._at(place + 1).text != ".":
            return False
        return self._at(place - 1).text != "." or self.called.is_own(self._at(place - 2).value)

    def _other_meanings(self, start: int, end: int) -> frozenset[str]:
        """Names that the statement gives to something else: aliases, names of WITH, variables."""
        behind = {mention.place + 1 for mention in self.mentions}
        given = set()
        for place in range(len(self.spoken)):
            token, before = self.spoken[place], self._at(place - 1)
            if token.kind not in NAMES or place in self.taken or self._at(place + 1).text == ".":
                continue
            local = start <= place < end and (
                before.keyword == "AS"
                or before.text == ")"
                or place in behind
                or (self._at(place + 1).keyword == "AS" and self._at(place + 2).text == "(")
            )
            if local or before.keyword == "DECLARE":
                given.add(token.value.casefold())
        return frozenset(given)

    def _at(self, place: int) -> Token:
        return self.spoken[place] if 0 <= place < len(self.spoken) else NOTHING


def _spelled(token: Token, name: str) -> Token:
    """As it was quoted, or not: the same letters need no more than they had."""
    quote = token.text[0] if token.kind is Kind.NAME else ""
    return Token(token.kind, quote + (name.replace(quote, quote * 2) if quote else name) + quote)
