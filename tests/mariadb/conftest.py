"""A road of its own for each test that backs up and restores, and a server where every default is another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backups.engine.private_server import PrivateServer, running_server
from tests.conftest import QUICK
from tests.mariadb.road import Road, new_road

OTHER_DEFAULTS = {
    "character_set_server": "latin1",
    "collation_server": "latin1_german1_ci",
    "sql_mode": "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE",
    "default_time_zone": "-05:00",
    "explicit_defaults_for_timestamp": "0",
    "innodb_compression_default": "1",
    "default_storage_engine": "MyISAM",
    "max_heap_table_size": "65536",
    "lower_case_table_names": "0",
    "auto_increment_increment": "5",
    "innodb_autoinc_lock_mode": "0",
}


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return new_road(tmp_path)


@pytest.fixture(scope="session")
def mariadb_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateServer]:
    """Another server, whose defaults all differ from the first one's."""
    options = {**QUICK, **OTHER_DEFAULTS}
    with running_server(tmp_path_factory.mktemp("mariadb-elsewhere"), options=options) as server:
        yield server
