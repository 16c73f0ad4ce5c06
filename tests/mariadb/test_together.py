"""Database and files of one archive: backed up, restored and undone as one; killed anywhere, never half of each."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backups.engine import errors, folder_journal, kernel, pipeline, swap
from backups.engine.database import rows, session
from backups.engine.manifest import from_json, to_json
from backups.engine.stream import Silent
from tests.engine.folders import hostile, state_of, tree
from tests.mariadb.parkir import SCHEMA, schemas_beside
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

KILLED = 9


@pytest.fixture
def parkir(database: ScratchDatabase) -> ScratchDatabase:
    database.run(*SCHEMA)
    return database


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, ...]:
    tree(tmp_path / "app", ["unggahan/a.png", "unggahan/b.png"])
    tree(tmp_path / "publik", ["logo.png"])
    return str(tmp_path / "app"), str(tmp_path / "publik")


def back_up(
    road: Road, parkir: ScratchDatabase, folders: tuple[str, ...], *, with_database: bool = True
) -> pipeline.Made:
    now = datetime.now(UTC)
    order = pipeline.BackupOrder(
        pipeline.new_archive_id(now), now, 1, "", "manual", folders=folders, with_database=with_database
    )
    return pipeline.back_up(
        parkir.server,
        database=parkir.name,
        order=order,
        storage=road.storage,
        keys=road.keys,
        progress=Silent(),
    )


def restore(
    road: Road,
    made: pipeline.Made,
    parkir: ScratchDatabase | None,
    folders: tuple[str, ...],
    before_swap: Callable[[], None] = lambda: None,
) -> tuple[str, pipeline.WithFiles]:
    mark = pipeline.new_mark()
    done = pipeline.restore_with_files(
        road.source(made),
        server=parkir.server if parkir else None,
        database=parkir.name if parkir else "parkir",
        restore_id=mark,
        folders=folders,
        wishes=pipeline.Wishes(),
        before_swap=before_swap,
        progress=Silent(),
    )
    return mark, done


def undo(parkir: ScratchDatabase | None, folders: tuple[str, ...], mark: str) -> pipeline.Undone:
    return pipeline.undo_with_files(
        parkir.server if parkir else None,
        database=parkir.name if parkir else "parkir",
        restore_id=mark,
        folders=folders,
        before_swap=lambda: None,
        progress=Silent(),
    )


def recover(parkir: ScratchDatabase, folders: tuple[str, ...]) -> None:
    assert pipeline.recover(parkir.server, database=parkir.name).pending == ()
    assert pipeline.recover_files(folders, server=parkir.server).pending == ()


def damage(parkir: ScratchDatabase, folders: tuple[str, ...]) -> None:
    parkir.run("DELETE FROM anak", "INSERT INTO catatan (teks) VALUES ('baru')")
    (Path(folders[0]) / "unggahan" / "a.png").unlink()
    (Path(folders[1]) / "baru.png").write_text("baru")


def look(parkir: ScratchDatabase | None, folders: tuple[str, ...]) -> object:
    rows = (
        [parkir.rows(f"SELECT * FROM {table} ORDER BY id") for table in ("anak", "catatan")] if parkir else []
    )
    return rows, [state_of(Path(folder)) if Path(folder).exists() else None for folder in folders]


def left(folders: tuple[str, ...]) -> set[str]:
    parent = Path(folders[0]).parent
    return {
        path.name
        for path in parent.iterdir()
        if ".before-" in path.name or ".restore-" in path.name or ".undone-" in path.name
    }


def test_a_backup_says_what_it_holds(road: Road, parkir: ScratchDatabase, folders: tuple[str, ...]) -> None:
    made = back_up(road, parkir, folders)
    assert made.seal.content == ("database", "files")
    assert [(folder.path, folder.files) for folder in made.manifest.files] == [
        (folders[0], 2),
        (folders[1], 1),
    ]
    assert pipeline.read_manifest(road.source(made)) == made.manifest
    assert pipeline.verify(road.source(made), deep=True, progress=Silent()).seal == made.seal
    names = {member.name for member in made.seal.members}
    assert {"files/0001-app/000001.tar.zst.age", "files/0002-publik/index-000001.jsonl.zst.age"} <= names


def test_files_alone_need_no_server(road: Road, parkir: ScratchDatabase, folders: tuple[str, ...]) -> None:
    away = replace(parkir, server=replace(parkir.server, socket="/nowhere.sock"))
    made = back_up(road, away, folders, with_database=False)
    assert (made.seal.content, made.manifest.row_count) == (("files",), 0)
    before = look(None, folders)
    (Path(folders[0]) / "unggahan" / "a.png").unlink()
    damaged = look(None, folders)
    mark, done = restore(road, made, None, folders)
    assert (look(None, folders), done.files, done.restored) == (before, 3, None)
    undo(None, folders, mark)
    assert look(None, folders) == damaged


def test_a_missing_folder_fails_the_backup_and_leaves_nothing(
    road: Road, parkir: ScratchDatabase, folders: tuple[str, ...]
) -> None:
    with pytest.raises(errors.FolderMissing, match="hilang"):
        back_up(road, parkir, (*folders, "/hilang"))
    with pytest.raises(errors.NothingToBackUp):
        back_up(road, parkir, (), with_database=False)
    assert road.storage.names() == []


def test_both_are_restored_and_undone_as_one(
    road: Road, parkir: ScratchDatabase, folders: tuple[str, ...]
) -> None:
    made = back_up(road, parkir, folders)
    before = look(parkir, folders)
    damage(parkir, folders)
    damaged = look(parkir, folders)
    mark, done = restore(road, made, parkir, folders)
    assert look(parkir, folders) == before
    assert done.restored is not None
    assert done.restored.proof.proven
    assert pipeline.fate_of_files(folders, restore_id=mark) == "restored"
    undo(parkir, folders, mark)
    assert look(parkir, folders) == damaged
    assert pipeline.fate_of_files(folders, restore_id=mark) == "undone"
    assert len(pipeline.drop_kept_files(folders, restore_id=mark)) == 2
    assert left(folders) == set()


def test_a_lost_folder_comes_back_and_undo_takes_it_away_again(
    road: Road, parkir: ScratchDatabase, folders: tuple[str, ...]
) -> None:
    made = back_up(road, parkir, folders, with_database=False)
    before = look(None, folders)
    subprocess.run(["rm", "-r", folders[0]], check=True)
    mark, _ = restore(road, made, None, folders)
    assert look(None, folders) == before
    undo(None, folders, mark)
    assert not Path(folders[0]).exists()


def test_where_the_database_fails_the_files_go_back(
    road: Road, parkir: ScratchDatabase, folders: tuple[str, ...]
) -> None:
    made = back_up(road, parkir, folders)
    damage(parkir, folders)
    damaged = look(parkir, folders)
    with session(parkir.server, parkir.name) as idle:
        # Somebody holds a table: the swap gives up after three seconds.
        rows(idle, "START TRANSACTION")
        rows(idle, "SELECT * FROM anak")
        with pytest.raises(errors.LiveBusy):
            restore(road, made, parkir, folders)
    assert look(parkir, folders) == damaged
    assert (left(folders), schemas_beside(parkir)) == (set(), [])


@pytest.mark.parametrize("refused", [errors.Cancelled(), KeyboardInterrupt()])
def test_a_refusal_before_the_swap_leaves_all(
    road: Road, parkir: ScratchDatabase, folders: tuple[str, ...], refused: BaseException
) -> None:
    made = back_up(road, parkir, folders)
    damage(parkir, folders)
    damaged = look(parkir, folders)

    def refuse() -> None:
        raise refused

    for where in (parkir, None):
        with pytest.raises(type(refused)):
            restore(road, made, where, folders, refuse)
        pipeline.recover(parkir.server, database=parkir.name)
        assert (look(parkir, folders), left(folders)) == (damaged, set())


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do the work in a process that dies before its n-th step; False where it ended before."""
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, KILLED)
        return status == KILLED
    count = 0

    def before(real: Callable[..., object]) -> Callable[..., object]:
        def stepped(*given: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                os._exit(KILLED)
            return real(*given)

        return stepped

    kernel.exchange = before(kernel.exchange)  # type: ignore[assignment]
    kernel.move = before(kernel.move)  # type: ignore[assignment]
    folder_journal.append = before(folder_journal.append)  # type: ignore[assignment]
    swap.run = before(swap.run)  # type: ignore[assignment]
    try:
        work()
    except BaseException:  # noqa: BLE001 - a forked child must never return into the suite
        os._exit(1)
    os._exit(0)


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 6])
def test_a_kill_anywhere_leaves_both_old_or_both_new(
    road: Road, parkir: ScratchDatabase, folders: tuple[str, ...], every: int
) -> None:
    made = back_up(road, parkir, folders)
    new = look(parkir, folders)
    damage(parkir, folders)
    old = look(parkir, folders)
    seen = set()
    for step in range(1, 60, every):
        killed = killed_at(step, lambda: restore(road, made, parkir, folders))
        recover(parkir, folders)
        found = look(parkir, folders)
        assert found in (old, new), step
        seen.add(found == new)
        if found == new:
            mark = schemas_beside(parkir)[0][-12:]
            undo_killed = killed_at(1 + step % 9, lambda mark=mark: undo(parkir, folders, mark))  # type: ignore[misc]
            recover(parkir, folders)
            assert look(parkir, folders) in (old, new), step
            if undo_killed and look(parkir, folders) == new:
                undo(parkir, folders, mark)
            assert look(parkir, folders) == old, step
            pipeline.drop_kept(parkir.server, database=parkir.name, restore_id=mark)
            pipeline.drop_kept_files(folders, restore_id=mark)
        assert (left(folders), schemas_beside(parkir)) == (set(), []), step
        if not killed:
            break
    assert not killed
    assert seen == {True, False}


