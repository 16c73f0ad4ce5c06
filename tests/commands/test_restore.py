"""`manage.py drill`, `restore` and `undo_restore` on a real database."""

from __future__ import annotations

from pathlib import Path

from backups.engine.database import rows, session
from backups.engine.private_server import PrivateServer
from tests.engine.folders import state_of, tree
from tests.installation import Installation
from tests.scratch import ScratchDatabase
from tests.small_parking import SMALL_PARKING

WRONG_CASE = "CREATE TRIGGER salah BEFORE DELETE ON zona FOR EACH ROW DELETE FROM Tiket WHERE id_mall = 0"


def schemas(installation: Installation) -> set[str]:
    """What there is beside the live database, by kind."""
    name = installation.database.name
    with installation.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW DATABASES LIKE %s", (name.replace("_", "\\_") + "\\_\\_%",))
        return {bytes(row[0]).decode().removeprefix(f"{name}__").split("_")[0] for row in cursor.fetchall()}


def plates(installation: Installation) -> list[object]:
    return [row[0] for row in installation.database.rows("SELECT plat FROM tiket ORDER BY id_tiket")]


def test_a_drill_proves_and_leaves_nothing(installation: Installation) -> None:
    made = installation.json("backup")
    proof = installation.json("drill", "latest")
    assert (proof["id"], proof["proven"], proof["equal"], proof["works"]) == (made["id"], True, True, True)
    assert (proof["new_findings"], proof["known_findings"], proof["rows"]) == ([], [], 6)
    assert schemas(installation) == set()
    assert installation.json("archives")["archives"][0]["proven_at"]


def test_a_restore_brings_back_and_undo_takes_back(installation: Installation) -> None:
    made, before = installation.json("backup"), plates(installation)
    installation.database.run("DROP TABLE tiket")
    restored = installation.json("restore", "latest", "--yes")
    assert (restored["id"], restored["target"]) == (made["id"], installation.database.name)
    assert isinstance(restored["swap_ms"], int)
    assert restored["undo_until"] > made["id"][:4]
    assert plates(installation) == before
    assert schemas(installation) == {"before"}
    undone = installation.json("undo_restore", restored["restore"], "--yes")
    assert (undone["restore"], undone["undone"]) == (restored["restore"], True)
    assert undone["safety_archive"] in {item["id"] for item in installation.json("archives")["archives"]}
    assert installation.database.rows("SHOW TABLES LIKE 'tiket'") == ()
    again = installation.manage("undo_restore", restored["restore"], "--yes", "--json")
    assert (again.status, again.json["code"]) == (1, "undo_impossible")


def test_the_safety_backup_holds_what_was_there_and_is_never_the_latest(installation: Installation) -> None:
    made = installation.json("backup")
    installation.database.run("INSERT INTO tiket (id_mall, plat) VALUES (1, 'baru')")
    restored = installation.json("restore", "latest", "--yes")
    assert "BARU" not in plates(installation)
    assert installation.json("verify", "latest")["id"] == made["id"]
    installation.json("restore", restored["safety_archive"], "--yes", "--no-safety-backup")
    assert "BARU" in plates(installation)


def test_a_database_that_is_gone_comes_back_without_a_safety_backup(installation: Installation) -> None:
    installation.json("backup")
    before = plates(installation)
    with installation.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {installation.database.name}")
    restored = installation.json("restore", "latest", "--yes")
    assert restored["safety_archive"] is None
    assert plates(installation) == before
    with installation.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {installation.database.name}")
    told = installation.manage("undo_restore", restored["restore"], "--yes")
    assert (told.status, "No safety backup was made (database_missing)." in told.out) == (0, True), told


def test_before_an_undo_the_newest_row_is_told(installation: Installation) -> None:
    installation.database.run("CREATE TABLE tamu (id INT PRIMARY KEY, created_at TIMESTAMP NULL)")
    installation.json("backup")
    restored = installation.json("restore", "latest", "--yes", "--no-safety-backup")
    quiet = installation.json("undo_restore", restored["restore"], "--dry-run")
    assert (quiet["loses_nothing"], quiet["newest_row_at"]) == (True, None)
    installation.database.run("INSERT INTO tamu VALUES (1, '2031-05-01 10:00:00')")
    ahead = installation.json("undo_restore", "latest", "--dry-run")
    assert (ahead["loses_nothing"], ahead["newest_row_table"]) == (False, "tamu")
    assert ahead["newest_row_at"].startswith("2031-05-01")
    assert ahead["changes"] == [{"table": "tamu", "now": 1, "after": 0, "since": 1}]
    shown = installation.manage("undo_restore", "latest", "--dry-run").out
    assert "the newest row is of 2031-05-01" in shown
    assert "tamu: 1 rows now, +1 since the restore, 0 after the undo" in shown
    assert installation.database.rows("SELECT COUNT(*) FROM tamu") == ((1,),)


