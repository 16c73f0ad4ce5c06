"""One short request to an address that a person typed in, and no further than that.

Such an address must not become a way into the network around the panel: only http and https, the name is
looked up once and the connection goes to what was looked at, redirects are not followed, of the answer no
more is read than is asked for, and a deadline holds for all of it together.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit

from backups.engine.errors import BackupError, gettext_noop
from qparkin_backup import addresses
from qparkin_backup.addresses import Address

SECONDS = 5.0
LONGEST_URL = 500
LONGEST_LINE = 1024
HEADERS = {"User-Agent": "QParkIn-Backup", "Connection": "close"}


class HeartbeatInvalid(BackupError):
    code = "heartbeat_invalid"
    sentence = gettext_noop(
        "That is not an address for a heartbeat; write one like https://hc-ping.com/…, without a password."
    )


class HeartbeatForbidden(BackupError):
    code = "heartbeat_forbidden"
    sentence = gettext_noop(
        "That address is inside the panel's own network; set HEARTBEAT_PRIVATE=1 if that is meant."
    )


class NotReached(Exception):
    """`why` is a slug: it may be shown, and never holds the address."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Goal:
    parts: SplitResult = field(repr=False)

    @property
    def host(self) -> str:
        return self.parts.hostname or ""

    @property
    def port(self) -> int:
        return self.parts.port or (443 if self.parts.scheme == "https" else 80)

    def path(self, ending: str) -> str:
        query = f"?{self.parts.query}" if self.parts.query else ""
        return f"{self.parts.path.rstrip('/')}{ending}{query}" or "/"


def goal(url: str, *, private: bool) -> Goal:
    """Taken apart; what can be seen to be wrong without asking anybody is refused."""
    try:
        parts = urlsplit(url)
        strange = not url.isascii() or not url.isprintable() or " " in url or len(url) > LONGEST_URL
        found = Goal(parts)
        if strange or parts.scheme not in {"http", "https"} or not found.host or parts.username is not None:
            raise HeartbeatInvalid
        _ = found.port
    except ValueError:
        raise HeartbeatInvalid from None
    literal = addresses.of(found.host)
    if literal is not None and not is_allowed(literal, private=private):
        raise HeartbeatForbidden
    return found


def ping(url: str, ending: str, body: str, *, private: bool, media: str = "text/plain") -> None:
    """POST `body` to the address with `ending` after its path; NotReached unless it answers 2xx."""
    until = time.monotonic() + SECONDS
    with _as_not_reached():
        wanted = goal(url, private=private)
        status = _answer(wanted, ending, body.encode(), media, private=private, until=until)
    _refuse_unwell(status)


def fetch(url: str, ending: str, *, private: bool, most: int) -> str:
    """GET, and at most so many bytes of what is answered; NotReached unless it is 2xx."""
    until = time.monotonic() + SECONDS
    with _as_not_reached():
        wanted = goal(url, private=private)
        status, body = _read(wanted, ending, private=private, until=until, most=most)
    _refuse_unwell(status)
    return body.decode("ascii", "replace")


@contextmanager
def _as_not_reached() -> Iterator[None]:
    try:
        yield
    except BackupError as error:
        raise NotReached(error.code) from None
    except TimeoutError:
        raise NotReached("timeout") from None
    except ssl.SSLError:
        raise NotReached("certificate") from None
    except (OSError, HTTPException, ValueError):
        raise NotReached("no_connection") from None


def _refuse_unwell(status: int) -> None:
    if not 200 <= status < 300:
        raise NotReached("redirect" if 300 <= status < 400 else "answer")


def _answer(wanted: Goal, ending: str, body: bytes, media: str, *, private: bool, until: float) -> int:
    with _connected(wanted, private=private, until=until) as connection:
        headers = {**HEADERS, "Content-Type": media}
        connection.request("POST", wanted.path(ending), body=body, headers=headers)
        return _status(connection.sock, until)


@contextmanager
def _connected(wanted: Goal, *, private: bool, until: float) -> Iterator[HTTPConnection]:
    with socket.create_connection(
        (str(_address(wanted, private=private)), wanted.port), _left(until)
    ) as plain:
        sock = plain
        if wanted.parts.scheme == "https":
            plain.settimeout(_left(until))
            sock = ssl.create_default_context().wrap_socket(plain, server_hostname=wanted.host)
        with sock:
            connection = HTTPConnection(wanted.host, wanted.port)
            # Connected already, to the address that was looked at: the name is not looked up again.
            connection.sock = sock
            sock.settimeout(_left(until))
            yield connection


def _read(wanted: Goal, ending: str, *, private: bool, until: float, most: int) -> tuple[int, bytes]:
    with _connected(wanted, private=private, until=until) as connection:
        sock = connection.sock
        connection.request("GET", wanted.path(ending), headers={**HEADERS, "Add-Padding": "true"})
        # A line of its headers may come letter by letter, and each in time.
        with _hung_up(sock, until):
            answer, body = connection.getresponse(), b""
        with answer:
            while len(body) < most:
                sock.settimeout(_left(until))
                piece = answer.read1(most - len(body))
                if not piece:
                    break
                body += piece
        return answer.status, body


@contextmanager
def _hung_up(sock: socket.socket, until: float) -> Iterator[None]:
    def hang_up() -> None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(_left(until), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _address(wanted: Goal, *, private: bool) -> Address:
    """The name looked up; one bad address among its good ones makes it all bad."""
    try:
        found = socket.getaddrinfo(wanted.host, wanted.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise NotReached("name") from None
    answers = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not answers or not all(is_allowed(address, private=private) for address in answers):
        raise NotReached(HeartbeatForbidden.code)
    return answers[0]


def is_allowed(address: Address, *, private: bool) -> bool:
    if addresses.is_never_asked(address):
        return False
    if addresses.is_of_the_world(address):
        return True
    inner = addresses.meant(address)
    return private and (inner.is_loopback or not inner.is_reserved)


def _status(sock: socket.socket, until: float) -> int:
    """Of the first line; more is not read, and whoever sends it drop by drop is not waited for."""
    line = b""
    while b"\n" not in line and len(line) < LONGEST_LINE:
        sock.settimeout(_left(until))
        piece = sock.recv(LONGEST_LINE)
        if not piece:
            break
        line += piece
    protocol, _, rest = line.partition(b" ")
    if not protocol.startswith(b"HTTP/1."):
        raise NotReached("answer")
    return int(rest[:3])


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
