"""Fixtures that several folders share: real servers, and a database of its own for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from argon2 import PasswordHasher
from django.conf import settings
from django.core.signals import setting_changed
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from backups.engine.private_server import PrivateServer, running_server
from tests import panel_environment
from tests.scratch import OPERATORS_DUMPS, ScratchDatabase, scratch_database

panel_environment.prepare()
# The same examples each time, however slow the machine: what fails here fails everywhere.
hypothesis_settings.register_profile(
    "suite", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("suite")
# pytest-django only does this by itself when the settings are named before any conftest is read.
django.setup()

from backups.services.second_factor import paper  # noqa: E402
from tests.tampering import lifted  # noqa: E402

# A test's server loses nothing that matters when the machine stops, and must be quick.
QUICK = {"innodb_flush_log_at_trx_commit": "0", "innodb_buffer_pool_size": "128M", "innodb_doublewrite": "0"}


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateServer]:
    """A server whose table names are as written, like Debian's."""
    with running_server(tmp_path_factory.mktemp("mariadb"), options=QUICK) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_case_insensitive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateServer]:
    """A server that lowers table names, like the operators' on Windows."""
    options = {**QUICK, "lower_case_table_names": "1"}
    with running_server(tmp_path_factory.mktemp("mariadb-lower"), options=options) as server:
        yield server


@pytest.fixture
def database(mariadb: PrivateServer) -> Iterator[ScratchDatabase]:
    with scratch_database(mariadb) as scratch:
        yield scratch


@pytest.fixture
def database_case_insensitive(mariadb_case_insensitive: PrivateServer) -> Iterator[ScratchDatabase]:
    with scratch_database(mariadb_case_insensitive) as scratch:
        yield scratch


@pytest.fixture(scope="session")
def operators_dump() -> Path:
    """The operators' dump that loads."""
    dump = OPERATORS_DUMPS / "qparkin.sql"
    if not dump.exists():
        pytest.skip("the operators' dump qparkin.sql is not on this machine")
    return dump


@pytest.fixture
def qparkin_sql(database: ScratchDatabase, operators_dump: Path) -> ScratchDatabase:
    """The operators' database on a server whose table names are as written."""
    database.load(operators_dump)
    return database


@pytest.fixture
def qparkin_sql_case_insensitive(
    database_case_insensitive: ScratchDatabase, operators_dump: Path
) -> ScratchDatabase:
    """The operators' database on a server that lowers table names."""
    database_case_insensitive.load(operators_dump)
    return database_case_insensitive


@pytest.fixture(autouse=True, scope="session")
def _own_cache() -> None:
    """Workers of a parallel run share the settings, and what one of them clears another still needs."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        settings.CACHES["default"]["LOCATION"] += f"-{worker}"
        # A cache that is open already goes by the old place.
        setting_changed.send(sender=None, setting="CACHES", value=settings.CACHES, enter=True)


@pytest.fixture(autouse=True, scope="session")
def _quick_codes_on_paper() -> Iterator[None]:
    """Whoever has an app has ten of them: with the real cost, half a second for each test that needs one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(paper, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(autouse=True, scope="session")
def _emptied_after_each_test() -> Iterator[None]:
    """A test that commits is cleared up after by emptying all tables, and those of the audit refuse that."""
    emptied = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def unguarded(self: TransactionTestCase) -> None:
        with lifted():
            emptied(self)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", unguarded)
        yield
