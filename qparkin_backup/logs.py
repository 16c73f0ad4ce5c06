"""What is written into the log, and how: each line names the job that it speaks of."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.exceptions import PermissionDenied
from pythonjsonlogger.json import JsonFormatter

_job: ContextVar[str] = ContextVar("job", default="")
# What opens something. Django writes the address of what it refuses, also of a link that still holds.
OPENING = re.compile(r"(/(?:invitation|download|export)/)[^/\s'\"?#]+|(/badge/).+?(?=\.svg)")

# What ends a line, moves the cursor, or turns the order of letters round.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


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


class NoTraceOfARefusal(logging.Filter):
    """Where somebody was refused says nothing; whoever asks for it all night would fill the disk with it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = record.exc_text = None
        return True


def _visible(text: str) -> str:
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def without_links(line: str) -> str:
    return OPENING.sub(r"\1\2…", line)


class Line(logging.Formatter):
    """The whole line, with the exception and its chain below it and further in.

    What somebody sent may stand in either: it begins no line of the log, and moves no cursor.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return _visible(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        first, *below = without_links(super().format(record)).split("\n")
        return "\n".join([first, *(f"    {_visible(line)}" for line in below)])


class JsonLine(JsonFormatter):
    """Besides, whatever hangs on the record: of a refusal the request itself."""

    def format(self, record: logging.LogRecord) -> str:
        return without_links(super().format(record))


FORMATTERS: dict[str, Any] = {
    "line": {
        "()": "qparkin_backup.logs.Line",
        "format": "{asctime} {levelname} {name}: {message}",
        "style": "{",
    },
    "json": {
        "()": "qparkin_backup.logs.JsonLine",
        "format": "{asctime}{levelname}{name}{message}{job}",
        "style": "{",
        "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
    },
}


def configured(*, as_json: bool) -> dict[str, Any]:
    """The setting LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "job": {"()": "qparkin_backup.logs.NameTheJob"},
            "refusals": {"()": "qparkin_backup.logs.NoTraceOfARefusal"},
        },
        "formatters": FORMATTERS,
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "line",
                "filters": ["job", "refusals"],
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
