"""Identities under a passphrase: made, used and brought back without ever lying open on a disk."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qparkin_backup import env
from tests.at_a_terminal import answered
from tests.installation import MANAGE, Installation
from tests.scratch import ScratchDatabase

SECRET = "sandi \"yang\" $panjang #1 'é'"


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(f"{SECRET}\n")
    return path


@pytest.fixture
def protected(uninitialised: Installation, secret_file: Path) -> Installation:
    done = uninitialised.init("--passphrase", "--passphrase-file", str(secret_file))
    assert done.status == 0, done
    return uninitialised


def test_a_panel_whose_keys_never_lie_open_makes_and_opens_backups(
    protected: Installation, secret_file: Path
) -> None:
    assert not _lies_open(protected.folder)
    assert SECRET not in "".join(env.read_file(protected.env_file).values())
    given = {"BACKUP_IDENTITY_PASSPHRASE_FILE": str(secret_file)}
    made = protected.json("backup")
    assert protected.json("verify", made["id"], "--deep", **given)["ok"] is True
    without = protected.manage("verify", made["id"], "--deep", "--json")
    assert (without.status, without.json["code"]) == (1, "key_locked")
    wrong = protected.manage("verify", made["id"], "--deep", BACKUP_IDENTITY_PASSPHRASE="keliru-sekali")
    assert wrong.status == 1
    assert wrong.err.count("\n") == 1
    assert "keliru" not in wrong.err + wrong.out


def test_it_is_asked_for_twice_and_never_shown(uninitialised: Installation) -> None:
    where = ["--env-file", str(uninitialised.env_file), "--keys", str(uninitialised.keys), "--no-check"]
    environment = {**uninitialised.environment(), **uninitialised.settings}
    command = [sys.executable, str(MANAGE), "init", *where, "--passphrase", "recovery"]
    questions = [("recovery identity:", SECRET), ("once more:", SECRET + "x")]
    status, screen = answered(command, questions, env=environment)
    assert status == 1
    assert "not the same" in screen
    assert not uninitialised.env_file.exists()
    status, screen = answered(command, [(question, SECRET) for question, _ in questions], env=environment)
    assert status == 0, screen
    assert SECRET not in screen
    assert (uninitialised.keys / "recovery.identity").read_bytes().startswith(b"-----BEGIN AGE")
    assert "AGE-SECRET-KEY" in (uninitialised.keys / "panel.identity").read_text()


def test_nobody_there_to_ask_is_said(uninitialised: Installation) -> None:
    done = uninitialised.init("--passphrase", "--json")
    assert (done.status, done.json["code"]) == (2, "usage")
    assert "--passphrase-file" in done.json["error"]


def test_a_short_one_is_refused(uninitialised: Installation, tmp_path: Path) -> None:
    (tmp_path / "short").write_text("123\n")
    done = uninitialised.init("--passphrase", "--passphrase-file", str(tmp_path / "short"), "--json")
    assert (done.status, done.json["code"]) == (1, "passphrase_short")


@pytest.mark.slow
def test_the_kit_asks_for_its_passphrase_and_brings_everything_back(
    protected: Installation, tmp_path: Path, small_parking: ScratchDatabase
) -> None:
    made = protected.json("backup")
    protected.json("recovery_kit", "--output", str(tmp_path / "kit"))
    archive = tmp_path / Path(made["archive"]).name
    shutil.copy(made["archive"], archive)
    rows = small_parking.rows("SELECT * FROM tiket")
    small_parking.run(f"DROP DATABASE {small_parking.name}")
    for lost in (protected.keys, protected.archives, protected.env_file):
        shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    fresh = tmp_path / "fresh"
    environment = protected.environment() | dict(protected.settings)
    environment |= {
        "QPARKIN_ENV_FILE": str(fresh / "env"),
        "CONTROL_DATABASE_URL": f"sqlite:///{fresh / 'control.sqlite3'}",
        "BACKUP_LOCAL_ROOT": str(fresh / "archives"),
        "CACHE_FOLDER": str(fresh / "cache"),
    }
    fresh.mkdir()
    script = [str(MANAGE.parent / "bin" / "restore-from-kit"), str(tmp_path / "kit"), str(archive), "--yes"]
    wrong = subprocess.run(
        script, env=environment, input="keliru\n", capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 1
    assert "not the passphrase" in wrong.stderr
    done = subprocess.run(
        script, env=environment, input=SECRET + "\n", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done
    assert small_parking.rows("SELECT * FROM tiket") == rows
    assert not _lies_open(fresh)


def _lies_open(folder: Path) -> list[str]:
    """Files in which a private key stands as it is."""
    found = [Path(place) / name for place, _, names in os.walk(folder) for name in names]
    return [str(path) for path in found if re.search(rb"AGE-SECRET-KEY-1[A-Z0-9]{20}", path.read_bytes())]
