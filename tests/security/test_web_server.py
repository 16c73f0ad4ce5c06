"""What gunicorn itself is told: whoever says nothing holds no thread for long."""

from __future__ import annotations

import runpy
import socket
from types import SimpleNamespace

import pytest

from tests.installation import MANAGE

CONFIGURATION = MANAGE.parent / "gunicorn.conf.py"


def test_whoever_begins_and_then_says_nothing_is_hung_up_on() -> None:
    """Sixteen such connections were all that the panel had threads for."""
    told = runpy.run_path(str(CONFIGURATION))
    assert 5 <= told["SILENT_SECONDS"] <= 30
    told["when_ready"].__globals__["SILENT_SECONDS"] = 1
    with socket.create_server(("127.0.0.1", 0)) as listener:
        told["when_ready"](SimpleNamespace(LISTENERS=[SimpleNamespace(sock=listener)]))
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                accepted.setblocking(True)
                with pytest.raises(BlockingIOError):
                    accepted.recv(1)
