"""A panel with one good, proven archive, to which something is about to happen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from pytest_django import Settings

from backups.models import Archive
from backups.services import work
from backups.services.s3 import storage as s3_storage
from backups.services.s3.patience import patiently
from tests.faults import doing, rule
from tests.faults.bucket import PART, SOON, FailingBucket, failing_bucket
from tests.faults.rule import Before, Panel
from tests.laravel import laravel_in
from tests.s3.conftest import rclone_folder, rclone_s3
from tests.s3.servers import S3Server
from tests.scratch import ScratchDatabase
from tests.services.conftest import _nothing_remembered, archives_in, installation, parking
from tests.small_parking import installed_once, small_parking
from tests.web import factories

__all__ = [
    "_nothing_remembered",
    "archives_in",
    "installation",
    "installed_once",
    "parking",
    "rclone_folder",
    "rclone_s3",
    "small_parking",
]


@pytest.fixture
def panel(transactional_db: None, parking: ScratchDatabase, settings: Settings, tmp_path: Path) -> Panel:
    settings.QPARKIN_LARAVEL_PATH = str(tmp_path / "laravel")
    return Panel(parking, laravel_in(tmp_path / "laravel"), factories.superadmin())


@pytest.fixture
def archive(panel: Panel) -> Archive:
    return doing.backed_up(panel)


@pytest.fixture
def before(panel: Panel, archive: Archive) -> Before:
    return rule.look(panel)


@pytest.fixture
def bucket(rclone_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FailingBucket]:
    """Reached in small parts and with little patience; not yet one of the panel's storages."""
    monkeypatch.setattr(s3_storage, "S3Storage", partial(s3_storage.S3Storage, part_size=PART))
    monkeypatch.setattr(work, "patiently", partial(patiently, SOON))
    with patiently(SOON), failing_bucket(rclone_s3) as made:
        yield made
