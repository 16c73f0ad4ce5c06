"""The journal of a swap: what moves where, kept on the server beside the tables that it moves.

It lies in the schema that receives the outgoing tables, so whoever finds that schema after a crash, on
whatever machine, can finish the swap or take it back, and later undo it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import cast

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from .database import one, quote_name, quote_text, rows, run
from .manifest import Inventory
from .plain import build, to_text
from .ties import Tie

TABLE = "__qparkin_journal"
PLANNED, MOVING, MOVED, DONE = "planned", "moving", "moved", "done"


@dataclass(frozen=True, slots=True)
class Plan:
    """One swap: tables of `live` go to `outgoing`, those of `incoming` become live; all, unless `partial`."""

    restore: str
    live: str
    incoming: str
    outgoing: str
    out_tables: tuple[str, ...]
    in_tables: tuple[str, ...]
    old: Inventory | None  # the code that was live, without tables; None where live did not exist
    new: Inventory  # the code that becomes live, without tables
    wake_events: bool
    drop_incoming: bool  # a shadow may go when nothing came of it; a before-schema may not
    partial: bool = False  # only the tables named; code of others stays as it is
    neighbours: tuple[str, ...] = ()  # live tables left out whose foreign keys are made anew
    helpers: tuple[str, ...] = ()  # what stays behind in `incoming` and goes with it

    @property
    def concerned(self) -> frozenset[str] | None:
        """The tables whose triggers change hands; None: all."""
        return frozenset({*self.out_tables, *self.in_tables}) if self.partial else None


def open_journal(connection: Connection[Cursor], plan: Plan) -> None:
    where = _where(plan.outgoing)
    run(
        connection,
        f"CREATE TABLE {where} (id TINYINT PRIMARY KEY, step VARCHAR(20) NOT NULL, plan LONGTEXT NOT NULL, "
        "ties LONGTEXT NOT NULL) ENGINE=InnoDB CHARACTER SET utf8mb4",
    )
    run(connection, f"INSERT INTO {where} VALUES (1, '{PLANNED}', {quote_text(to_text(plan))}, '[]')")


def advance(connection: Connection[Cursor], plan: Plan, step: str) -> None:
    run(connection, f"UPDATE {_where(plan.outgoing)} SET step = {quote_text(step)}")


def noted_ties(connection: Connection[Cursor], plan: Plan, found: tuple[Tie, ...]) -> tuple[Tie, ...]:
    """Write down what is about to be taken apart; returns it with what an earlier try wrote down."""
    (text,) = one(connection, f"SELECT ties FROM {_where(plan.outgoing)}")
    ties = dict.fromkeys([*(Tie(**tie) for tie in json.loads(text)), *found])
    noted = json.dumps([asdict(tie) for tie in ties])
    run(connection, f"UPDATE {_where(plan.outgoing)} SET ties = {quote_text(noted)}")
    return tuple(ties)


def read(connection: Connection[Cursor], schema: str) -> tuple[str, Plan] | None:
    """(step, plan) of the journal in `schema`; None where there is none, or none yet written."""
    present = "SELECT 1 FROM information_schema.tables WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s"
    if not rows(connection, present, (schema, TABLE)):
        return None
    for step, text in rows(connection, f"SELECT step, plan FROM {_where(schema)}"):
        return str(step), cast(Plan, build(Plan, json.loads(text)))
    return None


def tables_of(connection: Connection[Cursor], schema: str, *, sequences: bool = True) -> tuple[str, ...]:
    """All that RENAME TABLE moves, with or without sequences: no views, and not our journal."""
    statement = "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.tables WHERE TABLE_SCHEMA = %s"
    found = {str(name): str(what) for name, what in rows(connection, statement, (schema,))}
    left_out = ("VIEW",) if sequences else ("VIEW", "SEQUENCE")
    return tuple(sorted(name for name, kind in found.items() if kind not in left_out and name != TABLE))


def _where(schema: str) -> str:
    return f"{quote_name(schema)}.{quote_name(TABLE)}"
