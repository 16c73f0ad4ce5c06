"""Lived through, day by day: each copy is read in time, and no day is spent on reading alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from backups.services.reading_share import Lying, next_to_read

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 30


def lived(
    copies: dict[int, tuple[int, datetime]], days: int, *, grows: int = 0
) -> Iterator[tuple[int, int, int]]:
    """(the age in days of the oldest copy, bytes read that day, bytes of all) at the end of each day."""
    for day in range(days):
        now, read = START + timedelta(days=day), 0
        if grows:
            copies[1000 + day] = (grows, now)
        for _ in range(len(copies) + 1):
            lying = [Lying(pk, size, since) for pk, (size, since) in copies.items()]
            chosen = next_to_read(lying, now, days=DAYS, read_today=read)
            if chosen is None:
                break
            read += chosen.bytes
            copies[chosen.pk] = (chosen.bytes, now)
        oldest = max((now - since).days for _, since in copies.values())
        yield oldest, read, sum(size for size, _ in copies.values())


@pytest.mark.parametrize("sizes", [[100] * 40, [100] * 3, [100], [1] * 39 + [10_000], list(range(1, 200))])
@pytest.mark.parametrize("grows", [0, 100])
def test_each_copy_is_read_in_time_and_a_day_reads_little_more_than_its_share(
    sizes: list[int], grows: int
) -> None:
    copies = {pk: (size, START) for pk, size in enumerate(sizes)}
    for oldest, read, whole in lived(copies, 120, grows=grows):
        assert oldest <= DAYS
        largest = max(size for size, _ in copies.values())
        assert read < whole / (DAYS * 2 / 3) + largest


def test_what_nobody_read_for_a_year_is_made_up_for_within_days_and_not_in_one() -> None:
    copies = {pk: (100, START - timedelta(days=400 + pk)) for pk in range(60)}
    days = list(lived(copies, 30))
    assert days[0][1] <= 4 * 300 + 100
    assert days[6][0] <= DAYS


def test_the_oldest_first_and_none_that_was_read_lately() -> None:
    young = Lying(1, 10, START - timedelta(days=5))
    old, older = (Lying(pk, 10, START - timedelta(days=days)) for pk, days in ((2, 9), (3, 12)))
    assert next_to_read([young, old, older], START, days=DAYS, read_today=0) == older
    assert next_to_read([young], START, days=DAYS, read_today=0) is None
    assert next_to_read([], START, days=DAYS, read_today=0) is None
    assert next_to_read([young, old, older], START, days=DAYS, read_today=100) is None


def test_what_is_in_doubt_waits_for_no_share() -> None:
    doubted = Lying(1, 10, START, doubted=True)
    old = Lying(2, 10, START - timedelta(days=20))
    assert next_to_read([old, doubted], START, days=DAYS, read_today=10**9) == doubted
