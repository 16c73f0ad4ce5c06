"""`manage.py backup`, `archives`, `verify` and `download` on a real database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backups.engine.encrypt import new_identity
from backups.engine.seal import new_signing_key
from tests.installation import PATIENCE, Installation, interrupt, until
from tests.small_parking import held_up


def test_a_backup_says_what_it_made(installation: Installation) -> None:
    made = installation.json("backup", "--label", "sebelum 'rilis' \"1.2\"")
    assert (made["tables"], made["rows"]) == (3, 6)
    assert made["bytes"] == Path(made["archive"]).stat().st_size
    listed = installation.json("archives")["archives"]
    assert [item["id"] for item in listed] == [made["id"]]
    assert listed[0]["label"] == "sebelum 'rilis' \"1.2\""
    assert listed[0]["copies"][0]["location"] == made["archive"]
    assert (listed[0]["proven_at"], listed[0]["pinned"]) == (None, False)


def test_a_backup_can_be_pinned_and_then_needs_a_label(installation: Installation) -> None:
    made = installation.json("backup", "--label", "sebelum rilis", "--keep-days", "30")
    listed = {item["id"]: item for item in installation.json("archives")["archives"]}
    assert listed[made["id"]]["pinned"]
    refused = installation.manage("backup", "--keep-days", "30")
    assert refused.status == 1
    assert "needs a reason" in refused.err


def test_a_new_control_database_is_migrated_by_the_first_command(installation: Installation) -> None:
    (installation.folder / "control.sqlite3").unlink()
    assert installation.json("archives") == {"archives": []}


def test_the_index_is_rebuilt_from_the_storage(installation: Installation) -> None:
    made = installation.json("backup")
    (installation.folder / "control.sqlite3").unlink()
    assert installation.json("import_archives") == {"imported": [made["id"]], "problems": []}
    assert installation.json("verify", "latest")["id"] == made["id"]


def test_an_older_control_database_is_refused(installation: Installation) -> None:
    newest = "SELECT MAX(id) FROM django_migrations WHERE app='backups'"
    installation.control(f"DELETE FROM django_migrations WHERE id = ({newest})")
    done = installation.manage("archives", "--json")
    assert (done.status, done.json["code"]) == (1, "control_database_behind")


def test_verify_counts_members_and_deep_opens_them(installation: Installation) -> None:
    made = installation.json("backup")
    assert installation.json("verify", "latest") == installation.json("verify", made["id"], "--deep")


def test_a_flipped_bit_ends_with_status_3(installation: Installation) -> None:
    archive = Path(installation.json("backup")["archive"])
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    done = installation.manage("verify", "latest", "--json")
    assert (done.status, done.json["code"]) == (3, "archive_damaged")
    assert installation.json("archives")["archives"][0]["state"] == "damaged"
    # No whole one is left: worse than none, and said so.
    again = installation.manage("drill", "latest", "--json")
    assert (again.status, again.json["code"]) == (3, "archive_damaged")


def test_a_truncated_archive_ends_with_status_3(installation: Installation) -> None:
    archive = Path(installation.json("backup")["archive"])
    archive.write_bytes(archive.read_bytes()[:-100])
    assert installation.manage("verify", "latest").status == 3


def test_an_archive_that_is_gone_is_not_the_latest(installation: Installation) -> None:
    first = installation.json("backup")
    Path(installation.json("backup")["archive"]).unlink()
    assert installation.json("verify", "latest")["id"] == first["id"]


def test_an_unknown_archive_is_named(installation: Installation) -> None:
    done = installation.manage("verify", "20200101T000000Z-0badcafe")
    assert done.status == 1
    assert "20200101T000000Z-0badcafe" in done.err


def test_a_foreign_signer_is_refused_before_anything_is_opened(installation: Installation) -> None:
    made = installation.json("backup")
    installation.env_file.write_text(
        installation.env_file.read_text().replace("keys/signing.pem", "keys/other.pem")
    )
    (installation.keys / "other.pem").write_bytes(new_signing_key())
    done = installation.manage("verify", made["id"], "--json")
    assert (done.status, done.json["code"]) == (3, "signer_unknown")


def test_a_foreign_identity_opens_nothing(installation: Installation) -> None:
    made = installation.json("backup")
    (installation.keys / "panel.identity").write_text(new_identity()[0])
    assert installation.json("verify", made["id"])["ok"] is True
    done = installation.manage("verify", made["id"], "--deep", "--json")
    assert (done.status, done.json["code"]) == (1, "identity_wrong")


def test_a_keyless_panel_backs_up_and_verifies(installation: Installation) -> None:
    keyless = {"BACKUP_IDENTITY_FILE": ""}
    text = installation.env_file.read_text()
    installation.env_file.write_text(
        "".join(line for line in text.splitlines(keepends=True) if "IDENTITY_FILE" not in line)
    )
    (installation.keys / "panel.identity").unlink()
    made = installation.json("backup", **keyless)
    assert installation.json("verify", made["id"])["ok"] is True
    done = installation.manage("drill", made["id"], "--json")
    assert (done.status, done.json["code"]) == (1, "identity_missing")


def test_a_database_that_is_gone_is_one_sentence(installation: Installation) -> None:
    installation.database.run(f"DROP DATABASE {installation.database.name}")
    done = installation.manage("backup")
    assert done.status == 1
    assert done.err.strip() == (
        f"The database {installation.database.name} does not exist; it can be restored from an archive."
    )
    assert installation.files() == []


def test_a_second_backup_at_the_same_time_is_busy(installation: Installation) -> None:
    with held_up(installation.database):
        first = installation.start("backup", "--json")
        until(lambda: any(name.startswith(".partial") for name in installation.files()))
        second = installation.manage("backup", "--json")
    assert (second.status, second.json["code"]) == (1, "busy")
    assert first.wait(timeout=PATIENCE) == 0
    first.communicate()


def test_ctrl_c_leaves_nothing_behind(installation: Installation) -> None:
    with held_up(installation.database):
        process = installation.start("backup", "--json")
        until(lambda: any(name.startswith(".partial") for name in installation.files()))
        interrupt(process)
        until(lambda: process.poll() is not None or installation_cancelling(installation))
    out, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, '"cancelled"' in out) == (1, True)
    assert installation.files() == []
    assert installation.control("SELECT state, lock FROM backups_job") == [("cancelled", None)]
    assert installation.json("backup")["tables"] == 3


def installation_cancelling(installation: Installation) -> bool:
    """The command was told, and waits for the server's answer: let the server answer."""
    return bool(installation.control("SELECT 1 FROM backups_job WHERE state = 'running'"))


