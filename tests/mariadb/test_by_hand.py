"""Restoring without any part of ours: `unzip`, `age`, `zstd` and `mariadb` alone, by the archive's own README."""

import re
import subprocess
from pathlib import Path

from backups.engine.database import session
from backups.engine.inventory import take_inventory
from backups.engine.prove import definition_differences
from tests.mariadb.hostile import make_hostile
from tests.mariadb.parkir import SCHEMA
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase


def test_the_readme_inside_the_archive_restores_it(
    road: Road, database: ScratchDatabase, tmp_path: Path
) -> None:
    database.run(*SCHEMA, "INSERT INTO catatan (teks) VALUES ('Rp\\t5.000\\n🚗 ''\"\\\\')")
    database.run("CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DO DELETE FROM catatan")
    made = road.back_up(database.server, database.name)
    folder, target = tmp_path / "by-hand", f"{database.name}__byhand"
    folder.mkdir()
    for step in _steps(road, made.name, target):
        subprocess.run(["sh", "-ec", _with_socket(step, database)], cwd=folder, check=True)
    with session(database.server) as connection:
        found = take_inventory(connection, target)
    assert list(definition_differences(made.manifest.inventory, found)) == []
    for table in ("induk", "anak", "catatan"):
        assert database.rows(f"SELECT * FROM {target}.{table} ORDER BY id") == database.rows(
            f"SELECT * FROM {table} ORDER BY id"
        )


def test_a_hostile_database_can_be_restored_by_hand(
    road: Road, database: ScratchDatabase, tmp_path: Path
) -> None:
    make_hostile(database)
    made = road.back_up(database.server, database.name)
    folder, target = tmp_path / "by-hand", f"{database.name}__byhand"
    folder.mkdir()
    for step in _steps(road, made.name, target):
        subprocess.run(["sh", "-ec", _with_socket(step, database)], cwd=folder, check=True)
    with session(database.server) as connection:
        found = take_inventory(connection, target)
    assert list(definition_differences(made.manifest.inventory, found)) == []
    again = road.back_up(database.server, target)
    assert [(r.table, r.rows, r.row_sum) for r in again.manifest.rows] == [
        (r.table, r.rows, r.row_sum) for r in made.manifest.rows
    ]


def _steps(road: Road, name: str, target: str) -> list[str]:
    """The commands of the README, as a person would copy them: archive, key and database filled in."""
    archive = road.storage.root / name
    shown = subprocess.run(
        ["unzip", "-p", str(archive), "README.txt"], capture_output=True, text=True, check=True
    )
    commands = re.findall(
        r"(?:^\d\. .*?:  +|^ {20,})((?:unzip|find|mariadb) .*)$", shown.stdout, re.MULTILINE
    )
    assert len(commands) == 7
    filled = (
        "\n".join(commands).replace("ARCHIVE.zip", str(archive)).replace("KEY.txt", str(road.identity_file))
    )
    return re.sub(r"\brestored\b", target, filled).splitlines()


def _with_socket(step: str, database: ScratchDatabase) -> str:
    return re.sub(r"^mariadb ", f"mariadb --no-defaults --socket={database.server.socket} --user=root ", step)
