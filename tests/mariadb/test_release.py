"""Which release the data belongs to, and whether the application's code goes with it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from backups.engine import pipeline
from backups.engine.database import session
from backups.engine.manifest import Release, from_json, to_json
from backups.engine.pipeline.preflight import preflight
from backups.engine.preflight import Check
from backups.engine.release import git_revision, take_release
from tests.laravel import Application, laravel_in
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

MIGRATIONS = (
    "CREATE TABLE migrations (id INT PRIMARY KEY AUTO_INCREMENT, migration VARCHAR(255), batch INT)",
    "INSERT INTO migrations (migration, batch) VALUES ('2025_01_01_000000_mall', 1), ('2025_02_01_000000_tiket', 2)",
)
NAMES = ("2025_01_01_000000_mall", "2025_02_01_000000_tiket")
REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def application(tmp_path: Path) -> Application:
    made = laravel_in(tmp_path / "qparkin")
    for name in NAMES:
        (made.folder / f"database/migrations/{name}.php").write_text("<?php")
    packages = [{"name": "a/b", "version": "1"}, {"name": "laravel/framework", "version": "v12.3.0"}]
    (made.folder / "composer.lock").write_text(json.dumps({"content-hash": "abc", "packages": packages}))
    git(made.folder, "ref: refs/heads/main", packed=f"# pack-refs\n{REVISION} refs/heads/main\n")
    return made


def git(folder: Path, head: str, *, branch: str = "", packed: str = "") -> None:
    (folder / ".git/refs/heads").mkdir(parents=True, exist_ok=True)
    (folder / ".git/HEAD").write_text(head + "\n")
    (folder / ".git/packed-refs").write_text(packed)
    if branch:
        (folder / ".git/refs/heads/main").write_text(branch + "\n")


def looked(road: Road, made: pipeline.Made, database: ScratchDatabase, folder: Path) -> dict[str, Check]:
    _, checks = preflight(
        road.source(made),
        server=database.server,
        database=database.name,
        target=database.name,
        application=folder,
    )
    return {check.name: check for check in checks}


def release_of(database: ScratchDatabase, folder: Path | None) -> Release:
    with session(database.server, database.name) as connection:
        return take_release(connection, database.name, folder)


def test_where_nothing_is_to_be_had_nothing_is_made_up(database: ScratchDatabase, tmp_path: Path) -> None:
    nothing = Release("", "", "", None, ())
    assert release_of(database, None) == nothing
    assert release_of(database, tmp_path / "nowhere") == nothing
    (tmp_path / "composer.lock").write_text("[]")
    database.run("CREATE TABLE migrations (name INT)")
    assert release_of(database, tmp_path) == nothing


def test_the_release_goes_with_the_archive(
    road: Road, database: ScratchDatabase, application: Application
) -> None:
    database.run(*MIGRATIONS)
    expected = Release("v12.3.0", "abc", REVISION, 2, NAMES)
    assert release_of(database, application.folder) == expected
    made = road.back_up(database.server, database.name, application=application.folder)
    assert pipeline.read_manifest(road.source(made)).release == expected
    same = looked(road, made, database, application.folder)
    assert (same["migrations"].code, same["release"].code) == ("migrations_same", "release_same")


def test_an_archive_that_is_older_or_newer_than_the_application(
    road: Road, database: ScratchDatabase, application: Application
) -> None:
    database.run(*MIGRATIONS)
    made = road.back_up(database.server, database.name, application=application.folder)
    newer = application.folder / "database/migrations/2026_03_01_000000_poin.php"
    newer.write_text("<?php")
    (application.folder / "composer.lock").write_text('{"content-hash": "def"}')
    behind = looked(road, made, database, application.folder)
    assert (behind["migrations"].code, behind["migrations"].names) == (
        "archive_behind",
        ("2026_03_01_000000_poin",),
    )
    assert behind["release"].params == {"then": "Laravel v12.3.0 01234567", "now": "Laravel 01234567"}
    newer.unlink()
    # One that only the live database has seen came with a package: it is wanted, too.
    database.run("INSERT INTO migrations (migration, batch) VALUES ('2024_vendor', 3)")
    assert looked(road, made, database, application.folder)["migrations"].names == ("2024_vendor",)
    database.run("DELETE FROM migrations")
    (application.folder / f"database/migrations/{NAMES[1]}.php").unlink()
    ahead = looked(road, made, database, application.folder)["migrations"]
    assert (ahead.level, ahead.code, ahead.names) == ("warn", "archive_ahead", (NAMES[1],))


def test_an_older_archive_does_not_say(road: Road, database: ScratchDatabase) -> None:
    made = road.back_up(database.server, database.name)
    text = json.loads(to_json(made.manifest))
    del text["release"]
    assert from_json(json.dumps(text).encode()).release is None


@pytest.mark.parametrize(
    ("head", "branch", "packed", "expected"),
    [
        ("ref: refs/heads/main", REVISION, f"{'f' * 40} refs/heads/main", REVISION),
        ("ref: refs/heads/main", "", f"{REVISION} refs/heads/main\n^{'e' * 40}", REVISION),
        (REVISION, "", "", REVISION),
        ("ref: refs/heads/other", "", f"{REVISION} refs/heads/main", ""),
        ("ref: ../../../etc/passwd", "", "", ""),
        ("ref: refs/../../../secret", "", "", ""),
        ("<?php", "", "", ""),
    ],
)
def test_the_revision_as_git_keeps_it(
    tmp_path: Path, head: str, branch: str, packed: str, expected: str
) -> None:
    git(tmp_path, head, branch=branch, packed=packed)
    assert git_revision(tmp_path) == expected


def test_a_work_tree_of_git_says_where_its_branches_lie(tmp_path: Path) -> None:
    git(tmp_path / "main", "ref: refs/heads/main", branch=REVISION)
    own = tmp_path / "main/.git/worktrees/b"
    own.mkdir(parents=True)
    (own / "HEAD").write_text("ref: refs/heads/main\n")
    (own / "commondir").write_text("../..\n")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/.git").write_text(f"gitdir: {own}\n")
    assert git_revision(tmp_path / "b") == REVISION


def test_what_the_application_puts_in_the_way_holds_up_no_backup(
    database: ScratchDatabase, application: Application
) -> None:
    """Whoever runs the application may write there: a pipe never ends, and brackets can be too deep."""
    lock, head = application.folder / "composer.lock", application.folder / ".git/HEAD"
    lock.write_text("[" * 100_000)
    head.unlink()
    os.mkfifo(head)
    assert release_of(database, application.folder) == Release("", "", "", None, ())
    lock.unlink()
    os.mkfifo(lock)
    assert release_of(database, application.folder) == Release("", "", "", None, ())
