"""docs/never.md: every promise has tests, and every test that it names is there and runs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "never.md"
NAMED = re.compile(r"^\| \[(\w+)\]\(\.\./(tests/[\w/]+\.py)\) \| [^|]+ \|$", re.MULTILINE)
SWITCHED_OFF = {"skip", "skipif", "xfail"}
PROMISES = PAGE.read_text().split("\n## ")[1:]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda text: text.splitlines()[0])
def test_a_promise_names_tests_that_run(promise: str) -> None:
    named = NAMED.findall(promise)
    # A row that is written otherwise would go unseen.
    assert len(named) == promise.count("\n| [") >= 4
    for test, file in named:
        (found,) = (node for node in _functions(PAGE.parents[1] / file) if node.name == test)
        marks = {
            node.attr
            for mark in found.decorator_list
            for node in ast.walk(mark)
            if isinstance(node, ast.Attribute)
        }
        assert not marks & SWITCHED_OFF, test
        assert any(isinstance(node, ast.Assert | ast.With) for node in ast.walk(found)), test


def test_there_are_five() -> None:
    assert len(PROMISES) == 5


def _functions(file: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
