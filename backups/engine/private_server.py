"""A private MariaDB server: own data, own socket, no network, gone when its starter is gone."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .confinement import Confinement, prepared
from .errors import BackupError, gettext_noop
from .file_lock import locked
from .surroundings import passed_on

START_SECONDS = 60.0
STOP_SECONDS = 60.0
LOCK_SECONDS = 15.0
# Linux allows 107 bytes; tools that add a suffix of their own need some of them.
SOCKET_PATH_BYTES = 100
PR_SET_PDEATHSIG = 1
HANDSHAKE_VERSION = 10

DEFAULTS: Mapping[str, str] = {
    "character_set_server": "utf8mb4",
    "innodb_buffer_pool_size": "256M",
    "local_infile": "1",
    "performance_schema": "OFF",
    "skip_name_resolve": "ON",
}


class ServerProgramMissing(BackupError):
    code = "server_program_missing"
    sentence = gettext_noop(
        "The MariaDB server program %(program)s is not installed; install it: apt-get install mariadb-server"
    )


class PrivateServerBusy(BackupError):
    code = "private_server_busy"
    sentence = gettext_noop(
        "The private server in %(folder)s is in use by another program; stop that one first."
    )


class PrivateServerFailed(BackupError):
    code = "private_server_failed"
    sentence = gettext_noop(
        "The private server in %(folder)s did not start (%(reason)s); its log is %(log)s."
    )


class UnsafeSocketFolder(BackupError):
    code = "unsafe_socket_folder"
    sentence = gettext_noop(
        "The folder %(folder)s belongs to somebody else; remove it, it is needed for a socket."
    )


@dataclass(frozen=True, slots=True)
class PrivateServer:
    """A running private server. Its `root` has no password: only this user reaches the socket."""

    folder: Path
    socket: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> Path:
        return self.folder / "mariadb.log"

    def is_running(self) -> bool:
        return self.process.poll() is None


@contextmanager
def running_server(folder: Path, *, options: Mapping[str, str] | None = None) -> Iterator[PrivateServer]:
    """Run a private server in `folder`, made on first use, for as long as the block lasts."""
    server = start_server(folder, options=options or {})
    try:
        yield server
    except BaseException:
        stop_server(server, patience=5.0)
        raise
    stop_server(server)


def start_server(
    folder: Path, *, options: Mapping[str, str], confined: Confinement | None = None
) -> PrivateServer:
    """Start the server and wait until it answers.

    It ends with the thread that started it: the kernel ties the two together, so start it from
    one that lives as long as the server is needed.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = socket_path(folder)
    with _exclusive(folder) as lock:
        if confined and confined.account:
            os.chown(folder, *confined.account)
        _create_once(folder, confined)
        path.unlink(missing_ok=True)
        process = _launch(folder, path, options={**DEFAULTS, **options}, lock=lock, confined=confined)
    server = PrivateServer(folder=folder, socket=path, process=process)
    try:
        _wait_until_it_answers(server)
    except BaseException:
        stop_server(server, patience=0)
        raise
    return server


def stop_server(server: PrivateServer, *, patience: float = STOP_SECONDS) -> None:
    """Ask the server to end, and make it end when it does not."""
    server.process.terminate()
    try:
        server.process.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()
    server.socket.unlink(missing_ok=True)


def socket_path(folder: Path) -> Path:
    """Where the server in `folder` listens: always the same, and short enough for the kernel."""
    beside = folder.resolve() / "mariadb.sock"
    if len(os.fsencode(beside)) < SOCKET_PATH_BYTES:
        return beside
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"qparkin-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    _refuse_foreign(short)
    return short / "mariadb.sock"


def _refuse_foreign(folder: Path) -> None:
    # The temp folder is everybody's: whoever made this one first could put a server of theirs in our way.
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or folder.is_symlink():
        raise UnsafeSocketFolder(folder=str(folder))


