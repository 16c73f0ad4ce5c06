"""Services on a real control database, and where they need it on a real protected one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.installation import Installation, installation_in
from tests.scratch import ScratchDatabase
from tests.small_parking import SMALL_PARKING


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def archives_in(settings: Settings, tmp_path: Path) -> Path:
    """An empty storage of the test's own."""
    settings.BACKUP_LOCAL_ROOT = str(tmp_path / "archives")
    return tmp_path / "archives"


@pytest.fixture
def parking(settings: Settings, database: ScratchDatabase, archives_in: Path) -> ScratchDatabase:
    """A small database that the panel protects."""
    database.run(*SMALL_PARKING)
    settings.QPARKIN_DB_SOCKET = database.server.socket
    settings.QPARKIN_DB_DATABASE = database.name
    settings.QPARKIN_DB_USERNAME = database.server.username
    settings.QPARKIN_DB_PASSWORD = database.server.password
    return database


@pytest.fixture
def installation(tmp_path: Path, database: ScratchDatabase) -> Installation:
    """A panel whose processes are real, with a small database to protect."""
    database.run(*SMALL_PARKING)
    made = installation_in(tmp_path, database)
    assert made.init("--no-check").status == 0
    return made
