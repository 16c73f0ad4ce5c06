"""The switches of `manage.py restore` as one request."""

from __future__ import annotations

from typing import Any

from backups.models import Archive, Job
from backups.services.restore_request import request_restore


def requested(wanted: Archive, scope: str, tables: tuple[str, ...], options: dict[str, Any]) -> Job:
    return request_restore(
        wanted,
        requested_by=None,
        trigger="command",
        scope=scope,
        target=options["database"],
        into=options["into"] or "",
        tables=tables,
        beside=options["beside"],
        accept_dangling=options["accept_dangling"],
        accepted=[name.strip() for name in options["accept_findings"].split(",") if name.strip()],
        safety_backup=not options["no_safety_backup"],
        enable_events=options["enable_events"],
        fix_case=options["fix_case"],
    )