@contextmanager
def _exclusive(folder: Path) -> Iterator[int]:
    """Hold the folder's lock; the server inherits it, so that it lasts exactly as long as the server."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + LOCK_SECONDS
        while not locked(handle):
            # A server whose starter was killed may still be shutting down.
            if time.monotonic() > deadline:
                raise PrivateServerBusy(folder=str(folder))
            time.sleep(0.1)
        yield handle
    finally:
        os.close(handle)


def _create_once(folder: Path, confined: Confinement | None) -> None:
    datadir = folder / "data"
    if datadir.exists():
        return
    # Made under another name: a set-up that was cut short is never taken for a whole one.
    partial = folder / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    command = [_program("mariadb-install-db"), "--no-defaults", f"--datadir={partial}", *_as_root(confined)]
    command += ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-log-bin"]
    with (folder / "mariadb.log").open("ab") as log:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
            cwd=folder,
            # A starting server clears its temp folder, and would take away what another one is working with.
            env=passed_on(TMPDIR=str(_exchange(folder, confined))),
            **(confined.identity() if confined else {}),
        )
    if done.returncode:
        raise _failed(folder)
    partial.rename(datadir)


def _exchange(folder: Path, confined: Confinement | None) -> Path:
    exchange = folder / "tmp"
    exchange.mkdir(exist_ok=True, mode=0o700)
    if confined and confined.account:
        os.chown(exchange, *confined.account)
    return exchange


def _launch(
    folder: Path, path: Path, *, options: Mapping[str, str], lock: int, confined: Confinement | None
) -> subprocess.Popen[bytes]:
    exchange = _exchange(folder, confined)
    command = [_program("mariadbd"), "--no-defaults", f"--datadir={folder / 'data'}", f"--socket={path}"]
    command += [f"--pid-file={folder / 'mariadb.pid'}", f"--tmpdir={exchange}", *_as_root(confined)]
    # A statement of whoever signs in reaches no file outside this folder.
    command += ["--skip-networking", "--skip-log-bin", f"--secure-file-priv={exchange}"]
    command += [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    with (folder / "mariadb.log").open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=passed_on(TMPDIR=str(exchange)),
            pass_fds=(lock,),
            # Ctrl-C at the terminal is for the starter, which stops the server in its turn.
            start_new_session=True,
            # Async-signal-safe calls only.
            preexec_fn=prepared(die_with_parent(os.getpid()), confined),  # noqa: PLW1509
            **(confined.identity() if confined else {}),
        )


def die_with_parent(parent: int) -> Callable[[], None]:
    """For `preexec_fn`: the kernel ends the child with SIGTERM when the thread that started it ends."""
    # Loaded before the fork: between fork and exec nothing may take a lock.
    libc = ctypes.CDLL(None, use_errno=True)

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def _wait_until_it_answers(server: PrivateServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server.socket):
        if not server.is_running() or time.monotonic() > deadline:
            raise _failed(server.folder)
        time.sleep(0.05)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(path))
            greeting = probe.recv(5)
        except OSError:
            return False
    # The fifth byte is the protocol's version; a server that refuses sends 255 there.
    return len(greeting) == 5 and greeting[4] == HANDSHAKE_VERSION


def _failed(folder: Path) -> PrivateServerFailed:
    log = folder / "mariadb.log"
    complaints = [line for line in _last_lines(log) if "[ERROR]" in line and "Aborting" not in line]
    reason = complaints[0].split("[ERROR]", 1)[1].strip() if complaints else "it gave no reason"
    return PrivateServerFailed(folder=str(folder), reason=reason, log=str(log))


def _last_lines(log: Path) -> list[str]:
    with log.open("rb") as lines:
        lines.seek(max(0, log.stat().st_size - 8192))
        return lines.read().decode(errors="replace").splitlines()


def _program(name: str) -> str:
    # Debian keeps servers in /usr/sbin, which a plain user's PATH leaves out.
    found = shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin")
    if not found:
        raise ServerProgramMissing(program=name)
    return found


def _as_root(confined: Confinement | None) -> list[str]:
    # MariaDB refuses to run as root unless that is said out loud; a container has no other user.
    stays_root = os.getuid() == 0 and not (confined and confined.account)
    return ["--user=root"] if stays_root else []
