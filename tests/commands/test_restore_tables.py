"""`manage.py restore --tables`: tables alone, beside the live ones, into another database or server."""

from __future__ import annotations

import pytest

from tests.installation import Installation
from tests.scratch import ScratchDatabase


def plates(installation: Installation, table: str = "tiket") -> list[object]:
    return [row[0] for row in installation.database.rows(f"SELECT plat FROM {table} ORDER BY id_tiket")]


def test_a_table_is_brought_back_and_taken_back(installation: Installation) -> None:
    made, before = installation.json("backup"), plates(installation)
    installation.database.run("UPDATE tiket SET plat = 'RUSAK'", "UPDATE zona SET isi = 'baru'")
    told = installation.json("restore", "latest", "--tables", "tiket", "--dry-run")
    assert told["changes"] == [{"table": "tiket", "now": 3, "after": 3}]
    assert told["scope"]["triggers"] == ["tiket_baru"]
    assert told["scope"]["dependents"] == [
        {"kind": "table", "name": "mall", "how": "refers_there", "tables": ["tiket"]}
    ]
    text = installation.manage("restore", "latest", "--tables", "tiket", "--dry-run").out
    assert "Nothing was changed" in text
    assert "table mall is referred to by tiket" in text
    assert plates(installation) == ["RUSAK"] * 3
    restored = installation.json("restore", "latest", "--tables", " tiket ,", "--yes")
    assert (restored["id"], restored["tables"], restored["rows"]) == (made["id"], 1, 3)
    assert restored["scope"]["tables"] == ["tiket"]
    assert isinstance(restored["swap_ms"], int)
    assert plates(installation) == before
    assert installation.database.rows("SELECT isi FROM zona") == (("baru",),)
    # A few tables say nothing about the archive.
    assert installation.control("SELECT COUNT(*) FROM backups_proof") == [(0,)]
    undone = installation.json("undo_restore", restored["restore"], "--yes")
    assert undone["undone"]
    assert plates(installation) == ["RUSAK"] * 3


def test_rows_that_would_dangle_have_to_be_accepted(installation: Installation) -> None:
    installation.json("backup")
    installation.database.run(
        "INSERT INTO mall (nama) VALUES ('Baru')", "INSERT INTO tiket (id_mall, plat) VALUES (3, 'x')"
    )
    wanted = ["restore", "latest", "--tables", "mall", "--no-safety-backup"]
    told = installation.json(*wanted, "--dry-run")["scope"]["dangling"]
    assert [(one["child"], one["parent"], one["rows"]) for one in told] == [("tiket", "mall", 1)]
    refused = installation.manage(*wanted, "--yes", "--json")
    assert (refused.status, refused.json["code"]) == (1, "rows_would_dangle")
    assert "tiket (1) > mall" in refused.json["error"]
    accepted = installation.json(*wanted, "--yes", "--accept-dangling")
    assert accepted["scope"]["dangling"] == told
    assert installation.database.rows("SELECT COUNT(*) FROM tiket") == ((4,),)


def test_a_dry_run_looks_at_the_chosen_tables_alone(installation: Installation) -> None:
    installation.json("backup")
    other = f"{installation.database.name}_lain"
    installation.database.run(
        f"CREATE DATABASE {other}",
        f"CREATE TABLE {other}.anak (id INT PRIMARY KEY, m INT, "
        f"FOREIGN KEY (m) REFERENCES {installation.database.name}.mall (id_mall))",
    )
    try:
        told = {
            tables: installation.json("restore", "latest", "--tables", *tables, "--dry-run")
            for tables in (("zona",), ("mall",), ("mall", "--beside"))
        }
    finally:
        installation.database.run(f"DROP DATABASE {other}")
    assert {tables: one["may_go"] for tables, one in told.items()} == {
        ("zona",): True,
        ("mall",): False,
        ("mall", "--beside"): True,
    }
    assert {"expected_seconds", "newest_row_at", "expected_interruption_ms"} <= told[("zona",)].keys()
    copied = installation.json(
        "restore", "latest", "--tables", "zona", "--database", f"{other}2", "--dry-run"
    )
    assert (copied["tables"], copied["rows"]) == (1, 1)


