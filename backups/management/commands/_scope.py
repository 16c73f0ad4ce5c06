"""What a restore of chosen tables would touch, for people at a terminal and for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from backups.models import Archive
from backups.services.connections import protected_database
from backups.services.preview import ScopePreview

HOW = {
    "refers_here": "refers to {tables}; its foreign key is made anew",
    "refers_there": "is referred to by {tables}; it stays as it is",
    "names": "names {tables}; it stays as it is",
}


def wanted_tables(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def scope_values(seen: ScopePreview) -> dict[str, Any]:
    """As --json prints it."""
    return {
        "tables": list(seen.tables),
        "triggers": list(seen.triggers),
        "sequences": list(seen.sequences),
        "dependents": [{**asdict(one), "tables": list(one.tables)} for one in seen.dependents],
        "dangling": [asdict(one) for one in seen.dangling],
    }


def scope_text(wanted: Archive, seen: ScopePreview, *, beside: bool = False) -> str:
    does = "would come to lie beside the live tables of" if beside else "would replace those of"
    made = f"{wanted.created:%Y-%m-%d %H:%M} UTC"
    first = f"Of {wanted.pk} of {made} these tables {does} {protected_database()}."
    return "\n".join([first, *_scope_lines(seen, beside=beside)])


def _scope_lines(seen: ScopePreview, *, beside: bool) -> Iterator[str]:
    then = "beside" if beside else "after"
    for row in seen.rows:
        yield f"  {row.table}: {_count(row.now)} rows now, {_count(row.after)} {then}"
    if beside:
        return
    if seen.triggers:
        yield f"Triggers that come back with them: {', '.join(seen.triggers)}"
    if seen.sequences:
        yield f"Sequences that come along: {', '.join(seen.sequences)}"
    if seen.dependents:
        yield "What else is concerned:"
    for one in seen.dependents:
        yield f"  {one.kind} {one.name} {HOW[one.how].format(tables=', '.join(one.tables))}"
    if seen.dangling:
        yield "Rows that would refer to rows that are not there (to be accepted by --accept-dangling):"
    for dangling in seen.dangling:
        where = "restored" if dangling.comes_back else "left live"
        yield f"  {_uncounted(dangling.rows)} rows of {dangling.child} ({where}) to {dangling.parent}"


def told_of_scope(scope: dict[str, Any] | None) -> list[str]:
    """What became of chosen tables, after the figures."""
    if scope is None:
        return []
    lines = [f"  {table} is now also {name}" for table, name in scope["beside"].items()]
    if scope["left_out"]:
        lines.append(f"Left out, since they name other tables: {', '.join(scope['left_out'])}")
    lines += [
        f"  {_uncounted(one['rows'])} rows of {one['child']} refer to no row of {one['parent']}"
        for one in scope["dangling"]
    ]
    return lines


def _uncounted(rows: int | None) -> str:
    return "an unknown number of" if rows is None else str(rows)


def _count(rows: int | None) -> str:
    return "no" if rows is None else str(rows)
