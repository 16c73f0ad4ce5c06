"""What a restore would change, and how long it would take, learnt from this system's own drills."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Q

from backups.engine import pipeline
from backups.engine.errors import BackupError
from backups.models import Archive, Proof, Restore

from .connections import protected_database, read_server
from .restore import RestorePreview, preview_restore

LEARNT_FROM = 5


@dataclass(frozen=True, slots=True)
class Outlook:
    """`newest_at` is when live was last written to, as far as its rows tell; None where nothing does.

    `seconds` and `interruption_ms` are None as long as nothing was learnt.
    """

    preview: RestorePreview
    since: datetime
    newest_at: datetime | None
    newest_table: str
    seconds: float | None
    learnt_from: int
    interruption_ms: int | None

    @property
    def loses_rows(self) -> bool:
        return any(row.lost for row in self.preview.rows)


def outlook(
    archive: Archive,
    *,
    target: str | None = None,
    tables: Collection[str] = (),
    safety_backup: bool = True,
) -> Outlook:
    """Over the live database or, with `target`, beside it; of all tables or of these. Nothing is changed."""
    preview = preview_restore(archive, tables)
    over_live = not target or target == protected_database()
    newest = _newest() if over_live and preview.live == "up" else None
    seconds, learnt_from = expected_seconds(archive)
    if seconds is not None and tables:
        seconds *= _share(archive, preview)
    if seconds is not None and over_live and safety_backup and preview.live == "up":
        seconds += _safety_seconds(archive)
    return Outlook(
        preview,
        archive.created,
        newest.written if newest else None,
        newest.table if newest else "",
        seconds,
        learnt_from,
        expected_interruption() if over_live else None,
    )


def _share(archive: Archive, preview: RestorePreview) -> float:
    chosen = sum(row.after or 0 for row in preview.rows)
    return chosen / archive.rows if archive.rows else 1.0


def expected_seconds(archive: Archive) -> tuple[float | None, int]:
    """(seconds, from how many proofs): a proof loads and compares all that a restore does."""
    own = [proof.seconds for proof in archive.proofs.filter(equal=True)[:LEARNT_FROM]]
    if own:
        return median(own), len(own)
    ours = Q(archive__database__iexact=archive.database, equal=True, rows__gt=0)
    a_row = [proof.seconds / proof.rows for proof in Proof.objects.filter(ours)[:LEARNT_FROM]]
    return (median(a_row) * archive.rows, len(a_row)) if a_row else (None, 0)


def expected_interruption() -> int | None:
    """The longest of the last change-overs, in milliseconds: nobody complains of less."""
    swaps = Restore.objects.filter(target__iexact=protected_database(), swap_ms__isnull=False)
    longest = [took for took in swaps.values_list("swap_ms", flat=True)[:LEARNT_FROM] if took is not None]
    return max(longest, default=None)


def _safety_seconds(archive: Archive) -> float:
    newest = Archive.objects.filter(database__iexact=archive.database).first()
    return newest.seconds if newest else 0.0


def _newest() -> pipeline.NewestRow | None:
    try:
        return pipeline.newest_row(read_server(), database=protected_database())
    except BackupError:
        return None
