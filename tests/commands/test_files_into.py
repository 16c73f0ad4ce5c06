"""`restore --files --into` with the real command: whatever a folder may hold, whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.engine.folders import state_of
from tests.installation import Installation

SECOND = 1_700_000_000
MEGABYTE = 1024 * 1024


@pytest.fixture
def uploads(installation: Installation) -> Path:
    """Holes, links of all kinds, permissions, times, and names that are not text."""
    folder = installation.folder / "qparkin" / "unggahan"
    (folder / "bukti" / "kosong").mkdir(parents=True)
    (folder / "bukti" / "1.pdf").write_bytes(os.urandom(300_000))
    (folder / "rahasia.txt").write_text("hanya kami")
    (folder / "rahasia.txt").chmod(0o640)
    with (folder / "berlubang.img").open("wb") as sparse:
        sparse.write(b"awal")
        sparse.seek(64 * MEGABYTE)
        sparse.write(b"akhir")
    (folder / "tertaut.pdf").hardlink_to(folder / "bukti" / "1.pdf")
    (folder / "ke-luar").symlink_to("/etc/passwd")
    (folder / "putus").symlink_to("tidak ada")
    Path(os.fsdecode(os.fsencode(folder) + b"/nama\xff 'aneh'\n")).write_text("x")
    for number, path in enumerate(sorted(folder.rglob("*"), reverse=True)):
        os.utime(path, ns=(0, SECOND * 10**9 + number * 1001), follow_symlinks=False)
    (folder / "bukti").chmod(0o2750)
    with installation.env_file.open("a") as settings:
        settings.write(f"QPARKIN_FILES={folder}\n")
    return folder


def test_all_of_it_comes_into_the_new_folder_and_live_stays(
    installation: Installation, uploads: Path
) -> None:
    installation.json("backup")
    kept = state_of(uploads)
    shutil.rmtree(uploads / "bukti")
    (uploads / "baru.txt").write_text("setelahnya")
    live, control = state_of(uploads), installation.database.rows("SELECT COUNT(*) FROM tiket")
    into = installation.folder / "periksa"
    planned = installation.json("restore", "latest", "--files", "--into", str(into), "--dry-run")
    assert planned["may_go"]
    assert not into.exists()
    done = installation.json("restore", "latest", "--files", "--into", str(into))
    ((_, place),) = done["places"]
    restored = Path(place)
    assert restored.is_relative_to(into)
    assert (state_of(restored), state_of(uploads)) == (kept, live)
    sparse = (restored / "berlubang.img").stat()
    assert (sparse.st_size, sparse.st_blocks * 512 < MEGABYTE) == (64 * MEGABYTE + 5, True)
    assert (restored / "tertaut.pdf").samefile(restored / "bukti" / "1.pdf")
    assert (restored / "ke-luar").readlink() == Path("/etc/passwd")
    assert installation.database.rows("SELECT COUNT(*) FROM tiket") == control
    # Nothing was replaced, so there is nothing to undo and no safety backup.
    assert (done["undo_until"], done["safety_archive"]) == (None, None)
    undo = installation.manage("undo_restore", done["restore"], "--yes", "--json")
    assert (undo.status, undo.json["code"]) == (1, "undo_impossible")


def test_where_something_lies_already_nothing_is_put(installation: Installation, uploads: Path) -> None:
    installation.json("backup")
    into = installation.folder / "penuh"
    into.mkdir()
    (into / "milik-orang").write_text("ini")
    refused = installation.manage("restore", "latest", "--files", "--into", str(into), "--json")
    assert (refused.status, refused.json["code"]) == (1, "folder_unfit")
    assert [path.name for path in into.iterdir()] == ["milik-orang"]


def test_a_damaged_archive_leaves_the_folder_empty(installation: Installation, uploads: Path) -> None:
    archive = Path(installation.json("backup")["archive"])
    content = bytearray(archive.read_bytes())
    place = content.index(b"files/0001-unggahan/") + 2000
    content[place] ^= 1
    archive.write_bytes(content)
    into = installation.folder / "periksa"
    refused = installation.manage("restore", "latest", "--files", "--into", str(into), "--json")
    assert refused.status == 3
    assert not into.exists() or list(into.iterdir()) == []


def test_undo_of_files_says_what_was_uploaded_since(installation: Installation, uploads: Path) -> None:
    installation.json("backup")
    (uploads / "rahasia.txt").unlink()
    before = state_of(uploads)
    restored = installation.json("restore", "latest", "--files", "--yes")
    (uploads / "baru.txt").write_text("setelah pemulihan")
    ahead = installation.manage("undo_restore", "latest", "--dry-run")
    assert ahead.status == 0, ahead
    assert "baru.txt" in ahead.out or "1 file" in ahead.out, ahead.out
    assert (uploads / "baru.txt").exists()
    installation.json("undo_restore", restored["restore"], "--yes")
    assert state_of(uploads) == before
