"""The web server as it runs on a host, spoken to byte by byte by somebody who has no account."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import MANAGE, PATIENCE, Installation, copied, until
from tests.scratch import ScratchDatabase

HEAD = b"Host: localhost\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("web")


@pytest.fixture(scope="module")
def served(folder: Path, installed_once: Installation) -> Iterator[Path]:
    """One server for all tests of this file, on a socket of its own."""
    never_made = ScratchDatabase("no_such_database", installed_once.database.server)
    panel, at = copied(installed_once, folder, never_made), folder / "web.sock"
    command = [sys.executable, "-m", "gunicorn", "qparkin_backup.wsgi", "--bind", f"unix:{at}"]
    command += ["--worker-class", "gthread", "--threads", "2", "--log-level", "error"]
    process = subprocess.Popen(command, env=panel.environment(), cwd=MANAGE.parent, stderr=subprocess.PIPE)
    try:
        until(lambda: at.exists() and ask(at, get("/healthz")).startswith(b"HTTP/1.1 200"))
        yield at
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def ask(at: Path, head: bytes, body: bytes = b"") -> bytes:
    told = b""
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(PATIENCE)
        try:
            wire.connect(str(at))
            wire.sendall(head + b"\r\n" + body)
            while block := wire.recv(65536):
                told += block
        except (ConnectionError, BrokenPipeError):
            # It hung up, which is an answer too.
            return told
    return told


def get(path: str, extra: bytes = b"") -> bytes:
    return f"GET {path} HTTP/1.1\r\n".encode() + HEAD + extra


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../etc/passwd", "/static/..%2f..%2f..%2fetc%2fpasswd", "/static/%2e%2e/manage.py",
        "/static//etc/passwd", "/static/", "/.env", "/.git/config", "/env", "/manage.py", "/static/..\\env",
        "/var/control.sqlite3", "//etc/passwd", "/server-status", "/admin/", "/__debug__/", "/%00",
    ],
)  # fmt: skip
def test_no_file_but_its_own_and_no_listing(path: str, served: Path, folder: Path) -> None:
    told = ask(served, get(path))
    assert told.split(b" ", 2)[1] in {b"404", b"400", b"302", b"301"}
    secret = next(line for line in (folder / "env").read_text().splitlines() if line.startswith("SECRET_KEY"))
    assert secret.split("=")[1].strip("\"'").encode() not in told
    for other in (b"root:x:", b"[core]", b"SQLite format", b"Traceback", b"Index of", b"#!/usr/bin"):
        assert other not in told


@pytest.mark.parametrize(
    "head",
    [
        b"TRACE / HTTP/1.1\r\n" + HEAD + b"X-Secret: mirror\r\n",
        b"CONNECT other:443 HTTP/1.1\r\n" + HEAD,
        b"PROPFIND /archives/ HTTP/1.1\r\n" + HEAD,
        b"GET / HTTP/1.1\r\nHost: jahat.example\r\nConnection: close\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n",
        b"GET http://jahat.example/ HTTP/1.1\r\n" + HEAD,
        get("/", b"X: " + b"a" * 200_000 + b"\r\n"),
        get("/" + "a" * 100_000),
        get("/?" + "a=1&" * 20_000),
        b"GET /\xff\xfe HTTP/1.1\r\n" + HEAD,
        b"\x16\x03\x01\x02\x00\x01",
        b"POST /sign-in/ HTTP/1.1\r\n" + HEAD + b"Content-Length: -1\r\n",
        b"POST /sign-in/ HTTP/1.1\r\n" + HEAD + b"Content-Length: abc\r\n",
        b"POST /sign-in/ HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"POST /sign-in/ HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: xchunked\r\n",
    ],
    ids=range(15),
)
def test_what_no_browser_sends_is_refused_without_a_word_too_many(head: bytes, served: Path) -> None:
    told = ask(served, head)
    status = told.split(b" ", 2)[1] if told else b"hung up"
    assert status in {b"hung up", b"302", b"400", b"403", b"404", b"405", b"414", b"431", b"501"}
    for inside in (b"Traceback", b"mirror", b"site-packages", str(MANAGE.parent).encode()):
        assert inside not in told


def test_a_second_request_hidden_in_the_first_is_not_answered(served: Path) -> None:
    """Content-Length and Transfer-Encoding that disagree: the classic of request smuggling."""
    head = b"POST /language/ HTTP/1.1\r\n" + HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n"
    hidden = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    told = ask(served, head, hidden)
    assert told.count(b"HTTP/1.1") <= 1
    assert b'{"status": "ok"}' not in told


def test_nobody_moves_the_addresses_of_the_panel(served: Path) -> None:
    """gunicorn takes this header for the proxy's; a proxy that lets underscores pass hands on anybody's."""
    assert ask(served, get("/x/sign-in/", b"SCRIPT_NAME: /x\r\n")).startswith(b"HTTP/1.1 404")
    assert ask(served, get("/sign-in/", b"SCRIPT_NAME: /x\r\n")).startswith(b"HTTP/1.1 200")


def test_each_page_says_what_it_is_and_nothing_of_the_server(served: Path) -> None:
    told = ask(served, get("/sign-in/")).lower()
    assert b"content-type: text/html; charset=utf-8" in told
    assert b"x-powered-by" not in told
    assert b"gunicorn/" not in told.split(b"\r\n\r\n")[0]


def test_a_session_that_somebody_made_up_is_nobodys(served: Path) -> None:
    for made_up in (b"sessionid=" + b"a" * 32, b"sessionid=; csrftoken=x", b"sessionid=../../etc/passwd"):
        told = ask(served, get("/audit/", b"Cookie: " + made_up + b"\r\n"))
        assert told.split(b" ", 2)[1] == b"302"
        assert b"/sign-in/" in told
