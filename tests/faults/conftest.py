"""A panel with one good, proven archive, to which something is about to happen."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from backups.models import Archive
from backups.services.backup import request_backup
from tests.faults import rule
from tests.faults.rule import Before, Panel
from tests.laravel import laravel_in
from tests.scratch import ScratchDatabase
from tests.services.conftest import _nothing_remembered, archives_in, installation, parking
from tests.small_parking import installed_once, small_parking
from tests.web import factories

__all__ = ["_nothing_remembered", "archives_in", "installation", "installed_once", "parking", "small_parking"]


@pytest.fixture
def panel(transactional_db: None, parking: ScratchDatabase, settings: Settings, tmp_path: Path) -> Panel:
    settings.QPARKIN_LARAVEL_PATH = str(tmp_path / "laravel")
    return Panel(parking, laravel_in(tmp_path / "laravel"), factories.superadmin())


@pytest.fixture
def archive(panel: Panel) -> Archive:
    """Made, listed and proven before anything goes wrong."""
    job = request_backup(requested_by=panel.person, trigger="person")
    rule.work_off()
    job.refresh_from_db()
    assert job.archive is not None
    assert job.archive.proven_at
    return job.archive


@pytest.fixture
def before(panel: Panel, archive: Archive) -> Before:
    return rule.look(panel)
