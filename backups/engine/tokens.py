"""SQL cut into tokens, as MariaDB cuts it: nothing is lost, and joined together they are the text again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from itertools import pairwise


class Kind(Enum):
    SPACE = auto()
    COMMENT = auto()
    TEXT = auto()  # a string literal
    NAME = auto()  # a quoted identifier
    VARIABLE = auto()  # @name, @@name, and the host of user@host
    NUMBER = auto()
    WORD = auto()  # a keyword or a bare identifier
    SYMBOL = auto()


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str

    @property
    def keyword(self) -> str:
        """The word in capitals; empty for whatever cannot be a keyword."""
        return self.text.upper() if self.kind is Kind.WORD else ""

    @property
    def value(self) -> str:
        """What an identifier or a string stands for, without its quotes."""
        quote = self.text[:1]
        if self.kind not in (Kind.NAME, Kind.TEXT) or quote not in "`'\"":
            return self.text
        return self.text[1:-1].replace(quote * 2, quote)

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Token(Kind.SPACE, "")
SILENT = (Kind.SPACE, Kind.COMMENT)
IDENTIFIER = r"[0-9A-Za-z$_\x80-\U0010ffff]"

# An unterminated literal or comment runs to the end of the text: it is still one token.
DOUBLED = r"{q}(?:[^{q}]++|{q}{q})*+(?:{q}|\Z)"
ESCAPED = r"{q}(?:[^{q}\\]++|{q}{q}|\\(?:.|\Z))*+(?:{q}|\Z)"
BACKTICKS = DOUBLED.format(q="`")
EXECUTABLE = re.compile(r"/\*M?!\d*")
# MariaDB never runs what MySQL 5.7 to 9.x marked as its own, nor what is marked for no version at all: the
# first line of mariadb-dump is one such, for its client's sandbox.
FOREIGN = r"/\*(?:!(?:50[7-9]\d\d|5[1-9]\d{3}|[6-9]\d{4})|M?!99\d{4})(?!\d)(?:/\*.*?\*/|(?!\*/).)*+(?:\*/|\Z)"
COMMENT = rf"\#[^\n]*|--(?=[\x00-\x20]|\Z)[^\n]*|{FOREIGN}|/\*M?!\d*|/\*.*?(?:\*/|\Z)"
NUMBER = (
    rf"0[xX][0-9a-fA-F]+(?!{IDENTIFIER})|0b[01]+(?!{IDENTIFIER})|\d+\.\d*(?:[eE][+-]?\d+)?"
    rf"|(?<!{IDENTIFIER})(?<![`\"])\.\d+(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+)?(?!{IDENTIFIER})"
)


def tokens(text: str, *, sql_mode: str) -> Iterator[Token]:
    """Every token of `text` under this sql_mode, spaces and comments too."""
    pattern, position, executable = _pattern(*_quoting(sql_mode)), 0, False
    while position < len(text):
        if executable and text.startswith("*/", position):
            token, executable = Token(Kind.COMMENT, "*/"), False
        else:
            token = _token(pattern, text, position)
            executable = executable or (token.kind is Kind.COMMENT and bool(EXECUTABLE.fullmatch(token.text)))
        yield token
        position += len(token.text)


def meaningful(text: str, *, sql_mode: str) -> list[Token]:
    """The tokens that the server acts upon."""
    return [token for token in tokens(text, sql_mode=sql_mode) if token.kind not in SILENT]


def without_definer(statement: str, *, sql_mode: str) -> str:
    """A CREATE statement without its DEFINER clause: made anew, it belongs to whoever makes it."""
    parts = list(tokens(statement, sql_mode=sql_mode))
    spoken = [place for place, token in enumerate(parts) if token.kind not in SILENT]
    for this, following in pairwise(spoken):
        if parts[this].keyword == "DEFINER" and parts[following].text == "=":
            end = next(place for place in spoken if place > following) + 1
            # The host follows its at sign as one token, or as the name after it.
            while parts[end].kind is Kind.VARIABLE or parts[end].text in ("(", ")"):
                end += 1
            return "".join(token.text for token in (*parts[:this], *parts[end:]))
        if parts[this].keyword in ("PROCEDURE", "FUNCTION", "VIEW", "EVENT", "TRIGGER"):
            break
    return statement


def unqualified(statement: str, schema: str, *, sql_mode: str) -> str:
    """The statement without `schema.` before names, so that it means the database it is run in."""
    parts = list(tokens(statement, sql_mode=sql_mode))
    kept: list[str] = []
    place = 0
    while place < len(parts):
        names = parts[place].kind in (Kind.NAME, Kind.WORD) and parts[place].value == schema
        if names and place + 1 < len(parts) and parts[place + 1].text == "." and kept[-1:] != ["."]:
            place += 2
            continue
        kept.append(parts[place].text)
        place += 1
    return "".join(kept)


def without_backslashes(sql_mode: str) -> bool:
    """Whether a backslash in a string stands for itself."""
    return _quoting(sql_mode)[0]


def _quoting(sql_mode: str) -> tuple[bool, bool]:
    modes = set(sql_mode.upper().split(","))
    return "NO_BACKSLASH_ESCAPES" in modes, "ANSI_QUOTES" in modes


def _token(pattern: re.Pattern[str], text: str, position: int) -> Token:
    found = pattern.match(text, position)
    if found is None or found.lastgroup is None:
        return Token(Kind.SYMBOL, text[position])
    return Token(Kind[found.lastgroup], found.group())


@cache
def _pattern(no_backslash: bool, ansi_quotes: bool) -> re.Pattern[str]:
    quoted = DOUBLED if no_backslash else ESCAPED
    single, double = quoted.format(q="'"), quoted.format(q='"')
    text, name = rf"[xXbBnN]?{single}|{double}", BACKTICKS
    if ansi_quotes:
        text, name = rf"[xXbBnN]?{single}", rf"{BACKTICKS}|{DOUBLED.format(q=chr(34))}"
    variable = rf"@@?(?:{BACKTICKS}|{single}|{double}|(?:{IDENTIFIER}|\.)++)?"
    return re.compile(
        rf"(?P<SPACE>[\x00-\x20]+)|(?P<COMMENT>{COMMENT})|(?P<TEXT>{text})|(?P<NAME>{name})"
        rf"|(?P<VARIABLE>{variable})|(?P<NUMBER>{NUMBER})|(?P<WORD>{IDENTIFIER}+)",
        re.DOTALL,
    )