def test_what_became_of_the_safety_backup_is_said(installation: Installation, mariadb: PrivateServer) -> None:
    database = installation.database
    database.run("CREATE TABLE lama (id INT) ENGINE=MyISAM", "INSERT INTO lama VALUES (1)")
    installation.json("backup")
    told = installation.manage("restore", "latest", "--yes")
    kept = [one["id"] for one in installation.json("archives")["archives"] if one["purpose"] == "safety"]
    assert f"Safety backup of what was there: {kept[0]}" in told.out
    told = installation.manage("restore", "latest", "--yes", "--no-safety-backup")
    assert "No safety backup was made: as you asked." in told.out
    database.run("FLUSH TABLES lama")
    (mariadb.folder / "data" / database.name / "lama.MYI").write_bytes(b"not an index")
    told = installation.manage("restore", "latest", "--yes")
    assert "No safety backup was made: the live database could no longer be read." in told.out, told
    assert database.rows("SELECT id FROM lama") == ((1,),)
    with session(database.server) as connection:
        rows(connection, f"DROP DATABASE {database.name}")
    told = installation.manage("restore", "latest", "--yes")
    assert "No safety backup was made: the live database was gone." in told.out, told


def test_nobody_there_to_ask_is_a_no(installation: Installation) -> None:
    installation.json("backup")
    for command in (["restore", "latest"], ["restore", "latest", "--json"]):
        done = installation.manage(*command)
        assert done.status == 2
        assert "--yes" in done.out + done.err
    assert schemas(installation) == set()


def test_a_dry_run_changes_nothing_and_says_what_would_happen(installation: Installation) -> None:
    made = installation.json("backup")
    installation.database.run("DELETE FROM zona", "DROP TABLE tiket", "CREATE TABLE baru (id INT)")
    told = installation.json("restore", made["id"], "--dry-run")
    assert {row["table"]: (row["now"], row["after"]) for row in told["changes"]} == {
        "baru": (0, None),
        "tiket": (None, 3),
        "zona": (0, 1),
    }
    assert (told["may_go"], told["expected_seconds"], told["expected_interruption_ms"]) == (True, None, None)
    lines = {line["name"]: line for line in told["preflight"]}
    assert lines["seal"]["level"] == lines["grants"]["level"] == lines["space"]["level"] == "pass"
    assert lines["application"]["mend"] == "Set QPARKIN_LARAVEL_PATH, and it is closed for that moment."
    shown = installation.manage("restore", made["id"], "--dry-run").out
    assert "Nothing was changed" in shown
    assert "ok    The archive's seal: It holds" in shown
    assert "Nothing here would stop it." in shown
    assert installation.database.rows("SELECT COUNT(*) FROM zona") == ((0,),)
    assert len(installation.json("archives")["archives"]) == 1


def test_no_dry_run_changes_a_byte_of_anything(installation: Installation) -> None:
    uploads = installation.folder / "unggahan"
    tree(uploads, ["logo.png"])
    with installation.env_file.open("a") as settings:
        settings.write(f"QPARKIN_FILES={uploads}\n")
    installation.json("backup")
    installation.database.run("DELETE FROM zona")
    (uploads / "logo.png").write_text("rusak")
    before = _everything(installation)
    into = str(installation.folder / "periksa")
    for options in (
        [],
        ["--tables", "tiket"],
        ["--database", f"{installation.database.name}__baru"],
        ["--all"],
        ["--files", "--into", into],
    ):
        shown = installation.manage("restore", "latest", "--dry-run", *options)
        assert shown.status == 0, shown
        assert "Nothing was changed" in shown.out
        assert "The archive's seal" in shown.out
        assert _everything(installation) == before, options
    assert not Path(into).exists()


def _everything(installation: Installation) -> list[object]:
    """Each table's checksum and definition, each schema, each file outside the panel's own database."""
    database = installation.database
    tables = [str(name) for (name,) in database.rows("SHOW TABLES")]
    return [
        *(database.rows(f"CHECKSUM TABLE {table}") for table in tables),
        *(database.rows(f"SHOW CREATE TABLE {table}") for table in tables),
        database.rows("SHOW DATABASES"),
        database.rows("SELECT TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.triggers ORDER BY 1"),
        state_of(installation.folder / "unggahan"),
        state_of(installation.archives),
        sorted(path.name for path in installation.folder.iterdir() if "control" not in path.name),
        installation.control("SELECT COUNT(*) FROM backups_job"),
        installation.control("SELECT COUNT(*) FROM backups_restore"),
    ]


