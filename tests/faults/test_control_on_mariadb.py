"""The same of a panel whose own database is MariaDB; settings are read once in the life of a process."""

from __future__ import annotations

import pytest

from tests.scale.conftest import control
from tests.scale.control import ControlDatabase
from tests.scale.test_control_database import suite_on

__all__ = ["control"]
SECTION = "The control database"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.fault(
    what="The panel's own database is MariaDB: the rows of its jobs are locked, or all of it is lost",
    rule="the same as on SQLite",
)
def test_on_mariadb(control: ControlDatabase) -> None:
    said = suite_on(control, "tests/faults/test_control.py", "-k", "locked or lost")
    assert "5 passed" in said
