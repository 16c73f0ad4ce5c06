"""A look at a page as it stands: it fits its window, axe finds nothing, and a picture where one is wanted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
# SCREENSHOTS=folder keeps a picture of everything that is looked at.
PICTURES = os.environ.get("SCREENSHOTS")


def look(page: Page, name: str) -> None:
    if PICTURES:
        folder = Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(fits), f"{name} is wider than its window"
    # A panel without a margin cuts off what does not fit into it, and the window does not notice.
    cut = "[...document.querySelectorAll('.panel-flush')].every((it) => it.scrollWidth <= it.clientWidth + 1)"
    assert page.evaluate(cut), f"{name} cuts something off"
    found = list(violations(page))
    assert not found, f"{name}: {found}"


def violations(page: Page) -> Iterator[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    for violation in found["violations"]:
        for node in violation["nodes"]:
            yield f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