def test_a_drill_proves_files_too_and_leaves_nothing(
    road: Road, parkir: ScratchDatabase, folders: tuple[str, ...], tmp_path: Path
) -> None:
    made = back_up(road, parkir, folders)
    before = sorted(path.name for path in tmp_path.iterdir())

    def drill(**values: object) -> pipeline.Proof:
        given = {"server": parkir.server, "folders": folders, "scratch": "", **values}
        return pipeline.drill_with_files(
            road.source(made),
            database=parkir.name,
            progress=Silent(),
            **given,  # type: ignore[arg-type]
        )

    assert drill().proven
    with pytest.raises(errors.FolderNotSet, match="app"):
        drill(folders=())
    (tmp_path / "coba").mkdir()
    assert drill(folders=(), scratch=str(tmp_path / "coba")).proven
    (tmp_path / "coba").rmdir()
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_hostile_archive_with_a_good_signature_leaves_live_alone(
    road: Road, parkir: ScratchDatabase, folders: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = hostile()
    evil.add("keluar", "symlink", link="/tmp")
    evil.add("keluar/jahat", "file", b"x")
    bad = evil.pack()

    def pack_folder(folder: str, member: str, *, pack, put, **_: object):  # type: ignore[no-untyped-def]
        for name, content in bad.members.items():
            put(f"{member}/{name}", pack(content))
        rename = lambda pieces: tuple(replace(p, member=f"{member}/{p.member}") for p in pieces)  # noqa: E731
        return replace(
            bad.folder, path=folder, chunks=rename(bad.folder.chunks), index=rename(bad.folder.index)
        )

    with monkeypatch.context() as patch:
        patch.setattr("backups.engine.files.pack_folder", pack_folder)
        made = back_up(road, parkir, folders)
    before = look(parkir, folders)
    with pytest.raises(errors.FilesRefused):
        restore(road, made, parkir, folders)
    assert (look(parkir, folders), left(folders), schemas_beside(parkir)) == (before, set(), [])
    assert not Path("/tmp/jahat").exists()


def test_the_readme_inside_the_archive_restores_the_files(
    road: Road, parkir: ScratchDatabase, folders: tuple[str, ...], tmp_path: Path
) -> None:
    """By the commands as they stand there, with `unzip`, `age`, `zstd`, `cat` and `tar`."""
    made = back_up(road, parkir, folders[:1], with_database=False)
    archive, hand = road.storage.root / made.name, tmp_path / "tangan"
    hand.mkdir()
    shown = subprocess.run(["unzip", "-p", str(archive), "README.txt"], capture_output=True, check=True)
    lines = [line.partition(":  ")[2] or line for line in shown.stdout.decode().splitlines()]
    steps = [line.strip() for line in lines if line.strip().startswith(("unzip", "find", "mkdir", "cat "))]
    assert len(steps) == 5
    for step in steps:
        filled = step.replace("ARCHIVE.zip", str(archive)).replace("KEY.txt", str(road.identity_file))
        subprocess.run(["sh", "-ec", filled.replace("FOLDER", "hasil")], cwd=hand, check=True)
    assert state_of(hand / "hasil") == state_of(Path(folders[0]))


def test_an_archive_of_an_older_panel_holds_no_files(road: Road, parkir: ScratchDatabase) -> None:
    made = back_up(road, parkir, ())
    older = json.loads(to_json(made.manifest))
    del older["files"]
    assert from_json(json.dumps(older).encode()) == made.manifest
    with pytest.raises(errors.NotInArchive):
        restore(road, made, parkir, ())
