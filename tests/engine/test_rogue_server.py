"""A server that was taken over: it may lie, but it gets no file of ours."""

from __future__ import annotations

import socket
import struct
import threading
from pathlib import Path

import pytest

from backups.engine.database import Server, connect
from backups.engine.errors import BackupError

OK = b"\0\0\0\2\0\0\0"
SIGN_IN = (b"\x03SET NAMES", b"\x03SET AUTOCOMMIT")  # the driver's own first words
CAPABILITIES = 0x0081F7FF


def _greeting() -> bytes:
    low, high = struct.pack("<H", CAPABILITIES & 0xFFFF), struct.pack("<H", CAPABILITIES >> 16)
    salt = b"\0" * 13 + b"mysql_native_password\0"
    return (
        b"\x0a5.5.5-10.11.6-MariaDB\0"
        + struct.pack("<I", 1)
        + b"12345678\0"
        + low
        + b"\x2d\2\0"
        + high
        + b"\x15"
        + b"\0" * 10
        + salt
    )


class RogueServer(threading.Thread):
    """Answers the sign-in as any server does, and every statement after it with a wish for a file."""

    def __init__(self, path: Path, wanted: Path) -> None:
        super().__init__(daemon=True)
        self.stolen = b""
        self._wanted = wanted
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)

    def run(self) -> None:
        line, _ = self._listener.accept()
        with line, self._listener:
            self._send(line, _greeting(), 0)
            self._receive(line)
            self._send(line, OK, 2)
            while statement := self._receive(line):
                if statement.startswith(SIGN_IN):
                    self._send(line, OK, 1)
                    continue
                self._send(line, b"\xfb" + str(self._wanted).encode(), 1)
                self.stolen += self._receive(line)

    def _send(self, line: socket.socket, payload: bytes, number: int) -> None:
        line.sendall(struct.pack("<I", len(payload))[:3] + bytes([number]) + payload)

    def _receive(self, line: socket.socket) -> bytes:
        try:
            header = line.recv(4, socket.MSG_WAITALL)
            return line.recv(int.from_bytes(header[:3], "little"), socket.MSG_WAITALL) if header else b""
        except OSError:
            return b""


def test_a_server_that_asks_for_a_file_gets_none(tmp_path: Path) -> None:
    secret = tmp_path / "panel.identity"
    secret.write_text("AGE-SECRET-KEY-PLANTED")
    rogue = RogueServer(tmp_path / "s.sock", secret)
    rogue.start()
    with pytest.raises(BackupError):
        connect(Server("root", socket=str(tmp_path / "s.sock")))
    rogue.join(timeout=5)
    assert b"PLANTED" not in rogue.stolen