def test_tables_beside_the_live_ones(installation: Installation) -> None:
    installation.json("backup")
    before = plates(installation)
    installation.database.run("UPDATE tiket SET plat = 'RUSAK'")
    restored = installation.json("restore", "latest", "--tables", "tiket,mall", "--beside")
    named = restored["scope"]["beside"]
    assert set(named) == {"tiket", "mall"}
    assert named["tiket"].startswith("tiket__restored_20")
    assert plates(installation, named["tiket"]) == before
    assert plates(installation) == ["RUSAK"] * 3
    assert restored["safety_archive"] is None
    installation.json("undo_restore", restored["restore"], "--yes")
    assert installation.database.rows("SHOW TABLES LIKE '%restored%'") == ()
    assert plates(installation) == ["RUSAK"] * 3


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        (["--tables", "tidak_ada,mall"], 1, "table_unknown"),
        (["--tables", ","], 2, "usage"),
        (["--beside"], 2, "usage"),
        (["--beside", "--tables", "mall", "--database", "x"], 2, "usage"),
        (["--tables", "mall"], 2, "usage"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(
    installation: Installation, options: list[str], status: int, code: str
) -> None:
    """The last one: nobody is there to confirm it."""
    installation.json("backup")
    refused = installation.manage("restore", "latest", *options, "--json")
    assert (refused.status, refused.json["code"]) == (status, code), refused
    assert len(installation.json("archives")["archives"]) == 1


def test_tables_into_a_new_database(installation: Installation) -> None:
    installation.json("backup")
    target = f"{installation.database.name}__salinan"
    copied = installation.json("restore", "latest", "--database", target, "--tables", "tiket")
    assert (copied["target"], copied["tables"]) == (target, 1)
    assert installation.database.rows(f"SHOW TABLES FROM {target}") == (("tiket",),)


def test_a_whole_archive_on_another_empty_server(
    installation: Installation, database_case_insensitive: ScratchDatabase
) -> None:
    """Another machine with the same storage and keys: its server never had the protected database."""
    made, other = installation.json("backup"), database_case_insensitive
    control = installation.folder / "lain.sqlite3"
    machine = {
        "QPARKIN_DB_SOCKET": other.server.socket,
        "CONTROL_DATABASE_URL": f"sqlite:///{control}",
    }
    target = f"{other.name}__pindah"
    copied = installation.json("restore", "latest", "--database", target, **machine)
    assert (copied["id"], copied["target"], copied["rows"]) == (made["id"], target, 6)
    assert bytes_of(other, target) == bytes_of(installation.database, installation.database.name)
    assert installation.json("restore", "latest", "--database", f"{target}2", "--tables", "zona", **machine)


def bytes_of(database: ScratchDatabase, schema: str) -> dict[str, tuple[tuple[object, ...], ...]]:
    """Every column of every table, as the bytes that lie there."""
    found = {}
    columns = "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.columns WHERE TABLE_SCHEMA = %s"
    named: dict[str, list[str]] = {}
    for table, column in database.rows(columns + " ORDER BY 1, ORDINAL_POSITION", (schema,)):
        named.setdefault(str(table), []).append(f"HEX(CAST(`{column}` AS BINARY))")
    for table, hexed in named.items():
        found[table] = database.rows(f"SELECT {', '.join(hexed)} FROM `{schema}`.`{table}` ORDER BY 1")
    return found


def test_undo_finds_its_way_when_the_panels_own_database_is_lost(installation: Installation) -> None:
    """The journals on the server know what can be undone, and in which order."""
    installation.json("backup")
    whole = plates(installation)
    installation.database.run("UPDATE tiket SET plat = 'SATU'")
    first = installation.json("restore", "latest", "--yes", "--no-safety-backup")
    installation.database.run("UPDATE tiket SET plat = 'DUA'")
    installation.json("restore", "latest", "--tables", "tiket", "--yes", "--no-safety-backup")
    for path in installation.folder.glob("control.sqlite3*"):
        path.unlink()
    refused = installation.manage("undo_restore", first["restore"], "--yes", "--json")
    assert (refused.status, refused.json["code"]) == (1, "undo_impossible"), refused
    assert plates(installation) == whole
    assert installation.json("undo_restore", "latest", "--yes")["undone"]
    assert plates(installation) == ["DUA"] * 3
    undone = installation.json("undo_restore", "latest", "--yes")
    assert (undone["restore"], undone["undone"]) == (first["restore"], True)
    assert plates(installation) == ["SATU"] * 3
    nothing = installation.manage("undo_restore", "latest", "--yes", "--json")
    assert (nothing.status, nothing.json["code"]) == (1, "restore_unknown")
