"""Every page there is, with the rows that it needs; one list for axe, for the pictures and for the crawl."""

from __future__ import annotations

from tests.browser.places import (
    approvals,
    archives,
    factors,
    home,
    incidents,
    jobs,
    keeping,
    people,
    refused,
    restores,
    trust,
)
from tests.browser.places.place import Place

__all__ = ["PLACES", "Place"]

AREAS = (home, archives, jobs, restores, keeping, trust, incidents, people, factors, approvals, refused)
PLACES: tuple[Place, ...] = tuple(place for area in AREAS for place in area.PLACES)
