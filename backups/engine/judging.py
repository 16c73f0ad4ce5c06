"""What a statement of a foreign dump is about, and whether a dump has any business with it.

This is for plain words, not for safety: what may not be done, the account in quarantine may not do.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from .tokens import NOTHING, SILENT, Kind, Token, tokens, without_definer

HEAD = 4000
CODE = {"VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "PACKAGE", "EVENT"}
OBJECTS = CODE | {"TABLE", "SEQUENCE", "INDEX"}
OTHERS = {"DATABASE", "SCHEMA", "USER", "ROLE", "SERVER", "TABLESPACE", "LOGFILE", "CATALOG"}
ROWS = {"INSERT", "REPLACE"}
PLAIN = {"START", "BEGIN", "COMMIT", "LOCK", "UNLOCK", "UPDATE", "DELETE", "TRUNCATE", "DO"}
DATABASE = {"DATABASE", "SCHEMA"}
NOT_NAMES = {"IF", "NOT", "EXISTS", "BODY", "INTO", "IGNORE", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY"}
NOT_SETTINGS = {"GLOBAL", "PASSWORD", "ROLE", "DEFAULT", "STATEMENT"}
OF_THE_SERVER = {"SQL_LOG_BIN", "GTID_PURGED", "GTID_SLAVE_POS"}


@dataclass(frozen=True, slots=True)
class Judged:
    """`act` is run, pass (nothing is lost), use (another database) or leave (not let in)."""

    act: str
    kind: str = "statement"  # what would be lost: table, rows, keys, trigger, … or statement
    name: str = ""


def judged(text: str) -> Judged:
    spoken = [token for token in islice(tokens(text[:HEAD], sql_mode=""), 200) if token.kind not in SILENT]
    first = _at(spoken, 0).keyword
    if first == "CREATE":
        return _created(spoken)
    if first in ("ALTER", "DROP"):
        return _changed(first, spoken)
    if first in ROWS:
        return Judged("run", "rows", _name(spoken, 1))
    if first == "USE":
        return Judged("use", "database", _at(spoken, 1).value)
    return _other(first, spoken)


def _other(first: str, spoken: list[Token]) -> Judged:
    if first == "SET":
        return Judged("leave" if _reaches_the_server(spoken) else "run", "setting")
    if first == "SELECT":
        return Judged("run" if _at(spoken, 1).keyword == "SETVAL" else "pass")
    return Judged("run" if first in PLAIN else "leave", "statement", first)


def _reaches_the_server(spoken: list[Token]) -> bool:
    """Settings of the whole server, of an account or of replication are none of a dump's business."""
    names = {token.text.upper() for token in spoken[1:]}
    return _at(spoken, 1).keyword in NOT_SETTINGS or any(
        name.startswith("@@GLOBAL") or name.rpartition(".")[2] in OF_THE_SERVER for name in names
    )


def _created(spoken: list[Token]) -> Judged:
    place, kind = _kind(spoken)
    if kind in DATABASE:
        return Judged("pass", "database", _name(spoken, place + 1))
    if kind not in OBJECTS or any(token.keyword == "SONAME" for token in spoken):
        return Judged("leave", kind.lower() or "statement", _name(spoken, place + 1))
    return Judged("run", kind.lower(), _name(spoken, place + 1))


def _changed(first: str, spoken: list[Token]) -> Judged:
    place, kind = _kind(spoken)
    name = _name(spoken, place + 1)
    if kind in DATABASE:
        return Judged("run" if first == "ALTER" else "leave", "database", name)
    if kind not in OBJECTS:
        return Judged("leave", kind.lower() or "statement", name)
    return Judged("run", "keys" if (first, kind) == ("ALTER", "TABLE") else kind.lower(), name)


def _kind(spoken: list[Token]) -> tuple[int, str]:
    """The first word that names a kind of object, and where it stands."""
    for place, token in enumerate(spoken):
        if token.keyword in OBJECTS | OTHERS:
            return place, token.keyword
    return 0, ""


def _name(spoken: list[Token], place: int) -> str:
    while _at(spoken, place).keyword in NOT_NAMES:
        place += 1
    # Of `database`.`table`, the table.
    if _at(spoken, place + 1).text == ".":
        place += 2
    return _at(spoken, place).value


def _at(spoken: list[Token], place: int) -> Token:
    return spoken[place] if place < len(spoken) else NOTHING


def prepared(text: str, verdict: Judged) -> str:
    """As it is to be run: code belongs to whoever loads it, ALTER DATABASE means the one that it is in."""
    if verdict.kind.upper() in CODE and verdict.act == "run":
        return without_definer(text, sql_mode="")
    if verdict.kind == "database" and verdict.act == "run":
        return _of_this_database(text, verdict.name)
    return text


def _of_this_database(text: str, name: str) -> str:
    parts = list(tokens(text, sql_mode=""))
    named = [p for p, t in enumerate(parts) if t.kind in (Kind.NAME, Kind.WORD) and t.value == name]
    if not named or parts[named[0]].keyword in ("CHARACTER", "CHARSET", "COLLATE", "DEFAULT", "COMMENT"):
        return text
    return "".join(token.text for place, token in enumerate(parts) if place != named[0])
