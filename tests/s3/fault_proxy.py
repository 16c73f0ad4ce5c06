"""A proxy of ours between the panel and a bucket, which hands on every byte until it is told to fail.

    with fault_proxy(server.endpoint) as proxy:
        proxy.arm(Fault(status=503), method="PUT", query="partNumber", times=2)
        ... S3Server(proxy.url, …) ...
        proxy.requests  # what was asked, and how many bytes went either way

Signatures hold, since the name of the host in them is handed on as the client wrote it.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BLOCK = 64 * 1024
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request; of several, all that are set happen."""

    # Answered here, and never handed on; the body of the request is swallowed.
    status: int = 0
    code: str = ""
    # Seconds before anything is done.
    latency: float = 0.0
    # The client's connection is reset after so many bytes of its own body.
    reset_request_after: int | None = None
    # The server's answer ends after so many bytes of its body: by a reset, or closed as if it were whole.
    reset_answer_after: int | None = None
    close_answer_after: int | None = None
    # The server does it, and nobody hears of it.
    lose_answer: bool = False
    # Headers of the answer that are put in the place of the server's.
    headers: tuple[tuple[str, str], ...] = ()
    # The body of the answer is replaced.
    body: bytes | None = None
    # Bytes of the answer a second.
    rate: int = 0
    # What is not there is refused, as S3 does with a key that may not list.
    hide_missing: bool = False
    # The server is silent until the client goes away.
    hang: bool = False


@dataclass(slots=True)
class Armed:
    fault: Fault
    method: str
    query: str
    left: int
    skip: int = 0
    hits: int = 0

    def takes(self, method: str, target: str) -> bool:
        if self.left <= 0 or not re.fullmatch(self.method, method) or self.query not in target:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.left -= 1
        self.hits += 1
        return True


@dataclass(slots=True)
class Request:
    method: str
    target: str
    range: str
    sent: int = 0  # bytes of body from the client
    received: int = 0  # bytes of body to the client
    status: int = 0


