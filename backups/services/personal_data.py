"""Which tables of QParkIn hold data of people, and of what kind. For the report of an incident.

The panel never reads what is in them: only what they and their columns are called, and how many rows
the newest backup has of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from backups.models import Archive

# As in QParkIn's own database; PERSONAL_DATA_TABLES changes or adds single ones.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "user": ("name", "contact", "password"),
    "customer": ("contact",),
    "admin_mall": ("role",),
    "super_admin": ("role",),
    "kendaraan": ("plate",),
    "transaksi_parkir": ("movement",),
    "booking": ("movement",),
    "pembayaran": ("payment",),
    "riwayat_poin": ("points",),
    "notifikasi": ("message",),
    "sessions": ("device", "access"),
    "password_reset_tokens": ("contact", "access"),
    "personal_access_tokens": ("access",),
    "oauth_access_tokens": ("access",),
    "oauth_refresh_tokens": ("access",),
    "oauth_auth_codes": ("access",),
    "oauth_device_codes": ("access",),
    # What waits or has failed carries what it is about: an address, a name.
    "jobs": ("message",),
    "failed_jobs": ("message",),
}
KINDS = (
    "name", "contact", "identity", "address", "password", "role", "plate", "movement", "payment", "points",
    "message", "device", "access",
)  # fmt: skip
# One row for each person.
PEOPLE = "user"
# Nothing of people in them, so nobody need look.
NOBODY: tuple[str, ...] = (
    "mall", "gerbang", "parkiran", "tarif_parkir", "riwayat_gerbang", "migrations", "cache", "cache_locks",
    "job_batches", "oauth_clients",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holding:
    table: str
    rows: int
    kinds: tuple[str, ...]
    # Those by which it was recognised too; none where only the table's name said so.
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Touched:
    """`people` is an estimate; None where nobody can say. `unknown` are tables that nobody has told us of."""

    archive: Archive
    holdings: tuple[Holding, ...]
    people: int | None
    unknown: tuple[str, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in KINDS if any(kind in holding.kinds for holding in self.holdings))


def touched(archive: Archive | None) -> Touched | None:
    """By the rows of its newest proof where there is one: those were counted in what was restored."""
    rows = _rows(archive) if archive else {}
    if archive is None or not rows:
        return None
    known, columns = known_tables(), _columns(archive)
    told = {table.lower() for table in parse(settings.PERSONAL_DATA_TABLES)}
    seen = (
        _holding(table, rows[table], known.get(table.lower()), {} if table.lower() in told else columns)
        for table in sorted(rows, key=lambda table: -rows[table])
    )
    held = tuple(holding for holding in seen if holding.kinds)
    people = next((rows[table] for table in rows if table.lower() == PEOPLE), None)
    said = known.keys() | {holding.table.lower() for holding in held}
    unknown = tuple(sorted(table for table in rows if table.lower() not in said))
    return Touched(archive, held, people, unknown)


def _holding(
    table: str, rows: int, named: tuple[str, ...] | None, columns: Mapping[str, Mapping[str, str]]
) -> Holding:
    """What its name says and what its columns add; of one known to hold nothing, nothing."""
    if named == ():
        return Holding(table, rows, ())
    found = columns.get(table.lower(), {})
    kinds = {*(named or ()), *found.values()}
    return Holding(table, rows, tuple(kind for kind in KINDS if kind in kinds), tuple(found))


def _columns(archive: Archive) -> dict[str, dict[str, str]]:
    """As the archive's own schema names them; of archives that were noted before this was asked, none."""
    told = ((str(table["name"]).lower(), table.get("people") or {}) for table in archive.table_rows)
    return {name: {str(c): str(k) for c, k in people.items() if k in KINDS} for name, people in told}


def known_tables() -> Mapping[str, tuple[str, ...]]:
    """Names in small letters; without a kind, the table holds nothing of people."""
    told = {table.lower(): kinds for table, kinds in parse(settings.PERSONAL_DATA_TABLES).items()}
    return {**dict.fromkeys(NOBODY, ()), **KNOWN, **told}


def parse(lines: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`table=name+contact`, and `table=` for one that holds nothing of people; unknown kinds are left out."""
    pairs = [line.partition("=") for line in lines]
    return {
        table.strip(): tuple(kind for kind in kinds.split("+") if kind in KINDS)
        for table, _, kinds in pairs
        if table.strip()
    }


def _rows(archive: Archive) -> dict[str, int]:
    proof = archive.latest_proof
    if proof and proof.proven and proof.table_rows:
        return {str(table): int(rows) for table, rows in proof.table_rows}
    return {str(table["name"]): int(table["rows"]) for table in archive.table_rows}
