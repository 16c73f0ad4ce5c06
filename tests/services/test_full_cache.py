"""The disk of the cache is full: backups are made, storages looked at and pages shown all the same."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backups.models import Archive
from backups.services import catalogue, clock, prune, thinning, work
from backups.services.backup import request_backup
from qparkin_backup.folder_cache import LossTolerantFolder
from tests.web import factories

pytestmark = pytest.mark.django_db(transaction=True)

BACKEND = f"{LossTolerantFolder.__module__}.{LossTolerantFolder.__qualname__}"


@pytest.fixture
def full(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """A folder of one page, all of it taken."""
    folder = tmp_path / "cache"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    (folder / "all of it").write_bytes(bytes(4096))
    settings.CACHES = {"default": {"BACKEND": BACKEND, "LOCATION": str(folder)}}
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.usefixtures("parking", "full")
def test_a_backup_is_made_and_nothing_else_stops() -> None:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    assert Archive.objects.get().is_whole
    assert catalogue.refresh(older_than=clock.LOOK_EVERY)
    assert thinning.start_when_due(timezone.now()) is None
    assert work.run_here(prune.request_prune(requested_by=None, trigger="command")).state == "done"


@pytest.mark.usefixtures("parking", "full")
def test_pages_are_shown() -> None:
    client = Client()
    factories.sign_in(client, factories.superadmin())
    assert client.get("/").status_code == 200


@pytest.mark.usefixtures("full")
def test_what_cannot_be_remembered_is_forgotten_and_no_more() -> None:
    cache.set("looked", 1)
    cache.add("looked", 1)
    assert cache.get("looked") is None
    assert cache.get("looked", "never") == "never"
    assert not cache.touch("looked")
    assert not cache.delete("looked")
    assert "looked" not in cache


def test_the_panel_uses_it(settings: Settings) -> None:
    assert settings.QUEUE_URL or settings.CACHES["default"]["BACKEND"] == BACKEND
