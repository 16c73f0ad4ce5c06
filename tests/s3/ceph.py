"""Ceph's own S3, whose object lock is not an imitation: one monitor, one disk in memory, one gateway."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.installation import until
from tests.s3.servers import ACCESS_KEY, SECRET_KEY, S3Server, free_port, running

PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
SETTINGS = """
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{monitor}
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
mon allow pool size one = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 1073741824
mon data = {folder}/monitor
osd data = {folder}/disk
rgw data = {folder}/gateway
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
"""


class Ceph:
    def __init__(self, folder: Path) -> None:
        self._folder, self.fsid, self.monitor = folder, str(uuid.uuid4()), free_port()
        self._settings = folder / "ceph.conf"
        self._settings.write_text(SETTINGS.format(fsid=self.fsid, monitor=self.monitor, folder=folder))
        for name in ("monitor", "disk", "gateway"):
            (folder / name).mkdir()

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [*command, "-c", str(self._settings)], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done
        return done.stdout

    def serving(self, *command: str, port: int = 0) -> ExitStack:
        """A daemon that stays in the foreground, so that it is ours to end."""
        daemon = [*command, "-f", "-c", str(self._settings), "--setuser", "root", "--setgroup", "root"]
        stack = ExitStack()
        stack.enter_context(running(daemon, port, self._folder / f"{command[0]}.out"))
        return stack

    def is_up(self) -> bool:
        return " 1 up" in self.run("ceph", "osd", "stat")


@contextmanager
def ceph_running(folder: Path) -> Iterator[S3Server]:
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(
            f"no Ceph here ({', '.join(missing)}): apt-get install radosgw ceph-mon ceph-osd ceph-common"
        )
    ceph, gateway, disk = Ceph(folder), free_port(), str(uuid.uuid4())
    address = f"[v1:127.0.0.1:{ceph.monitor}]"
    ceph.run("monmaptool", "--create", "--fsid", ceph.fsid, "--addv", "a", address, str(folder / "map"))
    ceph.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", str(folder / "map"))
    with ceph.serving("ceph-mon", "-i", "a", port=ceph.monitor):
        ceph.run("ceph", "osd", "new", disk)
        ceph.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        with ceph.serving("ceph-osd", "-i", "0"):
            until(ceph.is_up)
            front = f"--rgw-frontends=beast endpoint=127.0.0.1:{gateway}"
            with ceph.serving("radosgw", "-n", "client.rgw", front, port=gateway):
                ceph.run("radosgw-admin", "user", "create", "--uid=suite", "--display-name=suite", *_keys())
                yield S3Server(f"http://127.0.0.1:{gateway}", "radosgw")


def _keys() -> Sequence[str]:
    return (f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET_KEY}")
