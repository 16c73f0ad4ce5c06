"""A real Redis as queue and cache: lost, flushed, started anew; its password in no message."""

from __future__ import annotations

import logging
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured

from qparkin_backup import redis as settings_of
from qparkin_backup.redis_cache import LossTolerantCache
from tests.installation import PATIENCE, Installation, copied, until
from tests.scale.control import AWKWARD
from tests.scratch import ScratchDatabase
from tests.services.test_sigkill import ask, cluster, states
from tests.small_parking import held_up, installed_once

__all__ = ["installed_once"]

PROGRAM = shutil.which("redis-server", path="/usr/bin:/usr/local/bin:/usr/sbin")
# In redis.conf between double quotes.
QUOTED = '"' + AWKWARD.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Redis:
    """A server of one test, on a port of its own, that can be killed and started anew."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        # In a file: a password on the command line is everybody's to see.
        self._file = folder / "redis.conf"
        self._file.write_text(
            f'bind 127.0.0.1\nport {self.port}\nrequirepass {QUOTED}\nsave ""\nappendonly no\ndir {folder}\n'
        )
        self._file.chmod(0o600)
        self.url = f"redis://:{quote(AWKWARD, safe='')}@127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert PROGRAM
        self.process = subprocess.Popen(
            [PROGRAM, str(self._file)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        until(self._answers)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def client(self) -> redis.Redis:
        return redis.from_url(self.url)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def running_redis(folder: Path) -> Iterator[Redis]:
    server = Redis(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Redis]:
    if not PROGRAM:
        pytest.skip("redis-server is not installed: apt-get install redis-server")
    with running_redis(tmp_path) as made:
        yield made


def command_lines() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        # Others end while we look.
        with suppress(OSError):
            yield path.read_bytes()


@pytest.mark.parametrize(
    "url",
    ["http://h", "redis://:pa/ss@h:6379/0", "redis://:pass@h:port", "redis://:pa#ss@h:6379/0", "nonsense"],
)
def test_a_wrong_address_is_refused_without_the_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="QUEUE_URL") as refused:
        settings_of.checked_url(url)
    assert "pa" not in str(refused.value).replace("password", "")
    assert refused.value.__cause__ is None


def test_what_is_remembered_may_be_lost_at_any_time(server: Redis, caplog: pytest.LogCaptureFixture) -> None:
    made = settings_of.cache(server.url)
    cache = LossTolerantCache(server.url, {name: made[name] for name in ("OPTIONS", "KEY_PREFIX")})
    cache.set("seen", {"state": "up", "at": 1.5}, 60)
    assert cache.get("seen") == {"state": "up", "at": 1.5}
    with server.client() as client:
        client.flushall()
        assert cache.get("seen", "nothing") == "nothing"
        # What somebody else put there runs nothing here.
        client.set(cache.make_key("seen"), b"\x80\x04cos\nsystem\n")
    assert cache.get("seen") is None
    server.kill()
    with caplog.at_level(logging.WARNING):
        assert cache.get("seen", 7) == 7
        cache.set("seen", 1)
        assert cache.add("seen", 1) is False
    server.start()
    cache.set("seen", 2)
    assert cache.get("seen") == 2
    said = caplog.text + repr(cache) + repr(server.client())
    assert not any(word in said for word in (AWKWARD, quote(AWKWARD, safe=""), server.url))


@pytest.mark.slow
def test_jobs_run_through_a_queue_that_is_flushed_and_started_anew(
    server: Redis, tmp_path: Path, small_parking: ScratchDatabase, installed_once: Installation
) -> None:
    folder = tmp_path / "panel"
    folder.mkdir()
    installation = copied(installed_once, folder, small_parking)
    with installation.env_file.open("a") as file:
        file.write(f'QUEUE_URL="{server.url}"\n')
    with cluster(installation) as process:
        with held_up(small_parking):
            ask(installation)
            until(lambda: states(installation) == ["running"])
            # Its knock is long taken; what waits is lost, and asking goes on without a queue.
            with server.client() as client:
                client.flushall()
            server.kill()
        until(lambda: states(installation) == ["done"])
        ask(installation)
        assert states(installation) == ["done", "queued"]
        server.start()
        until(lambda: states(installation) == ["done", "done"])
        assert len(installation.files()) == 4
        assert not any(AWKWARD.encode() in line or server.url.encode() in line for line in command_lines())
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE)
    assert not any(word in out + err for word in (AWKWARD, quote(AWKWARD, safe=""), server.url))
