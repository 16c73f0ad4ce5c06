"""The recovery kit: with it and one archive alone, a machine that knows nothing brings everything back."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from backups.services import recovery_kit
from qparkin_backup import env
from tests.installation import MANAGE, Installation
from tests.scratch import ScratchDatabase


def test_the_recovery_identity_moves_into_the_first_kit_and_is_kept_nowhere_else(
    installation: Installation, tmp_path: Path
) -> None:
    identity = (installation.keys / "recovery.identity").read_bytes()
    first = installation.json("recovery_kit", "--output", str(tmp_path / "kit"))
    assert first["recovery_identity"] is True
    pages = ["kit.en.html", "kit.id.html"]
    assert first["files"] == [
        "README.txt",
        *pages,
        "recovery.identity",
        "settings.env",
        "trusted-signers.txt",
    ]
    assert (tmp_path / "kit" / "recovery.identity").read_bytes() == identity
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "kit").iterdir())
    assert not (installation.keys / "recovery.identity").exists()
    second = installation.json("recovery_kit", "--output", str(tmp_path / "again"))
    assert second["recovery_identity"] is False
    secret = identity.decode().splitlines()[-1]
    for page in pages:
        assert secret in (tmp_path / "kit" / page).read_text()
        assert "AGE-SECRET" not in (tmp_path / "again" / page).read_text()
    assert installation.json("backup")["tables"] == 3


def test_the_last_key_goes_only_when_its_copy_would_outlive_a_power_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was synced is still lost with the entry in its folder that was not."""
    identity, kit = tmp_path / "recovery.identity", tmp_path / "kit"
    identity.write_text("AGE-SECRET-KEY")
    kit.mkdir()
    real, synced = os.fsync, []

    def noted(handle: int) -> None:
        synced.append((Path(f"/proc/self/fd/{handle}").readlink(), identity.exists()))
        real(handle)

    monkeypatch.setattr(os, "fsync", noted)
    recovery_kit._move(identity, kit / "recovery.identity")
    assert not identity.exists()
    assert {(kit / "recovery.identity", True), (kit, True), (tmp_path, True)} <= set(synced)


def test_a_folder_that_holds_something_is_refused_and_the_key_stays(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "x").write_text("mine")
    done = installation.manage("recovery_kit", "--output", str(tmp_path), "--json")
    assert (done.status, done.json["code"]) == (1, "output_failed")
    assert (installation.keys / "recovery.identity").exists()