def test_another_database_must_be_new_or_empty(installation: Installation) -> None:
    installation.json("backup")
    target = f"{installation.database.name}__salinan"
    copied = installation.json("restore", "latest", "--database", target)
    assert (copied["target"], copied["swap_ms"], copied["undo_until"]) == (target, None, None)
    assert installation.database.rows(f"SELECT COUNT(*) FROM {target}.tiket") == ((3,),)
    again = installation.manage("restore", "latest", "--database", target, "--json")
    assert (again.status, again.json["code"]) == (1, "target_not_empty")
    undo = installation.manage("undo_restore", copied["restore"], "--yes", "--json")
    assert undo.json["code"] == "undo_impossible"


def test_a_damaged_archive_never_touches_the_live_database(installation: Installation) -> None:
    archive = Path(installation.json("backup")["archive"])
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    before = plates(installation)
    done = installation.manage("restore", "latest", "--yes", "--no-safety-backup", "--json")
    assert done.status == 3
    assert (plates(installation), schemas(installation)) == (before, set())
    assert installation.control("SELECT state FROM backups_restore") == [("failed",)]


def test_a_known_defect_of_the_application_blocks_nothing(installation: Installation) -> None:
    installation.database.run(WRONG_CASE)
    installation.json("backup")
    drill = installation.json("drill", "latest")
    assert [finding["name"] for finding in drill["known_findings"]] == ["salah"]
    assert installation.json("restore", "latest", "--yes")["known_findings"] == drill["known_findings"]


def test_what_a_restore_would_break_must_be_accepted_by_name(
    installation: Installation, database_case_insensitive: ScratchDatabase
) -> None:
    """Made on a server that lowers names, restored on one that does not: the trigger would break."""
    lowering, name = database_case_insensitive, installation.database.name
    lowering.run(f"CREATE DATABASE {name}")
    ScratchDatabase(name, lowering.server).run(*SMALL_PARKING, WRONG_CASE)
    source = {"QPARKIN_DB_SOCKET": lowering.server.socket}
    made = installation.json("backup", **source)
    drill = installation.manage("drill", made["id"], "--json")
    assert (drill.status, drill.json["proven"], drill.json["equal"]) == (3, False, True)
    assert [finding["name"] for finding in drill.json["new_findings"]] == ["salah"]
    refused = installation.manage("restore", made["id"], "--yes", "--json")
    assert (refused.status, refused.json["code"]) == (3, "findings_not_accepted")
    assert "salah" in refused.json["error"]
    assert schemas(installation) == set()
    # Two proofs by now, the drill's and that of the refused restore, so that the page can say why.
    assert installation.control("SELECT COUNT(*) FROM backups_proof WHERE NOT proven") == [(2,)]
    accepted = installation.json("restore", made["id"], "--yes", "--accept-findings", "salah")
    assert [finding["name"] for finding in accepted["new_findings"]] == ["salah"]
    lowering.run(f"DROP DATABASE {name}")


def test_another_systems_archive_is_put_beside_and_never_in_place(
    installation: Installation, database_case_insensitive: ScratchDatabase
) -> None:
    other = database_case_insensitive
    other.run(*SMALL_PARKING)
    source = {"QPARKIN_DB_SOCKET": other.server.socket, "QPARKIN_DB_DATABASE": other.name}
    made = installation.json("backup", **source)
    for command in (
        ["restore", made["id"], "--yes"],
        ["restore", made["id"], "--dry-run"],
        ["drill", made["id"]],
    ):
        refused = installation.manage(*command, "--json")
        assert (refused.status, refused.json["code"]) == (1, "other_database")
    assert installation.manage("restore", "latest", "--yes", "--json").json["code"] == "archive_unknown"
    target = f"{installation.database.name}__lain"
    assert installation.json("restore", made["id"], "--database", target)["target"] == target


def test_an_unknown_restore_is_named(installation: Installation) -> None:
    for wanted in ("nothing", "12345678-1234-1234-1234-123456789abc"):
        done = installation.manage("undo_restore", wanted, "--yes", "--json")
        assert (done.status, done.json["code"]) == (1, "restore_unknown")
        assert wanted in done.json["error"]
