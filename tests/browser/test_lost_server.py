"""The server is lost: a fresh one comes back with the kit and the bucket alone, then by the panel."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from backups.demo import protected
from backups.demo.home import Home
from backups.demo.processes import running, wait_for_answer, web_command, worker_command
from backups.engine.private_server import running_server
from tests.browser.town import PROJECT, Town, clean, free_port, running_town, unlike
from tests.browser.walker import walker
from tests.s3.servers import S3Server, moto_running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with moto_running() as server:
        yield server


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_lost_server_is_back_from_kit_and_bucket(
    tmp_path: Path, s3: S3Server, chromium: Browser, language: str
) -> None:
    bucket = s3.environment(f"qparkin-{secrets.token_hex(4)}")
    s3.client.create_bucket(Bucket=bucket["BACKUP_S3_BUCKET"])
    kit = tmp_path / "kit"
    with running_town(tmp_path) as old:
        old.manage("backup", extra=bucket)
        old.manage("copy", "latest", extra=bucket)
        old.manage("recovery_kit", "--output", str(kit), extra=bucket)
        dumped, fired, kept, uploads = old.dumped(), old.fired(), old.kept(), old.uploads
    # All that the old machine had; the uploads will be looked for where they were.
    shutil.rmtree(old.folder)
    assert not uploads.exists()
    keys = {name: bucket[name] for name in ("BACKUP_S3_ACCESS_KEY", "BACKUP_S3_SECRET_KEY")}
    with fresh_panel(tmp_path / "home", kit, keys) as new:
        rani = walker(chromium, new.url, name="server", language=language)
        rani.sign_in(new.email, new.password)
        rani.repair("server", ends="whole")
        assert unlike(dumped, new.dumped()) == ""
        assert new.kept() == kept
        assert new.fired() == fired
        rani.page.context.close()


@contextmanager
def fresh_panel(folder: Path, kit: Path, keys: Mapping[str, str]) -> Iterator[Town]:
    """As the kit's README tells it, on a machine that has MariaDB and nothing else of ours."""
    folder.mkdir()
    home, port = Home(folder), free_port()
    with running_server(home.mariadb) as server:
        accounts = protected.create_accounts(server)
        told = set_up(kit, {
            **keys,
            "QPARKIN_ENV_FILE": str(home.env_file),
            "QPARKIN_DB_SOCKET": str(server.socket),
            "QPARKIN_DB_USERNAME": protected.WRITER,
            "QPARKIN_DB_PASSWORD": accounts.writer,
            "CONTROL_DATABASE_URL": f"sqlite:///{folder / 'control.sqlite3'}",
            "BACKUP_LOCAL_ROOT": str(folder / "archives"),
            "CACHE_FOLDER": str(folder / "cache"),
            "STATIC_ROOT": str(folder / "static"),
            "QPARKIN_INSECURE_HTTP": "1",
            "REQUIRE_MFA": "0",
        })  # fmt: skip
        made = command_of(told, "create_superadmin", home)
        email, password = made.split()
        hosts = "localhost,127.0.0.1"
        with (
            running("web", web_command("127.0.0.1", port), home=home, hosts=hosts) as web,
            running("worker", worker_command(), home=home, hosts=hosts),
        ):
            wait_for_answer(web, host="127.0.0.1", port=port)
            yield Town(folder, f"http://127.0.0.1:{port}", email, password)


def set_up(kit: Path, settings: Mapping[str, str]) -> str:
    done = subprocess.run(
        [PROJECT / "bin" / "restore-from-kit", kit, "--panel"],
        env=clean(settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    assert settings["BACKUP_S3_SECRET_KEY"] not in done.stdout + done.stderr
    return done.stdout


def command_of(told: str, name: str, home: Home) -> str:
    """One of the commands that the set-up prints, as it stands there."""
    line = re.search(rf"manage\.py ({name} [^#\n]*)", told)
    assert line, told
    command = [sys.executable, "manage.py", *line[1].split()]
    environment = clean({"QPARKIN_ENV_FILE": str(home.env_file)})
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout
