"""A panel of its own for each test, on the suite's real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installation import Installation, copied, installation_in
from tests.scratch import ScratchDatabase
from tests.small_parking import installed_once, small_parking

__all__ = ["installed_once", "small_parking"]


@pytest.fixture
def uninitialised(tmp_path: Path, small_parking: ScratchDatabase) -> Installation:
    return installation_in(tmp_path, small_parking)


@pytest.fixture
def installation(
    tmp_path: Path, small_parking: ScratchDatabase, installed_once: Installation
) -> Installation:
    return copied(installed_once, tmp_path, small_parking)
