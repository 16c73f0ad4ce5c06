"""Restored folders become live at once and can change back; killed at any step, live is wholly old or new."""

from __future__ import annotations

import errno
import json
import os
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backups.engine import errors, exchange, folder_journal, folder_places, kernel
from backups.engine.folder_journal import FolderJournal
from tests.engine.folders import tree

MARK = "0123456789ab"
KILLED = 9
MOST_STEPS = 60


@pytest.fixture(params=["exchange", "two renames"])
def folders(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two live folders and one that is lost, each under its own parent."""
    if request.param == "two renames":
        monkeypatch.setattr(kernel, "exchange", lambda one, other: False)
    found = [tmp_path / "satu" / "app", tmp_path / "dua" / "publik", tmp_path / "tiga" / "hilang"]
    for folder in found:
        folder.parent.mkdir()
    for folder in found[:2]:
        tree(folder, ["lama"])
    return found


def build(act: exchange.Act) -> None:
    for spot in act.spots:
        tree(Path(os.fsdecode(act.built(spot))), ["baru"])


def restore(folders: list[Path], *, database: str = "") -> None:
    with begun(folders, database=database) as act:
        build(act)
        act.move_in()
        act.finish()


def begun(folders: list[Path], *, database: str = ""):  # type: ignore[no-untyped-def]
    return exchange.begun([str(folder) for folder in folders], mark=MARK, kind="restore", database=database)


def undo(folders: list[Path]) -> None:
    with exchange.resumed([str(folder) for folder in folders], MARK) as act:
        assert act is not None
        act.move_out()
        act.finish()


def recover(folders: list[Path], fate: str = "gone") -> exchange.Settled:
    return exchange.recover([str(folder) for folder in folders], fate=lambda database, mark: fate)


def live(folders: list[Path]) -> list[list[str]]:
    return [sorted(path.name for path in folder.iterdir()) if folder.exists() else [] for folder in folders]


def left(folders: list[Path]) -> set[str]:
    names = {path.name for folder in folders for path in folder.parent.iterdir()}
    return names - {folder.name for folder in folders}


OLD, NEW = [["lama"], ["lama"], []], [["baru"], ["baru"], ["baru"]]


def test_a_restore_and_its_undo(folders: list[Path]) -> None:
    restore(folders)
    assert live(folders) == NEW
    assert left(folders) == {f"app.before-{MARK}", f"publik.before-{MARK}", f".app.restore-{MARK}.journal"}
    undo(folders)
    assert live(folders) == OLD
    with exchange.resumed([str(folder) for folder in folders], MARK) as act:
        assert act is not None
        assert len(list(act.let_go())) == 3
    assert left(folders) == set()


def test_a_built_folder_that_fails_leaves_nothing(folders: list[Path]) -> None:
    def fail() -> None:
        with begun(folders) as act:
            build(act)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (live(folders), left(folders)) == (OLD, set())


def test_taken_back_after_it_was_live(folders: list[Path]) -> None:
    with begun(folders) as act:
        build(act)
        act.move_in()
        assert live(folders) == NEW
        assert act.take_back() == ()
    assert (live(folders), left(folders)) == (OLD, set())


@pytest.mark.parametrize("name", ["unggahan", "dalam/unggahan"])
def test_what_was_uploaded_while_it_was_live_is_kept(folders: list[Path], name: str) -> None:
    with begun(folders) as act:
        build(act)
        (Path(os.fsdecode(act.built(act.spots[0]))) / "dalam").mkdir()
        act.move_in()
        (folders[0] / name).write_text("baru saja")
        assert [Path(kept).name for kept in act.take_back()] == [f"app.undone-{MARK}"]
    assert live(folders) == OLD
    assert (folders[0].with_name(f"app.undone-{MARK}") / name).read_text() == "baru saja"


class Killer:
    """Counts every step that changes the disk, and dies before the n-th."""

    def __init__(self, step: int) -> None:
        self.step, self.count = step, 0

    def before(self, real: Callable[..., object]) -> Callable[..., object]:
        def stepped(*given: object, **named: object) -> object:
            self.count += 1
            if self.count == self.step:
                os._exit(KILLED)
            return real(*given, **named)

        return stepped


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do the work in a process that dies before its n-th step; False where it ended before."""
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, KILLED)
        return status == KILLED
    killer = Killer(step)
    kernel.exchange = killer.before(kernel.exchange)  # type: ignore[assignment]
    kernel.move = killer.before(kernel.move)  # type: ignore[assignment]
    folder_journal.append = killer.before(folder_journal.append)  # type: ignore[assignment]
    folder_places.shutil.rmtree = killer.before(folder_places.shutil.rmtree)  # type: ignore[assignment]
    FolderJournal.forget = killer.before(FolderJournal.forget)  # type: ignore[method-assign, assignment]
    try:
        work()
    except BaseException:  # noqa: BLE001 - a forked child must never return into the suite
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def steps() -> Iterator[int]:
    yield from range(1, MOST_STEPS)


