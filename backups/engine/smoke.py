"""Does the application answer? One look at one address, as a visitor would."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE_SECONDS = 10.0
BROKEN = 500
HEADERS = {"User-Agent": "QParkIn Backup", "Accept": "text/html,*/*"}


@dataclass(frozen=True, slots=True)
class Answered:
    """The status, or why there is none: `unreachable`, `slow`, `certificate` or `not_an_address`."""

    status: int | None
    why: str = ""

    @property
    def well(self) -> bool:
        return self.status is not None and self.status < BROKEN


def look(url: str, *, seconds: float = PATIENCE_SECONDS) -> Answered:
    """GET, without following anybody anywhere: a redirect to a sign-in page is an answer too."""
    try:
        connection, path = _call(url, seconds)
    except ValueError:
        return Answered(None, "not_an_address")
    over = threading.Event()
    try:
        with _at_most(connection, seconds, over):
            connection.request("GET", path, headers=HEADERS)
            status = connection.getresponse().status
    except UnicodeError:
        # A letter that an address has to spell otherwise.
        return Answered(None, "not_an_address")
    except (OSError, http.client.HTTPException) as error:
        return Answered(None, "slow" if over.is_set() else _why(error))
    finally:
        connection.close()
    # Whom we hung up on may look like one that has finished.
    return Answered(None, "slow") if over.is_set() else Answered(status)


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
