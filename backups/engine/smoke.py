"""Does the application answer? One look at one address, as a visitor would."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PATIENCE_SECONDS = 10.0
BROKEN = 500
HEADERS = {"User-Agent": "QParkIn Backup", "Accept": "text/html,*/*"}


@dataclass(frozen=True, slots=True)
class Answered:
    """The status, or why not: `unreachable`, `slow`, `certificate`, `not_an_address` or `forbidden`."""

    status: int | None
    why: str = ""

    @property
    def well(self) -> bool:
        return self.status is not None and self.status < BROKEN


class _Forbidden(Exception):
    """Somebody was reached to whom nothing is said."""


def look(url: str, *, is_forbidden: Callable[[str], bool], seconds: float = PATIENCE_SECONDS) -> Answered:
    """GET, without following anybody anywhere: a redirect to a sign-in page is an answer too.

    `is_forbidden` judges the address that was reached, before a byte is sent to it.
    """
    try:
        connection, path = _call(url, seconds)
        connection._create_connection = _judging(is_forbidden)  # type: ignore[attr-defined]
    except ValueError:
        return Answered(None, "not_an_address")
    over = threading.Event()
    try:
        with _at_most(connection, seconds, over):
            connection.request("GET", path, headers=HEADERS)
            status = connection.getresponse().status
    except _Forbidden:
        return Answered(None, "forbidden")
    except UnicodeError:
        # A letter that an address has to spell otherwise.
        return Answered(None, "not_an_address")
    except (OSError, http.client.HTTPException) as error:
        return Answered(None, "slow" if over.is_set() else _why(error))
    finally:
        connection.close()
    # Whom we hung up on may look like one that has finished.
    return Answered(None, "slow") if over.is_set() else Answered(status)


def _judging(is_forbidden: Callable[[str], bool]) -> Callable[..., socket.socket]:
    def connect(*where: Any, **how: Any) -> socket.socket:
        reached = socket.create_connection(*where, **how)
        if is_forbidden(str(reached.getpeername()[0])):
            reached.close()
            raise _Forbidden
        return reached

    return connect


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "slow"
    return "certificate" if isinstance(error, ssl.SSLError) else "unreachable"


@contextmanager
def _at_most(connection: http.client.HTTPConnection, seconds: float, over: threading.Event) -> Iterator[None]:
    """The connection's own patience is for each waiting; this one is for all of them together."""
    connection.connect()

    def hang_up() -> None:
        over.set()
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _call(url: str, seconds: float) -> tuple[http.client.HTTPConnection, str]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return kind(parts.hostname, parts.port, timeout=seconds), path
