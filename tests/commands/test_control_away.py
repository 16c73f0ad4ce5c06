"""The web server while its own database is gone or no database: a page of ours, and then it is back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import pytest
from django.conf import settings as panel

from tests.browser.town import free_port
from tests.installation import MANAGE, PATIENCE, Installation, until

AWAY = {"id": "Panel tidak bisa membaca catatannya", "en": "The panel cannot reach its own records"}


@contextmanager
def web(installation: Installation) -> Iterator[int]:
    port, log = free_port(), installation.folder / "web.log"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "qparkin_backup.wsgi"]
    extra = {"QPARKIN_INSECURE_HTTP": "1"}
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=MANAGE.parent,
            env={**installation.environment(), **extra},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: asked(port, "/sign-in/")[0] != 0, seconds=PATIENCE)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def asked(port: int, path: str, language: str = "id") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        cookies = f"{panel.LANGUAGE_COOKIE_NAME}={language}; sessionid={'a' * 32}"
        connection.request("GET", path, headers={"Cookie": cookies})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


@pytest.mark.slow
def test_a_broken_control_database_is_said_in_both_languages_and_the_panel_comes_back(
    installation: Installation,
) -> None:
    assert installation.manage("migrate").status == 0
    control = installation.folder / "control.sqlite3"
    with web(installation) as port:
        assert asked(port, "/")[0] == 302
        whole = control.with_name("whole")
        for broken in (b"", b"this is no database at all" * 100):
            with closing(sqlite3.connect(control)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            control.replace(whole)
            control.write_bytes(broken)
            for language, words in AWAY.items():
                status, page = asked(port, "/", language)
                assert (status, words in page) == (503, True), page
                for secret in (str(installation.folder), "Traceback", "sqlite", "Error"):
                    assert secret not in page
            for beside in ("-wal", "-shm"):
                control.with_name(control.name + beside).unlink(missing_ok=True)
            whole.replace(control)
            until(lambda: asked(port, "/")[0] == 302, seconds=PATIENCE)
