"""Asking for a restore: of the database, of some tables, of files, of all; and once more without a copy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backups.engine.errors import NotInArchive, TableUnknown
from backups.models import Archive, Job, User
from backups.models.job import Kind, State

from . import acts, approvals, archives, folders, jobs
from .folders import DATABASE, EVERYTHING, FILES
from .refusals import NothingToRepeat, SafetyBackupFailed, Usage


def request_restore(  # noqa: PLR0913 - each is one switch of the form
    archive: Archive,
    *,
    requested_by: User | None,
    trigger: str,
    scope: str = DATABASE,
    target: str | None = None,
    into: str = "",
    tables: Iterable[str] = (),
    beside: bool = False,
    accepted: Iterable[str] = (),
    accept_dangling: bool = False,
    fix_case: bool = False,
    safety_backup: bool = True,
    enable_events: bool = False,
    reason: str = "",
    address: str = "",
) -> Job:
    """Over what is live; or into the new or empty database `target`, or files into the empty folder `into`.

    `scope` is database, files, or everything: both as one act with one undo. With `tables` only these;
    `beside` puts them into the live database under other names, and replaces none.
    """
    chosen = tuple(dict.fromkeys(tables))
    _refuse_nonsense(chosen, scope=scope, target=target, into=into, beside=beside)
    if not target and not into:
        archives.refuse_other(archive)
    if scope != DATABASE:
        refuse_without(archive, scope)
    refuse_unknown(archive, chosen)
    options = {
        "scope": scope,
        "target": target,
        "into": into,
        "tables": list(chosen),
        "beside": beside,
        "accept_dangling": accept_dangling,
        "accepted": sorted(accepted),
        "fix_case": fix_case,
        "safety_backup": safety_backup,
        "enable_events": enable_events,
        "reason": reason,
    }
    return _asked(archive, options, requested_by=requested_by, trigger=trigger, address=address)


def request_without_safety(failed: Job, *, requested_by: User | None, trigger: str, address: str = "") -> Job:
    """The same plan, without the safety backup at which it stopped. Pressed twice it is one restore."""
    stopped = failed.kind == Kind.RESTORE and failed.state == State.FAILED
    if not stopped or failed.error_code != SafetyBackupFailed.code or failed.archive is None:
        raise NothingToRepeat
    if not (failed.options.get("target") or failed.options.get("into")):
        archives.refuse_other(failed.archive)
    return _asked(
        failed.archive,
        {**acts.without_ticket(failed.options), "safety_backup": False},
        requested_by=requested_by,
        trigger=trigger,
        address=address,
        idempotency_key=f"without-safety-{failed.pk}",
    )


def _asked(
    archive: Archive,
    options: dict[str, Any],
    *,
    requested_by: User | None,
    trigger: str,
    address: str,
    idempotency_key: str | None = None,
) -> Job:
    with approvals.used(acts.restoring(archive, options), by=requested_by, address=address) as ticket:
        return jobs.request(
            Kind.RESTORE,
            requested_by=requested_by,
            trigger=trigger,
            archive=archive,
            options={**options, **ticket},
            address=address,
            idempotency_key=idempotency_key,
        )


def _refuse_nonsense(
    tables: tuple[str, ...], *, scope: str, target: str | None, into: str, beside: bool
) -> None:
    if beside and target:
        raise Usage(reason="--beside puts tables into the live database; leave out --database")
    if beside and not tables:
        raise Usage(reason="--beside needs the tables: --tables a,b")
    if into and scope != FILES:
        raise Usage(reason="--into is for files alone: --files --into FOLDER")
    if scope != DATABASE and (target or beside):
        raise Usage(
            reason="files go live, or with --files --into FOLDER beside; leave out --database and --beside"
        )
    if into:
        folders.refuse_tangled(into)


def refuse_unknown(archive: Archive, tables: Iterable[str]) -> None:
    """As far as the index knows, and before anything is done; the engine looks at the archive itself."""
    known = {str(table["name"]).casefold() for table in archive.table_rows}
    unknown = [name for name in tables if name.casefold() not in known]
    if known and unknown:
        raise TableUnknown(tables=", ".join(unknown))


def refuse_without(archive: Archive, scope: str) -> None:
    """Refuse to restore what the archive does not hold."""
    needed = {FILES: ("files",), DATABASE: ("database",), EVERYTHING: ("database", "files")}[scope]
    for part in needed:
        if part not in archive.content:
            raise NotInArchive(archive=archive.pk, what="the database" if part == DATABASE else part)
