"""`python -m benchmarks`: builds a QParkIn-shaped database and measures all ways, in turn."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from backups.demo.seed import create_qparkin
from backups.engine.database import Server, one, run, schema_exists, session
from backups.engine.private_server import PrivateServer, running_server

from .contestants import Contestant, backups, restores
from .measure import Run, measured
from .report import picture, table

OPTIONS = {"innodb_buffer_pool_size": "2G", "innodb_log_file_size": "1G", "max_allowed_packet": "64M"}
SIZES = (
    "SELECT SUM(TABLE_ROWS), SUM(DATA_LENGTH), SUM(INDEX_LENGTH) FROM information_schema.tables "
    "WHERE TABLE_SCHEMA = 'qparkin'"
)
UNTIL = datetime(2026, 11, 23, 12, 0)  # noqa: DTZ001 - the demo's clock is the malls' own


def main() -> None:
    options = _options()
    work = options.folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    with running_server(options.folder / "mariadb", options=OPTIONS) as server:
        size = _build(server, options.rows)
        print(size, flush=True)
        saved = _measure(backups(server.socket, work), server, work, options.rounds)
        _plain_dump(server, work)
        restored = _measure(restores(server.socket, work), server, work, options.rounds)
    print("\n## Backup\n" + table(saved, against="mariadb-dump | gzip"))
    print("## Restore\n" + table(restored, against="mariadb < dump.sql"))
    if options.picture:
        options.picture.write_text(picture({"Backup": saved, "Restore": restored}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rows", type=int, default=9_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--picture", type=Path, help="write the bars here, as SVG")
    return parser.parse_args()


def _build(server: PrivateServer, rows: int) -> str:
    """The database, made once; returns what it is in one sentence."""
    with session(Server("root", socket=str(server.socket))) as connection:
        if not schema_exists(connection, "qparkin"):
            run(connection, "CREATE DATABASE qparkin CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
            connection.select_db("qparkin")
            create_qparkin(connection, rows=rows, until=UNTIL)
        found = one(connection, SIZES)
        count, data, indexes = (int(figure) for figure in found)
        version = one(connection, "SELECT @@version")[0]
    return (
        f"about {count:,} rows, {data / 1e6:,.0f} MB of data, {indexes / 1e6:,.0f} MB of indexes, {version}"
    )


def _measure(
    contestants: Sequence[Contestant], server: PrivateServer, work: Path, rounds: int
) -> dict[str, list[Run]]:
    """Each in turn, round after round, the first round only to warm up."""
    results: dict[str, list[Run]] = defaultdict(list)
    pid = int((server.folder / "mariadb.pid").read_text())
    present = [contestant for contestant in contestants if contestant.present]
    for number in range(rounds + 1):
        for contestant in present:
            _remove(contestant.output)
            done = measured(contestant.command, server_pid=pid, output=contestant.output, log=work / "log")
            print(f"{number} {contestant.name}: {done.seconds:.1f} s", flush=True)
            if number:
                results[contestant.name].append(done)
    return results


def _plain_dump(server: PrivateServer, work: Path) -> None:
    command = ["mariadb-dump", "--no-defaults", f"--socket={server.socket}", "--user=root", "--routines"]
    with (work / "plain.sql").open("wb") as plain:
        subprocess.run([*command, "--events", "qparkin"], stdout=plain, check=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
