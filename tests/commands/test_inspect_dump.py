"""`manage.py inspect_dump`: what a dump from elsewhere is worth, and what taking it over makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.scratch import OPERATORS_DUMPS

DUMP = """-- phpMyAdmin SQL Dump
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
CREATE TABLE `mall` (`id` int(11) NOT NULL, `nama` varchar(40) DEFAULT NULL) ENGINE=InnoDB;
INSERT INTO `mall` VALUES (0, 'Rp\\t5.000 🚗'), (7, 'dua');
CREATE TABLE `catat` (`teks` text) ENGINE=InnoDB;
DELIMITER $$
CREATE DEFINER=`root`@`localhost` TRIGGER `baru` AFTER INSERT ON `mall` FOR EACH ROW
INSERT INTO `catat` VALUES (NEW.nama)
$$
CREATE DEFINER=`root`@`localhost` TRIGGER `rusak` AFTER DELETE ON `mall` FOR EACH ROW
INSERT INTO `tidak_ada` VALUES (1)
$$
DELIMITER ;
CREATE DEFINER=`root`@`localhost` VIEW `v` AS SELECT `id` FROM `mall`;
CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO DELETE FROM `catat`;
ALTER TABLE `mall` ADD PRIMARY KEY (`id`), MODIFY `id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=8;
GRANT ALL ON *.* TO `x`@`%`;
COMMIT;
"""


def test_a_dump_that_loads_is_told_with_its_defects(installation: Installation, tmp_path: Path) -> None:
    found = installation.json("inspect_dump", str(_zipped(tmp_path, DUMP)))
    assert (found["loads"], found["line"], found["error"]) == (True, None, None)
    assert [found[kind] for kind in ("tables", "rows", "triggers", "views", "events")] == [2, 2, 2, 1, 1]
    assert [(f["name"], f["cause"]) for f in found["findings"]] == [("rusak", "missing_table")]
    assert [(t["line"], t["name"]) for t in found["left_out"]] == [(18, "GRANT")]
    assert found["adopted"] is None
    assert installation.files() == []


def test_one_that_breaks_says_where_and_ends_with_status_3(
    installation: Installation, tmp_path: Path
) -> None:
    broken = DUMP.replace("COMMIT;", "CREATE TABLE `mall` (`id` int(11));\nCOMMIT;")
    done = installation.manage("inspect_dump", str(_zipped(tmp_path, broken)), "--json")
    assert done.status == 3
    assert (done.json["code"], done.json["line"], done.json["loads"]) == ("dump_breaks", 19, False)
    assert "1050: Table 'mall' already exists" in done.json["error"]
    assert done.json["tables"] == 2


def test_what_is_taken_over_is_an_archive_that_restores_and_is_never_the_latest(
    installation: Installation, tmp_path: Path
) -> None:
    regular = installation.json("backup")["id"]
    found = installation.json("inspect_dump", str(_zipped(tmp_path, DUMP)), "--adopt")
    listed = {item["id"]: item for item in installation.json("archives")["archives"]}
    assert listed[found["adopted"]]["purpose"] == "adopted"
    assert listed[found["adopted"]]["label"] == "lama.zip"
    assert installation.json("verify", "latest")["id"] == regular
    installation.json("retention", "--storage", "local", "--all-days", "0", "--daily", "0")
    reason = {item["id"]: item["reason"] for item in installation.json("prune", BACKUP_KEEP_LAST="1")["kept"]}
    assert reason[found["adopted"]] == "adopted"
    target = f"{installation.database.name}__lama"
    made = installation.json("restore", found["adopted"], "--database", target)
    assert made["rows"] == 2
    assert [item["name"] for item in made["known_findings"]] == ["rusak"]
    rows = installation.database.rows
    assert rows(f"SELECT * FROM {target}.mall") == ((0, "Rp\t5.000 🚗"), (7, "dua"))
    definers = rows(f"SELECT DEFINER FROM information_schema.triggers WHERE TRIGGER_SCHEMA='{target}'")
    assert definers == (("root@localhost",),) * 2
    events = rows(f"SELECT STATUS FROM information_schema.events WHERE EVENT_SCHEMA='{target}'")
    assert events == (("DISABLED",),)


def test_a_dump_of_mariadb_dump_itself_loads_whole(installation: Installation, tmp_path: Path) -> None:
    """Its first line is for its client's sandbox, and its last ones put back what its first ones noted."""
    server, path = installation.database.server, tmp_path / "itself.sql"
    dump = [
        "mariadb-dump",
        "--no-defaults",
        f"--socket={server.socket}",
        f"--user={server.username}",
        "--databases",
    ]
    path.write_bytes(
        subprocess.run(
            [*dump, installation.database.name],
            check=True,
            capture_output=True,
            env=os.environ | {"MYSQL_PWD": server.password},
        ).stdout
    )
    assert b"enable the sandbox mode" in path.read_bytes()
    found = installation.json("inspect_dump", str(path))
    assert (found["loads"], found["lost"], found["left_out"]) == (True, [], [])


def test_bytes_that_are_no_text_are_told_as_text(installation: Installation, tmp_path: Path) -> None:
    """A photo, say. What is kept of it has to be shown on a page."""
    path = tmp_path / "photo.sql"
    path.write_bytes(
        b"\x85\xff\x00\xd8abc \xed\xb2\x85 INTO `\x85` VALUES (1);\nINSERT INTO `\xff\x85` VALUES (1);\n" * 3
    )
    done = installation.manage("inspect_dump", str(path), "--json")
    assert done.status in {1, 3}
    json.dumps(done.json, ensure_ascii=False).encode()


def test_what_is_no_dump_is_one_sentence(installation: Installation, tmp_path: Path) -> None:
    junk = tmp_path / "x.zip"
    junk.write_bytes(b"PK\x03\x04 junk")
    done = installation.manage("inspect_dump", str(junk), "--json")
    assert (done.status, done.json["code"]) == (1, "dump_unreadable")
    assert (
        installation.manage("inspect_dump", str(tmp_path / "none.sql"), "--json").json["code"]
        == "input_missing"
    )
    empty = tmp_path / "empty.sql"
    empty.write_bytes(b"-- nothing\n")
    assert (
        installation.manage("inspect_dump", str(empty), "--adopt", "--json").json["code"] == "nothing_saved"
    )
    assert installation.files() == []


def test_the_operators_newest_dump_breaks_at_line_953(installation: Installation) -> None:
    dump = OPERATORS_DUMPS / "qparkin_22des.sql"
    if not dump.exists():
        pytest.skip("the operators' dump qparkin_22des.sql is not on this machine")
    done = installation.manage("inspect_dump", str(dump), "--adopt", "--json")
    found = done.json
    assert (done.status, found["line"]) == (3, 953)
    assert "already exists" in found["error"]
    assert found["tables"] == 30
    assert found["adopted"]
    assert installation.json("drill", found["adopted"])["equal"]


def _zipped(folder: Path, text: str) -> Path:
    """As spatie's package leaves it: the dump beside the application's files."""
    path = folder / "lama.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("db-dumps/mysql-qparkin.sql", text)
        archive.writestr("storage/app/foto.jpg", b"\xff\xd8")
    return path
