"""A foreign dump run statement by statement: where it breaks first, and all that cannot be saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .database import Server, run, session, translate
from .dump_file import Dump, DumpLimits, DumpStatementTooLarge
from .judging import Judged, judged, prepared
from .statements import Statement, Statements, StatementTooLarge
from .stream import Progress

NO_BACKSLASH_ESCAPES = 512
MOST_TOLD = 500
HEAD_BYTES = 8000
# As the command-line client would find them; our own sessions speak another dialect.
AS_A_CLIENT = (
    "SET SESSION sql_mode=@@GLOBAL.sql_mode, time_zone=@@GLOBAL.time_zone, character_set_results=utf8mb4, "
    "lock_wait_timeout=30, innodb_lock_wait_timeout=30"
)
HEADERS = re.compile(rb"^-- (?:MySQL|MariaDB) dump ", re.MULTILINE)
TRAILER = re.compile(rb"^-- Dump completed", re.MULTILINE)
TRANSACTION = re.compile(rb"^START TRANSACTION;", re.MULTILINE)
COMMIT = re.compile(rb"^COMMIT;", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A statement that was lost: refused by the server (`errno`), or not let in."""

    line: int
    kind: str
    name: str
    errno: int
    message: str

    @property
    def told(self) -> str:
        return f"{self.errno}: {self.message}" if self.errno else self.message


@dataclass(slots=True)
class Intake:
    """What became of a dump. `problems` and `left_out` tell the first ones; the counts tell all."""

    statements: int = 0
    plain_bytes: int = 0
    problems: list[Trouble] = field(default_factory=list)
    problem_count: int = 0
    left_out: list[Trouble] = field(default_factory=list)
    left_out_count: int = 0
    cut_off: bool = False

    @property
    def loads(self) -> bool:
        return not self.problem_count

    def broke(self, trouble: Trouble) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_TOLD:
            self.problems.append(trouble)

    def leave_out(self, trouble: Trouble) -> None:
        self.left_out_count += 1
        if len(self.left_out) < MOST_TOLD:
            self.left_out.append(trouble)


def take_in(server: Server, dump: Dump, *, into: str, limits: DumpLimits, progress: Progress) -> Intake:
    """Run the dump in the empty database `into`; goes on after an error, since a person wants the rest."""
    found = Intake()
    statements = Statements(dump.chunks, limit=limits.statement_bytes)
    with session(server, into) as connection:
        run(connection, AS_A_CLIENT)
        database, foreign = "", ""
        for statement in _watched(statements, dump, progress):
            verdict = judged(statement.text[:HEAD_BYTES].decode("utf-8", "surrogateescape"))
            found.statements += 1
            if verdict.act == "use":
                database = database or verdict.name
                foreign = "" if verdict.name == database else verdict.name
            elif verdict.act == "leave" or foreign:
                message = f"it belongs to another database, {foreign}" if foreign else ""
                found.leave_out(_trouble(statement, verdict, 0, message))
            elif verdict.act == "run" and not _ran(connection, statement, verdict, found):
                break
            wire: Any = connection
            statements.backslash = not wire.server_status & NO_BACKSLASH_ESCAPES
        else:
            _look_at_the_end(statements, found)
            run(connection, "COMMIT")
    found.plain_bytes = statements.read
    return found


def _watched(statements: Statements, dump: Dump, progress: Progress) -> Iterator[Statement]:
    told = 0
    try:
        for statement in statements:
            progress.check()
            progress.advance(statements.read - told)
            told = statements.read
            yield statement
    except StatementTooLarge as large:
        raise DumpStatementTooLarge(name=dump.name, line=large.line) from None


def _ran(connection: Connection[Cursor], statement: Statement, verdict: Judged, found: Intake) -> bool:
    """False when the server has hung up, so that nothing more can be run."""
    text = prepared(statement.text.decode("utf-8", "surrogateescape"), verdict)
    wire: Any = connection
    try:
        # Unbuffered and thrown away: whatever it answers, nothing of it is kept in memory.
        wire.query(text.encode("utf-8", "surrogateescape"), unbuffered=True)
        wire._result._finish_unbuffered_query()
        while wire._result.has_next:
            wire.next_result(unbuffered=True)
            wire._result._finish_unbuffered_query()
    except pymysql.MySQLError as error:
        refused = translate(error)
        if isinstance(refused, errors.ConnectionLost):
            found.broke(_trouble(statement, verdict, 0, "the server ended the connection"))
            return False
        errno, message = int(refused.params["errno"]), str(refused.params["message"])
        found.broke(_trouble(statement, verdict, errno, message))
    except (OSError, RuntimeError):
        raise errors.ConnectionLost from None
    return True


def _trouble(statement: Statement, verdict: Judged, errno: int, message: str) -> Trouble:
    return Trouble(statement.line, _text(verdict.kind), _text(verdict.name)[:80], errno, _text(message)[:500])


def _text(told: str) -> str:
    """What a file that is no dump at all calls a name may be any bytes, which no page could show."""
    return told.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _look_at_the_end(statements: Statements, found: Intake) -> None:
    if statements.ends_inside:
        found.cut_off = True
        found.broke(Trouble(statements.ends_inside, "statement", "", 0, "the file ends in the middle of it"))
    elif _is_cut_off(statements):
        found.cut_off = True
        found.broke(Trouble(statements.line, "statement", "", 0, "its maker's last line is missing"))


def _is_cut_off(statements: Statements) -> bool:
    """Dumps of known makers say at their end that they are whole; one cut between two statements does not."""
    head, tail = statements.head, statements.tail
    if HEADERS.search(head):
        return not TRAILER.search(tail)
    return bool(b"phpMyAdmin SQL Dump" in head and TRANSACTION.search(head) and not COMMIT.search(tail))
