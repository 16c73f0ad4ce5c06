"""Who is measured, each as one command."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from backups.engine.fast_rows import helper


@dataclass(frozen=True, slots=True)
class Contestant:
    name: str
    command: tuple[str, ...]
    output: Path  # what it leaves behind; taken away before each run
    needs: tuple[str, ...] = ()

    @property
    def present(self) -> bool:
        return all(shutil.which(program) for program in self.needs)


def backups(socket: Path, work: Path) -> tuple[Contestant, ...]:
    dump = (
        f"mariadb-dump --no-defaults --socket={socket} --user=root --single-transaction --quick "
        "--routines --triggers --events qparkin"
    )
    sql, packed, archive = work / "dump.sql", work / "dump.packed", work / "spatie.zip"
    dumper = f"--socket={socket} --user=root --database=qparkin --threads=2 --triggers --events --routines"
    return (
        *(_ours(f"ours, {_connections(n)}", "backup", socket, n, work, "--plain") for n in (2, 1)),
        *(_ours(f"ours with the helper, {_connections(n)}", "backup", socket, n, work) for n in _with_helper()),
        Contestant("mariadb-dump | gzip", _pipe(f"{dump} | gzip > {packed}"), packed),
        Contestant("mariadb-dump | zstd -1", _pipe(f"{dump} | zstd -q -1 -T1 -f -o {packed}"), packed, ("zstd",)),
        # PHP's ZipArchive and zip share zlib; the older cipher costs no more than AES.
        Contestant(
            "spatie's way: dump, then an encrypted ZIP",
            _pipe(f"{dump} > {sql} && zip -q -9 -j -P bench {archive} {sql} && rm {sql}"),
            archive,
            ("zip",),
        ),
        Contestant(
            "mydumper, 2 threads, compressed",
            _pipe(f"mydumper {dumper} --compress --outputdir={work / 'mydumper'}"),
            work / "mydumper",
            ("mydumper",),
        ),
        Contestant(
            "mariabackup | zstd -1 (physical)",
            _pipe(f"mariabackup --no-defaults --backup --socket={socket} --user=root --stream=xbstream "
                  f"--databases=qparkin | zstd -q -1 -T1 -f -o {packed}"),
            packed,
            ("mariabackup",),
        ),
    )  # fmt: skip


def restores(socket: Path, work: Path) -> tuple[Contestant, ...]:
    client = f"mariadb --no-defaults --socket={socket} --user=root"
    fresh = f"{client} -e 'DROP DATABASE IF EXISTS qparkin__peer; CREATE DATABASE qparkin__peer'"
    return (
        *(_ours(f"ours, {_connections(n)}, no proof", "load", socket, n, work) for n in (2, 1)),
        _ours("ours, 2 connections, with the proof", "prove", socket, 2, work, "--plain"),
        *(
            _ours(f"ours with the helper, {_connections(n)}, with the proof", "prove", socket, n, work)
            for n in _with_helper()[:1]
        ),
        Contestant("mariadb < dump.sql", _pipe(f"{fresh}; {client} qparkin__peer < {work / 'plain.sql'}"), work / "none"),
        Contestant(
            "myloader, 2 threads",
            _pipe(f"{fresh}; myloader --socket={socket} --user=root --database=qparkin__peer --threads=2 "
                  f"--overwrite-tables --directory={work / 'mydumper'}"),
            work / "none",
            ("myloader",),
        ),
    )  # fmt: skip


def parts(socket: Path, work: Path) -> tuple[Contestant, ...]:
    """Into another database, each with its proof."""
    return (
        _ours("everything", "elsewhere", socket, 2, work),
        _ours("one table of a hundredth", "table", socket, 2, work),
    )


def _connections(number: int) -> str:
    return "1 connection" if number == 1 else f"{number} connections"


def _with_helper() -> tuple[int, ...]:
    """For how many connections; none where the helper was not built."""
    return (2, 1) if helper() else ()


def _ours(name: str, what: str, socket: Path, connections: int, work: Path, *options: str) -> Contestant:
    folder = work / "ours"
    output = folder / "archives" if what == "backup" else work / "none"
    program = (sys.executable, "-m", "benchmarks.ours", what, str(socket), str(connections), str(folder))
    return Contestant(name, (*program, *options), output)


def _pipe(command: str) -> tuple[str, ...]:
    return ("bash", "-o", "pipefail", "-ec", command)
