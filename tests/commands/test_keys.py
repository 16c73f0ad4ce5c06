"""Keys by command, as an operator would: replaced, revoked, tried out; and a host that holds none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from qparkin_backup import env
from tests.installation import MANAGE, Installation
from tests.scratch import ScratchDatabase


def keyless(installation: Installation) -> None:
    """The identity goes to another host, as docs/operations.md says."""
    text = installation.env_file.read_text()
    kept = "".join(line for line in text.splitlines(keepends=True) if "BACKUP_IDENTITY_FILE" not in line)
    installation.env_file.write_text(kept)
    (installation.keys / "panel.identity").rename(installation.folder / "elsewhere.identity")


@pytest.mark.slow
def test_a_life_of_keys(installation: Installation, tmp_path: Path) -> None:
    first = installation.json("backup")
    installation.json("recovery_kit", "--output", str(tmp_path / "kit"))
    refused = installation.manage("rotate_keys", "--panel", "--json")
    assert (refused.status, refused.json["code"]) == (2, "usage")
    made = installation.json("rotate_keys", "--panel", "--yes")
    assert Path(made["settings_before"]).exists()
    assert all(Path(path).stat().st_mode & 0o077 == 0 for path in made["files"])
    installation.json("rotate_keys", "--recovery", "--yes")
    signing = installation.json("rotate_keys", "--signing", "--yes")
    installation.json("recovery_kit", "--output", str(tmp_path / "newer"))
    second = installation.json("backup")
    for archive in (first["id"], second["id"]):
        assert installation.json("verify", archive, "--deep")["ok"] is True
    # Each kit opens what was made for it, and is told so.
    old, new = (str(tmp_path / name / "recovery.identity") for name in ("kit", "newer"))
    assert installation.json("prove_recovery_key", "--identity", new)["archive"] == second["id"]
    assert installation.json("prove_recovery_key", "--identity", old)["archive"] == first["id"]
    wrong = installation.manage("prove_recovery_key", second["id"], "--identity", old, "--json")
    assert (wrong.status, wrong.json["code"]) == (3, "key_opens_nothing")
    withdrawn = installation.json("revoke_key", signing["old"], "--since", "2020-01-01", "--yes")
    assert withdrawn["refused"] == [first["id"]]
    gone = installation.manage("verify", first["id"], "--json")
    assert (gone.status, gone.json["code"]) == (3, "signer_revoked")
    assert installation.json("verify", second["id"], "--deep")["ok"] is True
    assert installation.json("audit_verify")["holds"] is True
    assert "AGE-SECRET-KEY" not in env.read_file(installation.env_file).__repr__()


@pytest.mark.slow
def test_a_web_host_without_the_key_does_all_that_needs_none_and_says_the_rest(
    installation: Installation, tmp_path: Path, small_parking: ScratchDatabase
) -> None:
    installation.json("recovery_kit", "--output", str(tmp_path / "kit"))
    keyless(installation)
    made = installation.json("backup")
    assert installation.json("verify", made["id"])["ok"] is True
    (listed,) = installation.json("archives")["archives"]
    assert listed["id"] == made["id"]
    target = tmp_path / "fetched.zip"
    assert installation.manage("download", made["id"], "--output", str(target)).status == 0
    assert target.read_bytes() == Path(made["archive"]).read_bytes()
    rows = small_parking.rows("SELECT * FROM tiket")
    for command in (
        ("restore", made["id"], "--yes"),
        ("drill", made["id"]),
        ("verify", made["id"], "--deep"),
        ("export_sql", made["id"], "--output", str(tmp_path / "plain.sql.gz")),
    ):
        refused = installation.manage(*command, "--json")
        assert refused.status == 1, command
        assert refused.json["code"] in {"identity_missing", "nobody_offers"}, command
    assert small_parking.rows("SELECT * FROM tiket") == rows
    # With the kit in hand the proof needs no host that holds a key…
    identity = str(tmp_path / "kit" / "recovery.identity")
    assert installation.json("prove_recovery_key", "--identity", identity)["signed"] is True
    pasted = subprocess.run(
        [sys.executable, str(MANAGE), "prove_recovery_key", "--identity", "-"],
        env=installation.environment(), input=Path(identity).read_bytes(), capture_output=True, check=True,
    )  # fmt: skip
    assert b"opens the backup" in pasted.stdout
    # …and a restore takes the key for as long as it runs.
    brought = {"BACKUP_IDENTITY_FILE": identity}
    assert installation.json("restore", made["id"], "--yes", **brought)["rows"] == made["rows"]


@pytest.mark.parametrize("given", ["", "AGE-SECRET-KEY-1QQQ", "\x00\xff"])
def test_what_is_no_key_is_refused_without_being_repeated(
    installation: Installation, tmp_path: Path, given: str
) -> None:
    (tmp_path / "x").write_bytes(given.encode("latin-1"))
    done = installation.manage("prove_recovery_key", "--identity", str(tmp_path / "x"), "--json")
    assert (done.status, done.json["code"]) == (1, "key_unreadable")
    assert "SECRET" not in done.out + done.err
