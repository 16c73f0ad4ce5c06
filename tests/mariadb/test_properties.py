"""Whatever schema and rows are made up: what is backed up is proven, and restores to the same bytes."""

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from backups.engine.database import quote_name
from backups.engine.private_server import PrivateServer
from tests.mariadb.road import new_road
from tests.mariadb.schemas import MadeUp, databases
from tests.scratch import scratch_database

MODE = (
    "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', check_constraint_checks=0, "
    "innodb_strict_mode=0"
)
COMMON = {
    "deadline": timedelta(seconds=60),
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


def _holds(server: PrivateServer, made_up: tuple[MadeUp, ...]) -> None:
    with scratch_database(server) as database, tempfile.TemporaryDirectory() as folder:
        database.run(MODE, *(statement for table in made_up for statement in table.statements))
        road = new_road(Path(folder))
        made = road.back_up(database.server, database.name)
        # Without the helper in C: the bytes must be the same.
        proof = road.drill(made, replace(database.server, fast_rows=False), database.name)
        assert proof.proven, proof.differences
        for table in made.manifest.inventory.tables:
            every = " FOR SYSTEM_TIME ALL" if table.period else ""
            ((expected,),) = database.rows(f"SELECT COUNT(*) FROM {quote_name(table.name)}{every}")
            assert made.manifest.rows_of(table.name).rows == expected


@settings(max_examples=25, derandomize=True, **COMMON)
@given(made_up=databases())
def test_what_is_made_up_comes_back(mariadb: PrivateServer, made_up: tuple[MadeUp, ...]) -> None:
    _holds(mariadb, made_up)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=600, **COMMON)
@given(made_up=databases())
def test_much_that_is_made_up_comes_back(mariadb: PrivateServer, made_up: tuple[MadeUp, ...]) -> None:
    _holds(mariadb, made_up)
