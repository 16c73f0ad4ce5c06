"""Names: two that become one, code that spells a table otherwise, code that names the database itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from backups.engine.manifest import Routine, Trigger, View
from backups.engine.names import called_routines, named_tables

from .values import MOST_NAMED, Check, Subject, blocked, passed, warned


def collisions(subject: Subject) -> Check:
    """On a server that lowers names, Tiket and tiket are one table."""
    if subject.rules.lower_case_table_names == 0:
        return passed("collisions", "names_as_written")
    spelled: dict[str, list[str]] = defaultdict(list)
    inventory = subject.manifest.inventory
    for name in (*inventory.movable, *(view.name for view in inventory.views)):
        spelled[name.casefold()].append(name)
    twice = [" = ".join(sorted(names)) for names in spelled.values() if len(names) > 1]
    if twice:
        return blocked("collisions", "names_collide", mend="rename_or_elsewhere", names=sorted(twice))
    return passed("collisions", "names_differ")


def spelling(
    subject: Subject, *, added: dict[str, tuple[str, ...]], before: dict[str, tuple[str, ...]]
) -> Check:
    """Code that finds its tables no longer, or has not found them before either, by the tables as spelled."""
    if added:
        names = list(_rewrites(subject, added))
        return warned("spelling", "spelling_breaks", mend="fix_case", names=names, count=len(added))
    if before:
        names = list(_rewrites(subject, before))
        mend = "fix_case_too" if any("→" in name for name in names) else ""
        return replace(
            passed("spelling", "spelling_known", count=len(before)),
            mend=mend,
            names=tuple(names[:MOST_NAMED]),
        )
    return passed("spelling", "spelling_fits")


def _rewrites(subject: Subject, broken: dict[str, tuple[str, ...]]) -> Iterator[str]:
    inventory = subject.manifest.inventory
    there = {name.casefold(): name for name in (*inventory.movable, *(v.name for v in inventory.views))}
    for code, missing in sorted(broken.items()):
        for table in missing:
            right = there.get(table.casefold())
            yield f"{code}: {table} → {right}" if right else f"{code}: {table}"


def own_database(subject: Subject) -> Check:
    """Code that names the database it was made in goes on meaning that one, wherever it is put."""
    inventory = subject.manifest.inventory
    if subject.target.casefold() == inventory.database.casefold():
        return passed("own_database", "same_name")
    naming = sorted(_naming(subject, inventory.database.casefold()))
    if naming:
        return warned(
            "own_database",
            "names_original",
            mend="rewrite_original",
            names=naming,
            database=inventory.database,
        )
    return passed("own_database", "names_nothing", database=inventory.database)


def _naming(subject: Subject, database: str) -> Iterator[str]:
    for code in subject.manifest.inventory.code:
        text = code.body if isinstance(code, Trigger) else code.statement
        mode = "" if isinstance(code, View) else code.sql_mode
        schemas = {table.schema for table in named_tables(text, sql_mode=mode)}
        # A routine names itself with its schema or without; only what it calls counts.
        schemas |= {call.schema for call in called_routines(text, sql_mode=mode, known=())}
        if database in {schema.casefold() for schema in schemas if schema}:
            kind = code.kind if isinstance(code, Routine) else type(code).__name__
            yield f"{kind.lower()} {code.name}"
