"""A look at a page as it stands: it fits its window, axe finds nothing, and a picture where one is wanted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
# SCREENSHOTS=folder keeps a picture of everything that is looked at.
PICTURES = os.environ.get("SCREENSHOTS")

# Of radio buttons of one name Tab visits one, so they are not counted.
WITHIN_REACH = """[...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((it) =>
    !it.disabled && it.tabIndex >= 0 && it.checkVisibility({visibilityProperty: true})
    && it.type !== "radio" && it.type !== "hidden")"""
WHERE = """() => {
  const it = document.activeElement, seen = window.reachedByKeyboard ??= new Set();
  if (!it || it === document.body || it === document.documentElement) return [seen.size, true, ""];
  const style = getComputedStyle(it), room = it.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  seen.add(it);
  return [seen.size, (ring || style.boxShadow !== "none") && room.width > 0, it.outerHTML.slice(0, 120)];
}"""
ENOUGH, STOPS = 40, 6


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


def walk_by_keyboard(page: Page, name: str) -> None:
    """Tab reaches what can be used (of very many, the first), shows where it is, and is caught nowhere."""
    wanted = min(ENOUGH, page.evaluate(f"{WITHIN_REACH}.length"))
    reached, outside = 0, 0
    # A day and its time have a stop for each of their parts.
    for _ in range(STOPS * wanted):
        # A page that puts the keyboard into its first field is gone round twice.
        if reached >= wanted or outside == 2:
            break
        page.keyboard.press("Tab")
        reached, shows, what = page.evaluate(WHERE)
        assert shows, f"{name}: nobody sees that the keyboard is at {what}"
        outside += not what
    assert reached >= wanted, f"{name}: the keyboard reaches {reached} of {wanted}"


def violations(page: Page) -> Iterator[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    for violation in found["violations"]:
        for node in violation["nodes"]:
            yield f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
