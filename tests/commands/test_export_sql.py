"""`manage.py export_sql`: a private new file, on the record, or nothing at all."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.installation import Installation


def test_the_file_is_private_and_the_export_is_on_the_record(
    installation: Installation, tmp_path: Path
) -> None:
    made = installation.json("backup")
    output = tmp_path / "keluar.sql.gz"
    told = installation.manage("export_sql", "latest", "--output", str(output))
    assert told.status == 0, told
    assert "not encrypted" in told.err
    assert output.stat().st_mode & 0o077 == 0
    text = gzip.decompress(output.read_bytes()).decode()
    assert "INSERT INTO `tiket`" in text
    assert text.endswith("a file without this line is cut off */;\n")
    recorded = installation.control(
        "SELECT action, object_id FROM backups_auditevent ORDER BY id DESC LIMIT 2"
    )
    assert recorded == [("export_end", made["id"]), ("export", made["id"])]
    again = installation.manage("export_sql", "latest", "--output", str(output), "--json")
    assert (again.status, again.json["code"]) == (1, "name_taken")
    assert gzip.decompress(output.read_bytes()).decode() == text


def test_what_is_refused_leaves_no_file(installation: Installation, tmp_path: Path) -> None:
    installation.json("backup")
    output = tmp_path / "keluar.sql.gz"
    wrong = installation.manage("export_sql", "latest", "--output", str(output), "--tables", "lain", "--json")
    assert (wrong.status, wrong.json["code"]) == (1, "table_unknown")
    keyless = installation.manage(
        "export_sql", "latest", "--output", str(output), "--json", BACKUP_IDENTITY_FILE="/nowhere"
    )
    assert keyless.status == 1
    assert not output.exists()
    installation.json("export_sql", "latest", "--output", str(output), "--tables", "mall,tiket")
    assert "`zona`" not in gzip.decompress(output.read_bytes()).decode()
