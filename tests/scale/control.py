"""Control databases on the suite's private server, each with an account whose password is hard to quote."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from backups.engine.database import quote_name, rows, session
from backups.engine.private_server import PrivateServer
from tests.scratch import as_root

AWKWARD = "p\"a'\\$s#%&s @:/?w"


@dataclass(frozen=True, slots=True)
class ControlDatabase:
    name: str
    server: PrivateServer
    url: str = field(repr=False)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """As whoever looks into it by hand."""
        with session(as_root(self.server), self.name) as connection:
            return list(rows(connection, statement, values))

    def make_anew(self) -> None:
        """Empty, as on the first day."""
        with session(as_root(self.server)) as connection:
            rows(connection, f"DROP DATABASE {quote_name(self.name)}")
            rows(connection, f"CREATE DATABASE {quote_name(self.name)}")


@contextmanager
def control_database(server: PrivateServer) -> Iterator[ControlDatabase]:
    """Empty; its account may do everything in it, and nothing elsewhere."""
    name = f"panel_{secrets.token_hex(4)}"
    # What the suite makes of it for itself begins with test_.
    places = (quote_name(name), quote_name(f"test_{name}"))
    with session(as_root(server)) as connection:
        rows(connection, f"CREATE DATABASE {places[0]}")
        literal = AWKWARD.replace("\\", "\\\\").replace("'", "''")
        rows(connection, f"CREATE USER {name}@localhost IDENTIFIED BY '{literal}'")
        for place in places:
            rows(connection, f"GRANT ALL ON {place}.* TO {name}@localhost")
    try:
        account = f"{name}:{quote(AWKWARD, safe='')}"
        url = f"mysql://{account}@localhost/{name}?unix_socket={quote(str(server.socket))}"
        yield ControlDatabase(name, server, url)
    finally:
        with session(as_root(server)) as connection:
            for place in places:
                rows(connection, f"DROP DATABASE IF EXISTS {place}")
            rows(connection, f"DROP USER {name}@localhost")
