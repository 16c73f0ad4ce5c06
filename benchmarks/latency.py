"""`python -m benchmarks.latency`: what a car park at work feels of a backup, with and without, in turn."""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from backups.engine.database import Server, session
from backups.engine.private_server import running_server

from .measure import measured
from .parking import Sample, prepare, workload
from .subject import OPTIONS, build, remove

# As on the operators' own machines: the triggers write table names in capitals. Each payment is on the disk.
PARKING = {"lower_case_table_names": "1", "innodb_flush_log_at_trx_commit": "1"}
SETTLE_SECONDS = 3.0
NOTHING = "no backup"


@dataclass(frozen=True, slots=True)
class Way:
    name: str
    command: tuple[str, ...]
    output: Path


@dataclass(frozen=True, slots=True)
class Felt:
    """One run: how long it took, and what each step of a vehicle that was due meanwhile took, in seconds."""

    seconds: float
    steps: tuple[float, ...]
    failed: int

    def share(self, part: float) -> float:
        ordered = sorted(self.steps)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")


def main() -> None:
    options = _options()
    work = options.folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    with running_server(options.folder / "mariadb", options={**OPTIONS, **PARKING}) as private:
        print(build(private, options.rows), flush=True)
        server = Server("root", socket=str(private.socket))
        with session(server, "qparkin") as connection:
            prepare(connection)
        pid = int((private.folder / "mariadb.pid").read_text())
        felt: dict[str, list[Felt]] = defaultdict(list)
        for number in range(options.rounds + 1):
            for way in _ways(str(private.socket), work, options):
                remove(way.output)
                one = _felt(way, server, options, pid=pid, log=work / "log")
                print(f"{number} {way.name}: {one.seconds:.1f} s, {len(one.steps)} steps", flush=True)
                # The first round only warms up.
                if number:
                    felt[way.name].append(one)
    print("\n" + table(felt, options))


def _felt(way: Way, server: Server, options: argparse.Namespace, *, pid: int, log: Path) -> Felt:
    with workload(server, clients=options.clients, steps_per_second=options.steps) as samples:
        time.sleep(SETTLE_SECONDS)
        began = time.monotonic()
        measured(way.command, server_pid=pid, output=way.output, log=log)
        ended = time.monotonic()
        # What was due at the very end is still waited for.
        time.sleep(1.0)
    return felt_between(samples, began, ended)


def felt_between(samples: Sequence[Sample], began: float, ended: float) -> Felt:
    meanwhile = [sample for sample in samples if began <= sample.due < ended]
    steps = tuple(sample.seconds for sample in meanwhile if sample.seconds is not None)
    return Felt(ended - began, steps, len(meanwhile) - len(steps))


def _ways(socket: str, work: Path, options: argparse.Namespace) -> tuple[Way, ...]:
    dump = (
        f"mariadb-dump --no-defaults --socket={socket} --user=root --single-transaction --quick "
        "--routines --triggers --events qparkin"
    )
    packed, rate, most = work / "dump.packed", options.rate, options.running
    return (
        Way(NOTHING, ("sleep", str(options.quiet)), work / "none"),
        _ours("ours, 2 connections", socket, work, 2),
        _ours("ours, 1 connection", socket, work, 1),
        _ours(f"ours, 2 connections, at most {rate} MB/s", socket, work, 2, rate=rate),
        _ours(f"ours, 2 connections, gives way above {most} sessions", socket, work, 2, running=most),
        _ours("ours, 2 connections, nice 10", socket, work, 2, before=("nice", "-n", "10")),
        Way("mariadb-dump \\| gzip", ("bash", "-o", "pipefail", "-ec", f"{dump} | gzip > {packed}"), packed),
    )


def _ours(
    name: str,
    socket: str,
    work: Path,
    connections: int,
    *,
    rate: int = 0,
    running: int = 0,
    before: tuple[str, ...] = (),
) -> Way:
    ours = (sys.executable, "-m", "benchmarks.ours", "backup", socket, str(connections), str(work / "ours"))
    return Way(name, (*before, *ours, f"--rate={rate}", f"--running={running}"), work / "ours" / "archives")


def table(felt: Mapping[str, Sequence[Felt]], options: argparse.Namespace) -> str:
    """Medians over the rounds; the ratio is to the quiet run of the same round."""
    lines = [
        f"{options.steps} steps a second by {options.clients} clients, {options.rounds} rounds, medians.",
        "",
        "| while it runs | backup takes s | p50 ms | p99 ms | worst ms | p50 to quiet | p99 to quiet | steps | failed |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, runs in felt.items():
        figures = [
            "–" if name == NOTHING else f"{median(run.seconds for run in runs):.1f}",
            *(f"{1000 * median(run.share(part) for run in runs):.1f}" for part in (0.5, 0.99, 1.0)),
            *(f"{_ratio(runs, felt[NOTHING], part):.2f}" for part in (0.5, 0.99)),
            str(sum(len(run.steps) for run in runs)),
            str(sum(run.failed for run in runs)),
        ]
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


def _ratio(runs: Sequence[Felt], quiet: Sequence[Felt], part: float) -> float:
    return median(one.share(part) / other.share(part) for one, other in zip(runs, quiet, strict=True))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks-latency"))
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--steps", type=int, default=60, help="steps of vehicles a second, of all clients")
    parser.add_argument("--quiet", type=int, default=20, help="seconds of the run without a backup")
    parser.add_argument("--rate", type=int, default=20, help="MB/s of the run with a rate limit")
    parser.add_argument("--running", type=int, default=2, help="sessions that the run that gives way accepts")
    return parser.parse_args()


if __name__ == "__main__":
    main()
