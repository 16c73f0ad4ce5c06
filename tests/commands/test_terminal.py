"""At a terminal: a bar with rate and time left, a question before the live database is replaced."""

from __future__ import annotations

import os
import pty
import select
import sys
from pathlib import Path

import pytest

from backups.management.commands.backup import late
from tests.installation import MANAGE, Installation


def at_a_terminal(installation: Installation, *arguments: str, typed: bytes = b"") -> tuple[int, str]:
    """Run a command on a pseudo terminal, with `typed` waiting at its keyboard."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, str(MANAGE), *arguments], installation.environment())  # noqa: S606
    os.write(terminal, typed)
    shown = _everything(terminal)
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown


def _everything(terminal: int) -> str:
    shown = b""
    while select.select([terminal], [], [], 60)[0]:
        try:
            block = os.read(terminal, 65536)
        except OSError:
            break
        shown += block
    return shown.decode()


def test_long_work_shows_how_far_it_is(installation: Installation) -> None:
    status, shown = at_a_terminal(installation, "backup")
    assert status == 0
    assert "Backing up rows" in shown
    assert "%|" in shown
    assert "B/s" in shown


def test_where_there_is_no_terminal_there_is_no_bar(installation: Installation) -> None:
    assert installation.manage("backup").err == ""


def test_only_yes_is_a_yes(installation: Installation) -> None:
    installation.json("backup")
    installation.database.run("DROP TABLE tiket")
    status, shown = at_a_terminal(installation, "restore", "latest", typed=b"y\n")
    assert status == 1
    assert "tiket: no rows now, 3 after" in shown
    assert installation.database.rows("SHOW TABLES LIKE 'tiket'") == ()
    status, shown = at_a_terminal(installation, "restore", "latest", typed=b"yes\n")
    assert (status, "can be undone" in shown) == (0, True)
    assert installation.database.rows("SELECT COUNT(*) FROM tiket") == ((3,),)


def test_json_stays_one_object_at_a_terminal(installation: Installation) -> None:
    status, shown = at_a_terminal(installation, "verify", "latest", "--json")
    assert (status, shown.count("{")) == (1, 1)
    assert not Path(installation.archives).exists()


@pytest.mark.parametrize(
    ("replica", "told"),
    [
        ({"behind": 840, "broken": False, "too_far": True}, "840 s behind its primary"),
        ({"behind": None, "broken": True, "too_far": False}, "replication had stopped"),
        ({"behind": 3, "broken": False, "too_far": False}, ""),
        (None, ""),
    ],
)
def test_a_backup_of_old_data_says_so_at_the_terminal(replica: dict[str, object] | None, told: str) -> None:
    found = late({"replica": replica})
    assert told in found
    assert bool(found) == bool(told)
    assert late({}) == ""
