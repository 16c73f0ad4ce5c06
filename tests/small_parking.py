"""A small parking database, quick to back up and with one of each that matters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backups.engine.database import rows, session
from backups.engine.private_server import PrivateServer
from tests.installation import Installation, installation_in
from tests.scratch import ScratchDatabase, as_root

SMALL_PARKING = (
    "CREATE TABLE mall (id_mall INT AUTO_INCREMENT PRIMARY KEY, nama VARCHAR(80) NOT NULL)",
    "CREATE TABLE tiket (id_tiket INT AUTO_INCREMENT PRIMARY KEY, id_mall INT NOT NULL, plat VARCHAR(20))",
    "ALTER TABLE tiket ADD CONSTRAINT tiket_mall FOREIGN KEY (id_mall) REFERENCES mall (id_mall)",
    "CREATE TABLE zona (kode CHAR(2) PRIMARY KEY, isi TEXT)",
    "INSERT INTO mall (nama) VALUES ('Grand Batam'), ('Nagoya Hill')",
    "INSERT INTO tiket (id_mall, plat) VALUES (1, 'BP 1234 XY'), (2, 'BP 77 A'), (2, 'B 1 \\\\''😀')",
    "INSERT INTO zona VALUES ('A1', 'lantai satu')",
    "CREATE TRIGGER tiket_baru BEFORE INSERT ON tiket FOR EACH ROW SET NEW.plat = UPPER(NEW.plat)",
)


@contextmanager
def held_up(database: ScratchDatabase, table: str = "zona") -> Iterator[None]:
    """Keep anybody from reading a table, so that a backup stands still in the middle of its rows."""
    with session(database.server, database.name) as connection:
        rows(connection, f"LOCK TABLES {table} WRITE")
        yield


@pytest.fixture
def small_parking(database: ScratchDatabase) -> ScratchDatabase:
    """A small database with a foreign key and a trigger."""
    database.run(*SMALL_PARKING)
    return database


@pytest.fixture(scope="session")
def installed_once(mariadb: PrivateServer, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What `init` makes, once for all tests; each works on a copy."""
    never_made = ScratchDatabase("scratch_of_the_template", as_root(mariadb))
    made = installation_in(tmp_path_factory.mktemp("installed"), never_made)
    done = made.init("--no-check")
    assert done.status == 0, done
    return made
