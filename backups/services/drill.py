"""Proving an archive: restored beside the live database, compared, tried, thrown away."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from typing import Any

from django.utils import timezone

from backups.engine import pipeline
from backups.engine.database import Server
from backups.engine.errors import BackupError
from backups.engine.pipeline.in_turn import OF_THIS_COPY, gravest
from backups.models import Archive, Job, Proof, User
from backups.models.job import Kind, Trigger

from . import (
    archives,
    catalogue,
    certificate,
    folders,
    job_log,
    jobs,
    keys,
    mall_figures,
    reading,
    reaper,
    storages,
)
from .connections import drill_place, drill_server, drills_elsewhere, protected_database
from .finished import Finished
from .watch import Watch

# The gentlest: whatever else runs on this machine goes first.
NICE = 19


def request_drill(
    archive: Archive,
    *,
    requested_by: User | None,
    trigger: str,
    storage: str = "",
    address: str = "",
    idempotency_key: str | None = None,
) -> Job:
    """Of every copy, or of the one at `storage`."""
    archives.refuse_other(archive)
    if storage and storage not in {where.name for where, _ in storages.everywhere(archive)}:
        raise storages.unknown(storage)
    return jobs.request(
        Kind.DRILL,
        requested_by=requested_by,
        trigger=trigger,
        archive=archive,
        options={"storage": storage} if storage else {},
        idempotency_key=idempotency_key,
        address=address,
    )


def run_drill(job: Job, progress: Watch) -> Finished:
    archive = catalogue.learn(archives.of(job))
    # On another server a drill stands in nobody's way, also while the protected one is away.
    if archive.holds_database and not drills_elsewhere():
        reaper.refuse_unsettled()
    proof = _of_each_copy(archive, job, progress)
    audited = {"archive": archive.pk, "proven": proof.proven, "equal": proof.equal}
    return Finished(result=proof_result(proof), archive=archive, audited=audited)


def _of_each_copy(archive: Archive, job: Job, progress: Watch) -> Proof:
    """Fetched from each storage that holds it; returns the first proof that fails, or else the last one.

    A proof says of which copy it is, so nothing is mixed: what one copy does not give, the next one proves.
    """
    proofs: list[Proof] = []
    problems: list[BackupError] = []
    with _gently(job) as server:
        if drills_elsewhere() and archive.holds_database:
            # What a drill left there when its worker died; of work that goes on the server holds a lock.
            pipeline.recover(server, database=protected_database())
        for storage, name in storages.asked_for(archive, job.options.get("storage", "")):
            source = pipeline.Source(storage, name, archive.pk, keys.to_open(), digest=archive.seal_digest)
            job_log.note("from_storage", storage=storage.name)
            try:
                made = _drilled(source, archive, server, progress)
            except OF_THIS_COPY as problem:
                reading.pass_over(archive, storage.name, problem)
                problems.append(problem)
                continue
            proofs.append(record_proof(archive, job, made, storage=storage.name, server=drill_place()))
    if not proofs:
        raise gravest(problems)
    return next((proof for proof in proofs if not proof.proven), proofs[-1])


def _drilled(source: pipeline.Source, archive: Archive, server: Server, progress: Watch) -> pipeline.Proof:
    return pipeline.drill_with_files(
        source,
        server=server if archive.holds_database else None,
        database=protected_database(),
        folders=folders.configured(),
        scratch=folders.scratch_for(archive),
        progress=progress,
        trial=pipeline.Trial(drills_elsewhere(), mall_figures.QUESTIONS),
    )


@contextmanager
def _gently(job: Job) -> Iterator[Server]:
    """Nobody waits for a drill that the clock asked for: one session, and last in line for the processor."""
    server = drill_server()
    if job.trigger != Trigger.SCHEDULE:
        yield server
        return
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    try:
        yield replace(server, connections=1)
    finally:
        # Only root may; any other worker's process ends with this job.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, before)


def record_proof(
    archive: Archive, job: Job, made: pipeline.Proof, *, storage: str = "", server: str = ""
) -> Proof:
    proof = Proof(
        archive=archive,
        job=job,
        made_at=timezone.now(),
        proven=made.proven,
        equal=made.equal,
        differences=list(made.differences),
        **findings_of(made),
        not_exercised=[asdict(item) for item in made.works.not_exercised],
        tables=made.tables,
        rows=made.rows,
        seconds=made.seconds,
        server_version=made.server_version,
        table_rows=[list(row) for row in made.table_rows],
        phases=[[phase, round(seconds, 3)] for phase, seconds in made.phases],
        storage=storage,
        server=server,
        mall_figures=mall_figures.by_mall(made.answers),
    )
    proof.statement = certificate.sign(proof)
    proof.save()
    return proof


def findings_of(made: pipeline.Proof) -> dict[str, list[dict[str, Any]]]:
    there = {table.casefold(): table for table, _ in made.table_rows}
    return {
        "new_findings": [told(finding, there) for finding in made.works.new_findings],
        "known_findings": [told(finding, there) for finding in made.works.known_findings],
    }


def told(finding: Any, there: Mapping[str, str]) -> dict[str, Any]:
    """With `meant`: the tables as they are really called, where only the spelling differs."""
    words = asdict(finding)
    if finding.cause == "missing_table":
        named = finding.detail.split(", ")
        words["meant"] = [[name, there[name.casefold()]] for name in named if name.casefold() in there]
    return words


def proof_result(proof: Proof) -> dict[str, Any]:
    return {
        "id": proof.archive_id,
        "proven": proof.proven,
        "equal": proof.equal,
        "works": proof.works,
        "new_findings": proof.new_findings,
        "known_findings": proof.known_findings,
        "not_exercised": proof.not_exercised,
        "differences": proof.differences,
        "tables": proof.tables,
        "rows": proof.rows,
        "seconds": round(proof.seconds, 3),
        "phases": dict(proof.phases),
        "storage": proof.storage,
        "server": proof.server,
    }
