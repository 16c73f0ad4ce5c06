"""An archive as one plain SQL text that phpMyAdmin, `mariadb` and `mysql` load: nobody is locked in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .codec import BINARY, NUMBERED, PLAIN_CHARSETS, SPATIAL, TEXT, stored
from .database import quote_name
from .ddl import in_the_servers_folder
from .manifest import Column, Inventory, Manifest, Table, TableRows
from .sequences import state_statement
from .stream import Progress

Fetch = Callable[[str, int], bytes]  # (member, plain size) -> the plain text of a chunk
Spell = Callable[[bytes], bytes]
STATEMENT_BYTES = 1024 * 1024
NULL = rb"\N"
WHOLE_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint"}
# A statement: phpMyAdmin sends what is left at the end to the server, where a comment alone is an error.
LAST_LINE = "DO 0 /* End of the export: a file without this line is cut off */;\n"
SETTINGS = ("sql_mode", "time_zone", "foreign_key_checks", "unique_checks")
# MySQL knows none of these; it reads what stands between the marks as a comment.
OF_MARIADB = "/*M!100400 SET check_constraint_checks={checks}, innodb_strict_mode={strict} */;\n"
WITH_HISTORY = "/*M!101100 SET system_versioning_insert_history=1 */;\n"


def plain_sql(manifest: Manifest, fetch: Fetch, *, code: str, progress: Progress) -> Iterator[bytes]:
    """The whole text, piece by piece: tables, rows, then `code` (a script), so that no trigger fires."""
    inventory = manifest.inventory
    yield _encoded(_head(manifest) + _tables(inventory))
    progress.phase("export", manifest.text_bytes)
    for rows_of in manifest.rows:
        yield from _rows(inventory.table(rows_of.table), rows_of, fetch, progress)
    yield _encoded(code + _foot())


def _head(manifest: Manifest) -> str:
    inventory = manifest.inventory
    told = [
        f"QParkIn Backup, archive {manifest.archive} of {manifest.created:%Y-%m-%d %H:%M} UTC",
        f"Server: {inventory.rules.version}",
        "NOT ENCRYPTED: keep this file where only those may read it who may read the database",
    ]
    kept = ", ".join(f"@qparkin_{name}=@@{name}" for name in SETTINGS)
    mode = "sql_mode='NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES'"
    return (
        "".join(f"-- {line}\n" for line in told)
        + f"\nSET NAMES utf8mb4;\nSET {kept};\n"
        + f"SET {mode}, time_zone='+00:00', foreign_key_checks=0, unique_checks=0;\n"
        + OF_MARIADB.format(checks=0, strict=0)
        + f"ALTER DATABASE {inventory.options};\n"
    )


def _foot() -> str:
    back = ", ".join(f"{name}=@qparkin_{name}" for name in SETTINGS)
    # The code before it has a delimiter of its own.
    return f"DELIMITER ;\nSET {back};\n{OF_MARIADB.format(checks=1, strict=1)}{LAST_LINE}"


def _tables(inventory: Inventory) -> str:
    made = [f"{s.statement};\n{state_statement(s)};\n" for s in inventory.sequences]
    made += [f"{in_the_servers_folder(table.ddl)};\n" for table in inventory.tables]
    return (WITH_HISTORY if inventory.has_history else "") + "\n".join(made)


def _rows(table: Table, rows_of: TableRows, fetch: Fetch, progress: Progress) -> Iterator[bytes]:
    columns = ",".join(quote_name(column.name) for column in stored(table))
    start = _encoded(f"INSERT INTO {quote_name(table.name)} ({columns}) VALUES\n")
    for chunk in rows_of.chunks:
        progress.check()
        for batch in _batches(_values(table, fetch(chunk.member, chunk.bytes))):
            yield start + b",\n".join(batch) + b";\n"
        progress.advance(chunk.bytes)


def _values(table: Table, text: bytes) -> Iterator[bytes]:
    spells = [_spell(column) for column in stored(table)]
    for line in text.split(b"\n")[:-1]:
        fields = line.split(b"\t") if spells else ()
        yield (
            b"("
            + b",".join(
                b"NULL" if field == NULL else spell(field)
                for field, spell in zip(fields, spells, strict=True)
            )
            + b")"
        )


def _spell(column: Column) -> Spell:
    """How a field of LOAD DATA text is written as a literal that gives the same bytes."""
    if column.kind in NUMBERED or column.kind in WHOLE_NUMBERS:
        return bytes
    if column.kind in BINARY | SPATIAL:
        return _hex
    if column.kind in TEXT and column.charset not in PLAIN_CHARSETS:
        introducer = f"_{column.charset} ".encode()
        return lambda field: introducer + _hex(field)
    return _quoted


def _hex(field: bytes) -> bytes:
    return b"0x" + field if field else b"''"


def _quoted(field: bytes) -> bytes:
    # The same backslashes mean the same in both; these are what the clients would change or refuse.
    for raw, written in ((b"'", b"''"), (b"\0", rb"\0"), (b"\r", rb"\r"), (b"\x1a", rb"\Z")):
        field = field.replace(raw, written)
    return b"'" + field + b"'"


def _batches(values: Iterable[bytes]) -> Iterator[list[bytes]]:
    held: list[bytes] = []
    size = 0
    for value in values:
        if held and size + len(value) > STATEMENT_BYTES:
            yield held
            held, size = [], 0
        held.append(value)
        size += len(value) + 2
    if held:
        yield held


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
