"""The chart tells the same by its picture and by its table."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string

from backups.templatetags.chart import BASE, HEIGHT, TOP, Chart, Line, line_chart

DAY = date(2026, 11, 23)
MB = 1_000_000


def days(*values: int, begin: date = DAY) -> list[tuple[date, int]]:
    return [(begin + timedelta(days=step), value) for step, value in enumerate(values)]


def drawn(chart: Chart) -> str:
    return " ".join(render_to_string("_chart.html", line_chart(chart)).split())


def test_one_day_is_no_line() -> None:
    assert line_chart(Chart("x", [Line("a", days(3))])) == {"chart": None}
    assert line_chart(Chart("x", [Line("a", [])])) == {"chart": None}


def test_the_line_runs_from_edge_to_edge_and_the_highest_stays_inside() -> None:
    (path,) = line_chart(Chart("x", [Line("a", days(0, 5 * MB, 10 * MB))]))["paths"]  # type: ignore[misc]
    assert path.line.startswith(f"M0.0 {BASE - TOP}")
    assert " L500.0 " in path.line
    highest = float(path.line.rpartition(" ")[2])
    assert 0 <= highest < 60


@pytest.mark.parametrize("highest", [1, 7, 999, 1000, 1001, 3 * MB + 1, 999 * MB, 10**13 - 1, 10**15])
def test_levels_are_round_and_reach_over_everything(highest: int) -> None:
    levels = line_chart(Chart("x", [Line("a", days(0, highest))], say=str))["levels"]
    values = [int(level.words) for level in levels]  # type: ignore[attr-defined]
    assert values[-1] >= highest
    assert 1 <= len(values) <= 4
    assert all(
        str(value).rstrip("0") in {"1", "2", "25", "5", "4", "6", "3", "75", "15", "8"} for value in values
    )
    assert all(TOP <= level.at < BASE < HEIGHT for level in levels)  # type: ignore[attr-defined]


def test_nothing_at_all_is_drawn_flat() -> None:
    assert "M0.0 160" in drawn(Chart("x", [Line("a", days(0, 0, 0))]))


def test_a_near_limit_is_drawn_and_a_far_one_is_not() -> None:
    line = Line("a", days(1 * MB, 10 * MB))
    assert "chart-limit" in drawn(Chart("x", [line], limit=(20 * MB, "full: 20 MB")))
    assert "chart-limit" not in drawn(Chart("x", [line], limit=(900 * MB, "full")))


def test_what_is_reckoned_begins_where_what_was_ends() -> None:
    was, ahead = Line("was", days(1, 2, 3)), Line("will be", days(3, 4, 5, begin=DAY + timedelta(2)), "ahead")
    found = line_chart(Chart("x", [was, ahead]))
    assert found["today"].at == 50  # type: ignore[attr-defined]
    page = drawn(Chart("x", [was, ahead], say=str))
    assert "chart-line-ahead" in page
    assert "23 Nov 2026" in page
    assert '<td class="number">–</td>' in page


def test_the_table_of_a_year_is_short_and_has_both_ends() -> None:
    rows = line_chart(Chart("x", [Line("a", days(*range(365)))], say=str))["rows"]
    assert len(rows) <= 15  # type: ignore[arg-type]
    assert (rows[0][1], rows[-1][1]) == (["0"], ["364"])  # type: ignore[index]


@pytest.mark.parametrize("span", [1, 2, 5, 13, 40, 70, 71, 120, 365, 480])
def test_the_days_below_are_few_and_inside(span: int) -> None:
    marks = line_chart(Chart("x", [Line("a", [(DAY, 1), (DAY + timedelta(span), 2)])]))["marks"]
    assert 1 <= len(marks) <= 7  # type: ignore[arg-type]
    assert all(0 <= mark.at <= 100 for mark in marks)  # type: ignore[attr-defined]


def test_what_is_said_is_escaped_and_the_picture_has_a_name() -> None:
    page = drawn(Chart("<b>", [Line("<i>", days(1, 2))]))
    assert 'aria-label="&lt;b&gt;"' in page
    assert "<i>" not in page
