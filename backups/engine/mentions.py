"""Where a body names tables, and where it refers to a table that it has named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from .table_reader import Mention, TableReader
from .tokens import NOTHING, Kind, Token

NAMES = (Kind.WORD, Kind.NAME)


class Called(Protocol):
    """What the body's database is called, and the tables in it."""

    @property
    def database(self) -> str: ...

    def is_own(self, schema: str | None) -> bool: ...

    def of(self, name: str) -> str:
        """What is meant by a name; '' where nothing is called so."""


class Ambiguous(Exception):
    """A name that may stand for a table and for something else: then nothing is changed."""


class Body:
    """One body, read once: where it names tables, and where it refers to a table that it has named."""

    def __init__(self, spoken: list[Token], called: Called) -> None:
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
            mention.table.name.lower(): self.called.of(mention.table.name)
            for mention in self.mentions
            if start <= mention.place < end
        }
        targets = self._targets(start, end)
        found = [
            (place, named[self.spoken[place].value.lower()])
            for place in range(start, end)
            if self.spoken[place].kind in NAMES
            and place not in self.taken
            and self.spoken[place].value.lower() in named
            and (place in targets or self._qualifies(place))
        ]
        other = self._other_meanings(start, end)
        if any(name.lower() in other and self.spoken[place].value != name for place, name in found):
            raise Ambiguous
        yield from found
        # `Parkir.Tiket.id`: the schema is spelled as it is where the table is named.
        yield from (
            (place - 2, self.called.database) for place, _ in found if self._at(place - 1).text == "."
        )

    def _targets(self, start: int, end: int) -> frozenset[int]:
        """What stands between DELETE and its FROM or its USING."""
        targets: set[int] = set()
        deleting = False
        for place in range(start, end):
            word = self.spoken[place].keyword
            deleting = word == "DELETE" or (deleting and word != "FROM")
            if deleting and word != "DELETE" and self._is_of_ours(place):
                targets.add(place)
        return frozenset(targets | {place for place in self.deleted if start <= place < end})

    def _qualifies(self, place: int) -> bool:
        """`Tiket.id`, but neither `Tiket.hitung()` nor `Tiket.lain.id`: there it is a schema of that name."""
        if self._at(place + 1).text != "." or self._at(place + 3).text == "(":
            return False
        if self._at(place - 1).text != "." and self._at(place + 3).text == ".":
            return False
        return self._is_of_ours(place)

    def _is_of_ours(self, place: int) -> bool:
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
                or (before.keyword == "ALL" and self._at(place - 2).keyword == "SYSTEM_TIME")
                or (self._at(place + 1).keyword == "AS" and self._at(place + 2).text == "(")
            )
            if local or before.keyword == "DECLARE":
                given.add(token.value.lower())
        return frozenset(given)

    def _at(self, place: int) -> Token:
        return self.spoken[place] if 0 <= place < len(self.spoken) else NOTHING
