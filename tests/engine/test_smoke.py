"""One look at the application's address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from backups.engine import smoke


def look(url: str, *, seconds: float = smoke.PATIENCE_SECONDS, forbidden: str = "") -> smoke.Answered:
    return smoke.look(url, is_forbidden=forbidden.__eq__, seconds=seconds)


@contextmanager
def answering(status: int) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/masuk?a=b" else 404)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/masuk?a=b"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "well"), [(500, False), (503, False), (200, True), (302, True), (403, True)]
)
def test_below_five_hundred_is_an_answer(status: int, well: bool) -> None:
    with answering(status) as url:
        seen = look(url)
    assert (seen.status, seen.well) == (status, well)


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        # Bound and not listening: refused for certain.
        seen = look(f"http://127.0.0.1:{port}/")
    assert (seen.well, seen.why) == (False, "unreachable")


def test_who_takes_the_call_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        seen = look(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.2)
    assert (seen.well, seen.why) == (False, "slow")


def test_who_goes_on_for_ever_is_not_heard_to_the_end() -> None:
    """A byte now and then is an answer to each single waiting, and never to the whole."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as dripping:

        def drip() -> None:
            caller, _ = dripping.accept()
            with caller, suppress(OSError):
                caller.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not ended.wait(0.02):
                    caller.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        seen = look(f"http://127.0.0.1:{dripping.getsockname()[1]}/", seconds=0.5)
        ended.set()
        thread.join()
    assert (seen.well, seen.why) == (False, "slow")


@pytest.mark.parametrize(
    "url",
    ["", "qparkin", "file:///etc/passwd", "http://", "http://host:x/", "http://[::", "http://a../"],
)
def test_what_is_no_address(url: str) -> None:
    assert look(url).why == "not_an_address"


def test_letters_that_an_address_cannot_have() -> None:
    """It is looked at when the restore is done already, which it must not turn into a failure."""
    with answering(200) as url:
        assert look(url + "&kafé").why == "not_an_address"


def test_an_address_that_would_put_more_into_the_request() -> None:
    assert not look("http://127.0.0.1:1/a b").well


def test_whoever_must_not_be_asked_hears_not_a_word() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen = look(f"http://localhost:{server.getsockname()[1]}/", forbidden="127.0.0.1")
        heard, _ = server.accept()
        with heard:
            assert heard.recv(1) == b""
    assert (seen.well, seen.why) == (False, "forbidden")
