"""The demo's folder: one demo at a time, log-ins for the owner's eyes, nothing left of a reset."""

from __future__ import annotations

import socket
import stat

import pytest

from backups.demo.home import DemoRunning, Login, PortBusy, locked_home, require_free_port


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path):
    with (
        locked_home(tmp_path),
        pytest.raises(DemoRunning, match="Another demo is running"),
        locked_home(tmp_path),
    ):
        pytest.fail("it must not start")


def test_a_busy_port_is_one_sentence_with_another_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortBusy, match=f"--port {port + 1}"):
            require_free_port("127.0.0.1", port)


def test_logins_are_remembered_for_their_owner_only(tmp_path):
    logins = {"superadmin": Login("Superadmin", "a@qparkin.example", "geheim")}
    with locked_home(tmp_path) as home:
        assert home.read_logins() == {}
        home.write_logins(logins)
        home.write_logins(logins)
        assert home.read_logins() == logins
    assert stat.S_IMODE((tmp_path / "logins.json").stat().st_mode) == 0o600
    assert "geheim" not in repr(logins)


def test_a_reset_leaves_nothing_and_follows_no_link(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    with locked_home(tmp_path / "demo") as home:
        (home.folder / "keys").mkdir()
        (home.folder / "env").touch()
        (home.folder / "link").symlink_to(outside)
        home.clear()
        assert [entry.name for entry in home.folder.iterdir()] == ["lock"]
    assert (outside / "kept").exists()
