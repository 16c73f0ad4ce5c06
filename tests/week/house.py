"""A panel whose every process goes by a clock that the test turns: its commands, its workers, its bucket."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.installation import MANAGE, Installation, Ran, until
from tests.s3.fault_proxy import FaultProxy
from tests.s3.servers import S3Server

TURNED = str(Path(__file__).with_name("turned.py"))
# Of the panel's clock, with nothing under way: then nothing more happens by itself before time goes on.
QUIET_BEATS = 4
ACTIVE = "SELECT COUNT(*) FROM backups_job WHERE state IN ('queued', 'running')"
SLOTS = "SELECT COUNT(*) FROM backups_slot WHERE state IN ('claimed', 'started')"
BEAT = "SELECT seen_at FROM backups_workerhost"


class Clock:
    """What time it is for the house. Only ever turned forward: other jumps are tested elsewhere."""

    def __init__(self, file: Path, start: datetime) -> None:
        self.file = file
        self.turn_to(start)

    def turn_to(self, moment: datetime) -> None:
        ahead = (moment - datetime.now(UTC)).total_seconds()
        beside = self.file.with_suffix(".new")
        beside.write_text(repr(ahead))
        beside.replace(self.file)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self.file.read_text()))


@dataclass(frozen=True, slots=True)
class House:
    installation: Installation
    clock: Clock
    s3: S3Server
    bucket: str
    proxy: FaultProxy
    uploads: Path
    more: Mapping[str, str] = field(repr=False)

    def init(self) -> None:
        where = ["--env-file", str(self.installation.env_file), "--keys", str(self.installation.keys)]
        settings = {**self.installation.settings, **self.more}
        self._succeeds("init", *where, "--no-check", extra=settings)

    def manage(self, *arguments: str, **extra: str) -> Ran:
        process = self._start(*arguments, extra=extra)
        out, err = process.communicate(timeout=300)
        return Ran(process.returncode, out, err)

    def json(self, *arguments: str, **extra: str) -> Any:
        return json.loads(self._succeeds(*arguments, "--json", extra=extra))

    def do(self, statements: str, **extra: str) -> str:
        """What a page would do, by the same services."""
        return self._succeeds("shell", "--no-imports", "--command", statements, extra=extra)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The real workers, and the panel's own clock beside them."""
        log = self.installation.folder / "workers.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                self._command("qcluster"), env=self.installation.environment(),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
            try:
                yield
            finally:
                process.terminate()
                try:
                    process.wait(timeout=120)
                finally:
                    process.kill()

    def turn_to(self, moment: datetime) -> None:
        """And wait until all that is due by then has come to its end."""
        self.clock.turn_to(moment)
        self.settle()

    def settle(self) -> None:
        beats, last = 0, ""

        def quiet() -> bool:
            nonlocal beats, last
            [(beat,)] = self.control(BEAT) or [("",)]
            if self.control(ACTIVE) != [(0,)] or self.control(SLOTS) != [(0,)]:
                beats = 0
            elif beat != last:
                beats += 1
            last = beat
            return beats >= QUIET_BEATS

        until(quiet, seconds=600)

    def control(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self.installation.control(statement, *values)

    def worker_at(self, kind: str) -> int:
        """The process that is at the running job of this kind."""
        found = "SELECT worker FROM backups_job WHERE state = 'running' AND kind = ?"
        until(lambda: bool(self.control(found, kind)))
        return int(self.control(found, kind)[0][0].split(":")[1])

    def _succeeds(self, *arguments: str, extra: Mapping[str, str]) -> str:
        done = self.manage(*arguments, **extra)
        assert done.status == 0, done
        return done.out

    def _start(self, *arguments: str, extra: Mapping[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command(*arguments), env={**self.installation.environment(), **extra},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, TURNED, str(self.clock.file), str(MANAGE), *arguments]
