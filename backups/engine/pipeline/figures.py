"""What a restored copy answers to questions that somebody else put: numbers that say what is in it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, TypeAlias

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import errors
from backups.engine.database import rows

log = logging.getLogger(__name__)

# By the question's name, the rows that came back.
Answers: TypeAlias = dict[str, tuple[tuple[Any, ...], ...]]

SECONDS_EACH = 60


def ask(connection: Connection[Cursor], questions: Mapping[str, str]) -> Answers:
    """`questions`: by name, a SELECT over the tables of the copy. One that cannot be answered is left out."""
    answers: Answers = {}
    for name, statement in questions.items():
        try:
            found = rows(connection, f"SET STATEMENT max_statement_time={SECONDS_EACH} FOR {statement}")
            answers[name] = tuple(tuple(row) for row in found)
        except errors.ServerRefused as error:
            # An archive of an older release may lack the table; a proof does not fail for that.
            log.info("the copy did not answer %s: %s", name, error)
    return answers
