"""`manage.py import_archives`: what is no archive is said, and holds up nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.installation import Installation


def test_junk_in_the_storage_is_told_and_the_rest_goes_on(installation: Installation) -> None:
    made = installation.json("backup")
    Path(made["archive"] + ".seal.json").unlink()
    (installation.archives / "aaa.zip").write_bytes(b"not an archive")
    installation.control("DELETE FROM backups_copy")
    installation.control("UPDATE backups_job SET archive_id = NULL")
    installation.control("DELETE FROM backups_archive")
    told = installation.json("import_archives")
    assert told["imported"] == [made["id"]]
    assert [(problem["name"], problem["code"]) for problem in told["problems"]] == [
        ("aaa.zip", "archive_damaged")
    ]
    again = installation.manage("import_archives")
    assert (again.status, again.out.strip()) == (0, "Every archive was known already.")
    assert "aaa.zip" in again.err


def test_an_archive_that_somebody_has_renamed_is_taken_in_under_its_own_name(
    installation: Installation, tmp_path: Path
) -> None:
    made = installation.json("backup")
    renamed = tmp_path / f"dari kantor-{made['id']}.zip"
    shutil.move(made["archive"], renamed)
    Path(made["archive"] + ".seal.json").unlink()
    assert installation.json("import_archives", str(renamed))["problems"] == []
    assert installation.json("verify", "latest")["id"] == made["id"]
    assert sorted(path.name for path in installation.archives.iterdir()) == [
        Path(made["archive"]).name,
        Path(made["archive"]).name + ".seal.json",
    ]


def test_a_file_that_cannot_be_taken_in_holds_up_no_other(installation: Installation, tmp_path: Path) -> None:
    made = installation.json("backup")
    elsewhere = tmp_path / Path(made["archive"]).name
    shutil.move(made["archive"], elsewhere)
    Path(made["archive"] + ".seal.json").unlink()
    junk = tmp_path / "qparkin-20261123T020000Z-00000000.zip"
    junk.write_bytes(b"PK junk")
    done = installation.manage("import_archives", str(junk), "nowhere.zip", str(elsewhere), "--json")
    assert (done.status, done.json["code"]) == (3, "archive_damaged")
    assert [problem["code"] for problem in done.json["problems"]] == ["archive_damaged", "input_missing"]
    assert installation.json("verify", "latest")["id"] == made["id"]
