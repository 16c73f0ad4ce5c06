"""A control database on MariaDB, on a server of its own: where the protected one stands must not matter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backups.engine.private_server import PrivateServer
from tests.scale.control import ControlDatabase, control_database
from tests.small_parking import small_parking

__all__ = ["small_parking"]


@pytest.fixture
def control(mariadb: PrivateServer) -> Iterator[ControlDatabase]:
    with control_database(mariadb) as made:
        yield made