def test_a_kill_at_any_step_of_a_restore_leaves_old_or_new(folders: list[Path]) -> None:
    seen = set()
    for step in steps():
        killed = killed_at(step, lambda: restore(folders))
        assert recover(folders).pending == ()
        assert live(folders) in (OLD, NEW), step
        seen.add(live(folders) == NEW)
        if live(folders) == NEW:
            undo(folders)
            assert live(folders) == OLD, step
            forget(folders)
        assert left(folders) == set(), step
        if not killed:
            break
    assert not killed
    assert seen == {True, False}


def test_a_kill_at_any_step_of_an_undo_leaves_old_or_new(folders: list[Path]) -> None:
    seen = set()
    for step in steps():
        restore(folders)
        killed = killed_at(step, lambda: undo(folders))
        assert recover(folders).pending == ()
        assert live(folders) in (OLD, NEW), step
        seen.add(live(folders) == NEW)
        if live(folders) == NEW:
            undo(folders)
        assert live(folders) == OLD
        forget(folders)
        if not killed:
            break
    assert not killed
    assert seen == {True, False}


@pytest.mark.parametrize(("fate", "wanted"), [("gone", OLD), ("restored", NEW)])
def test_what_goes_with_a_database_follows_it(
    folders: list[Path], fate: str, wanted: list[list[str]]
) -> None:
    for step in steps():
        killed = killed_at(step, lambda: restore(folders, database="qparkin"))
        if not killed:
            break
        moving = any(b'"moving"' in path.read_bytes() for path in journals(folders))
        recover(folders, fate)
        assert live(folders) == (wanted if moving else OLD), step
        forget(folders)
        undo_by_hand(folders)
    assert step > 4


def test_while_the_databases_fate_is_not_known_nothing_moves(folders: list[Path]) -> None:
    def unknown(database: str, mark: str) -> str:
        raise errors.ServerUnreachable(where="x")

    assert killed_at(4, lambda: restore(folders, database="qparkin"))
    before = live(folders), left(folders)
    found = exchange.recover([str(folder) for folder in folders], fate=unknown)
    assert (found.told, found.pending) == ((), (MARK,))
    assert (live(folders), left(folders)) == before


def test_recovery_itself_may_be_killed(folders: list[Path]) -> None:
    assert killed_at(4, lambda: restore(folders, database="qparkin"))
    for step in steps():
        if not killed_at(step, lambda: recover(folders)):
            break
    assert (live(folders), left(folders)) == (OLD, set())


def test_work_that_goes_on_is_left_alone(folders: list[Path]) -> None:
    with begun(folders) as act:
        build(act)
        assert recover(folders).told == ()
        act.move_in()
        act.finish()
    assert live(folders) == NEW


def test_a_line_that_was_cut_off_was_never_written(folders: list[Path]) -> None:
    assert killed_at(4, lambda: restore(folders))
    (journal,) = journals(folders)
    journal.write_bytes(journal.read_bytes() + b'{"step": "do')
    recover(folders)
    assert live(folders) == NEW
    forget(folders)
    journal.write_bytes(b'{"mark": ')
    assert recover(folders).pending == ()
    assert not journal.exists()


def test_somebody_elses_folder_is_never_moved(folders: list[Path]) -> None:
    with begun(folders[:1]) as act:
        build(act)
        folders[0].rename(folders[0].with_name("disimpan"))
        tree(folders[0], ["milik orang lain"])
        act.journal.note(folder_journal.Step("moving", (folder_journal.Move(1, 2),)))
        with pytest.raises(errors.FilesUnsettled, match="journal"):
            act.finish()
    assert live(folders[:1]) == [["milik orang lain"]]
    assert recover(folders).pending == (MARK,)


@pytest.mark.parametrize("spoil", ["parent", "file", "name"])
def test_what_could_not_be_finished_is_refused_before_anything(tmp_path: Path, spoil: str) -> None:
    folder = {
        "parent": tmp_path / "tidak-ada" / "app",
        "file": tmp_path / "app",
        "name": tmp_path / ("n" * 230),
    }[spoil]
    if spoil == "file":
        folder.touch()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(errors.FolderUnfit), begun([folder]):
        pass
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a link that belongs to somebody else")
@pytest.mark.parametrize("where", ["folder", "parent", "over another"])
def test_a_link_of_another_account_to_a_folder_of_ours_is_refused(tmp_path: Path, where: str) -> None:
    """The application may write beside its folders: its uploads shall not take the place of our keys."""
    keys = tmp_path / "keys" / "app"
    keys.parent.mkdir()
    tree(keys, ["rahasia"])
    link = tmp_path / "tautan"
    link.symlink_to(keys.parent if where == "parent" else keys)
    named = link / "app" if where == "parent" else link
    with begun([named]) as act:
        assert act.spots[0].path == os.fsencode(keys)
    os.chown(link, 65534, 65534, follow_symlinks=False)
    if where == "over another":
        named = tmp_path / "lagi"
        named.symlink_to(link)
    with pytest.raises(errors.FolderUnfit, match="another account"), begun([named]):
        pass
    assert live([keys]) == [["rahasia"]]


