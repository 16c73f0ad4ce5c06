"""Folders of files there and back, and what a hostile archive with a good signature cannot do."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backups.engine import errors, pieces
from backups.engine.files import Told, pack_folder, refuse_missing
from backups.engine.stream import Silent
from tests.engine.folders import Hostile, Packed, hostile, packed, state_of, tree

ODD_NAMES = (
    b"baris\nbaru",
    b"\xff\xfebukan-utf8",
    b" ",
    b"-rf",
    b"'\"$(x)`",
    "\U0001f697".encode(),
    b"n" * 255,
)
MIB = 1024 * 1024


# --- what a hostile archive cannot do -------------------------------------------------------------


def through_a_link() -> Packed:
    made = hostile()
    made.add("keluar", "symlink", link="/tmp")
    made.add("keluar/jahat", "file", b"x")
    return made.pack()


def over_a_link() -> Packed:
    made = hostile()
    made.add("jahat", "symlink", link="../di-luar")
    made.add("jahat", "file", b"x")
    return made.pack()


def named(path: str, **values: object) -> Callable[[], Packed]:
    def make() -> Packed:
        made = hostile()
        made.add(path, "file", b"x", **values)
        return made.pack()

    return make


def linked(target: str) -> Callable[[], Packed]:
    def make() -> Packed:
        made = hostile()
        made.add("a", "symlink", link="/etc/passwd")
        made.add("kedua", "hardlink", link=target)
        return made.pack()

    return make


def twice() -> Packed:
    made = hostile()
    made.add("a", "file", b"x")
    made.add("a", "file", b"y")
    return made.pack()


def another_tar() -> Packed:
    """The tar that `tar` would read by hand says something else than the signed index."""
    made = hostile()
    other = Hostile()
    other.add("../jahat", "file", b"x")
    made.add("a", "file", b"x", tar=b"".join(other._tar))
    return made.pack()


def other_bytes() -> Packed:
    made = hostile()
    made.add("a", "file", b"x", sha256="0" * 64)
    return made.pack()


def more_than_it_says() -> Packed:
    made = hostile()
    made.add("a", "file", bytes(MIB))
    return made.pack(bytes=MIB - 1)


def more_entries_than_it_says() -> Packed:
    made = hostile()
    made.add("a", "file", b"x")
    return made.pack(entries=1)


def less_than_it_says() -> Packed:
    return hostile().pack(entries=2)


def something_behind_the_end() -> Packed:
    return hostile().pack(end=bytes(1024) + b"x" * 512)


def no_end() -> Packed:
    return hostile().pack(end=b"")


def no_top() -> Packed:
    made = Hostile()
    made.add("a", "file", b"x")
    return made.pack()


def a_second_top() -> Packed:
    made = hostile()
    made.add(".", "folder")
    return made.pack()


def a_bomb() -> Packed:
    """A piece that says it is larger than we cut them would be unpacked to see."""
    made = hostile().pack()
    return Packed(made.folder, made.members | {"t-000001": bytes(pieces.PIECE_BYTES + 1)})


HOSTILE = [
    through_a_link, over_a_link, twice, another_tar, other_bytes, more_than_it_says,
    more_entries_than_it_says, less_than_it_says, something_behind_the_end, no_end, no_top,
    a_second_top, a_bomb,
    named("../jahat"), named("/tmp/jahat"), named("a/../../jahat"), named("a//b"), named("./a"), named(""),
    named("a\0b"), named("tidak-ada/a"), named("\ud800", tar=b""),
    named("a", uid=2**40), named("a", mtime=2**70),
    linked("/etc/passwd"), linked("../../etc/passwd"), linked("a"), linked("tidak-ada"), linked("."),
]  # fmt: skip


@pytest.mark.parametrize("make", HOSTILE)
def test_a_hostile_archive_is_refused_and_writes_nothing_outside(
    make: Callable[[], Packed], tmp_path: Path
) -> None:
    beside = {path.name for path in Path("/tmp").glob("jahat*")}
    with pytest.raises(errors.FilesRefused):
        make().unpack(tmp_path / "dalam")
    assert {path.name for path in Path("/tmp").glob("jahat*")} == beside
    assert {path.name for path in tmp_path.iterdir()} == {"dalam"}
    assert not (tmp_path / "dalam" / "jahat").is_file()


@pytest.mark.parametrize("kind", ["device", "fifo", "FILE"])
def test_other_kinds_of_things_are_refused(kind: str, tmp_path: Path) -> None:
    made = hostile()
    made.add("a", "file")
    packed_up = made.pack()
    lines = packed_up.members["i-000001"].replace(b'"kind":"file"', f'"kind":"{kind}"'.encode())
    changed = _with_index(packed_up, lines)
    with pytest.raises(errors.FilesRefused):
        changed.unpack(tmp_path / "dalam")


def _with_index(made: Packed, lines: bytes) -> Packed:
    index = (replace(made.folder.index[0], bytes=len(lines), sha256=hashlib.sha256(lines).hexdigest()),)
    return Packed(replace(made.folder, index=index), made.members | {"i-000001": lines})


def test_files_come_back_without_the_right_to_run_as_somebody_else(tmp_path: Path) -> None:
    source = tmp_path / "sumber"
    source.mkdir()
    (source / "su").write_bytes(b"#!")
    (source / "su").chmod(0o6755)
    (source / "bersama").mkdir()
    (source / "bersama").chmod(0o3775)
    made = packed(source)
    made.unpack(tmp_path / "baru")
    assert oct((tmp_path / "baru" / "su").stat().st_mode)[-4:] == "0755"
    assert oct((tmp_path / "baru" / "bersama").stat().st_mode)[-4:] == "3775"
    assert made.differences(tmp_path / "baru") == ()


# --- what is there and back -----------------------------------------------------------------------


def test_a_folder_that_is_gone_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(errors.FolderMissing, match="hilang"):
        refuse_missing([str(tmp_path), str(tmp_path / "hilang")])
    (tmp_path / "berkas").touch()
    with pytest.raises(errors.FolderMissing, match="berkas"):
        refuse_missing([str(tmp_path / "berkas")])


def make_odd(folder: Path) -> None:
    """One of each that a folder of uploads may hold."""
    folder.mkdir()
    for name in ODD_NAMES:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(name)
    tree(folder, ["app/public/a.txt", "app/public/b.txt", "kosong/x"])
    (folder / "kosong" / "x").unlink()
    deep = folder
    for _ in range(20):
        deep = deep / ("d" * 120)
        deep.mkdir()
    (deep / "dasar").write_bytes(os.urandom(70_000))
    os.link(folder / "app/public/a.txt", folder / "kedua")
    os.link(folder / "app/public/a.txt", folder / "app/ketiga")
    (folder / "dalam").symlink_to("app/public/a.txt")
    (folder / "putus").symlink_to("tidak-ada")
    (folder / "app" / "public" / "b.txt").chmod(0o440)
    (folder / "app" / "public").chmod(0o550)
    os.utime(folder / "app" / "public" / "b.txt", ns=(5, 1_234_567_890_123_456_789))
    os.utime(folder / "dalam", ns=(5, -7_000_000_001), follow_symlinks=False)
    os.utime(folder / "app", ns=(5, 999))
    if not os.geteuid():
        os.chown(folder / "kosong", 12345, 54321)
        os.chown(folder / "putus", 12345, 54321, follow_symlinks=False)


def test_all_that_a_folder_holds_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Many pieces, so that entries and lines are cut anywhere.
    monkeypatch.setattr(pieces, "PIECE_BYTES", 1000)
    make_odd(tmp_path / "sumber")
    made = packed(tmp_path / "sumber")
    assert len(made.folder.chunks) > 70
    assert len(made.folder.index) > 5
    before = state_of(tmp_path / "sumber")
    made.unpack(tmp_path / "baru")
    assert state_of(tmp_path / "baru") == before
    assert made.differences(tmp_path / "baru") == ()
    assert made.told == ()


def test_the_chunks_together_are_one_tar_stream(tmp_path: Path) -> None:
    make_odd(tmp_path / "sumber")
    with (tmp_path / "sumber" / "lubang").open("wb") as file:
        file.truncate(50 * MIB)
        file.seek(30 * MIB)
        file.write(b"tengah")
    made = packed(tmp_path / "sumber")
    (tmp_path / "tangan").mkdir()
    command = ["tar", "-x", "-p", "-C", str(tmp_path / "tangan")]
    subprocess.run(command, input=made.stream, check=True, capture_output=True)
    assert state_of(tmp_path / "tangan") == state_of(tmp_path / "sumber")
    assert made.differences(tmp_path / "tangan") == ()


def test_holes_stay_holes(tmp_path: Path) -> None:
    """Ten gigabytes that are not there cost nothing, on either way."""
    (tmp_path / "sumber").mkdir()
    with (tmp_path / "sumber" / "disk.img").open("wb") as file:
        file.write(b"awal")
        file.seek(3 * 1024 * MIB)
        file.write(b"tengah")
        file.truncate(10 * 1024 * MIB)
    with (tmp_path / "sumber" / "kosong.img").open("wb") as file:
        file.truncate(10 * 1024 * MIB)
    made = packed(tmp_path / "sumber")
    assert made.folder.bytes < MIB
    made.unpack(tmp_path / "baru")
    copy = (tmp_path / "baru" / "disk.img").stat()
    assert (copy.st_size, copy.st_blocks * 512 < MIB) == (10 * 1024 * MIB, True)
    assert made.differences(tmp_path / "baru") == ()
    with (tmp_path / "baru" / "kosong.img").open("r+b") as file:
        file.seek(5 * 1024 * MIB)
        file.write(b"x")
    assert any("kosong.img: has bytes where" in line for line in made.differences(tmp_path / "baru"))


def test_links_are_kept_and_never_followed_and_what_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "rahasia").mkdir()
    (tmp_path / "rahasia" / "kunci").write_text("jangan-dibaca")
    source = tmp_path / "sumber"
    source.mkdir()
    (source / "keluar").symlink_to(tmp_path / "rahasia")
    (source / "naik").symlink_to("../rahasia/kunci")
    os.mkfifo(source / "pipa")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(source / "soket"))
        made = packed(source)
    assert b"jangan-dibaca" not in made.stream
    told = "\n".join(made.told)
    assert all(f"sumber/{name} " in told for name in ("keluar", "naik", "pipa", "soket"))
    made.unpack(tmp_path / "baru")
    assert (tmp_path / "baru" / "keluar").readlink() == tmp_path / "rahasia"
    assert sorted(path.name for path in (tmp_path / "baru").iterdir()) == ["keluar", "naik"]


def test_the_folder_itself_may_be_reached_by_a_link(tmp_path: Path) -> None:
    tree(tmp_path / "bersama", ["a"])
    (tmp_path / "storage").symlink_to("bersama")
    assert packed(tmp_path / "storage").folder.files == 1


def test_an_empty_folder_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "kosong").mkdir()
    made = packed(tmp_path / "kosong")
    assert any("is empty" in sentence for sentence in made.told)
    made.unpack(tmp_path / "baru")


class Meddling(Silent):
    """Changes the folder at the first look after something was read."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        self._meddle, self._done = meddle, False

    def advance(self, steps: int = 1) -> None:
        if not self._done:
            self._done = True
            self._meddle()


