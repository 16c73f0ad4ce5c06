"""Each line of the log names the job that it speaks of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_job: ContextVar[str] = ContextVar("job", default="")


@contextmanager
def named_in_the_log(job: object) -> Iterator[None]:
    before = _job.set(str(job))
    try:
        yield
    finally:
        _job.reset(before)


class NameTheJob(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.job = _job.get()
        return True
