"""`bin/demo`: the whole panel on a private QParkIn, with one command."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from backups.demo import panel, protected, uploads
from backups.demo.home import PROJECT, Home, Login, locked_home, require_free_port
from backups.demo.processes import (
    Child,
    allowed_hosts,
    running,
    wait_for_answer,
    web_command,
    worker_command,
)
from backups.engine.errors import BackupError
from backups.engine.private_server import PrivateServer, running_server

FEWEST_ROWS = 50_000
DATABASE_AWAY = """
The database server has ended; its log is {log}.
The panel goes on, and shows what it makes of that. Press Ctrl-C; bin/demo again brings the server back."""


class Died(Exception):
    """A part of the running demo ended by itself."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    # A polite end of the terminal or of the system is the same as Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        return _run(options)
    except BackupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/demo", description="Try the panel on a private QParkIn database."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8000, help="port to listen on (default: %(default)s)")
    parser.add_argument("--reset", action="store_true", help="throw the old demo away and start over")
    parser.add_argument(
        "--rows", type=_row_count, default=FEWEST_ROWS, help="rows of a new database (default: %(default)s)"
    )
    parser.add_argument(
        "--folder", type=Path, default=PROJECT / "var" / "demo", help="where everything of the demo lies"
    )
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"{text} is no port; a port is a number between 1 and 65535")
    return int(text)


def _row_count(text: str) -> int:
    plain = text.replace("_", "")
    if not plain.isascii() or not plain.isdigit() or int(plain) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of rows; give one like 50000")
    return int(plain)


def _run(options: argparse.Namespace) -> int:
    # The folder first: that another demo runs says more than that its port is taken.
    with locked_home(options.folder) as home:
        require_free_port(options.host, options.port)
        if options.reset:
            home.clear()
        _say("Starting a private MariaDB …")
        with running_server(home.mariadb) as server:
            logins = _set_up(home, server, count=options.rows)
            return _serve(home, server, logins, host=options.host, port=options.port)


def _set_up(home: Home, server: PrivateServer, *, count: int) -> dict[str, Login]:
    if not home.seeded.exists():
        _say(f"Making a QParkIn database with {count:,} rows or more …")
    protected.seed_once(server, home, count=count)
    uploads.make_uploads(home)
    _say("Preparing the panel …")
    if not home.env_file.exists():
        panel.initialise(home, server, protected.create_accounts(server))
    panel.prepare(home)
    return panel.people(home)


def _serve(home: Home, server: PrivateServer, logins: dict[str, Login], *, host: str, port: int) -> int:
    # Left in the other order: the worker stops first, then the web server, the database last.
    hosts = allowed_hosts(host)
    with (
        running("web", web_command(host, port), home=home, hosts=hosts) as web,
        running("worker", worker_command(), home=home, hosts=hosts) as worker,
    ):
        try:
            wait_for_answer(web, host=host, port=port)
            _say(_welcome(home, server, logins, host=host, port=port))
            _watch(server, web, worker)
        except KeyboardInterrupt:
            _say("\nStopping the worker, the web server and the database …")
            status = 0
        except Died as death:
            print(f"\n{death} Stopping the rest …", file=sys.stderr)
            status = 1
        # From here on another Ctrl-C would only leave things half stopped.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
    return status


def _watch(server: PrivateServer, *children: Child) -> None:
    is_up = True
    while True:
        for child in children:
            if child.has_died():
                raise Died(f"The {child.name} process ended by itself ({child.last_words()}).")
        if is_up and not server.is_running():
            # A database that is away is what the panel is for: it goes on, to be looked at.
            is_up = False
            _say(DATABASE_AWAY.format(log=_short(server.log)))
        time.sleep(0.3)


def _welcome(home: Home, server: PrivateServer, logins: dict[str, Login], *, host: str, port: int) -> str:
    shown = "localhost" if host in {"127.0.0.1", "::1", "0.0.0.0"} else host  # noqa: S104  # nosec B104 # compared
    lines = ["", f"QParkIn Backup is ready:  http://{shown}:{port}/", ""]
    for login in logins.values():
        lines += [login.who, f"  e-mail    {login.email}", f"  password  {login.password}", ""]
    lines += [
        "Signing in needs no second factor here: MFA is switched off in the demo, and only there.",
        "The protected database, to break something and restore it:",
        f"  mariadb --socket={_short(server.socket)} --user=root {protected.DATABASE}",
        f"Its uploads: {_short(uploads.storage(home))}",
        "The panel's commands:",
        f"  QPARKIN_ENV_FILE={_short(home.env_file)} .venv/bin/python manage.py archives",
        "",
        "Ctrl-C stops everything and keeps the data; bin/demo --reset starts over.",
        "",
    ]
    width = max(map(len, lines))
    body = "\n".join(f"│ {line:<{width}} │" for line in lines)
    return f"\n╭{'─' * (width + 2)}╮\n{body}\n╰{'─' * (width + 2)}╯"


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
