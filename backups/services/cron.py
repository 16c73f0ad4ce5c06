"""Five fields of cron as times on the wall clock, and in plain words what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby, islice, pairwise

from croniter import CroniterBadDateError, CroniterError, croniter

from backups.engine.errors import BackupError, gettext_noop

# What several crons understand alike; croniter's own (random, hashed, seconds) would move from look to look.
FIELDS = re.compile(
    r"[\d*/,-]+ [\d*/,-]+ (?:[\d*/,-]|L\b)+ "
    r"(?:[\d*/,-]|\b(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\b)+ "
    r"(?:[\d*/,#L-]|\b(?:SUN|MON|TUE|WED|THU|FRI|SAT)\b)+",
    re.IGNORECASE,
)
CLOSEST = timedelta(minutes=5)
# Enough for each minute and hour of more than a day to be seen.
LOOKED_AT = 400
# 29 February may be eight years away.
YEARS = 9
MIDNIGHT = time()
ANY_DAY = date(2027, 1, 1)


class CronInvalid(BackupError):
    code = "cron_invalid"
    sentence = gettext_noop(
        "That is not a cron line of five fields: minute, hour, day, month, weekday; for example 0 2 * * 1-5."
    )


class CronNever(BackupError):
    code = "cron_never"
    sentence = gettext_noop("There is no such day, so it would never run.")


class CronTooOften(BackupError):
    code = "cron_too_often"
    sentence = gettext_noop("That is more often than every 5 minutes, which no backup keeps up with.")


def tidy(line: str) -> str:
    return " ".join(line.split()).upper()


def check(line: str) -> None:
    if not FIELDS.fullmatch(tidy(line)):
        raise CronInvalid
    times = islice(_forward(line, datetime.combine(ANY_DAY, MIDNIGHT)), LOOKED_AT)
    if any(later - earlier < CLOSEST for earlier, later in pairwise(times)):
        raise CronTooOften


def runs_every_hour(line: str) -> bool:
    return line.split()[1] in ("*", "*/1")


def days_from(line: str, first: date) -> Iterator[tuple[date, tuple[time, ...]]]:
    """Each day with its times, from `first` on."""
    # `get_next` leaves out the moment it starts from.
    start = datetime.combine(first, MIDNIGHT) - timedelta(minutes=1)
    for day, times in groupby(_forward(line, start), key=datetime.date):
        yield day, tuple(sorted(moment.time() for moment in times))


def days_back(line: str, last: date) -> Iterator[tuple[date, tuple[time, ...]]]:
    start = datetime.combine(last, MIDNIGHT) + timedelta(days=1)
    for day, times in groupby(_back(line, start), key=datetime.date):
        yield day, tuple(sorted(moment.time() for moment in times))


def _forward(line: str, start: datetime) -> Iterator[datetime]:
    return _moments(line, start, "get_next")


def _back(line: str, start: datetime) -> Iterator[datetime]:
    return _moments(line, start, "get_prev")


def _moments(line: str, start: datetime, step: str) -> Iterator[datetime]:
    try:
        moments = croniter(tidy(line), start, max_years_between_matches=YEARS)
        while True:
            yield getattr(moments, step)(datetime)
    except CroniterBadDateError:
        raise CronNever from None
    except (CroniterError, ValueError):
        raise CronInvalid from None
