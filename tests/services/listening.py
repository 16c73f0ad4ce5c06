"""A real HTTP server on this machine that remembers what it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

SECRET = "4f1c9a0d-kunci-rahasia"


@dataclass
class Listener:
    """Answers as it is told to, and remembers what it heard."""

    url: str
    status: int = 200
    drip: bool = False
    body: str = ""
    heard: list[tuple[str, str, str]] = field(default_factory=list)


@contextmanager
def a_listener() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.heard.append((self.path, body, self.headers["Host"]))
            if found.drip:
                _drip(self)
                return
            self.send_response(found.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(found.body.encode())

        def do_GET(self) -> None:
            found.heard.append((self.path, "", self.headers["Host"]))
            if found.drip:
                _drip(self)
                return
            self.send_response(found.status)
            self.end_headers()
            self.wfile.write(found.body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found = Listener(f"http://127.0.0.1:{server.server_port}/ping/{SECRET}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def _drip(handler: BaseHTTPRequestHandler) -> None:
    try:
        for letter in b"HTTP/1.1 200 OK" * 20:
            handler.wfile.write(bytes([letter]))
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass
