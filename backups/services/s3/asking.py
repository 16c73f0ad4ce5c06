"""One bucket and how it is asked: again while that helps, and what fails in the end is explained."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from backups.services import job_log
from qparkin_backup.buckets import Bucket

from .client import client_of
from .explain import FAILURES, explained, is_passing
from .patience import Patience, current

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asking:
    place: Bucket
    patience: Patience = field(default_factory=current)
    log: job_log.JobLog | None = field(default_factory=job_log.current, repr=False, compare=False)

    @property
    def client(self) -> S3Client:
        return client_of(self.place)

    def key(self, name: str) -> str:
        return self.place.prefix + name

    def insist(self, ask: Callable[[], T], action: str, *, stop: threading.Event | None = None) -> T:
        """`action` is what a refusal is about; `stop` ends the waiting, not the request under way."""
        failures = 0
        while True:
            try:
                return ask()
            except FAILURES as error:
                failures += 1
                stopped = stop is not None and stop.is_set()
                if stopped or failures >= self.patience.attempts or not is_passing(error):
                    raise explained(error, place=self.place, action=action) from None
                if self.log is not None and failures == 1:
                    self.log.note("storage_again", storage=self.place.name)
            self.patience.wait(failures, stop)
