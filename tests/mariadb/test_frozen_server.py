"""A server that takes the call and says nothing: nobody waits for it for ever."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from backups.engine.database import connect, one
from backups.engine.errors import ConnectionLost, ServerUnreachable
from backups.engine.private_server import PrivateServer, running_server
from tests.installation import until
from tests.scratch import as_root


def _wait_until_stopped(process: int) -> None:
    """A stop reaches the threads one by one, and the last to stop may still answer: wait for all of them."""
    threads = Path(f"/proc/{process}/task")
    until(lambda: all(_is_still(thread) for thread in threads.iterdir()), pause=0.01)


def _is_still(thread: Path) -> bool:
    try:
        state = (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        # It ended while we looked.
        return True
    return state in ("T", "Z", "X")


@contextmanager
def _frozen(server: PrivateServer) -> Iterator[None]:
    process = int((server.folder / "mariadb.pid").read_text())
    os.kill(process, signal.SIGSTOP)
    try:
        _wait_until_stopped(process)
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateServer]:
    with running_server(tmp_path_factory.mktemp("frozen")) as server:
        yield server


def test_signing_in_to_a_frozen_server_has_an_end(own_server: PrivateServer) -> None:
    hurried = replace(as_root(own_server), patience=1.0)
    with _frozen(own_server), pytest.raises(ServerUnreachable):
        connect(hurried)


def test_an_answer_that_does_not_come_is_a_lost_connection(own_server: PrivateServer) -> None:
    # Long enough for a loaded machine to sign in.
    connection = connect(replace(as_root(own_server), patience=5.0))
    with _frozen(own_server), pytest.raises(ConnectionLost):
        one(connection, "SELECT 1")


@pytest.mark.slow
def test_without_a_limit_a_slow_answer_is_waited_for(own_server: PrivateServer, tmp_path: Path) -> None:
    connection = connect(as_root(own_server))
    try:
        assert one(connection, "SELECT SLEEP(11)") == (0,)
    finally:
        connection.close()
