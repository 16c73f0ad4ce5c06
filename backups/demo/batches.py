"""Rows collected and written many at a time, parents before children, in constant memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

ROWS_HELD = 20_000


class Batches:
    """Holds rows by table until there are enough of them, then writes every table in `columns`' order."""

    def __init__(
        self,
        connection: Connection[Cursor],
        *,
        columns: Mapping[str, tuple[str, ...]],
        on_written: Callable[[int], object],
    ) -> None:
        self.written = 0
        self._connection = connection
        self._columns = columns
        self._on_written = on_written
        self._held: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._count = 0

    def add(self, table: str, *row: Any) -> None:
        self._held[table].append(row)
        self._count += 1

    def flush_when_full(self) -> None:
        """Called between families of rows, so that a child never goes before its parent."""
        if self._count >= ROWS_HELD:
            self.flush()

    def flush(self) -> None:
        self._connection.begin()
        with self._connection.cursor() as cursor:
            for table, columns in self._columns.items():
                if held := self._held.pop(table, None):
                    cursor.executemany(_insert(table, columns), held)
        self._connection.commit()
        self.written += self._count
        self._count = 0
        self._on_written(self.written)


def _insert(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f"`{column}`" for column in columns)
    return f"INSERT INTO `{table}` ({names}) VALUES ({', '.join(['%s'] * len(columns))})"  # noqa: S608 - our names
