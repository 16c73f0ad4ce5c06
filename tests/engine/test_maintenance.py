"""Laravel's maintenance mode: switched on whole, and never anybody else's switched off."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from backups.engine import maintenance
from tests.laravel import SOMEBODYS, Application, laravel_in

MARK, OTHER = "1a2b3c4d5e6f", "ffffffffffff"


@pytest.fixture
def application(tmp_path: Path) -> Application:
    return laravel_in(tmp_path / "qparkin")


def test_somebody_elses_is_neither_changed_nor_switched_off(application: Application) -> None:
    application.switched_on_by_somebody()
    assert not maintenance.switch_on(application.folder, MARK)
    assert not maintenance.switch_off(application.folder, MARK)
    assert json.loads(application.down.read_text()) == SOMEBODYS


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b'{"qparkin_backup": ""}', b"[" * 100_000], ids=lambda b: b[:9]
)
def test_what_cannot_be_understood_is_somebody_elses(application: Application, content: bytes) -> None:
    """Laravel looks at nothing but whether the file is there."""
    application.down.write_bytes(content)
    assert maintenance.switched_on_by(application.folder) == maintenance.THEIRS
    assert not maintenance.switch_off(application.folder, MARK)
    assert application.down.read_bytes() == content


def test_a_pipe_in_its_place_holds_nobody_up(application: Application) -> None:
    """The clock looks at it; opening a pipe that nobody writes to would never end."""
    os.mkfifo(application.down)
    assert maintenance.switched_on_by(application.folder) == maintenance.THEIRS


def test_on_and_off_again(application: Application) -> None:
    assert maintenance.switched_on_by(application.folder) == maintenance.OFF
    assert maintenance.switch_on(application.folder, MARK)
    assert maintenance.switched_on_by(application.folder) == MARK
    # Asked again after a restart it is still ours.
    assert maintenance.switch_on(application.folder, MARK)
    assert not maintenance.switch_off(application.folder, OTHER)
    assert application.is_down
    assert maintenance.switch_off(application.folder, MARK)
    assert not maintenance.switch_off(application.folder, MARK)
    assert sorted(path.name for path in application.down.parent.iterdir()) == ["cache"]


def test_laravel_finds_all_that_it_reads(application: Application) -> None:
    maintenance.switch_on(application.folder, MARK)
    told = json.loads(application.down.read_text())
    assert set(SOMEBODYS) <= set(told)
    # Any of these set would let visitors in, send them away, or show them something else.
    assert [told[name] for name in ("except", "redirect", "secret", "template")] == [[], None, None, None]
    assert told["status"] == 503
    assert application.down.stat().st_mode & 0o777 == 0o644


def test_a_draft_that_a_crash_left_is_in_nobodys_way(application: Application) -> None:
    (application.folder / maintenance.DRAFT).write_text("{")
    assert maintenance.switch_on(application.folder, MARK)
    assert maintenance.switched_on_by(application.folder) == MARK


def test_where_nothing_can_be_written_it_says_so(application: Application) -> None:
    (application.folder / maintenance.DRAFT).mkdir()
    with pytest.raises(OSError, match="directory"):
        maintenance.switch_on(application.folder, MARK)
    assert not application.is_down