def test_a_full_disk_leaves_nothing_behind(installation: Installation) -> None:
    installation.database.run(
        "CREATE TABLE foto (id INT PRIMARY KEY, isi LONGBLOB)",
        *(f"INSERT INTO foto VALUES ({number}, RANDOM_BYTES(1024))" for number in range(2)),
        "INSERT INTO foto SELECT 10 + seq, RANDOM_BYTES(1024) FROM seq_1_to_2000",
    )
    # What a full disk says, from a limit on the size of files: above the panel's own, below the archive's.
    done = installation.manage_limited("backup", "--json", file_bytes=1_500_000)
    assert (done.status, done.json["code"]) == (1, "storage_full")
    assert installation.files() == []


def test_a_download_is_the_archive_as_it_is(installation: Installation, tmp_path: Path) -> None:
    made = installation.json("backup")
    output = tmp_path / "unduhan.zip"
    assert installation.manage("download", "latest", "--output", str(output)).status == 0
    assert output.read_bytes() == Path(made["archive"]).read_bytes()
    again = installation.manage("download", "latest", "--output", str(output), "--json")
    assert (again.status, again.json["code"]) == (1, "name_taken")
    assert output.read_bytes() == Path(made["archive"]).read_bytes()
    actions = [row[0] for row in installation.control("SELECT action FROM backups_auditevent ORDER BY id")]
    assert actions[-2:] == ["download", "download_end"]


def _changed(text: bytes, place: int) -> bytes:
    return text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]


@pytest.mark.parametrize(
    "damage", [lambda text: text[: len(text) // 2], lambda text: _changed(text, len(text) // 2)]
)
def test_a_damaged_archive_is_no_download(
    installation: Installation, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    made = installation.json("backup")
    path, output = Path(made["archive"]), tmp_path / "out.zip"
    path.write_bytes(damage(path.read_bytes()))
    refused = installation.manage("download", made["id"], "--output", str(output), "--json")
    assert refused.status == 3
    assert not output.exists()


def test_what_no_member_says_is_made_anew_in_a_download(installation: Installation, tmp_path: Path) -> None:
    """The directory at the end of the file follows from the members: what is handed out is the archive."""
    made = installation.json("backup")
    path, output = Path(made["archive"]), tmp_path / "out.zip"
    sealed = path.read_bytes()
    path.write_bytes(_changed(sealed, len(sealed) - 40))
    assert installation.manage("download", made["id"], "--output", str(output)).status == 0
    assert output.read_bytes() == sealed
