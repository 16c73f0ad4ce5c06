"""A private server starts on first use, keeps its data, and never outlives its starter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from backups.engine import private_server
from backups.engine.database import rows, session
from backups.engine.private_server import PrivateServer, running_server, socket_path
from tests.installation import until
from tests.scratch import ScratchDatabase, as_root

QUICK = {"innodb_flush_log_at_trx_commit": "0", "innodb_buffer_pool_size": "32M"}


def test_a_missing_server_program_is_one_sentence_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(private_server.shutil, "which", lambda name, path: None)
    with (
        pytest.raises(private_server.ServerProgramMissing, match="apt-get install mariadb-server"),
        running_server(tmp_path / "server"),
    ):
        pytest.fail("it must not start")


def test_a_server_that_cannot_start_says_why_and_leaves_no_process(tmp_path):
    folder = tmp_path / "server"
    with (
        pytest.raises(private_server.PrivateServerFailed, match="unknown variable 'no-such-option=1'"),
        running_server(folder, options={"no_such_option": "1"}),
    ):
        pytest.fail("it must not start")
    assert not socket_path(folder).exists()


def test_a_second_server_in_the_same_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(private_server, "LOCK_SECONDS", 0.3)
    with running_server(tmp_path, options=QUICK) as first:
        with pytest.raises(private_server.PrivateServerBusy), running_server(tmp_path, options=QUICK):
            pytest.fail("it must not start")
        assert first.is_running()


def test_data_outlives_the_server(tmp_path):
    with running_server(tmp_path, options=QUICK) as server, session(as_root(server)) as connection:
        rows(connection, "CREATE DATABASE kept")
    assert not server.is_running()
    with running_server(tmp_path, options=QUICK) as server, session(as_root(server)) as connection:
        assert rows(connection, "SHOW DATABASES LIKE 'kept'") == (("kept",),)


def test_a_set_up_that_was_cut_short_is_made_anew(tmp_path):
    partial = tmp_path / "data.partial"
    partial.mkdir()
    (partial / "ibdata1").write_bytes(b"half")
    with running_server(tmp_path, options=QUICK) as server, session(as_root(server)) as connection:
        assert rows(connection, "SELECT 1") == ((1,),)
    assert not partial.exists()


def test_an_exception_stops_the_server(tmp_path):
    with pytest.raises(ZeroDivisionError), running_server(tmp_path, options=QUICK) as server:
        raise ZeroDivisionError
    assert not server.is_running()
    assert not server.socket.exists()


def test_it_is_told_nothing_of_our_settings(tmp_path, monkeypatch):
    """Compose gives them in the environment, and the server runs the statements of strangers' dumps."""
    monkeypatch.setenv("QPARKIN_DB_PASSWORD", "rahasia")
    with running_server(tmp_path, options=QUICK) as server:
        told = Path(f"/proc/{server.process.pid}/environ").read_bytes()
    assert b"PATH=" in told
    assert b"rahasia" not in told
    assert b"QPARKIN" not in told


def test_no_network_and_no_file_outside_its_folder(mariadb: PrivateServer):
    with session(as_root(mariadb)) as connection:
        ((skipped, port, folder),) = rows(connection, "SELECT @@skip_networking, @@port, @@secure_file_priv")
        ((stolen,),) = rows(connection, "SELECT LOAD_FILE('/etc/hostname')")
    assert (skipped, port) == (1, 0)
    assert Path(folder) == mariadb.folder / "tmp"
    assert stolen is None


def test_a_folder_too_deep_for_a_socket_gets_a_short_one_of_our_own(tmp_path):
    folder = tmp_path / ("deep-" * 30) / "server"
    with running_server(folder, options=QUICK) as server, session(as_root(server)) as connection:
        assert len(os.fsencode(server.socket)) < 100
        assert server.socket == socket_path(folder)
        assert server.socket.parent.stat().st_mode & 0o077 == 0
        assert rows(connection, "SELECT 1") == ((1,),)
    server.socket.parent.rmdir()


def test_a_short_socket_folder_that_others_may_write_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(private_server.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = tmp_path / ("deep-" * 30)
    socket_path(folder).parent.chmod(0o777)
    with pytest.raises(private_server.UnsafeSocketFolder):
        socket_path(folder)


def test_a_killed_starter_leaves_no_server(tmp_path):
    program = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from backups.engine.private_server import running_server
        with running_server(Path(sys.argv[1])) as server:
            print(server.process.pid, flush=True)
            time.sleep(60)
    """)
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        server = int(starter.stdout.readline())
        starter.send_signal(signal.SIGKILL)
    until(lambda: not _alive(server))
    with running_server(tmp_path, options=QUICK) as again:
        assert again.is_running()


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_server_can_lower_table_names(database_case_insensitive: ScratchDatabase):
    database_case_insensitive.run("CREATE TABLE Parkiran (id INT)")
    assert database_case_insensitive.rows("SHOW TABLES") == (("parkiran",),)


def test_the_operators_dump_loads_whole(qparkin_sql: ScratchDatabase):
    statement = "SELECT count(*) FROM information_schema.{} WHERE {}_schema = %s"
    tables = qparkin_sql.rows(statement.format("tables", "table"), (qparkin_sql.name,))
    triggers = qparkin_sql.rows(statement.format("triggers", "trigger"), (qparkin_sql.name,))
    keys = qparkin_sql.rows(statement.format("referential_constraints", "constraint"), (qparkin_sql.name,))
    assert (tables, triggers, keys) == (((29,),), ((34,),), ((19,),))
