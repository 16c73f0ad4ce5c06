"""What is written into the log, and how: each line names the job that it speaks of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

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


def configured(*, as_json: bool) -> dict[str, Any]:
    """The setting LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"job": {"()": "qparkin_backup.logs.NameTheJob"}},
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "{asctime}{levelname}{name}{message}{job}",
                "style": "{",
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            },
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "line",
                "filters": ["job"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "backups": {"level": "INFO"},
            "django-q": {"level": "WARNING"},
            # It writes addresses into its lines, and with them tokens.
            "apprise": {"level": "CRITICAL", "propagate": False},
        },
    }
