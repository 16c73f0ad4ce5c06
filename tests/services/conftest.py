"""Services on a real control database, and where they need it on a real protected one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from backups.services import ping
from tests.installation import Installation, copied
from tests.scratch import ScratchDatabase
from tests.services.listening import Listener, a_listener
from tests.small_parking import installed_once, small_parking

__all__ = ["installed_once", "small_parking"]


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
def parking(settings: Settings, small_parking: ScratchDatabase, archives_in: Path) -> ScratchDatabase:
    """A small database that the panel protects."""
    settings.QPARKIN_DB_SOCKET = small_parking.server.socket
    settings.QPARKIN_DB_DATABASE = small_parking.name
    settings.QPARKIN_DB_USERNAME = small_parking.server.username
    settings.QPARKIN_DB_PASSWORD = small_parking.server.password
    return small_parking


@pytest.fixture
def installation(
    tmp_path: Path, small_parking: ScratchDatabase, installed_once: Installation
) -> Installation:
    """A panel whose processes are real, with a small database to protect."""
    return copied(installed_once, tmp_path, small_parking)


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    # Five seconds are few for a loaded machine.
    monkeypatch.setattr(ping, "SECONDS", 60.0)
    with a_listener() as found:
        yield found
