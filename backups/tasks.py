"""What the queue calls: fetch a job by its id, call a service."""

from __future__ import annotations

from backups.services import clock, work


def run_job(job_id: str) -> None:
    work.run_from_queue(job_id)


def tick() -> None:
    clock.tick()