@dataclass(slots=True)
class FaultProxy:
    upstream: tuple[str, int]
    listener: socket.socket
    requests: list[Request] = field(default_factory=list)
    _armed: list[Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def arm(
        self, fault: Fault, *, method: str = ".*", query: str = "", times: int = 1, skip: int = 0
    ) -> Armed:
        """`method` is a pattern, `query` a part of the request's target; `skip` lets so many pass first."""
        armed = Armed(fault, method, query, times, skip)
        with self._lock:
            self._armed.append(armed)
        return armed

    def disarm(self) -> None:
        with self._lock:
            self._armed.clear()

    def forget(self) -> None:
        with self._lock:
            self.requests.clear()

    def serve(self) -> None:
        while not self._closing.is_set():
            with suppress(OSError):
                client, _ = self.listener.accept()
                threading.Thread(target=self._client, args=(client,), daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _client(self, client: socket.socket) -> None:
        client.settimeout(120)
        with closing(client), suppress(OSError, EOFError):
            rest = b""
            while not self._closing.is_set():
                head, rest = _head(client, rest)
                rest = _Exchange(self, client, head, rest).run()

    def fault_for(self, request: Request) -> Fault:
        with self._lock:
            self.requests.append(request)
            for armed in self._armed:
                if armed.takes(request.method, request.target):
                    return armed.fault
        return Fault()


@contextmanager
def fault_proxy(upstream: str) -> Iterator[FaultProxy]:
    parts = urlsplit(upstream)
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = FaultProxy((str(parts.hostname), int(parts.port or 80)), listener)
    threading.Thread(target=proxy.serve, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.close()


class _Exchange:
    """One request and its answer."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, head: bytes, rest: bytes) -> None:
        self._client, self._rest = client, rest
        line, *self._headers = head.decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ", 2)
        self._line = line
        self._length = int(self._header("content-length") or 0)
        self._request = Request(method, target, self._header("range"))
        self._fault = proxy.fault_for(self._request)
        self._upstream = proxy.upstream

    def run(self) -> bytes:
        """What the client has sent beyond this request; EOFError where its connection is over."""
        time.sleep(self._fault.latency)
        if self._header("expect"):
            self._client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._fault.hang:
            while self._client.recv(BLOCK):
                pass
            raise EOFError
        if self._fault.status:
            for _ in self._body():
                pass
            self._answer_here()
            return self._rest
        # A connection for each: the simplest that is right.
        with socket.create_connection(self._upstream, timeout=120) as server:
            self._hand_on(server)
            head, rest = _head(server, b"")
            if self._fault.lose_answer:
                _reset(self._client)
            self._answer(server, head, rest)
        return self._rest

    def _hand_on(self, server: socket.socket) -> None:
        kept = [line for line in self._headers if not line.lower().startswith(("expect:", "connection:"))]
        server.sendall("\r\n".join([self._line, *kept, "Connection: close", "", ""]).encode("latin-1"))
        for block in self._body():
            limit = self._fault.reset_request_after
            if limit is not None and self._request.sent >= limit:
                _reset(self._client)
            server.sendall(block)

    def _body(self) -> Iterator[bytes]:
        left = self._length
        while left:
            block = self._rest[:left] or self._client.recv(min(BLOCK, left))
            if not block:
                raise EOFError
            self._rest = self._rest[len(block) :]
            left -= len(block)
            self._request.sent += len(block)
            yield block

    def _answer_here(self) -> None:
        code = self._fault.code or {500: "InternalError", 503: "SlowDown", 403: "AccessDenied"}.get(
            self._fault.status, "Unknown"
        )
        self._request.status = self._fault.status
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>armed</Message></Error>".encode()
        body = b"" if self._request.method == "HEAD" else (self._fault.body or text)
        head = (
            f"HTTP/1.1 {self._fault.status} Armed\r\nContent-Type: application/xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._client.sendall(head.encode() + body)

    def _answer(self, server: socket.socket, head: bytes, rest: bytes) -> None:
        line, *headers = head.decode("latin-1").split("\r\n")
        self._request.status = int(line.split(" ")[1])
        if self._fault.hide_missing and self._request.status == 404:
            self._fault = Fault(status=403)
            self._answer_here()
            raise EOFError
        replaced = {name.lower(): value for name, value in self._fault.headers}
        if self._fault.body is not None:
            replaced["content-length"] = str(len(self._fault.body))
        kept = [h for h in headers if h.partition(":")[0].lower() not in {*replaced, "connection"}]
        kept += [f"{name}: {value}" for name, value in replaced.items()]
        # The server closes at its end, so that an answer without a length ends there too.
        self._client.sendall("\r\n".join([line, *kept, "Connection: close", "", ""]).encode("latin-1"))
        for block in [self._fault.body] if self._fault.body is not None else _until_end(server, rest):
            self._give(block)
        raise EOFError

    def _give(self, block: bytes) -> None:
        for limit, end in (
            (self._fault.reset_answer_after, _reset),
            (self._fault.close_answer_after, _close),
        ):
            if limit is not None and self._request.received + len(block) >= limit:
                self._client.sendall(block[: limit - self._request.received])
                self._request.received = limit
                end(self._client)
        self._client.sendall(block)
        self._request.received += len(block)
        if self._fault.rate:
            time.sleep(len(block) / self._fault.rate)

    def _header(self, name: str) -> str:
        for line in self._headers:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return ""


def _head(connection: socket.socket, rest: bytes) -> tuple[bytes, bytes]:
    while HEAD_END not in rest:
        block = connection.recv(BLOCK)
        if not block:
            raise EOFError
        rest += block
    head, _, rest = rest.partition(HEAD_END)
    return head, rest


def _until_end(server: socket.socket, rest: bytes) -> Iterator[bytes]:
    while rest:
        yield rest
        rest = server.recv(BLOCK)
    while block := server.recv(BLOCK):
        yield block


def _reset(connection: socket.socket) -> None:
    """RST and not FIN: what is under way is lost."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    _close(connection)


def _close(connection: socket.socket) -> None:
    connection.close()
    raise EOFError
