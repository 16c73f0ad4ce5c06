"""A road of its own for each test that backs up and restores."""

from pathlib import Path

import pytest

from tests.mariadb.road import Road, new_road


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return new_road(tmp_path)
