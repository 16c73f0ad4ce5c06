"""A dump from elsewhere: looked at in quarantine, and taken over as an archive of ours where wanted."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from backups.engine import pipeline
from backups.engine.errors import BackupError
from backups.engine.intake import Intake
from backups.engine.pipeline import Adoption, BackupOrder, ForeignDump, Inspected
from backups.models import Archive, Job, User
from backups.models.archive import ADOPTED
from backups.models.job import Kind

from . import backup, drill, incoming, jobs, keys, storages
from .connections import protected_database, read_server, restore_server
from .finished import Finished
from .refusals import InputMissing
from .watch import Watch

log = logging.getLogger(__name__)

# Whoever restores on a server that has no such account is told so, and can give the code to somebody.
NOBODY_HERE = "qparkin_adopted@localhost"


def request_inspect(
    path: Path, *, name: str, adopt: bool, requested_by: User | None, trigger: str, address: str = ""
) -> Job:
    """Looking writes nothing and waits for nobody; taking over writes an archive."""
    if not path.is_file():
        raise InputMissing(path=name, reason="there is no such file")
    return jobs.request(
        Kind.ADOPT if adopt else Kind.INSPECT,
        requested_by=requested_by,
        trigger=trigger,
        options={"file": str(path.absolute()), "name": name[:200]},
        address=address,
    )


def run_inspect(job: Job, progress: Watch) -> Finished:
    """What was uploaded stays for a while only where something of it can be taken over."""
    with incoming.gone_unless_kept(Path(job.options["file"])) as upload:
        found = pipeline.inspect_dump(_dump(job), adoption=None, progress=progress)
        upload.is_kept = bool(found.inventory.tables)
    return Finished(result=_result(job, found, None), audited=_audited(job, found))


def run_adopt(job: Job, progress: Watch) -> Finished:
    adoption = Adoption(lambda: _begun(job), storages.first(), keys.to_back_up(), _definer())
    with incoming.gone_unless_kept(Path(job.options["file"])):
        found = pipeline.inspect_dump(_dump(job), adoption=adoption, progress=progress)
        archive = backup.keep(found.made, job, progress=progress) if found.made else None
    audited = {**_audited(job, found), "archive": archive.pk if archive else None}
    return Finished(result=_result(job, found, archive), archive=archive, audited=audited)


def _begun(job: Job) -> BackupOrder:
    order = backup.new_order(ADOPTED, str(job.options["name"]))
    Job.objects.filter(pk=job.pk).update(archive_begun=order.archive)
    return order


def _dump(job: Job) -> ForeignDump:
    return ForeignDump(
        Path(job.options["file"]), str(job.options["name"]), protected_database(), case_rule=_case_rule()
    )


def _case_rule() -> int:
    """As the protected server has it, where the dump is to work; as on Linux where that one is away."""
    try:
        return pipeline.case_rule_of(read_server())
    except BackupError as error:
        log.warning("how the protected server takes names is not known: %s", error)
        return 0


def _definer() -> str:
    try:
        return pipeline.account_of(restore_server())
    except BackupError as error:
        log.warning("the account that restores is not known: %s", error)
        return NOBODY_HERE


def _audited(job: Job, found: Inspected) -> dict[str, Any]:
    return {"file": job.options["name"], "bytes": found.intake.plain_bytes, "loads": found.intake.loads}


def _result(job: Job, found: Inspected, archive: Archive | None) -> dict[str, Any]:
    inventory, works = found.inventory, found.works
    there = {name.casefold(): name for name, _ in found.rows}
    return {
        "file": job.options["name"],
        **_intake_result(found.intake),
        "tables": len(inventory.tables),
        "rows": sum(count for _, count in found.rows),
        "triggers": len(inventory.triggers),
        "views": len(inventory.views),
        "routines": len(inventory.routines),
        "events": len(inventory.events),
        "table_rows": [{"name": name, "rows": count} for name, count in found.rows],
        "findings": [drill.told(f, there) for f in (*works.new_findings, *works.known_findings)],
        "not_exercised": [asdict(item) for item in works.not_exercised],
        "adopted": archive.pk if archive else None,
        "seconds": round(found.seconds, 3),
    }


def _intake_result(intake: Intake) -> dict[str, Any]:
    first = intake.problems[0] if intake.problems else None
    return {
        "loads": intake.loads,
        "line": first.line if first else None,
        "error": first.told if first else None,
        "cut_off": intake.cut_off,
        "statements": intake.statements,
        "lost": [asdict(trouble) for trouble in intake.problems],
        "lost_count": intake.problem_count,
        "left_out": [asdict(trouble) for trouble in intake.left_out],
        "left_out_count": intake.left_out_count,
    }
