"""Archives, policies and moments that Hypothesis makes up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from backups.services.retention import Held, Policy, Purpose, Rules

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
RULES = Rules(zone=ZoneInfo("Asia/Jakarta"), at_once=10**6, keep_last=1)

DATABASE, FILES = frozenset({"database"}), frozenset({"files"})
CONTENTS = (DATABASE, FILES, DATABASE | FILES, frozenset[str]())

# A period that is switched off is where what never goes has to show.
counts = st.one_of(st.just(0), st.integers(0, 12))
policies = st.builds(Policy, counts, counts, counts, counts, st.integers(0, 4), st.none())
caps = st.integers(0, 4_000)
zones = st.sampled_from(["Asia/Jakarta", "Asia/Jayapura", "UTC", "America/New_York", "Europe/Berlin"])
rules = st.builds(
    Rules,
    zone=zones.map(ZoneInfo),
    undo_window=st.integers(0, 20).map(lambda days: timedelta(days=days)),
    at_once=st.just(10**6),
    keep_last=st.integers(-1, 4),
)


def day_by_day(count: int, *, now: datetime = NOW, prefix: str = "a", **values: object) -> list[Held]:
    """One a day, the newest first: a0 is of today."""
    made = Held(id="", created=now, bytes=100)
    return [
        replace(made, id=f"{prefix}{age}", created=now - timedelta(days=age), **values)  # type: ignore[arg-type]
        for age in range(count)
    ]


def held(number: int, age: timedelta, **values: object) -> Held:
    return replace(
        Held(id=f"x{number:03}", created=NOW - age, bytes=100),
        **values,  # type: ignore[arg-type]
    )


some = st.builds(
    lambda minutes, content, purpose, whole, proof, pin, lock, system, size: {
        "age": timedelta(minutes=minutes),
        "content": content,
        "purpose": purpose,
        "whole": whole,
        "proven": proof == "proven",
        "disproved": proof == "disproved",
        "pinned_until": None if pin is None else NOW + timedelta(days=pin),
        "retained_until": None if lock is None else NOW + timedelta(days=lock),
        "system": system,
        "bytes": size,
    },
    # Most of them within days of each other, some far back.
    st.one_of(st.integers(0, 20_000), st.integers(0, 500_000), st.integers(0, 3_000_000)),
    st.sampled_from(CONTENTS),
    st.sampled_from([*[Purpose.REGULAR] * 4, Purpose.SAFETY, Purpose.ADOPTED]),
    st.sampled_from([True, True, True, False]),
    st.sampled_from(["proven", "disproved", "", ""]),
    st.sampled_from([None, None, None, -3, 3]),
    st.sampled_from([None, None, None, -3, 3]),
    st.sampled_from(["qparkin", "qparkin", "qparkin2"]),
    st.integers(1, 400),
)


@st.composite
def storages(draw: st.DrawFn, most: int = 40) -> list[Held]:
    """What one storage may hold; a week of backups at its end, so that the clock is believed."""
    found = draw(st.lists(some, max_size=most))
    made = [held(number, **values) for number, values in enumerate(found)]
    return [*made, *day_by_day(draw(st.integers(7, 9)), prefix="recent", system="qparkin")] if found else made
