"""Stored code as statements: what each object needs around it, and in which order they can be made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from . import errors
from .database import quote_name, quote_text
from .ddl import masked
from .manifest import Event, Inventory, Routine, Trigger, View

Code = Routine | View | Trigger | Event
EVENT_STATUS = re.compile(r"( ON COMPLETION (?:NOT )?PRESERVE) (ENABLE|DISABLE ON SLAVE|DISABLE)")


@dataclass(frozen=True, slots=True)
class Making:
    """One object of code: run `session`, then `statement`, in a session of its own."""

    kind: str
    name: str
    session: str
    statement: str
    collation: str = ""  # of the database while it is made; '': whatever it is
    may_fail: bool = False  # it did not compile where it comes from

    @property
    def surroundings(self) -> tuple[str, ...]:
        """What to run before the statement, in the database where it is to be."""
        within = f"ALTER DATABASE COLLATE {self.collation}"
        return (within, self.session) if self.collation else (self.session,)


def makings(inventory: Inventory) -> Iterator[Making]:
    """Everything that can be made once the tables are there; events asleep."""
    for routine in inventory.routines:
        yield Making(
            routine.kind.lower(),
            routine.name,
            session_for(routine),
            routine.statement,
            _foreign(routine, inventory),
        )
    for view in ordered_views(inventory.views):
        yield Making("view", view.name, session_for(view), view.statement, may_fail=not view.columns)
    yield from trigger_makings(inventory, inventory.triggers)
    for event in inventory.events:
        yield Making(
            "event", event.name, session_for(event), asleep(event.statement), _foreign(event, inventory)
        )
    yield from _collation_again(inventory)


def _foreign(code: Routine | Trigger | Event, inventory: Inventory) -> str:
    """The collation that its database had when it was made, where none of the database now is the same."""
    every = {body.database_collation for body in inventory.bodies}
    return code.database_collation if every - {inventory.collation} else ""


def _collation_again(inventory: Inventory) -> Iterator[Making]:
    if any(_foreign(body, inventory) for body in inventory.bodies):
        statement = f"ALTER DATABASE COLLATE {inventory.collation}"
        yield Making("database", inventory.database, "SET NAMES utf8mb4", statement)


def trigger_makings(inventory: Inventory, triggers: tuple[Trigger, ...]) -> Iterator[Making]:
    for trigger in triggers:
        yield replace(making_of(trigger), collation=_foreign(trigger, inventory))
    yield from _collation_again(inventory)


def making_of(trigger: Trigger) -> Making:
    return Making("trigger", trigger.name, session_for(trigger), trigger.statement())


def or_replace(create_routine: str) -> str:
    """The statement that replaces a routine in place, so that what was granted on it stays granted."""
    return create_routine.replace("CREATE ", "CREATE OR REPLACE ", 1)


def session_for(code: Code) -> str:
    """The settings that the server keeps with an object and reads from the session that makes it."""
    settings = [f"character_set_client={code.charset}", f"collation_connection={code.collation}"]
    if not isinstance(code, View):
        settings.append(f"sql_mode={quote_text(_spoken(code.sql_mode))}")
    if isinstance(code, Event):
        # An early clock: a one-time event whose time has passed would be dropped at once.
        settings += [f"time_zone={quote_text(code.time_zone)}", "timestamp=1"]
    return "SET SESSION " + ", ".join(settings)


def _spoken(sql_mode: str) -> str:
    """As SET takes it: where the server keeps routines and events, it calls one mode otherwise."""
    return ",".join("ALLOW_INVALID_DATES" if m == "INVALID_DATES" else m for m in sql_mode.split(","))


def asleep(event_statement: str) -> str:
    """A CREATE EVENT whose event does not fire until somebody enables it."""
    found = EVENT_STATUS.search(masked(event_statement))
    if not found:
        raise errors.UnsupportedObject(kind="event", name=event_statement[:80])
    return event_statement[: found.start(2)] + "DISABLE" + event_statement[found.end(2) :]


def ordered_views(views: tuple[View, ...]) -> tuple[View, ...]:
    """Views after the views that they read; where they turn in a circle, as they come."""
    ordered: list[View] = []
    left = list(views)
    while left:
        names = {quote_name(view.name) for view in left}
        ready = [v for v in left if not _reads(v, names - {quote_name(v.name)})] or left[:1]
        ordered += ready
        left = [view for view in left if view not in ready]
    return tuple(ordered)


def _reads(view: View, names: set[str]) -> bool:
    return any(name in view.statement for name in names)
