"""The archive as plain SQL scripts, so that `mariadb` alone can restore it, without any part of ours."""

from __future__ import annotations

import json

from .code import Making, makings
from .database import quote_name
from .ddl import AS_DEFINED, in_the_servers_folder
from .manifest import Inventory, TableRows
from .rows import load_statement
from .sequences import state_statement

README = """\
This is a backup made by QParkIn Backup. It can be restored without QParkIn Backup:

1. Unpack it:             unzip ARCHIVE.zip
2. Decrypt every member:  find . -name '*.age' -exec sh -c 'age -d -i KEY.txt -o "${1%.age}" "$1"' _ {} \\;
3. Decompress:            find . -name '*.zst' -exec zstd -q -d --rm {} \\;
4. Make a new, empty database and load the three scripts in this order, from this folder:
                          mariadb -e 'CREATE DATABASE restored'
                          mariadb restored < schema/1-tables.sql
                          mariadb --local-infile=1 restored < schema/2-rows.sql
                          mariadb --comments restored < schema/3-code.sql

5. Files, if there are any: each folder of files/ is one tar stream, cut into chunks, to be joined again:
                          mkdir FOLDER
                          cat files/0001-*/*.tar | tar -x -p -C FOLDER

KEY.txt is the identity of the panel or the recovery identity (a line that begins with AGE-SECRET-KEY-).
The server needs local_infile switched on. seal.json lists the size and SHA-256 of every member.
Scheduled events are restored switched off; wake them with ALTER EVENT ... ENABLE.
An archive of files alone has no schema/; leave step 4 out. files/*/index-*.jsonl lists every file.
Accounts and their rights (GRANT) are not in it: they belong to the server, not to the database.
"""

LOADING = (
    "SET NAMES utf8mb4;\nSET sql_mode='NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES', "
    "time_zone='+00:00', foreign_key_checks=0, unique_checks=0, check_constraint_checks=0, "
    "innodb_strict_mode=0;\n"
)


def tables_script(inventory: Inventory) -> str:
    """Every sequence in its state, every table with its keys, empty."""
    head = f"{AS_DEFINED};\nALTER DATABASE {inventory.options};\n"
    made = [
        *(f"{s.statement};\n{state_statement(s)};\n" for s in inventory.sequences),
        *(f"{in_the_servers_folder(table.ddl)};\n" for table in inventory.tables),
    ]
    return LOADING + head + "".join(made)


def rows_script(inventory: Inventory, tables: tuple[TableRows, ...]) -> str:
    """One LOAD DATA for each chunk, by its path in the unpacked archive."""
    history = "SET system_versioning_insert_history=1;\n" if inventory.has_history else ""
    return (LOADING + history) + "".join(
        load_statement(
            inventory.table(rows.table), into=quote_name(rows.table), file=plain_name(chunk.member)
        )
        + ";\n"
        for rows in tables
        for chunk in rows.chunks
    )


def code_script(inventory: Inventory) -> str:
    """Routines, views, triggers in their order, events asleep; each under the settings it was made with."""
    # The client stops at the first error: what does not compile is only told of.
    left_out = [
        f"-- left out, it does not compile: {json.dumps(v.name)}\n" for v in inventory.views if not v.columns
    ]
    made = tuple(making for making in makings(inventory) if not making.may_fail)
    mark = _delimiter(made)
    lines = [f"{text}{mark}\n" for making in made for text in (*making.surroundings, making.statement)]
    return f"{''.join(left_out)}DELIMITER {mark}\n{''.join(lines)}SET NAMES utf8mb4{mark}\n"


def plain_name(member: str) -> str:
    """A member's name once it is decrypted and decompressed."""
    return member.removesuffix(".age").removesuffix(".zst")


def _delimiter(made: tuple[Making, ...]) -> str:
    mark = "$$"
    while any(mark in making.statement for making in made):
        mark += "$"
    return mark
