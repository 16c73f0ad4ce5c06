"""The walls of the quarantine: each one tried from inside, as the account that a dump acts as."""

from __future__ import annotations

import errno
import fcntl
import gzip
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from backups.engine import errors, quarantine
from backups.engine.database import one, rows, session
from backups.engine.dump_file import DumpLimits, open_dump
from backups.engine.intake import Intake, take_in
from backups.engine.quarantine import Quarantine, QuarantineFull, QuarantineLimits
from backups.engine.release import take_release
from backups.engine.stream import Silent
from tests.installation import until

LIMITS = QuarantineLimits()
UNKNOWN_ENGINE = 1286

FORBIDDEN = [
    "SELECT 1 INTO OUTFILE '/tmp/pwned-by-a-dump'",
    "SELECT 1 INTO DUMPFILE '/tmp/pwned-by-a-dump'",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
    "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t",
    "CREATE USER x",
    "CREATE ROLE x",
    "GRANT ALL ON *.* TO qparkin_quarantine@localhost",
    "GRANT SELECT ON parkir.* TO public",
    "CREATE DATABASE other",
    "DROP DATABASE mysql",
    "USE mysql",
    "SELECT * FROM mysql.global_priv",
    "INSTALL SONAME 'ha_connect'",
    "INSTALL PLUGIN x SONAME 'ha_federatedx'",
    "CREATE FUNCTION sys_exec RETURNS INT SONAME 'lib_mysqludf_sys.so'",
    "SET GLOBAL local_infile=1",
    "SET GLOBAL event_scheduler=ON",
    "SET GLOBAL general_log_file='/tmp/x.php'",
    "SET SESSION sql_log_bin=0",
    "SHUTDOWN",
    "FLUSH TABLES",
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')",
    "CREATE DEFINER=root@localhost PROCEDURE p() SELECT 1",
    "CREATE DEFINER=root@localhost VIEW v AS SELECT 1",
    "CHANGE MASTER TO MASTER_HOST='192.0.2.1'",
    "RESET MASTER",
    "SELECT 1; SELECT 2",
    "\\! touch /tmp/pwned-by-a-dump",
    "system touch /tmp/pwned-by-a-dump",
    "source /etc/passwd",
]

