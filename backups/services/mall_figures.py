"""What of each mall is in an archive: counted in the restored copy, when a drill has it in its hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

# Of QParkIn's tables; a booking and a payment belong to the mall of their transaction.
# The answers: the mall, how many, the newest.
FIGURES = {
    "transactions": "SELECT id_mall, COUNT(*), MAX(waktu_masuk) FROM transaksi_parkir GROUP BY id_mall",
    "bookings": (
        "SELECT t.id_mall, COUNT(*), MAX(b.dibooking_pada) FROM booking b "
        "JOIN transaksi_parkir t ON t.id_transaksi = b.id_transaksi GROUP BY t.id_mall"
    ),
    "payments": (
        "SELECT t.id_mall, COUNT(*), MAX(p.waktu_bayar) FROM pembayaran p "
        "JOIN transaksi_parkir t ON t.id_transaksi = p.id_transaksi GROUP BY t.id_mall"
    ),
}
# So that whoever is asked which mall somebody looks after need not know numbers.
NAMES = "names"
QUESTIONS = {**FIGURES, NAMES: "SELECT id_mall, nama_mall FROM mall"}
LONGEST_NAME = 100


def by_mall(answers: Mapping[str, Iterable[tuple[Any, ...]]]) -> dict[str, dict[str, Any]]:
    """By the mall's id: how many transactions, bookings and payments, the newest as ISO 8601, its name."""
    if "transactions" not in answers:
        # Another application's database, or an archive of files alone.
        return {}
    found: dict[str, dict[str, Any]] = {}
    for mall, called in answers.get(NAMES, ()):
        found[str(mall)] = {**_nothing(), "name": str(called or "")[:LONGEST_NAME]}
    for name in FIGURES.keys() & answers.keys():
        for mall, count, newest in answers[name]:
            if mall is None:
                continue
            told = found.setdefault(str(mall), _nothing())
            told[name] = int(count)
            told["newest"] = max(filter(None, (told["newest"], _iso(newest))), default=None)
    return found


def _nothing() -> dict[str, Any]:
    return {**dict.fromkeys(FIGURES, 0), "newest": None}


def _iso(moment: object) -> str | None:
    """QParkIn keeps the wall clock of its malls; a date of zeros says nothing."""
    try:
        return datetime.fromisoformat(str(moment)).isoformat(sep=" ", timespec="seconds")
    except ValueError:
        return None
