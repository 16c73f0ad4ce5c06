"""How the web server takes requests; gunicorn reads this by itself, where it is started in this folder."""

from __future__ import annotations

import logging
import socket
import struct
from typing import Any

# What a proxy lets through with an underscore, anybody can have sent: it must not move the panel's addresses.
forwarder_headers = ""
# Also where it is started without a word about them: by itself gunicorn has one worker for one request at a
# time, and ends it after 30 seconds, in the middle of a file that comes or goes.
worker_class, threads = "gthread", 8
# Whoever begins a request and then says nothing holds a thread no longer than this.
SILENT_SECONDS = 20


class NoTraceOfSilence(logging.Filter):
    """That somebody fell silent is one line: with where it was noticed, silence would fill the disk."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], BlockingIOError):
            record.exc_info = record.exc_text = None
            record.msg = "Hung up on somebody who was silent."
        return True


# Each worker is a copy of the process that reads this.
logging.getLogger("gunicorn.error").addFilter(NoTraceOfSilence())


def when_ready(server: Any) -> None:
    # Each connection has it from where it is accepted; gunicorn has no setting for it.
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", SILENT_SECONDS, 0))
