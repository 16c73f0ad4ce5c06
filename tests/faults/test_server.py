"""The database server cuts the connection, goes away, or has no room for us, in the middle of work."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from backups.engine.database import Server, connect, rows, session
from backups.engine.errors import ServerFull, ServerUnreachable
from backups.engine.private_server import PrivateServer, running_server
from backups.models import Archive
from tests.conftest import QUICK
from tests.faults import doing, rule
from tests.faults.doing import asked, at, backed_up, take_back
from tests.faults.killing import part_of
from tests.faults.rule import Panel
from tests.installation import until
from tests.laravel import laravel_in
from tests.scratch import scratch_database
from tests.small_parking import SMALL_PARKING
from tests.web import factories

SECTION = "The database server"
KINDS = pytest.mark.parametrize("kind", ["backup", "drill", "restore"])
SOME_STEPS = (15, 40, 65, 90)
# In percent: while rows are read, or written.
MIDDLE = {"backup": 25, "drill": 60, "restore": 60}


def steps_of(kind: str, panel: Panel, archive: Archive) -> int:
    steps = doing.steps_of(asked(kind, panel, archive))
    rule.work_off()
    take_back()
    return steps


@pytest.mark.fault(
    what="Every connection to the server is cut (KILL) at four places of a backup, a drill and a restore",
    rule="the work fails and says so, or comes through; live is old",
)
@KINDS
def test_cut(panel: Panel, archive: Archive, kind: str) -> None:
    steps, before = steps_of(kind, panel, archive), rule.look(panel)
    for percent in SOME_STEPS:
        at(part_of(steps, percent), lambda: cut_all(panel), asked(kind, panel, archive))
        rule.work_off()
        take_back()
    rule.holds(panel, before)


def cut_all(panel: Panel) -> None:
    with session(panel.database.server) as connection:
        statement = "SELECT ID FROM information_schema.processlist WHERE ID <> CONNECTION_ID()"
        for (one,) in rows(connection, statement):
            rows(connection, f"KILL {one}")


@pytest.mark.fault(
    what="The server has no connection left (max_connections) in a backup, a drill and a restore",
    rule="the work fails and says so, or comes through; what is left then is cleared up later",
)
@KINDS
def test_full(panel: Panel, archive: Archive, kind: str) -> None:
    steps, before = steps_of(kind, panel, archive), rule.look(panel)
    for percent in SOME_STEPS:
        with ExitStack() as others:
            act = partial(fill, panel.database.server, others)
            at(part_of(steps, percent), act, asked(kind, panel, archive))
        rule.work_off()
        take_back()
    rule.holds(panel, before)


def fill(server: Server, others: ExitStack) -> None:
    with session(server) as connection:
        rows(connection, "SET GLOBAL max_connections=30")
        others.callback(_make_room, server)
    try:
        while True:
            others.callback(connect(server).close)
    except ServerFull:
        return


def _make_room(server: Server) -> None:
    """As soon as the server has noticed that one of the others is gone."""
    until(lambda: _has_room(server))


def _has_room(server: Server) -> bool:
    try:
        with session(server) as connection:
            rows(connection, "SET GLOBAL max_connections=151")
    except ServerFull:
        return False
    return True


class Shaky:
    """A server of its own that can be ended and started again, at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._running = folder, ExitStack()
        # A server ends with the thread that started it, and those of a job do not last.
        self._starter = self._running.enter_context(ThreadPoolExecutor(1))
        self.server: PrivateServer
        self.start()

    def start(self) -> None:
        running = running_server(self._folder, options=QUICK)
        self.server = self._starter.submit(self._running.enter_context, running).result()

    def end(self) -> None:
        os.kill(self.server.process.pid, signal.SIGKILL)
        self.server.process.wait()

    def close(self) -> None:
        self._running.close()


@pytest.fixture
def shaky(tmp_path: Path) -> Iterator[Shaky]:
    shaky = Shaky(tmp_path / "shaky")
    yield shaky
    shaky.close()


@pytest.fixture
def shaky_panel(
    transactional_db: None, shaky: Shaky, settings: Settings, archives_in: Path, tmp_path: Path
) -> Iterator[Panel]:
    with scratch_database(shaky.server) as database:
        database.run(*SMALL_PARKING)
        settings.QPARKIN_DB_SOCKET = database.server.socket
        settings.QPARKIN_DB_DATABASE = database.name
        settings.QPARKIN_DB_USERNAME = database.server.username
        settings.QPARKIN_DB_PASSWORD = ""
        settings.QPARKIN_LARAVEL_PATH = str(tmp_path / "laravel")
        yield Panel(database, laravel_in(tmp_path / "laravel"), factories.superadmin())


@pytest.mark.fault(
    what="The server is killed in the middle of a backup, a drill and a restore, and comes back later",
    rule="the work fails; the pages say that the server is away; what was left on it goes when it is back",
)
@KINDS
def test_away(shaky_panel: Panel, shaky: Shaky, kind: str) -> None:
    panel, archive = shaky_panel, backed_up(shaky_panel)
    steps, before = steps_of(kind, panel, archive), rule.look(panel)
    job = at(part_of(steps, MIDDLE[kind]), shaky.end, asked(kind, panel, archive))
    assert job.state == "failed"
    cache.clear()
    home = rule.signed_in(panel).get("/")
    assert 'id="alarm"' in home.content.decode()
    with pytest.raises(ServerUnreachable):
        connect(replace(panel.database.server, patience=1.0))
    shaky.start()
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The server is killed in the middle of a backup, a drill and a restore, and is back at once",
    rule="the work fails, or comes through by beginning anew; live is old",
)
@KINDS
def test_restarted(shaky_panel: Panel, shaky: Shaky, kind: str) -> None:
    archive = backed_up(shaky_panel)
    steps, before = steps_of(kind, shaky_panel, archive), rule.look(shaky_panel)

    def restart() -> None:
        shaky.end()
        shaky.start()

    at(part_of(steps, MIDDLE[kind]), restart, asked(kind, shaky_panel, archive))
    rule.work_off()
    take_back()
    rule.holds(shaky_panel, before)
