"""A connection that outlives the long silences of a worker, and text that means what it says.

- A backup or a drill may take hours in which its process asks the control database nothing: the server ends
  such a session (wait_timeout), or is started anew. So a session that was silent for a while is asked whether
  it is still there before it is used again; within a transaction never, since what that did is gone with it.
- Equality is exact, as on SQLite: no collation makes one of two keys, digests or names of files.
"""

from __future__ import annotations

import time
from typing import Any

import pymysql

# Django's backend imports `MySQLdb`, and PyMySQL takes its name.
pymysql.install_as_MySQLdb()

from django.db.backends.mysql import base  # noqa: E402

from .schema import SchemaEditor  # noqa: E402

SILENT_SECONDS = 5.0
# What __iexact and its like are: the columns themselves tell upper case from lower.
EITHER_CASE = "COLLATE utf8mb4_general_ci LIKE %s"


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor
    operators = {
        **base.DatabaseWrapper.operators,
        **dict.fromkeys(("iexact", "icontains", "istartswith", "iendswith"), EITHER_CASE),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._used_at = time.monotonic()

    def close_if_health_check_failed(self) -> None:
        """Called by Django before each cursor."""
        silent = time.monotonic() - self._used_at > SILENT_SECONDS
        if not self.in_atomic_block and (silent or self.errors_occurred):
            self.health_check_done = self.errors_occurred = False
        self._used_at = time.monotonic()
        super().close_if_health_check_failed()