def test_kit_and_archive_are_all_that_a_fresh_machine_needs(
    installation: Installation, tmp_path: Path, small_parking: ScratchDatabase
) -> None:
    made = installation.json("backup")
    installation.json("recovery_kit", "--output", str(tmp_path / "kit"))
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    archive = fresh / Path(made["archive"]).name
    shutil.copy(made["archive"], archive)
    rows = small_parking.rows("SELECT * FROM tiket")
    # The server is lost: what it held, and all that the panel had.
    small_parking.run(f"DROP DATABASE {small_parking.name}")
    for lost in (installation.keys, installation.archives):
        shutil.rmtree(lost)
    environment = installation.environment() | dict(installation.settings)
    environment |= {
        "QPARKIN_ENV_FILE": str(fresh / "env"),
        "CONTROL_DATABASE_URL": f"sqlite:///{fresh / 'control.sqlite3'}",
        "BACKUP_LOCAL_ROOT": str(fresh / "archives"),
        "CACHE_FOLDER": str(fresh / "cache"),
    }
    script = MANAGE.parent / "bin" / "restore-from-kit"
    done = subprocess.run(
        [script, str(tmp_path / "kit"), str(archive), "--yes"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    assert small_parking.rows("SELECT * FROM tiket") == rows
    again = subprocess.run(
        [script, str(tmp_path / "kit"), str(archive)], env=environment, capture_output=True, check=False
    )
    assert again.returncode == 1


def test_the_kit_knows_where_the_archives_and_the_uploads_are_and_no_secret(
    installation: Installation, tmp_path: Path
) -> None:
    elsewhere = {
        "BACKUP_STORAGES": "local,s3,nas,pusat",
        "BACKUP_S3_BUCKET": "qparkin",
        "BACKUP_S3_ACCESS_KEY": "AKIA",
        "BACKUP_S3_SECRET_KEY": "p'\\$#% s3cret",
        "BACKUP_NAS_ROOT": str(tmp_path / "nas"),
        "BACKUP_PUSAT_BUCKET": "pusat",
        "BACKUP_PUSAT_ENDPOINT": "https://s3.example.org",
        "BACKUP_PUSAT_PREFIX": "mall/",
        "QPARKIN_FILES": "/srv/qparkin/storage/app:/srv/qparkin/foto",
    }
    installation.json("recovery_kit", "--output", str(tmp_path / "kit"), **elsewhere)
    held = "".join((tmp_path / "kit" / name).read_text() for name in ("settings.env", "README.txt"))
    assert "s3cret" not in held
    assert "AKIA" not in held
    known = env.read_file(tmp_path / "kit" / "settings.env")
    secret = {"BACKUP_S3_ACCESS_KEY", "BACKUP_S3_SECRET_KEY"}
    assert known.items() >= {name: value for name, value in elsewhere.items() if name not in secret}.items()
    assert known["QPARKIN_DB_DATABASE"] == installation.database.name
    assert "read -rsp 'Secret key: ' BACKUP_PUSAT_SECRET_KEY" in held


def test_a_fresh_machine_makes_room_for_the_uploads_and_says_so(
    installation: Installation, tmp_path: Path
) -> None:
    lost = tmp_path / "www" / "storage" / "app"
    installation.json("recovery_kit", "--output", str(tmp_path / "kit"), QPARKIN_FILES=str(lost))
    where = ["--env-file", str(tmp_path / "env"), "--keys", str(tmp_path / "keys"), "--no-check"]
    fresh = {**installation.settings, "CONTROL_DATABASE_URL": f"sqlite:///{tmp_path / 'control.sqlite3'}"}
    made = installation.run("init", *where, "--from-kit", str(tmp_path / "kit"), extra=fresh)
    assert made.status == 0, made
    assert lost.parent.is_dir()
    assert not lost.exists()
    assert str(lost.parent) in made.out
    assert env.read_file(tmp_path / "env")["QPARKIN_FILES"] == str(lost)


def test_a_kit_without_an_archive_anywhere_is_no_dead_end(installation: Installation, tmp_path: Path) -> None:
    """Whoever mistyped a key mends it and runs the same line again."""
    installation.json("recovery_kit", "--output", str(tmp_path / "kit"))
    settings = {**installation.settings, "BACKUP_LOCAL_ROOT": str(tmp_path / "empty")}
    environment = installation.environment() | settings
    environment |= {
        "QPARKIN_ENV_FILE": str(tmp_path / "fresh" / "env"),
        "CONTROL_DATABASE_URL": f"sqlite:///{tmp_path / 'control.sqlite3'}",
    }
    script = MANAGE.parent / "bin" / "restore-from-kit"
    for _ in range(2):
        done = subprocess.run(
            [script, str(tmp_path / "kit"), "--panel"],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert "No archive was found" in done.stderr
    assert not (tmp_path / "fresh" / "env").exists()


@pytest.mark.parametrize("wanted", ["nothing.zip", "latest.zip", "--what"])
def test_what_is_neither_a_file_nor_an_archives_id_is_refused_before_anything_is_set_up(
    tmp_path: Path, wanted: str
) -> None:
    script = MANAGE.parent / "bin" / "restore-from-kit"
    done = subprocess.run([script, str(tmp_path), wanted], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"There is no archive {wanted} here." in done.stderr
