"""Makes docs/reliability.md from runs of the faults: a plugin of pytest, loaded by `bin/test --faults`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.faults.elsewhere import ELSEWHERE

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- table -->", "<!-- end of the table -->"
HEAD = "| fault | what holds besides | cases | run | result | test |\n|---|---|---|---|---|---|"
PROPERTY = "fault"


@dataclass
class Row:
    section: str
    what: str
    rule: str
    test: str
    run: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)

    @property
    def result(self) -> str:
        found = set(self.outcomes.values())
        return "**fails**" if "failed" in found else "not run" if "skipped" in found else "holds"

    @property
    def link(self) -> str:
        file, _, name = self.test.partition("::")
        return f"[{name}](../{file}) |"

    @property
    def line(self) -> str:
        told = (self.what, self.rule, str(len(self.outcomes)), self.run, self.result)
        return f"| {' | '.join(told)} | {self.link}"


def row_of(item: pytest.Item) -> dict[str, str] | None:
    """What the table says of a test; None where it is about no fault."""
    test = item.nodeid.split("[")[0]
    run = "long" if item.get_closest_marker("slow") else "each"
    for fault in ELSEWHERE:
        if fault.test == test:
            return {
                "section": fault.section,
                "what": fault.what,
                "rule": fault.rule,
                "test": test,
                "run": run,
            }
    marker = item.get_closest_marker("fault")
    module = getattr(item, "module", None)
    if marker is None or module is None:
        return None
    return {
        "section": module.SECTION,
        "what": marker.kwargs["what"],
        "rule": marker.kwargs["rule"],
        "test": test,
        "run": run,
    }


class Table:
    """Filled test by test; written when all of them were run, by the process that hands out the work."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Row] = {}

    def note(self, found: Mapping[str, str], case: str, outcome: str) -> None:
        row = self.rows.setdefault((found["test"], found["what"]), Row(**found))
        if row.run != found["run"]:
            row.run = "each, some long"
        before = row.outcomes.get(case, "passed")
        row.outcomes[case] = outcome if before == "passed" else before

    def text(self, kept: Iterable[tuple[str, str]] = ()) -> str:
        """`kept` are (section, line) as an earlier run left them; of tests not run now they stay."""
        links = {row.link for row in self.rows.values()}
        others = [(section, line) for section, line in kept if not line.endswith(tuple(links))]
        return "\n".join(self._lines([*((row.section, row.line) for row in self.rows.values()), *others]))

    @staticmethod
    def _lines(found: list[tuple[str, str]]) -> Iterator[str]:
        for section in sorted({section for section, _ in found}):
            yield f"\n## {section}\n\n{HEAD}"
            yield from sorted(line for where, line in found if where == section)
        yield ""


TABLE = pytest.StashKey[Table]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = Table()


def pytest_itemcollected(item: pytest.Item) -> None:
    if found := row_of(item):
        # Properties travel with the report from the process that ran the test.
        item.user_properties.append((PROPERTY, found))


class Reporter:
    def __init__(self, table: Table) -> None:
        self.table = table

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties: dict[str, Any] = dict(report.user_properties)
        if PROPERTY in properties:
            self.table.note(properties[PROPERTY], report.nodeid, report.outcome)


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.pluginmanager.register(Reporter(session.config.stash[TABLE]))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return
    if session.config.option.collectonly:
        for item in session.items:
            for _, found in item.user_properties:
                session.config.stash[TABLE].note(found, item.nodeid, "passed")
        print(session.config.stash[TABLE].text())  # noqa: T201 - for the test of the committed page
    else:
        write(session.config.stash[TABLE].text(_rows(committed())))


def _rows(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in text.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("| ") and not HEAD.startswith(line):
            yield section, line


def write(table: str) -> None:
    head, _, rest = DOCUMENT.read_text().partition(BEGIN)
    _, _, tail = rest.partition(END)
    DOCUMENT.write_text(f"{head}{BEGIN}\n{table}\n{END}{tail}")


def committed() -> str:
    return DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0].strip()
