"""A disposable server for what strangers wrote: no network, no files, no plugins, gone afterwards.

Whatever a dump tries, several walls stand around it: its statements are run one by one by our driver, which
knows no command of the shell; its account has no right outside its schemas; the server reaches no file and no
network; and where we are root it runs as a user that owns nothing.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from . import errors
from .beside import prefix_beside
from .confinement import Confinement
from .database import Server, quote_name, rows, run, session
from .file_lock import locked
from .private_server import PrivateServer, start_server, stop_server
from .stream import Progress

PREFIX = "qparkin-quarantine-"
# Between making a folder and locking it nobody takes it for a leftover.
YOUNG_SECONDS = 60.0
LOOK_SECONDS = 0.5
GIB = 1024**3
LOADER, KEEPER = "qparkin_quarantine", "qparkin_keeper"
RIGHTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE TEMPORARY TABLES, "
    "LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EVENT, TRIGGER, "
    "DELETE HISTORY"
)
# A view of the dump may run code with the rights of whoever looks: so the keeper has none worth having.
READING = "SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE, LOCK TABLES"
AT_LARGE = ("SELECT ON `mysql`.`proc`", "RELOAD ON *.*")


class QuarantineFull(errors.BackupError):
    code = "quarantine_full"
    sentence = errors.gettext_noop(
        "The dump filled more than the %(gigabytes)s GB that quarantine may use, and was thrown away."
    )


class QuarantineBroken(errors.BackupError):
    code = "quarantine_broken"
    sentence = errors.gettext_noop(
        "The dump made the server in quarantine stop (%(reason)s); nothing else was touched."
    )


@dataclass(frozen=True, slots=True)
class QuarantineLimits:
    seconds: int = 3600
    disk_bytes: int = 100 * GIB
    # What must stay free on the disk, whatever the dump wants.
    spare_bytes: int = 2 * GIB
    memory_bytes: int = 6 * GIB


@dataclass(frozen=True, slots=True)
class Quarantine:
    """`loader` is who the dump acts as; `keeper` looks at the result, and may change nothing."""

    database: str
    loader: Server
    keeper: Server
    server: PrivateServer = field(repr=False)

    @property
    def loader_account(self) -> str:
        return f"{LOADER}@localhost"


@contextmanager
def quarantine(
    *, database: str, case_rule: int, limits: QuarantineLimits, progress: Progress
) -> Iterator[Quarantine]:
    """A server with the empty `database`; everything of it is gone when the block ends, however it ends."""
    sweep()
    with _folder() as folder:
        server = start_server(
            folder / "server", options=_options(folder, case_rule), confined=_confined(limits)
        )
        try:
            with _watched(server, folder, limits, progress):
                yield _furnished(server, database)
        finally:
            stop_server(server, patience=0)


def sweep() -> list[str]:
    """Remove what a crash left behind; what somebody still works in is left alone."""
    gone = []
    for folder in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        with suppress(OSError):
            seen = folder.lstat()
            if seen.st_uid != os.getuid() or time.time() - seen.st_mtime < YOUNG_SECONDS:
                continue
            if _is_left(folder):
                shutil.rmtree(folder)
                gone.append(folder.name)
    return gone


def _is_left(folder: Path) -> bool:
    # The server holds its own lock for as long as it lives, which may be longer than its starter.
    return all(not path.exists() or _free(path) for path in (folder / "lock", folder / "server" / "lock"))


def _free(path: Path) -> bool:
    with path.open("rb") as handle:
        return locked(handle)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with (folder / "lock").open("wb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            nothing = folder / "nothing"
            nothing.mkdir(mode=0o555)
            # Its server may be another user's, who has to pass through here and can do nothing else.
            folder.chmod(0o711)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options(folder: Path, case_rule: int) -> dict[str, str]:
    nothing = str(folder / "nothing")
    return {
        "event_scheduler": "OFF",
        "innodb_doublewrite": "0",
        "innodb_flush_log_at_trx_commit": "0",
        "local_infile": "0",
        "lower_case_table_names": str(case_rule),
        "max_allowed_packet": "512M",
        "max_connections": "20",
        "max_heap_table_size": "16M",
        "plugin_dir": nothing,
        "secure_file_priv": nothing,
        "symbolic_links": "0",
        "tmp_table_size": "16M",
    }


def _confined(limits: QuarantineLimits) -> Confinement:
    return Confinement(_nobody(), limits.memory_bytes, limits.disk_bytes)


def _nobody() -> tuple[int, int] | None:
    """Not `mysql`: on the machine of the real database that one owns the real data."""
    if os.getuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _furnished(server: PrivateServer, database: str) -> Quarantine:
    """Two accounts of our own; the one that a fresh server comes with gets a password that nobody knows."""
    where = str(server.socket)
    loader = Server(username=LOADER, password=secrets.token_hex(24), socket=where)
    keeper = Server(username=KEEPER, password=secrets.token_hex(24), socket=where)
    with session(Server(username="root", socket=where)) as connection:
        for (account,) in rows(connection, "SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user"):
            if account not in ("'root'@'localhost'", "'mariadb.sys'@'localhost'"):
                run(connection, f"DROP USER {account}")
        for who, rights in ((loader, RIGHTS), (keeper, READING)):
            run(connection, f"CREATE USER {_account(who)} IDENTIFIED BY {_literal(who.password)}")
            for schema in (_pattern(database), _pattern(prefix_beside(database)) + "%"):
                run(connection, f"GRANT {rights} ON {quote_name(schema)}.* TO {_account(who)}")
        for right in AT_LARGE:
            run(connection, f"GRANT {right} TO {_account(keeper)}")
        run(connection, f"CREATE DATABASE {quote_name(database)} CHARACTER SET utf8mb4")
        run(connection, f"ALTER USER 'root'@'localhost' IDENTIFIED BY {_literal(secrets.token_hex(24))}")
    return Quarantine(database, loader, keeper, server)


def _account(who: Server) -> str:
    return f"'{who.username}'@'localhost'"


def _literal(secret: str) -> str:
    # Hex digits of our own making: nothing to escape, and a hex literal is no password.
    return f"'{secret}'"


def _pattern(name: str) -> str:
    return name.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")


@contextmanager
def _watched(
    server: PrivateServer, folder: Path, limits: QuarantineLimits, progress: Progress
) -> Iterator[None]:
    """Ends the server when the dump takes too long or too much, and says why, whatever broke by that."""
    guard = _Guard(server, folder, limits, progress)
    guard.start()
    try:
        yield
    except errors.BackupError as error:
        guard.stop()
        if guard.reason:
            raise guard.reason from None
        if not server.is_running():
            raise QuarantineBroken(reason=f"status {server.process.returncode}") from error
        raise
    finally:
        guard.stop()
    if guard.reason:
        raise guard.reason


class _Guard(threading.Thread):
    def __init__(
        self, server: PrivateServer, folder: Path, limits: QuarantineLimits, progress: Progress
    ) -> None:
        super().__init__(name="quarantine guard", daemon=True)
        self.reason: errors.BackupError | None = None
        self._server, self._folder, self._limits, self._progress = server, folder, limits, progress
        self._over = threading.Event()
        self._deadline = time.monotonic() + limits.seconds

    def run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                self._look()
            except errors.BackupError as reason:
                self._end(reason)
            except OSError as error:
                # Who cannot look guards nothing.
                self._end(QuarantineBroken(reason=error.strerror or "no reason given"))

    def _end(self, reason: errors.BackupError) -> None:
        self.reason = reason
        self._over.set()
        self._server.process.kill()

    def stop(self) -> None:
        self._over.set()
        self.join()

    def _look(self) -> None:
        self._progress.check()
        if time.monotonic() > self._deadline:
            raise errors.DeadlinePassed(seconds=self._limits.seconds)
        used, free = _used(self._folder), shutil.disk_usage(self._folder).free
        if used > self._limits.disk_bytes or (free < self._limits.spare_bytes and used > GIB // 4):
            raise QuarantineFull(gigabytes=round(used / GIB, 1))


def _used(folder: Path) -> int:
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(where) / name).lstat().st_blocks * 512
    return total
