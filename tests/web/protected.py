"""The panel pointed at a database of the suite's private server."""

from __future__ import annotations

from typing import Any

from tests.scratch import ScratchDatabase


def protect(database: ScratchDatabase, settings: Any) -> None:
    settings.QPARKIN_DB_SOCKET = database.server.socket
    settings.QPARKIN_DB_USERNAME = database.server.username
    settings.QPARKIN_DB_PASSWORD = database.server.password
    settings.QPARKIN_DB_DATABASE = database.name
