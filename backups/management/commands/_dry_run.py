"""What a restore of the database would do, for people at a terminal and for scripts. Nothing is changed."""

from __future__ import annotations

from backups.models import Archive
from backups.services.connections import protected_database
from backups.services.outlook import outlook
from backups.services.preflight import preflight
from backups.services.preview import preview_restore, scope_preview

from ._base import Answer
from ._preflight import (
    check_values,
    outlook_lines,
    outlook_values,
    preflight_lines,
    rewrite_lines,
    rewrite_values,
)
from ._scope import scope_text, scope_values
from ._terminal import terminal


def dry_run(wanted: Archive, target: str | None, tables: tuple[str, ...], *, beside: bool) -> Answer:
    if tables and not target:
        return _of_tables(wanted, tables, beside=beside)
    looked = preflight(wanted, target=target, tables=tables)
    ahead = outlook(wanted, target=target, tables=tables)
    preview = ahead.preview
    values = {
        "id": wanted.pk,
        "restore": None,
        "target": target or protected_database(),
        "dry_run": True,
        "tables": len(tables) or wanted.tables,
        "rows": sum(row.after or 0 for row in preview.rows) if tables else wanted.rows,
        "seconds": None,
        "swap_ms": None,
        "undo_until": None,
        "new_findings": [],
        "known_findings": [],
        "live": preview.live,
        "changes": [{"table": row.table, "now": row.now, "after": row.after} for row in preview.changed],
        "may_go": looked.may_go,
        "preflight": [check_values(check) for check in looked.checks],
        "rewrites": rewrite_values(looked),
        **outlook_values(ahead),
    }
    text = [
        "Nothing was changed. This is what would happen:",
        preview_text(wanted, target, tables),
        *outlook_lines(ahead),
        "",
        *preflight_lines(looked),
        *rewrite_lines(looked),
    ]
    return Answer(values, "\n".join(text))


def _of_tables(wanted: Archive, tables: tuple[str, ...], *, beside: bool) -> Answer:
    looked = preflight(wanted, tables=tables, beside=beside)
    ahead = outlook(wanted, tables=tables, safety_backup=not beside)
    with terminal() as shown:
        seen = scope_preview(wanted, tables, progress=shown)
    values = {
        "id": wanted.pk,
        "restore": None,
        "target": protected_database(),
        "dry_run": True,
        "tables": len(seen.tables),
        "rows": sum(row.after or 0 for row in seen.rows),
        "seconds": None,
        "swap_ms": None,
        "undo_until": None,
        "new_findings": [],
        "known_findings": [],
        "live": seen.live,
        "changes": [{"table": row.table, "now": row.now, "after": row.after} for row in seen.rows],
        "may_go": looked.may_go,
        "preflight": [check_values(check) for check in looked.checks],
        "rewrites": rewrite_values(looked),
        "scope": scope_values(seen),
        **outlook_values(ahead),
    }
    text = [
        "Nothing was changed. This is what would happen:",
        scope_text(wanted, seen, beside=beside),
        *([] if beside else outlook_lines(ahead)),
        "",
        *preflight_lines(looked),
        *rewrite_lines(looked),
    ]
    return Answer(values, "\n".join(text))


def preview_text(wanted: Archive, target: str | None, tables: tuple[str, ...] = ()) -> str:
    if target and tables:
        return f"Of {wanted.pk} the tables {', '.join(tables)} would become the database {target}."
    if target:
        return f"{wanted.pk} ({wanted.tables} tables, {wanted.rows} rows) would become the database {target}."
    preview = preview_restore(wanted)
    lines = [f"{wanted.pk} of {wanted.created:%Y-%m-%d %H:%M} UTC would replace {protected_database()}."]
    lines += [
        f"  {row.table}: {'unreadable' if row.unreadable else _count(row.now)} rows now, "
        f"{_count(row.after)} after"
        for row in preview.changed
    ]
    return "\n".join(lines if preview.changed else [*lines, "  Every table has as many rows as now."])


def _count(rows: int | None) -> str:
    return "no" if rows is None else str(rows)
