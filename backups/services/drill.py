"""Proving an archive: restored beside the live database, compared, tried, thrown away."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils import timezone

from backups.engine import pipeline
from backups.models import Archive, Job, Proof, User
from backups.models.job import Kind

from . import archives, jobs, keys, reaper, storages
from .connections import protected_database, restore_server
from .finished import Finished
from .watch import Watch


def request_drill(archive: Archive, *, requested_by: User | None, trigger: str, address: str = "") -> Job:
    archives.refuse_other(archive)
    return jobs.request(
        Kind.DRILL, requested_by=requested_by, trigger=trigger, archive=archive, address=address
    )


def run_drill(job: Job, progress: Watch) -> Finished:
    archive = archives.of(job)
    reaper.refuse_unsettled()
    made = pipeline.drill(
        storages.source(archive, keys.to_open()),
        server=restore_server(),
        database=protected_database(),
        progress=progress,
    )
    proof = record_proof(archive, job, made)
    audited = {"archive": archive.pk, "proven": proof.proven, "equal": proof.equal}
    return Finished(result=proof_result(proof), archive=archive, audited=audited)


def record_proof(archive: Archive, job: Job, made: pipeline.Proof) -> Proof:
    return Proof.objects.create(
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
    )


def findings_of(made: pipeline.Proof) -> dict[str, list[dict[str, Any]]]:
    return {
        "new_findings": [asdict(finding) for finding in made.works.new_findings],
        "known_findings": [asdict(finding) for finding in made.works.known_findings],
    }


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
    }
