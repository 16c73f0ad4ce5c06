"""A panel of its own for each test, on the suite's real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installation import Installation, installation_in
from tests.scratch import ScratchDatabase
from tests.small_parking import SMALL_PARKING


@pytest.fixture
def parking(database: ScratchDatabase) -> ScratchDatabase:
    """A small database with a foreign key and a trigger."""
    database.run(*SMALL_PARKING)
    return database


@pytest.fixture
def uninitialised(tmp_path: Path, parking: ScratchDatabase) -> Installation:
    return installation_in(tmp_path, parking)


@pytest.fixture
def installation(uninitialised: Installation) -> Installation:
    done = uninitialised.init("--no-check")
    assert done.status == 0, done
    return uninitialised
