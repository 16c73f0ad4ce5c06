from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from backups.templatetags import measures

NOON = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "value", "words"),
    [
        ("id", 0, "0 B"),
        ("id", 999, "999 B"),
        ("id", 1000, "1,0 kB"),
        ("id", 3_214_889, "3,2 MB"),
        ("en", 3_214_889, "3.2 MB"),
        ("id", 999_400, "999 kB"),
        ("id", 999_600, "1,0 MB"),
        ("en", 123_456_789_012, "123 GB"),
        ("en", 5_000_000_000_000_000, "5,000 TB"),
    ],
)
def test_a_size(language: str, value: int, words: str) -> None:
    with translation.override(language):
        assert measures.size(value) == words


def test_a_number_is_grouped_as_the_language_does() -> None:
    with translation.override("id"):
        assert measures.number(60093) == "60.093"
    with translation.override("en"):
        assert measures.number(60093) == "60,093"
    assert measures.number(None) == "–"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Asia/Jakarta", "22 Nov 2026 14.05 WIB"),
        ("Asia/Makassar", "22 Nov 2026 15.05 WITA"),
        ("Asia/Jayapura", "22 Nov 2026 16.05 WIT"),
    ],
)
def test_a_moment_names_its_zone(zone: str, words: str) -> None:
    with translation.override("id"), timezone.override(zone):
        shown = measures.moment(NOON)
        assert shown.replace("\N{NO-BREAK SPACE}", " ") == words
        # A line may end between the day and the time only.
        assert shown.count(" ") == 1


def test_a_clock_in_english() -> None:
    with translation.override("en"), timezone.override("Asia/Jakarta"):
        assert measures.clock(NOON) == "14:05\N{NO-BREAK SPACE}WIB"


@pytest.mark.parametrize(
    ("seconds", "indonesian", "english"),
    [
        (0, "baru saja", "just now"),
        (100, "2 menit yang lalu", "2 minutes ago"),
        (3 * 3600, "3 jam yang lalu", "3 hours ago"),
        (-3 * 3600, "3 jam lagi", "in 3 hours"),
        (-10, "sebentar lagi", "in a moment"),
        (60, "1 menit yang lalu", "1 minute ago"),
        (35 * 3600, "35 jam yang lalu", "35 hours ago"),
        (49 * 3600, "2 hari yang lalu", "2 days ago"),
    ],
)
def test_how_long_ago(seconds: int, indonesian: str, english: str) -> None:
    then = NOON - timedelta(seconds=seconds)
    with translation.override("id"):
        assert measures.ago(then, NOON) == indonesian
    with translation.override("en"):
        assert measures.ago(then, NOON) == english


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "kurang dari satu detik"),
        (9.4, "9 detik"),
        (61, "1 menit 1 detik"),
        (370, "6 menit 10 detik"),
        (7800, "2 jam 10 menit"),
        (90_061, "1 hari 1 jam"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, words: str) -> None:
    with translation.override("id"):
        assert measures.duration(seconds) == words


def test_a_moment_that_should_be_short_is_said_without_a_figure() -> None:
    with translation.override("id"):
        assert [measures.milliseconds(74.6), measures.milliseconds(3308)] == [
            "kurang dari satu detik",
            "3,3 detik",
        ]


def test_what_is_not_known_is_a_dash() -> None:
    assert [measures.size(None), measures.duration(None), measures.moment(None)] == ["–", "–", "–"]


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=4.2), "5 detik"),
        (timedelta(minutes=4, seconds=35), "5 menit"),
        (timedelta(hours=2, minutes=9, seconds=1), "2 jam 10 menit"),
        (timedelta(days=1, hours=2, minutes=1), "1 hari 3 jam"),
    ],
)
def test_what_is_said_to_be_the_most_is_never_less_than_it_is(
    past: timedelta, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    with translation.override("id"):
        assert measures.at_most(NOON - past) == words


def test_what_is_done_lies_never_ahead() -> None:
    now = timezone.now()
    with translation.override("id"):
        assert measures.done_ago(now - timedelta(hours=3)) == "3 jam yang lalu"
        assert measures.done_ago(None) == measures.ago(None)
        # The clock was wrong then, or is now.
        ahead = now + timedelta(days=26_663)
        assert measures.done_ago(ahead) == measures.moment(ahead)