def test_a_mount_is_refused() -> None:
    for place in ("/proc", "/dev/shm"):
        with pytest.raises(errors.FolderUnfit, match="mounted"), begun([Path(place)]):
            pass


def journals(folders: list[Path]) -> list[Path]:
    return [path for folder in folders for path in folder.parent.glob(".*.journal")]


def forget(folders: list[Path]) -> None:
    with exchange.resumed([str(folder) for folder in folders], MARK) as act:
        if act is not None:
            list(act.let_go())


def undo_by_hand(folders: list[Path]) -> None:
    for folder, wanted in zip(folders, OLD, strict=True):
        folder_places.remove(os.fsencode(folder))
        if wanted:
            tree(folder, wanted)


def planted(folders: list[Path], content: bytes) -> Path:
    journal = folders[0].parent / ".app.restore-fedcba987654.journal"
    journal.write_bytes(content)
    journal.chmod(0o600)
    return journal


def test_a_journal_that_another_account_put_there_is_not_obeyed(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the application may write beside its folders; ours is the right to delete."""
    prey = tmp_path / "cadangan.restore-x"
    tree(prey, ["satu-satunya"])
    plan = {"mark": "x", "kind": "restore", "database": "", "folders": [str(tmp_path / "cadangan")]}
    journal = planted(folders, json.dumps(plan).encode() + b"\n")
    monkeypatch.setattr(os, "geteuid", lambda: journal.stat().st_uid + 1)
    assert recover(folders) == exchange.Settled((), ())
    assert [path.name for path in prey.iterdir()] == ["satu-satunya"]
    assert journal.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root opens what another account has written")
@pytest.mark.parametrize("honest", [True, False])
def test_root_takes_back_what_the_workers_account_restored_and_nothing_beyond(
    folders: list[Path], tmp_path: Path, honest: bool
) -> None:
    restore(folders)
    (journal,) = journals(folders)
    if not honest:
        journal.write_bytes(journal.read_bytes().replace(bytes(folders[1]), bytes(tmp_path / "kunci")))
    os.chown(journal, 65534, 65534)
    # By itself root does nothing there: whoever wrote it will.
    assert recover(folders) == exchange.Settled((), ())
    with exchange.resumed([str(folder) for folder in folders], MARK) as act:
        assert (act is not None) == honest
        if act is not None:
            act.move_out()
            act.finish()
    assert live(folders) == (OLD if honest else NEW)


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "open to all"])
def test_what_only_bears_the_name_of_a_journal_holds_nothing_up(folders: list[Path], kind: str) -> None:
    journal = planted(folders, b"")
    journal.chmod(0o666)
    if kind != "open to all":
        journal.unlink()
    if kind == "link":
        journal.symlink_to(folders[1])
    elif kind == "folder":
        journal.mkdir()
    elif kind == "pipe":
        os.mkfifo(journal)
    assert recover(folders) == exchange.Settled((), ())
    assert os.path.lexists(journal)
    restore(folders)
    assert live(folders) == NEW


def test_a_link_where_a_built_folder_should_be_is_not_followed(folders: list[Path], tmp_path: Path) -> None:
    prey = tmp_path / "milik-orang-lain"
    tree(prey, ["isi"])
    prey.chmod(0o755)
    link = tmp_path / "tautan"
    link.symlink_to(prey)
    folder_places.remove(os.fsencode(link))
    assert not link.is_symlink()
    assert (prey.stat().st_mode & 0o777, [path.name for path in prey.iterdir()]) == (0o755, ["isi"])


def test_a_line_is_written_whole_or_not_at_all(folders: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes a few bytes more before it refuses; what follows must not be glued to them."""
    real = os.write
    with begun(folders) as act:
        build(act)
        before = os.fstat(act.journal._file).st_size

        def nearly_full(file: int, content: memoryview) -> int:
            if os.fstat(file).st_size - before > 20:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(file, content[:7])

        with monkeypatch.context() as full:
            full.setattr(os, "write", nearly_full)
            with pytest.raises(OSError, match="space"):
                act.move_in()
        assert os.fstat(act.journal._file).st_size == before
        assert live(folders) == OLD
        act.move_in()
        act.finish()
    assert live(folders) == NEW
