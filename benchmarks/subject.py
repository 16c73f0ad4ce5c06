"""What is measured: a QParkIn-shaped database, made once."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from backups.demo.seed import create_qparkin
from backups.engine.database import Server, one, run, schema_exists, session
from backups.engine.private_server import PrivateServer

OPTIONS = {"innodb_buffer_pool_size": "2G", "innodb_log_file_size": "1G", "max_allowed_packet": "64M"}
SIZES = (
    "SELECT SUM(TABLE_ROWS), SUM(DATA_LENGTH), SUM(INDEX_LENGTH) FROM information_schema.tables "
    "WHERE TABLE_SCHEMA = 'qparkin'"
)
UNTIL = datetime(2026, 11, 23, 12, 0)  # noqa: DTZ001 - the demo's clock is the malls' own


def build(server: PrivateServer, rows: int) -> str:
    """The database, made once; returns what it is in one sentence."""
    with session(Server("root", socket=str(server.socket))) as connection:
        if not schema_exists(connection, "qparkin"):
            run(connection, "CREATE DATABASE qparkin CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
            connection.select_db("qparkin")
            create_qparkin(connection, rows=rows, until=UNTIL)
        found = one(connection, SIZES)
        count, data, indexes = (int(figure) for figure in found)
        version = one(connection, "SELECT @@version")[0]
    return (
        f"about {count:,} rows, {data / 1e6:,.0f} MB of data, {indexes / 1e6:,.0f} MB of indexes, {version}"
    )


def remove(path: Path) -> None:
    """What an earlier run left behind."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
