"""Caches and queue workers of an application whose data came back."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from backups.engine import laravel
from tests.laravel import Application, laravel_in, php_in

NOW = 1_795_000_000


@pytest.fixture
def application(tmp_path: Path) -> Application:
    return laravel_in(tmp_path / "qparkin")


@pytest.fixture
def no_php(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))


@pytest.mark.usefixtures("no_php")
@pytest.mark.parametrize("store", ["database", "redis", ""])
def test_without_php_a_cache_that_is_no_file_is_left_alone_and_said(
    application: Application, store: str
) -> None:
    entry = application.remember()
    with pytest.raises(laravel.NotDone, match="no_php"):
        laravel.clear_caches(application.folder, store=store)
    with pytest.raises(laravel.NotDone, match="no_php"):
        laravel.restart_workers(application.folder, store=store, now=NOW)
    assert entry.exists()
    assert not application.restart_signal.exists()


@pytest.mark.usefixtures("no_php")
def test_without_php_the_file_cache_is_cleared_and_nothing_else(application: Application) -> None:
    entry = application.remember()
    laravel.clear_caches(application.folder, store="file")
    assert not entry.exists()
    assert (application.cache / ".gitignore").exists()
    # Compiled configuration is not data: without it an application may not start at all.
    assert (application.folder / "bootstrap/cache/config.php").exists()


@pytest.mark.usefixtures("no_php")
def test_without_php_workers_are_told_by_the_file_that_they_look_at(application: Application) -> None:
    laravel.restart_workers(application.folder, store="file", now=NOW)
    laravel.restart_workers(application.folder, store="file", now=NOW + 1)
    # Ten digits of when it runs out, then PHP's serialize() of a whole number.
    assert application.restart_signal.read_text() == "9999999999i:1795000001;"
    assert [path.name for path in application.restart_signal.parent.iterdir()] == [
        application.restart_signal.name
    ]


@pytest.mark.usefixtures("no_php")
def test_a_cache_that_cannot_be_written_is_said(application: Application) -> None:
    application.restart_signal.parents[1].write_text("in the way")
    with pytest.raises(laravel.NotDone, match="not_writable"):
        laravel.restart_workers(application.folder, store="file", now=NOW)


@pytest.mark.usefixtures("no_php")
@pytest.mark.parametrize("planted", ["cache", "bucket", "draft"])
def test_a_link_that_the_application_put_there_leads_nowhere(
    application: Application, tmp_path: Path, planted: str
) -> None:
    """We may be root: the application must not have us write, or give away, what is not its own."""
    prey = tmp_path / "prey"
    (prey / "ab").mkdir(parents=True, mode=0o700)
    (prey / "ab" / "secret").write_text("as it was")
    signal = application.restart_signal
    if planted == "cache":
        (application.cache / ".gitignore").unlink()
        application.cache.rmdir()
        application.cache.symlink_to(prey)
    elif planted == "bucket":
        signal.parents[1].symlink_to(prey / "ab")
    else:
        signal.parent.mkdir(parents=True)
        signal.with_name(f".{signal.name}").symlink_to(prey / "ab" / "secret")
    with suppress(laravel.NotDone):
        laravel.restart_workers(application.folder, store="file", now=NOW)
    with suppress(laravel.NotDone):
        laravel.clear_caches(application.folder, store="file")
    found = {str(path.relative_to(prey)) for path in prey.rglob("*")}
    assert found == {"ab", "ab/secret"}
    assert (prey / "ab" / "secret").read_text() == "as it was"
    assert (prey / "ab").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_where_we_are_root_artisan_runs_as_whoever_owns_what_the_application_writes(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it writes (compiled views, cached settings) is program text that artisan runs."""
    with tempfile.TemporaryDirectory() as open_to_all:
        place = Path(open_to_all)
        place.chmod(0o777)
        php = place / "php"
        php.write_text(f"#!/bin/sh\nid -u > {place}/who\n")
        php.chmod(0o755)
        monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
        shutil.copytree(application.folder, place / "app")
        os.chown(place / "app/storage/framework", 65534, 65534)
        laravel.clear_caches(place / "app", store="redis")
        assert (place / "who").read_text() == "65534\n"


def test_with_php_artisan_does_it_and_hears_nothing_of_our_settings(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = php_in(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("QPARKIN_DB_PASSWORD", "rahasia")
    entry = application.remember()
    laravel.clear_caches(application.folder, store="redis")
    laravel.restart_workers(application.folder, store="redis", now=NOW)
    assert asked.read_text().splitlines() == [
        f"{application.folder} artisan cache:clear --no-interaction",
        f"{application.folder} artisan queue:restart --no-interaction",
    ]
    assert "rahasia" not in (tmp_path / "bin/env").read_text()
    assert entry.exists()


def test_where_artisan_fails_the_files_are_the_second_way(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    php_in(tmp_path / "bin", status=1)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    entry = application.remember()
    with pytest.raises(laravel.NotDone, match="artisan_failed"):
        laravel.clear_caches(application.folder, store="redis")
    laravel.clear_caches(application.folder, store="file")
    assert not entry.exists()


def test_a_folder_is_an_application_or_not(application: Application, tmp_path: Path) -> None:
    assert laravel.is_application(application.folder)
    assert not laravel.is_application(tmp_path)
    assert not laravel.is_application(tmp_path / "nowhere")
    # Looking at it fails in other ways than "not there"; a restore does not fail for that.
    assert not laravel.is_application(tmp_path / ("n" * 300))
