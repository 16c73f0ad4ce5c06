"""A database built from an archive: tables, rows, then keys, counters and code. No trigger fires."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import ddl, errors
from .code import Making, makings
from .database import Server, quote_name, rows, run, session
from .insert_rows import insert_block
from .manifest import Chunk, Inventory, Manifest, Table, TableRows
from .parallel import share_out
from .rows import load_block
from .sequences import state_statement
from .stream import Progress

Fetch = Callable[[str, int], bytes]  # (member, plain size) -> the plain text of a chunk
LOADING = (
    "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES', "
    "foreign_key_checks=0, check_constraint_checks=0, innodb_strict_mode=0, "
    "system_versioning_alter_history=KEEP"
)
WITH_HISTORY = "SET SESSION system_versioning_insert_history=1"
NO_SUCH_DEFINER = 1449
ACCOUNT = re.compile(r"\('(.*)'@'(.*)'\)")


def create_database(server: Server, name: str, *, options: str) -> None:
    with session(server) as connection:
        run(connection, f"CREATE DATABASE {quote_name(name)} {options}")


def drop_database(server: Server, name: str) -> None:
    with session(server) as connection:
        run(connection, f"DROP DATABASE IF EXISTS {quote_name(name)}")


@contextmanager
def shadow_database(server: Server, name: str, inventory: Inventory) -> Iterator[str]:
    """An empty database that is gone again when the block fails; it stays when the block ends well."""
    create_database(server, name, options=inventory.options)
    try:
        yield name
    except BaseException:
        drop_database(server, name)
        raise


def load(
    server: Server, manifest: Manifest, *, into: str, fetch: Fetch, progress: Progress
) -> tuple[str, ...]:
    """Everything of the manifest into the empty database `into`; returns the definers the server lacks."""
    inventory = manifest.inventory
    with ExitStack() as stack:
        sessions = [_loading_session(stack, server, into) for _ in range(server.connections)]
        for each in sessions if inventory.has_history else ():
            run(each, WITH_HISTORY)
        for sequence in inventory.sequences:
            run(sessions[0], sequence.statement)
        for table in inventory.tables:
            run(sessions[0], ddl.split(table.ddl).statement(keys=False, foreign_keys=False))
        _load_tables(sessions, manifest, into, fetch, progress)
        _make_foreign_keys(sessions[0], inventory, progress)
        for sequence in inventory.sequences:
            run(sessions[0], state_statement(sequence))
    progress.phase("code", len(inventory.triggers) + len(inventory.routines) + len(inventory.views))
    return make_code(server, makings(inventory), into=into, progress=progress)


def _loading_session(stack: ExitStack, server: Server, into: str) -> Connection[Cursor]:
    connection = stack.enter_context(session(server, into))
    run(connection, LOADING)
    run(connection, ddl.AS_DEFINED)
    return connection


def _load_tables(
    sessions: Sequence[Connection[Cursor]], manifest: Manifest, into: str, fetch: Fetch, progress: Progress
) -> None:
    """Rows and then keys, one session a table: two in one table would wait for each other's counters."""
    progress.phase("load", manifest.text_bytes)

    def work(connection: Connection[Cursor], rows_of: TableRows) -> Iterator[int]:
        table = manifest.inventory.table(rows_of.table)
        for chunk in rows_of.chunks:
            _load_chunk(connection, table, chunk, into, fetch)
            yield chunk.bytes
        if keys := ddl.split(table.ddl).later_keys:
            _add(connection, table, keys)
        yield 0

    for size in share_out(sorted(manifest.rows, key=lambda rows_of: -rows_of.bytes), sessions, work):
        progress.check()
        progress.advance(size)


def _load_chunk(connection: Connection[Cursor], table: Table, chunk: Chunk, into: str, fetch: Fetch) -> None:
    text = fetch(chunk.member, chunk.bytes)
    try:
        taken = load_block(connection, table, text, database=into)
    except errors.LocalInfileOff:
        taken = insert_block(connection, table, text, database=into)
    if taken != chunk.rows:
        # LOCAL makes the server skip rows that it will not take; nothing is skipped here.
        raise errors.ProofFailed(what=f"{table.name}: {taken} of {chunk.rows} rows were taken")


def _make_foreign_keys(connection: Connection[Cursor], inventory: Inventory, progress: Progress) -> None:
    progress.phase("keys", len(inventory.tables))
    for table in inventory.tables:
        progress.check()
        if foreign_keys := ddl.split(table.ddl).foreign_keys:
            _add(connection, table, foreign_keys)
        progress.advance()


def _add(connection: Connection[Cursor], table: Table, definitions: tuple[str, ...]) -> None:
    clauses = ", ".join(f"ADD {definition}" for definition in definitions)
    run(connection, f"ALTER TABLE {quote_name(table.name)} {clauses}")


def make_code(server: Server, made: Iterator[Making], *, into: str, progress: Progress) -> tuple[str, ...]:
    """Create routines, views, triggers and sleeping events; returns the definers that do not exist here."""
    lacking: set[str] = set()
    with session(server, into) as connection:
        for making in made:
            progress.check()
            make_one(connection, making)
            lacking |= set(_lacking_definers(connection))
            progress.advance()
    return tuple(sorted(lacking))


def _lacking_definers(connection: Connection[Cursor]) -> Iterator[str]:
    for _, number, text in rows(connection, "SHOW WARNINGS"):
        if int(number) == NO_SUCH_DEFINER and (account := ACCOUNT.search(str(text))):
            yield f"{account[1]}@{account[2]}"


def make_one(connection: Connection[Cursor], making: Making) -> None:
    try:
        for statement in (*making.surroundings, making.statement):
            run(connection, statement)
    except errors.ServerRefused as refused:
        if making.may_fail:
            return
        raise errors.CodeNotRestored(
            kind=making.kind,
            name=making.name,
            errno=refused.params["errno"],
            message=refused.params["message"],
        ) from None
