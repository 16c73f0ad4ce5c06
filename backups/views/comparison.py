"""Rows now and after, as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from backups.services.restore import PreviewRow, RestorePreview


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows now and after; those of a table that loses rows come first, the greatest loss before."""

    live: str
    changed: tuple[PreviewRow, ...]
    same: tuple[PreviewRow, ...]


def compared(preview: RestorePreview) -> Comparison:
    changed = sorted(preview.changed, key=lambda row: (-row.lost, row.table))
    same = tuple(row for row in preview.rows if not row.differs)
    return Comparison(preview.live, tuple(changed), same)
