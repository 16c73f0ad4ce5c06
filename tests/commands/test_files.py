"""Folders of files on the command line: backed up, proven, restored alone or with the database, undone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.engine.folders import state_of, tree
from tests.installation import Installation


@pytest.fixture
def uploads(installation: Installation) -> Path:
    """A folder of uploads that the panel protects."""
    folder = installation.folder / "qparkin" / "storage"
    tree(folder, ["app/public/logo.png", "app/bukti/1.pdf", "app/bukti/2.pdf"])
    with installation.env_file.open("a") as settings:
        settings.write(f"QPARKIN_FILES={folder}\n")
    return folder


def plates(installation: Installation) -> list[object]:
    return [row[0] for row in installation.database.rows("SELECT plat FROM tiket ORDER BY id_tiket")]


def left(uploads: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in uploads.parent.iterdir())


def test_lost_uploads_come_back_and_undo_takes_them_away(installation: Installation, uploads: Path) -> None:
    made = installation.json("backup")
    assert (made["files"], made["tables"]) == (3, 3)
    before = state_of(uploads)
    shutil.rmtree(uploads)
    installation.database.run("DELETE FROM tiket")
    planned = installation.json("restore", "latest", "--files", "--dry-run")
    assert (planned["files"], planned["folders"][0]["path"]) == (3, str(uploads))
    assert planned["may_go"]
    assert {check["name"] for check in planned["preflight"]} >= {"seal", "key", "files"}
    unset = installation.json(
        "restore", "latest", "--all", "--dry-run", QPARKIN_FILES=str(uploads.parent / "lain")
    )
    stopping = [check for check in unset["preflight"] if check["level"] == "block"]
    assert [(check["name"], check["code"]) for check in stopping] == [("files", "folder_not_set")]
    assert not uploads.exists()
    restored = installation.json("restore", "latest", "--files", "--yes")
    assert (restored["id"], restored["files"], restored["scope"]) == (made["id"], 3, "files")
    assert isinstance(restored["swap_ms"], int)
    # The database is not involved.
    assert (state_of(uploads), plates(installation)) == (before, [])
    undone = installation.json("undo_restore", restored["restore"], "--yes")
    assert (undone["undone"], uploads.exists()) == (True, False)
    again = installation.manage("undo_restore", restored["restore"], "--yes", "--json")
    assert (again.status, again.json["code"]) == (1, "undo_impossible")


def test_a_restore_of_the_database_leaves_the_files_alone(installation: Installation, uploads: Path) -> None:
    installation.json("backup")
    (uploads / "baru.png").write_text("baru")
    before = state_of(uploads)
    installation.database.run("DELETE FROM tiket")
    installation.json("restore", "latest", "--yes")
    assert (state_of(uploads), len(plates(installation)), left(uploads)) == (before, 3, ["storage"])


def test_both_as_one_act_with_one_undo(installation: Installation, uploads: Path) -> None:
    installation.json("backup")
    old_files, old_plates = state_of(uploads), plates(installation)
    (uploads / "app" / "bukti" / "1.pdf").unlink()
    installation.database.run("DELETE FROM tiket WHERE id_tiket = 1")
    new_files, new_plates = state_of(uploads), plates(installation)
    restored = installation.json("restore", "latest", "--all", "--yes")
    assert (restored["files"], restored["tables"], restored["scope"]) == (3, 3, "everything")
    assert (state_of(uploads), plates(installation)) == (old_files, old_plates)
    installation.json("undo_restore", restored["restore"], "--yes")
    assert (state_of(uploads), plates(installation)) == (new_files, new_plates)
    safety = [item for item in installation.json("archives")["archives"] if item["purpose"] == "safety"]
    assert len(safety) == 2


def test_files_alone_are_backed_up_and_restored_while_the_server_is_away(
    installation: Installation, uploads: Path
) -> None:
    database = installation.json("backup", "--only", "database")
    away = {"QPARKIN_DB_SOCKET": "/nowhere.sock"}
    made = installation.json("backup", "--only", "files", **away)
    assert (made["files"], made["tables"]) == (3, 0)
    proof = installation.json("drill", made["id"], **away)
    assert (proof["proven"], proof["tables"]) == (True, 0)
    before = state_of(uploads)
    (uploads / "app" / "bukti" / "1.pdf").write_text("rusak")
    restored = installation.json("restore", "latest", "--files", "--yes", **away)
    assert (restored["id"], state_of(uploads)) == (made["id"], before)
    installation.json("undo_restore", restored["restore"], "--yes", **away)
    assert (uploads / "app" / "bukti" / "1.pdf").read_text() == "rusak"
    # What is asked for decides which one is the latest; of files alone there is only one thing to restore.
    assert installation.json("restore", "latest", "--dry-run")["id"] == database["id"]
    assert installation.json("restore", made["id"], "--dry-run")["scope"] == "files"
    refused = installation.manage("restore", database["id"], "--files", "--yes", "--json")
    assert (refused.status, refused.json["code"]) == (1, "not_in_archive")


def test_a_missing_folder_is_refused_by_name(installation: Installation, uploads: Path) -> None:
    uploads.rename(uploads.with_name("pindah"))
    done = installation.manage("backup", "--json")
    assert (done.status, done.json["code"]) == (1, "folder_missing")
    assert str(uploads) in done.json["error"]
    assert installation.files() == []
    assert installation.json("backup", "--only", "database")["files"] == 0


def test_a_drill_proves_the_files_too_and_leaves_nothing(installation: Installation, uploads: Path) -> None:
    installation.json("backup")
    before = state_of(uploads)
    assert installation.json("drill", "latest")["proven"]
    assert (state_of(uploads), left(uploads)) == (before, ["storage"])


@pytest.mark.parametrize(
    "options", [["--files", "--all"], ["--files", "--database", "x"], ["--all", "--tables", "a"]]
)
def test_what_makes_no_sense_is_usage(installation: Installation, uploads: Path, options: list[str]) -> None:
    assert installation.manage("restore", "latest", "--yes", *options).status == 2
