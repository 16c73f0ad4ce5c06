"""What an undo would put aside: rows that are live now beside those that would come back."""

from __future__ import annotations

from dataclasses import dataclass

from backups.engine.beside import schema_beside
from backups.engine.database import Server, session
from backups.engine.journal import read, tables_of

from .newest import NewestRow, newest_row
from .restore import spelled
from .rows_now import count_rows


@dataclass(frozen=True, slots=True)
class UndoAhead:
    """(table, rows now, rows after the undo); None where the table is not there, or cannot be read."""

    rows: tuple[tuple[str, int | None, int | None], ...]
    unreadable: frozenset[str]
    newest: NewestRow | None  # when live was last written to, as far as its rows tell


def undo_ahead(server: Server, *, database: str, restore_id: str) -> UndoAhead | None:
    """None where nothing is kept any more. Of a restore of some tables only those are looked at."""
    database = spelled(server, database)
    before = schema_beside(database, "before", restore_id)
    with session(server) as connection:
        journal = read(connection, before)
        if journal is None:
            return None
        concerned = journal[1].concerned
        kept = tables_of(connection, before, sequences=False)
        live = [
            table
            for table in tables_of(connection, database, sequences=False)
            if concerned is None or table in concerned
        ]
        now = {table: count_rows(connection, database, table) for table in live}
        then = {table: count_rows(connection, before, table) for table in kept}
    names = sorted(now.keys() | then.keys())
    lost = frozenset(name for name in names if now.get(name, 0) is None or then.get(name, 0) is None)
    newest = newest_row(server, database=database, only=concerned)
    return UndoAhead(tuple((name, now.get(name), then.get(name)) for name in names), lost, newest)
