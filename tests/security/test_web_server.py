"""What gunicorn itself is told: whoever says nothing holds no thread for long."""

from __future__ import annotations

import logging
import runpy
import socket
import struct
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadhandler import StopUpload
from django.urls import reverse

from backups.views.upload_handler import PATIENCE_SECONDS, GuardedUploadHandler
from tests.installation import MANAGE

CONFIGURATION = MANAGE.parent / "gunicorn.conf.py"


def test_whoever_begins_and_then_says_nothing_is_hung_up_on(told: dict[str, Any]) -> None:
    """Sixteen such connections were all that the panel had threads for."""
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


@pytest.fixture
def told() -> Iterator[dict[str, Any]]:
    log = logging.getLogger("gunicorn.error")
    before = list(log.filters)
    yield runpy.run_path(str(CONFIGURATION))
    log.filters[:] = before


def test_a_long_file_is_not_cut_where_it_is_started_without_a_word(told: dict[str, Any]) -> None:
    """README and the kit say `gunicorn qparkin_backup.wsgi`, whose own worker is ended after 30 seconds."""
    assert told["worker_class"] == "gthread"
    assert told["threads"] >= 4


@pytest.mark.parametrize(
    ("error", "is_traced"), [(BlockingIOError(11, "silent"), False), (ValueError("a hole of ours"), True)]
)
def test_silence_is_one_line_in_the_log_and_anything_else_keeps_its_trace(
    error: Exception, is_traced: bool, told: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    log = logging.getLogger("gunicorn.error")
    log.addHandler(caplog.handler)
    try:
        raise error
    except (BlockingIOError, ValueError):
        log.exception("Socket error processing request.")
    finally:
        log.removeHandler(caplog.handler)
    assert ("Traceback" in caplog.text) is is_traced
    assert ("silent" in caplog.text) is not is_traced


def test_a_superadmin_who_sends_a_dump_may_be_out_of_reach_for_longer(rf: Any) -> None:
    """TCP tries again after 1, 2, 4, 8 and 16 seconds: a phone in a lift is silent for half a minute."""
    mine, theirs = socket.socketpair()
    with mine, theirs:
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", 20, 0))
        request = rf.post(reverse("elsewhere"), **{"gunicorn.socket": mine})
        request.user = SimpleNamespace(is_superadmin=True)
        handler = GuardedUploadHandler(request)
        handler.new_file("file", "dump.sql", "text/plain", None)
        assert seconds_of(mine) == PATIENCE_SECONDS > 120
        handler.file.close()
        handler.upload_complete()
        assert seconds_of(mine) == 20


def test_a_stranger_s_file_is_waited_for_no_longer(rf: Any) -> None:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        request = rf.post(reverse("elsewhere"), **{"gunicorn.socket": mine})
        request.user = AnonymousUser()
        with pytest.raises(StopUpload):
            GuardedUploadHandler(request).new_file("file", "dump.sql", "text/plain", None)
        assert seconds_of(mine) == 0


def seconds_of(sock: socket.socket) -> int:
    kept = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.calcsize("@ll"))
    return int(struct.unpack("@ll", kept)[0])
