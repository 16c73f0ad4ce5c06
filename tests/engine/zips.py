"""ZIPs that nobody packs by accident."""

from __future__ import annotations

from pathlib import Path

from backups.engine.archive import END, END64, LOCATOR


def all_directory(path: Path, size: int) -> Path:
    """Its end says that everything before it is the list of its files; on the disk it is a hole."""
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.seek(size)
        file.write(END64.pack(b"PK\6\6", END64.size - 12, 45, 45, 0, 0, 1, 1, size, 0))
        file.write(LOCATOR.pack(b"PK\6\7", 0, size, 1))
        file.write(END.pack(b"PK\5\6", 0, 0, 1, 1, 0xFFFFFFFF, 0, 0))
    return path
