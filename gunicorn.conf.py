"""How the web server takes requests; gunicorn reads this by itself, where it is started in this folder."""

from __future__ import annotations

import socket
import struct
from typing import Any

# What a proxy lets through with an underscore, anybody can have sent: it must not move the panel's addresses.
forwarder_headers = ""
# Whoever begins a request and then says nothing holds a thread no longer than this.
SILENT_SECONDS = 20


def when_ready(server: Any) -> None:
    # Each connection has it from where it is accepted; gunicorn has no setting for it.
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", SILENT_SECONDS, 0))
