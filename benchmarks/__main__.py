"""`python -m benchmarks`: builds a QParkIn-shaped database and measures all ways, in turn."""

from __future__ import annotations

import argparse
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from backups.engine.private_server import PrivateServer, running_server

from .contestants import Contestant, backups, parts, restores
from .measure import Run, measured
from .report import picture, table
from .subject import OPTIONS, build, remove


def main() -> None:
    options = _options()
    work = options.folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    with running_server(options.folder / "mariadb", options=OPTIONS) as server:
        size = build(server, options.rows)
        print(size, flush=True)
        saved = _measure(backups(server.socket, work), server, work, options.rounds, warm=True)
        print("\n## Backup\n" + table(saved, against="mariadb-dump | gzip"), flush=True)
        _plain_dump(server, work)
        restored = _measure(restores(server.socket, work), server, work, options.rounds)
        print("\n## Restore\n" + table(restored, against="mariadb < dump.sql"), flush=True)
        partly = _measure(parts(server.socket, work), server, work, options.rounds)
    print("\n## A part of it\n" + table(partly, against="everything"))
    if options.picture:
        options.picture.write_text(picture({"Backup": saved, "Restore": restored}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rows", type=int, default=9_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--picture", type=Path, help="write the bars here, as SVG")
    return parser.parse_args()


def _measure(
    contestants: Sequence[Contestant], server: PrivateServer, work: Path, rounds: int, *, warm: bool = False
) -> dict[str, list[Run]]:
    """Each in turn, round after round; `warm`: after one that does not count."""
    results: dict[str, list[Run]] = defaultdict(list)
    pid = int((server.folder / "mariadb.pid").read_text())
    present = [contestant for contestant in contestants if contestant.present]
    for number in range(0 if warm else 1, rounds + 1):
        for contestant in present:
            remove(contestant.output)
            done = measured(contestant.command, server_pid=pid, output=contestant.output, log=work / "log")
            print(f"{number} {contestant.name}: {done.seconds:.1f} s", flush=True)
            if number:
                results[contestant.name].append(done)
    return results


def _plain_dump(server: PrivateServer, work: Path) -> None:
    command = ["mariadb-dump", "--no-defaults", f"--socket={server.socket}", "--user=root", "--routines"]
    with (work / "plain.sql").open("wb") as plain:
        subprocess.run([*command, "--events", "qparkin"], stdout=plain, check=True)


if __name__ == "__main__":
    main()
