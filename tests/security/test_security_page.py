"""docs/security.md says nothing that is not there: its tests, its files, its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
CODE = re.compile(r"`([^`]+)`")
TEST = re.compile(r"[a-z0-9_]+(?:/[a-z0-9_]+)*/test_\w+(?:::test_\w+)?")
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)+\.\w+")
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; those of level 3 come after them.
SECTIONS = """
    1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1
    4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2
    7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2
    10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5
    14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the table below a heading."""
    below = PAGE.split(f"\n## {heading}", 1)[1].split("\n## ")[0]
    for line in below.splitlines():
        if line.startswith("| ") and not line.startswith(("| no |", "| attacker |", "| found |")):
            yield [cell.strip() for cell in line.strip("|").split(" |")]


def test_every_requirement_of_both_levels_has_its_line() -> None:
    sections = [part.split(":") for part in SECTIONS.split()]
    wanted = [f"{section}.{one}" for section, many in sections for one in range(1, int(many) + 1)]
    assert [cells[0] for cells in rows("OWASP")] == wanted
    assert len(wanted) == 253


def test_each_line_is_decided_and_what_is_missing_is_said() -> None:
    for number, _, state, where, test in rows("OWASP"):
        assert state in {"met", "partly", "not", "n/a"}, number
        assert where or test or state in {"met", "n/a"}, number


def test_every_attacker_is_played_and_something_is_said_of_what_remains() -> None:
    attackers = list(rows("Who might attack"))
    assert len(attackers) >= 11
    for name, *cells in attackers:
        assert TEST.search(cells[1]), name
        assert all(cells), name


def test_what_is_named_is_there() -> None:
    named = CODE.findall(PAGE)
    missing = [name for name in named if not _is_there(name)]
    assert missing == []
    assert sum(bool(TEST.fullmatch(name)) for name in named) > 150


def _is_there(name: str) -> bool:
    if TEST.fullmatch(name):
        file, _, function = name.partition("::")
        path = ROOT / "tests" / f"{file}.py"
        return path.is_file() and (not function or f"def {function}(" in path.read_text())
    if FILE.fullmatch(name):
        return any((folder / name).is_file() for folder in (ROOT, ROOT / "backups"))
    return True