def test_a_file_that_changes_while_it_is_read_is_told_and_not_fatal(tmp_path: Path) -> None:
    source = tmp_path / "sumber"
    source.mkdir()
    big = source / "unggahan.bin"
    big.write_bytes(os.urandom(3 * MIB))
    made = packed(source, Meddling(lambda: os.truncate(big, MIB + 5)))
    assert [sentence for sentence in made.told if "unggahan.bin changed" in sentence]
    made.unpack(tmp_path / "baru")
    assert (tmp_path / "baru" / "unggahan.bin").stat().st_size == 3 * MIB


def test_files_that_vanish_while_others_are_read_are_told_and_not_fatal(tmp_path: Path) -> None:
    source = tmp_path / "sumber"
    tree(source, [f"berkas{number}" for number in range(50)])

    def vanish() -> None:
        for path in source.iterdir():
            path.unlink()

    made = packed(source, Meddling(vanish))
    assert made.folder.files + sum("vanished" in sentence for sentence in made.told) == 50
    assert 1 <= made.folder.files < 50
    made.unpack(tmp_path / "baru")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_fails_by_name(tmp_path: Path) -> None:
    tree(tmp_path / "sumber", ["tertutup"])
    (tmp_path / "sumber" / "tertutup").chmod(0)
    with pytest.raises(errors.FileUnreadable, match="tertutup"):
        packed(tmp_path / "sumber")


