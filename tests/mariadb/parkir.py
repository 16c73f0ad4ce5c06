"""A small database with everything that a swap has to carry over, and its state as one value."""

from __future__ import annotations

from backups.engine.database import quote_name
from tests.scratch import ScratchDatabase

SCHEMA = (
    "CREATE TABLE induk (id INT PRIMARY KEY AUTO_INCREMENT, nama VARCHAR(50))",
    "CREATE TABLE anak (id INT PRIMARY KEY, induk INT, FOREIGN KEY f (induk) REFERENCES induk (id))",
    "CREATE TABLE catatan (id INT PRIMARY KEY AUTO_INCREMENT, teks VARCHAR(50))",
    "INSERT INTO induk (nama) VALUES ('a'), ('b')",
    "INSERT INTO anak VALUES (1, 1), (2, 2)",
    "CREATE TRIGGER catat1 AFTER INSERT ON induk FOR EACH ROW INSERT INTO catatan (teks) VALUES ('satu')",
    "CREATE TRIGGER catat2 AFTER INSERT ON induk FOR EACH ROW INSERT INTO catatan (teks) VALUES ('dua')",
    "CREATE VIEW lihat AS SELECT nama FROM induk",
    "CREATE PROCEDURE hitung() SELECT COUNT(*) FROM induk",
)


def state_of(database: ScratchDatabase) -> list[tuple[tuple[object, ...], ...]]:
    """Everything that a restore might have touched, as one value to compare."""
    tables = [str(name) for (name,) in database.rows("SHOW TABLES")]
    about = "TRIGGER_NAME, ACTION_ORDER, ACTION_STATEMENT, DEFINER"
    return [
        *(database.rows(f"SHOW CREATE TABLE {quote_name(name)}") for name in tables),
        *(database.rows(f"SELECT * FROM {quote_name(name)} ORDER BY 1") for name in tables),
        database.rows(
            f"SELECT {about} FROM information_schema.triggers WHERE TRIGGER_SCHEMA = %s ORDER BY 1",
            (database.name,),
        ),
        database.rows("SHOW CREATE PROCEDURE hitung"),
    ]


def schemas_beside(database: ScratchDatabase) -> list[str]:
    statement = "SELECT SCHEMA_NAME FROM information_schema.schemata WHERE SCHEMA_NAME LIKE %s"
    return sorted(
        str(name) for (name,) in database.rows(statement, (database.name.replace("_", r"\_") + r"\_\_%",))
    )
