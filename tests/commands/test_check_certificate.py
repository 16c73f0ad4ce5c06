"""`manage.py check_certificate`: a certificate's file is held against the keys that this panel trusts."""

from __future__ import annotations

from pathlib import Path

from tests.installation import Installation


def signed(installation: Installation) -> Path:
    installation.json("backup")
    installation.json("drill", "latest")
    file = installation.folder / "bukti.json"
    file.write_text(installation.control("SELECT statement FROM backups_proof")[0][0])
    return file


def test_a_certificate_holds_until_a_byte_of_it_changes(installation: Installation) -> None:
    file = signed(installation)
    said = installation.json("check_certificate", str(file))
    assert (said["proven"], said["tables"], said["storage"]) == (True, 3, "local")
    told = installation.manage("check_certificate", str(file))
    assert told.status == 0
    assert said["archive"] in told.out
    assert "The signature holds" in told.out
    # Anywhere, also where the panel's own database is lost.
    (installation.folder / "control.sqlite3").unlink()
    assert installation.manage("check_certificate", str(file)).status == 0
    file.write_text(file.read_text().replace('"tables":3', '"tables":9'))
    refused = installation.manage("check_certificate", str(file), "--json")
    assert (refused.status, refused.json["code"]) == (3, "certificate_broken")
    gone = installation.manage("check_certificate", str(file.with_name("lain")), "--json")
    assert (gone.status, gone.json["code"]) == (1, "input_missing")
