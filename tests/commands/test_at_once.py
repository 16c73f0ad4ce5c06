"""Two restores never run at once: a command beside another one, and beside the panel's own workers."""

from __future__ import annotations

from tests.installation import Installation, until
from tests.small_parking import held_up


def test_while_one_restores_every_other_is_told_so(installation: Installation) -> None:
    made = installation.json("backup")
    restored = installation.json("restore", "latest", "--yes")["restore"]
    told = {
        ("restore", "latest", "--yes", "--no-safety-backup"): "busy",
        # A newer restore is at work, and that one would have to be undone first.
        ("undo_restore", restored, "--yes"): "undo_impossible",
        ("backup",): "busy",
    }
    running = "SELECT kind FROM backups_job WHERE state = 'running' AND kind = 'restore'"
    with held_up(installation.database):
        # Its safety backup waits for the table.
        first = installation.start("restore", made["id"], "--yes", "--json")
        until(lambda: bool(installation.control(running)))
        for command, code in told.items():
            refused = installation.manage(*command, "--json")
            assert (refused.status, refused.json["code"]) == (1, code), command
        assert first.poll() is None
    out, err = first.communicate(timeout=120)
    assert first.returncode == 0, (out, err)
    assert installation.control("SELECT COUNT(*) FROM backups_restore WHERE state = 'swapped'") == [(2,)]
