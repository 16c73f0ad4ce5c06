"""What a body reaches, and why one must not be fired: it would touch more than the copy it is fired in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backups.engine.manifest import Inventory, Trigger
from backups.engine.names import NamedTable, called_routines, named_tables
from backups.engine.tokens import NOTHING, Kind, meaningful, unqualified

FILES = {"OUTFILE", "DUMPFILE"}
LOCKS = {"GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS"}
WAITS = {"SLEEP", "BENCHMARK", "MASTER_POS_WAIT", "MASTER_GTID_WAIT", *LOCKS}
PROGRAMS = {"SYS_EXEC", "SYS_EVAL", "SYS_SET", "SYS_GET", "HTTP_GET", "HTTP_POST", "SPIDER_DIRECT_SQL"}
SERVER = {"KILL", "SHUTDOWN", "INSTALL", "UNINSTALL", "FLUSH", "RESET"}
SERVER_SETTINGS = {"GLOBAL", "PERSIST", "PASSWORD", "ROLE"}
STATEMENT_FOLLOWS = {"BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT"}


@dataclass(frozen=True, slots=True)
class Body:
    text: str
    sql_mode: str


def reached(inventory: Inventory, trigger: Trigger) -> tuple[Body, ...]:
    """The trigger's own body, and those of the routines and views that it reaches, however far."""
    found: dict[Body, None] = {}
    waiting = [Body(trigger.body, trigger.sql_mode)]
    while waiting:
        body = waiting.pop()
        if body not in found:
            found[body] = None
            waiting.extend(_next(inventory, body))
    return tuple(found)


def tables_of(bodies: Iterable[Body]) -> tuple[NamedTable, ...]:
    return tuple(
        dict.fromkeys(table for body in bodies for table in named_tables(body.text, sql_mode=body.sql_mode))
    )


def touched(inventory: Inventory, triggers: Iterable[Trigger], *, exact: bool) -> frozenset[str]:
    """Every table that these triggers reach, also through those that they set off, as the case rule says."""

    def ruled(name: str) -> str:
        return name if exact else name.casefold()

    found: set[str] = set()
    waiting = list(triggers)
    while waiting:
        trigger = waiting.pop()
        named = {ruled(table.name) for table in tables_of(reached(inventory, trigger))}
        new = (named | {ruled(trigger.table)}) - found
        found |= new
        waiting += [other for other in inventory.triggers if ruled(other.table) in new]
    return frozenset(found)


def obstacle(bodies: Iterable[Body], *, inventory: Inventory, schemas: frozenset[str]) -> str | None:
    """A slug that says why these bodies must not run, or None."""
    functions = [routine.name for routine in inventory.routines]
    for body in bodies:
        calls = called_routines(body.text, sql_mode=body.sql_mode, known=functions)
        tables = named_tables(body.text, sql_mode=body.sql_mode)
        # Our own database by name is another one too, from where it would be fired.
        schemas_named = {*(table.schema for table in tables), *(call.schema for call in calls)} - {None}
        if schemas_named or _names_a_schema(body, inventory, schemas):
            return "names_database"
        if why := _deed(body):
            return why
    return None


def _next(inventory: Inventory, body: Body) -> Iterator[Body]:
    known = {routine.name.casefold(): routine for routine in inventory.routines}
    for call in called_routines(body.text, sql_mode=body.sql_mode, known=known):
        if routine := known.get(call.name.casefold()):
            yield Body(routine.statement, routine.sql_mode)
    named = {table.name.casefold() for table in named_tables(body.text, sql_mode=body.sql_mode)}
    for view in inventory.views:
        if view.name.casefold() in named:
            yield Body(unqualified(view.statement, inventory.database, sql_mode=""), "")


def _names_a_schema(body: Body, inventory: Inventory, schemas: frozenset[str]) -> bool:
    """A second look, which does not depend on having understood the statement."""
    ours = {table.name.casefold() for table in inventory.tables} | {"new", "old"}
    spoken = [NOTHING, *meaningful(body.text, sql_mode=body.sql_mode), NOTHING]
    return any(
        token.kind in (Kind.WORD, Kind.NAME)
        and token.value.casefold() in schemas - ours
        and spoken[place].text != "."
        and spoken[place + 2].text == "."
        for place, token in enumerate(spoken[1:-1])
    )


def _deed(body: Body) -> str | None:
    spoken = [NOTHING, *meaningful(body.text, sql_mode=body.sql_mode), NOTHING]
    verb = ""
    for before, token, after in zip(spoken, spoken[1:], spoken[2:], strict=False):
        if not before or before.text in (";", ":") or before.keyword in STATEMENT_FOLLOWS:
            verb = token.keyword
        why = _word(token.keyword, called=after.text == "(")
        setting = before.keyword == "SET" or before.text == ","
        if verb in SERVER or (verb in ("SET", "CREATE") and setting and token.keyword in SERVER_SETTINGS):
            why = "changes_server"
        if token.text.upper().startswith("@@GLOBAL") and after.text in (":", "="):
            why = "changes_server"
        if why and before.text != ".":
            return why
    return None


def _word(word: str, *, called: bool) -> str | None:
    if word in FILES or (word == "LOAD_FILE" and called):
        return "touches_files"
    if word in WAITS and called:
        return "waits"
    if word in PROGRAMS and called:
        return "runs_programs"
    return "changes_server" if word == "KILL" else None
