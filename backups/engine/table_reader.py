"""One pass over the tokens of a body that finds where a table is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from backups.engine.tokens import NOTHING, Kind, Token


@dataclass(frozen=True, slots=True)
class NamedTable:
    schema: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A table named in a body, and where: the place of its own name among the meaningful tokens."""

    table: NamedTable
    place: int


# FROM belongs to the function inside these, as in TRIM(LEADING '0' FROM code).
FROM_IN_CALL = {"EXTRACT", "TRIM", "SUBSTRING", "SUBSTR", "MID"}
FROM_OF_OTHERS = {"FETCH", "SYSTEM_TIME", "DISTINCT"}
UPDATE_OF_OTHERS = {"KEY", "FOR", "ON", "BEFORE", "AFTER"}
BEFORE_A_NAME = {"LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "IGNORE", "QUICK", "INTO"}
TABLE_LIST_VERBS = {"LOCK", "DROP", "ANALYZE", "OPTIMIZE", "CHECK", "CHECKSUM", "REPAIR", "LOCAL"}
SEQUENCE_CALLS = {"NEXTVAL", "LASTVAL", "SETVAL"}
LIST_ENDS = {
    "WHERE", "SET", "GROUP", "ORDER", "HAVING", "LIMIT", "WINDOW", "UNION", "EXCEPT", "INTERSECT",
    "INTO", "VALUES", "RETURNING", "PROCEDURE", "DUPLICATE", "SELECT",
}  # fmt: skip
NOT_NAMES = (LIST_ENDS - {"DUPLICATE"}) | {
    "FROM", "ON", "JOIN", "USING", "UPDATE", "DELETE", "INSERT", "TABLE", "WITH", "DUAL", "IF",
}  # fmt: skip


def chain(spoken: list[Token], place: int) -> tuple[NamedTable, int]:
    """The name at `place`, with its schema if it has one, and the place after it."""
    first, end = spoken[place].value, place + 1
    if spoken[end].text == "." and spoken[end + 1].kind in (Kind.WORD, Kind.NAME):
        return NamedTable(first, spoken[end + 1].value), end + 2
    return NamedTable(None, first), end


@dataclass(slots=True)
class Level:
    """One pair of parentheses: what its commas and its FROM mean."""

    function: str = ""  # the word before the parenthesis
    listing: bool = False  # inside a list of tables
    expects: bool = False  # the next name is a table
    query: bool = False  # a SELECT was seen
    joined: bool = False
    deleting: bool = False  # DELETE was seen, its FROM not yet
    targets: int | None = None  # where the names after DELETE FROM begin: USING makes aliases of them


@dataclass(slots=True)
class TableReader:
    spoken: list[Token]
    place: int = 0
    found: list[Mention] = field(default_factory=list)
    # Before USING, what DELETE FROM names are tables of the list that follows, by the names they have there.
    deleted: list[Mention] = field(default_factory=list)
    made: set[str] = field(default_factory=set)  # tables made by the body itself
    levels: list[Level] = field(default_factory=lambda: [Level()])
    hidden: set[str] = field(default_factory=set)  # names of WITH, until the statement ends
    hidden_after: dict[int, str] = field(default_factory=dict)
    showing: bool = False

    def read(self) -> None:
        while self.place < len(self.spoken):
            token = self.spoken[self.place]
            if token.kind is Kind.SYMBOL:
                self._symbol(token.text)
            elif self.at(-1).text == ".":
                pass  # a column, whatever it is called
            elif self.level.expects and token.kind in (Kind.WORD, Kind.NAME):
                self._factor(token)
            elif token.kind is Kind.WORD:
                self._keyword(token.keyword)
            else:
                self.level.expects = False
            self.place += 1

    @property
    def level(self) -> Level:
        return self.levels[-1]

    def at(self, offset: int) -> Token:
        place = self.place + offset
        return self.spoken[place] if 0 <= place < len(self.spoken) else NOTHING

    def _symbol(self, text: str) -> None:
        if text == "(":
            inner = self.level.expects
            self.level.expects = False
            self.levels.append(Level(self.at(-1).keyword, listing=inner, expects=inner))
        elif text == ")":
            self.hidden |= {name for place, name in self.hidden_after.items() if place == self.place}
            if len(self.levels) > 1:
                self.levels.pop()
        elif text == ";":
            self.levels, self.hidden, self.showing = [Level()], set(), False
        elif text == ",":
            self.level.expects = self.level.listing
        elif text not in ("{", "."):
            self.level.expects = False

    def _factor(self, token: Token) -> None:
        """A word where a table is expected."""
        word = token.keyword
        if word in BEFORE_A_NAME - {"INTO"} or (word == "LATERAL" and self.at(1).text == "("):
            return
        if word == "OJ" and self.at(-1).text == "{":
            return
        self.level.expects = False
        if word in NOT_NAMES:
            self._keyword(word)
        elif word and self.at(1).text == "(":
            return  # a table function, as JSON_TABLE
        else:
            self._take(0)

    def _take(self, offset: int) -> None:
        """Read the one name at `offset`; the reader stands on its last token afterwards."""
        token = self.at(offset)
        if token.kind not in (Kind.WORD, Kind.NAME) or token.keyword in NOT_NAMES:
            return
        self.place += offset
        table, end = chain([*self.spoken, NOTHING, NOTHING], self.place)
        self.place = end - 1
        if table.schema or table.name.casefold() not in self.hidden:
            self.found.append(Mention(table, self.place))

    def _keyword(self, word: str) -> None:
        action = ACTIONS.get(word)
        # FOR JOIN and FOR ORDER BY are index hints.
        if action and not (self.at(-1).keyword == "FOR" and word in ("JOIN", "ORDER", "GROUP")):
            action(self)
        if word in LIST_ENDS and self.at(-1).keyword != "FOR":
            self.level.listing = self.level.expects = False

    def list_tables(self) -> None:
        self.level.listing = self.level.expects = True

    def on_select(self) -> None:
        self.level.query = True

    def on_from(self) -> None:
        before = self.at(-1).keyword
        in_call = self.level.function in FROM_IN_CALL and not self.level.query
        prepared = self.at(-2).keyword == "PREPARE" or (before == "NEXT" and self.at(-2).keyword == "FETCH")
        if in_call or prepared or self.showing or before in FROM_OF_OTHERS:
            return
        self.level.targets = len(self.found) if self.level.deleting else None
        self.level.deleting = self.level.joined = False
        self.list_tables()

    def on_using(self) -> None:
        level = self.level
        if level.targets is not None and level.listing and not level.joined:
            self.deleted += self.found[level.targets :]
            del self.found[level.targets :]
            level.targets = None
            self.list_tables()

    def on_join(self) -> None:
        self.level.joined = True
        self.list_tables()

    def on_straight_join(self) -> None:
        if self.level.listing:
            self.on_join()

    def on_update(self) -> None:
        if self.at(-1).keyword not in UPDATE_OF_OTHERS and self.at(-1).text != ",":
            self.list_tables()

    def on_delete(self) -> None:
        self.level.deleting = True

    def on_insert(self) -> None:
        if self.at(1).text == "(" or self.at(-1).keyword == "OR" or self.at(-1).text == ",":
            return
        offset = 1
        while self.at(offset).keyword in BEFORE_A_NAME:
            offset += 1
        self._take(offset)

    def on_with(self) -> None:
        """Names of common table expressions; unless recursive, one does not hide a table from itself."""
        recursive = self.at(1).keyword == "RECURSIVE"
        place = self.place + (2 if recursive else 1)
        while place < len(self.spoken) and (name := self.spoken[place].value):
            place = self._after_parentheses(place + 1)
            opening = place + 1
            if [token.text.upper() for token in self.spoken[place : opening + 1]] != ["AS", "("]:
                return
            place = self._after_parentheses(opening)
            self.hidden_after[self.place if recursive else place - 1] = name.casefold()
            if recursive:
                self.hidden.add(name.casefold())
            if self.spoken[place : place + 1] != [Token(Kind.SYMBOL, ",")]:
                return
            place += 1

    def _after_parentheses(self, place: int) -> int:
        depth = 0
        for index in range(place, len(self.spoken)):
            depth += {"(": 1, ")": -1}.get(self.spoken[index].text, 0)
            if not depth:
                return index + (self.spoken[index].text == ")")
        return len(self.spoken)

    def on_table(self) -> None:
        verb, sure = self.at(-1).keyword, self.at(1).keyword != "IF"
        if verb in ("CREATE", "REPLACE", "TEMPORARY") and not self.showing:
            self._make(1 if sure else 4)
        elif verb in ("TRUNCATE", "ALTER") and sure:
            self._take(1)
        elif verb in TABLE_LIST_VERBS and sure:
            self.list_tables()

    def _make(self, offset: int) -> None:
        self.made.add(self.at(offset).value.casefold())
        like = offset + 1 + (self.at(offset + 1).text == "(")
        if self.at(like).keyword == "LIKE":
            self._take(like + 1)
        else:
            self.place += offset

    def on_truncate(self) -> None:
        if self.at(2).text in (";", "") or self.at(4).text in (";", ""):
            self._take(1)

    def on_handler(self) -> None:
        if self.at(2).keyword in ("OPEN", "READ", "CLOSE"):
            self._take(1)

    def on_show(self) -> None:
        self.showing = True

    def on_sequence_call(self) -> None:
        if self.at(1).text == "(":
            self._take(2)

    def on_for(self) -> None:
        if self.at(-1).keyword == "VALUE" and self.at(-2).keyword in ("NEXT", "PREVIOUS"):
            self._take(1)


ACTIONS: dict[str, Callable[[TableReader], None]] = {
    "SELECT": TableReader.on_select,
    "FROM": TableReader.on_from,
    "USING": TableReader.on_using,
    "JOIN": TableReader.on_join,
    "STRAIGHT_JOIN": TableReader.on_straight_join,
    "UPDATE": TableReader.on_update,
    "DELETE": TableReader.on_delete,
    "INSERT": TableReader.on_insert,
    "REPLACE": TableReader.on_insert,
    "WITH": TableReader.on_with,
    "TABLE": TableReader.on_table,
    "TABLES": TableReader.on_table,
    "TRUNCATE": TableReader.on_truncate,
    "HANDLER": TableReader.on_handler,
    "SHOW": TableReader.on_show,
    "FOR": TableReader.on_for,
    **dict.fromkeys(SEQUENCE_CALLS, TableReader.on_sequence_call),
}
