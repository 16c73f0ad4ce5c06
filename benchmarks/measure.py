"""One run of one command: its wall time, its own CPU and peak memory, and what the server spent meanwhile."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Run:
    seconds: float
    client_cpu: float  # seconds, of the command and its children
    server_cpu: float  # seconds
    peak_mb: int  # of the largest single process
    output_mb: int


def measured(command: Sequence[str], *, server_pid: int, output: Path, log: Path) -> Run:
    """Run to the end; a command that fails ends the whole benchmark with its own words."""
    before = _cpu(server_pid)
    started = time.monotonic()
    with log.open("wb") as words:
        child = subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)[:200]}\n{log.read_text(errors='replace')[-2000:]}")
    return Run(
        seconds,
        usage.ru_utime + usage.ru_stime,
        _cpu(server_pid) - before,
        usage.ru_maxrss // 1024,
        _size(output) // 1024**2,
    )


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.exists() else 0