class Stop(Silent):
    def __init__(self, after: int) -> None:
        self._left = after

    def check(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise errors.Cancelled


def test_cancel_is_looked_at_within_one_large_file(tmp_path: Path) -> None:
    (tmp_path / "sumber").mkdir()
    (tmp_path / "sumber" / "besar").write_bytes(bytes(8 * MIB))
    made = packed(tmp_path / "sumber")
    with pytest.raises(errors.Cancelled):
        packed(tmp_path / "sumber", Stop(4))
    with pytest.raises(errors.Cancelled):
        made.unpack(tmp_path / "baru", Stop(3))


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    (tmp_path / "sumber").mkdir()
    (tmp_path / "sumber" / "besar").write_bytes(bytes(64 * MIB))
    made = packed(tmp_path / "sumber")
    tracemalloc.start()
    try:
        members: dict[str, int] = {}
        pack_folder(
            str(tmp_path / "sumber"), "m", pack=bytes, told=Told(), progress=Silent(),
            put=lambda name, content: members.__setitem__(name, len(content)),
        )  # fmt: skip
        made.unpack(tmp_path / "baru")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 24 * MIB


@pytest.mark.parametrize(
    "damage",
    [
        lambda at: (at / "app/a").write_text("lain"),
        lambda at: (at / "app/a").chmod(0o777),
        lambda at: os.utime(at / "app/a", ns=(1, 1)),
        lambda at: os.utime(at / "app", ns=(1, 1)),
        lambda at: (at / "app").chmod(0o700),
        lambda at: (at / "app/a").unlink(),
        lambda at: (at / "tambahan").touch(),
        lambda at: ((at / "tautan").unlink(), (at / "tautan").symlink_to("b")),
        lambda at: ((at / "kedua").unlink(), (at / "kedua").write_text("isi app/a\n")),
    ],
)
def test_any_difference_is_found(damage: Callable[[Path], object], tmp_path: Path) -> None:
    source = tmp_path / "sumber"
    tree(source, ["app/a"])
    (source / "tautan").symlink_to("app/a")
    os.link(source / "app/a", source / "kedua")
    made = packed(source)
    made.unpack(tmp_path / "baru")
    assert made.differences(tmp_path / "baru") == ()
    damage(tmp_path / "baru")
    assert made.differences(tmp_path / "baru") != ()
