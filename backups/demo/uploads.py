"""What people have uploaded to the demo's QParkIn: small pictures and papers, the same every time."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from backups.demo.home import Home

SIDE = 24
PAPER = (
    b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\n"
    b"%% Bukti pembayaran %d\ntrailer<</Root 1 0 R>>\n%%%%EOF\n"
)


def storage(home: Home) -> Path:
    """As Laravel has it; beside it lies nothing of the panel's own."""
    return home.folder / "qparkin" / "storage" / "app"


def make_uploads(home: Home, *, count: int = 20) -> None:
    """Once: later they belong to whoever tries things out."""
    folder = storage(home)
    if folder.parent.exists():
        return
    for name in ("public/foto-kendaraan", "private/bukti-bayar"):
        (folder / name).mkdir(parents=True)
    for number in range(1, count + 1):
        (folder / "public" / "foto-kendaraan" / f"{number:03}.png").write_bytes(_picture(number))
        (folder / "private" / "bukti-bayar" / f"{number:03}.pdf").write_bytes(PAPER % number)


def _picture(number: int) -> bytes:
    """A square of one colour, as a PNG."""
    colour = bytes((number * 37 % 256, number * 91 % 256, 241))
    rows = (b"\0" + colour * SIDE) * SIDE
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_part, parts))


def _part(part: tuple[bytes, bytes]) -> bytes:
    name, content = part
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