ATTACK = rb"""
\! touch /tmp/pwned-by-a-dump
;
system touch /tmp/pwned-by-a-dump;
tee /tmp/pwned-by-a-dump
;
pager cat > /tmp/pwned-by-a-dump
;
CREATE TABLE t (a INT PRIMARY KEY, b TEXT);
LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t;
INSERT INTO t VALUES (1, LOAD_FILE('/etc/passwd')), (2, 'two');
/*!50003 SELECT 'x' INTO OUTFILE '/tmp/pwned-by-a-dump' */;
/*!50003 GRANT ALL ON *.* TO x@y */;
USE `parkir`;
USE `mysql`;
DROP TABLE user;
USE `parkir`;
CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO INSERT INTO t VALUES (FLOOR(RAND() * 1e9), 'fired');
DELIMITER $$
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER tr BEFORE INSERT ON t FOR EACH ROW
SET NEW.b = CONCAT(NEW.b, ';')*/$$
DELIMITER ;
SHUTDOWN;
KILL 1;
XA START 'x';
CREATE TABLE far (a INT) ENGINE=FEDERATED CONNECTION='mysql://root@127.0.0.1/mysql/user';
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Quarantine]:
    with quarantine.quarantine(database="parkir", case_rule=0, limits=LIMITS, progress=Silent()) as made:
        with session(made.loader, "parkir") as connection:
            rows(connection, "CREATE TABLE t (a INT)")
        yield made


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_server_itself_refuses_it(place: Quarantine, statement: str) -> None:
    with session(place.loader, "parkir") as connection, pytest.raises(errors.BackupError):
        rows(connection, statement)
    assert place.server.is_running()


def test_no_file_can_be_read_and_no_engine_reaches_out(place: Quarantine) -> None:
    with session(place.loader, "parkir") as connection:
        assert one(connection, "SELECT LOAD_FILE('/etc/passwd')") == (None,)
        rows(connection, "CREATE TABLE dd (a INT) DATA DIRECTORY='/tmp'")
        for engine in ("FEDERATED", "CONNECT", "SPIDER"):
            with suppress(errors.ServerRefused):
                rows(connection, f"CREATE TABLE far_{engine} (a INT) ENGINE={engine} CONNECTION='mysql://x'")
        found = rows(
            connection,
            "SELECT TABLE_NAME, ENGINE FROM information_schema.tables WHERE TABLE_NAME LIKE 'far%'",
        )
        assert {engine for _, engine in found} <= {"InnoDB"}
        assert one(connection, "SELECT @@skip_networking, @@have_symlink, @@event_scheduler") == (
            1,
            "DISABLED",
            "OFF",
        )
    assert not Path("/tmp/parkir").exists()


def test_whoever_looks_at_a_dump_lends_its_code_no_rights(tmp_path: Path) -> None:
    """Adopting reads the table `migrations`; a dump can make it a view that runs as who looks at it."""
    target = Path(tempfile.gettempdir()) / "pwned-by-a-view.sh"
    target.unlink(missing_ok=True)
    dump = f"""
        DELIMITER $$
        CREATE FUNCTION strike() RETURNS INT SQL SECURITY INVOKER BEGIN
            SET GLOBAL general_log_file='{target}';
            SET GLOBAL general_log=1;
            RETURN 1;
        END$$
        DELIMITER ;
        CREATE SQL SECURITY INVOKER VIEW migrations AS SELECT 'x' AS migration, strike() AS batch;
    """
    with quarantine.quarantine(database="parkir", case_rule=0, limits=LIMITS, progress=Silent()) as made:
        assert _into(made, tmp_path, dump.encode()).loads
        with session(made.keeper, "parkir") as connection:
            take_release(connection, "parkir", None)
            assert one(connection, "SELECT @@GLOBAL.general_log") == (0,)
            for statement in ("SET GLOBAL general_log=1", "DROP VIEW parkir.migrations", "CREATE USER x"):
                with pytest.raises(errors.ServerRefused):
                    rows(connection, statement)
    assert not target.exists()


def test_its_server_owns_nothing_and_is_seen_by_nobody(place: Quarantine) -> None:
    status = Path(f"/proc/{place.server.process.pid}/status").read_text()
    user = int(next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1])
    assert user == os.getuid() or (os.getuid() == 0 and user == place.server.folder.stat().st_uid != 0)
    assert place.server.folder.stat().st_mode & 0o077 == 0
    with (
        pytest.raises(errors.SignInRefused),
        session(quarantine.Server("root", socket=str(place.server.socket))),
    ):
        pytest.fail("nobody signs in without the password")


def test_an_attack_is_left_out_and_the_rest_is_loaded(tmp_path: Path) -> None:
    secret = Path("/tmp/pwned-by-a-dump")
    secret.unlink(missing_ok=True)
    found, kept = _taken(tmp_path, ATTACK)
    assert not secret.exists()
    assert [t.kind for t in found.left_out if t.line > 8].count("statement") >= 5
    assert kept["t"] == ((1, None), (2, "two"))
    assert kept["events"] == (("e", "ENABLED"),)
    assert kept["definers"] == (("tr", "qparkin_quarantine@localhost"),)
    assert [(trouble.name, trouble.errno) for trouble in found.problems] == [("far", UNKNOWN_ENGINE)]


def test_a_dump_that_goes_on_after_its_errors_tells_each_with_its_line(tmp_path: Path) -> None:
    found, _ = _taken(
        tmp_path,
        b"CREATE TABLE t (a INT);\n\nCREATE TABLE t (b INT);\nINSERT INTO t VALUES (1);\nINSERT INTO u VALUES (1);\n",
    )
    assert [(p.line, p.kind, p.name, p.errno) for p in found.problems] == [
        (3, "table", "t", 1050),
        (5, "rows", "u", 1146),
    ]
    assert not found.loads


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (b"-- MariaDB dump 10.19\nCREATE TABLE t (a INT);\n", False),
        (b"-- MariaDB dump 10.19\nCREATE TABLE t (a INT);\n-- Dump completed on 2026\n", True),
        (b"-- phpMyAdmin SQL Dump\nSTART TRANSACTION;\nCREATE TABLE t (a INT);\n", False),
        (b"-- phpMyAdmin SQL Dump\nSTART TRANSACTION;\nCREATE TABLE t (a INT);\nCOMMIT;\n", True),
        (b"CREATE TABLE t (a TEXT);\nINSERT INTO t VALUES ('half", False),
    ],
)
def test_a_dump_that_was_cut_off_does_not_pass_for_whole(
    place: Quarantine, tmp_path: Path, text: bytes, whole: bool
) -> None:
    with session(place.loader, "parkir") as connection:
        rows(connection, "DROP TABLE IF EXISTS t")
    found = _into(place, tmp_path, text)
    assert (found.cut_off, found.loads) == (not whole, whole)


def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    slow = b"CREATE TABLE t (a INT);\nINSERT INTO t VALUES (SLEEP(600));\n"
    with pytest.raises(errors.DeadlinePassed):
        _taken(tmp_path, slow, QuarantineLimits(seconds=1))
    _nothing_left()


def test_a_guard_that_cannot_look_lets_nothing_go_on(
    place: Quarantine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = quarantine._used

    def fail(folder: Path) -> int:
        if folder == place.server.folder.parent:
            return real(folder)
        raise OSError(errno.EIO, "the disk does not answer")

    monkeypatch.setattr(quarantine, "_used", fail)
    with pytest.raises(quarantine.QuarantineBroken, match="disk"):
        _taken(tmp_path, b"CREATE TABLE t (a INT);\nINSERT INTO t VALUES (SLEEP(60));\n")


def test_what_fills_the_disk_is_ended(tmp_path: Path) -> None:
    grow = b"INSERT INTO t SELECT REPEAT('x', 100000) FROM seq_1_to_1000;\n"
    double = b"INSERT INTO t SELECT b FROM t;\n"
    bomb = b"CREATE TABLE t (b LONGTEXT);\nINSERT INTO t VALUES (REPEAT('x', 100000));\n" + grow + double * 14
    with pytest.raises((QuarantineFull, quarantine.QuarantineBroken)):
        _taken(tmp_path, bomb, QuarantineLimits(disk_bytes=300 * 1024 * 1024))
    _nothing_left()


@pytest.fixture
def own_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What other tests have beside this one, in their processes, is not swept. Short, for the sake of sockets."""
    with tempfile.TemporaryDirectory() as folder:
        # The server in it is another user's.
        Path(folder).chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def test_what_a_crash_left_is_swept_and_what_is_in_use_is_not(
    monkeypatch: pytest.MonkeyPatch, own_temporary_folder: Path
) -> None:
    monkeypatch.setattr(quarantine, "YOUNG_SECONDS", -1.0)
    in_use = own_temporary_folder / f"{quarantine.PREFIX}in-use"
    in_use.mkdir()
    script = textwrap.dedent("""
        import os, signal
        from backups.engine.quarantine import QuarantineLimits, quarantine
        from backups.engine.stream import Silent
        with quarantine(database="p", case_rule=0, limits=QuarantineLimits(), progress=Silent()) as q:
            print(q.server.folder.parent, q.server.process.pid, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    environment = {**os.environ, "TMPDIR": str(own_temporary_folder)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment
    )
    folder, pid = done.stdout.split()
    assert Path(folder).exists()
    until(lambda: not Path(f"/proc/{pid}").exists())
    with (in_use / "lock").open("wb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert quarantine.sweep() == [Path(folder).name]
    assert not Path(folder).exists()
    assert in_use.exists()


def _taken(
    tmp_path: Path, text: bytes, limits: QuarantineLimits = LIMITS
) -> tuple[Intake, dict[str, tuple[tuple[object, ...], ...]]]:
    with quarantine.quarantine(database="parkir", case_rule=0, limits=limits, progress=Silent()) as made:
        found = _into(made, tmp_path, text)
        with session(made.keeper, "parkir") as connection:
            kept = {
                "t": rows(connection, "SELECT * FROM t LIMIT 10"),
                "events": rows(connection, "SELECT EVENT_NAME, STATUS FROM information_schema.events"),
                "definers": rows(
                    connection,
                    "SELECT TRIGGER_NAME, DEFINER FROM information_schema.triggers WHERE TRIGGER_SCHEMA='parkir'",
                ),
            }
    return found, kept


def _into(place: Quarantine, tmp_path: Path, text: bytes) -> Intake:
    path = tmp_path / "dump.sql.gz"
    path.write_bytes(gzip.compress(text))
    with open_dump(path, name="dump.sql.gz", limits=DumpLimits()) as dump:
        return take_in(place.loader, dump, into="parkir", limits=DumpLimits(), progress=Silent())


def _nothing_left() -> None:
    """Besides the quarantine of this module's own fixture, which still runs."""
    folder = Path(tempfile.gettempdir())
    # Another test's, in a process beside this one, may just be made or be going.
    until(lambda: not any(quarantine._is_left(path) for path in folder.glob(quarantine.PREFIX + "*")))
