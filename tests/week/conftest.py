"""A panel before its first day: a folder and a bucket, three schedules, and uploads beside the database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.installation import installation_in
from tests.s3.fault_proxy import fault_proxy
from tests.s3.servers import moto_running
from tests.scratch import ScratchDatabase
from tests.small_parking import small_parking
from tests.week.house import TURNED, Clock, House
from tests.week.promise import WIB

__all__ = ["small_parking"]

# A Wednesday, so that the week of the calendar ends within it.
START = datetime(2026, 11, 4, 0, 30, tzinfo=WIB)


@pytest.fixture
def house(tmp_path: Path, small_parking: ScratchDatabase) -> Iterator[House]:
    clock = Clock(tmp_path / "clock", START)
    uploads = tmp_path / "photos"
    uploads.mkdir()
    bucket = f"week-{secrets.token_hex(4)}"
    with moto_running(TURNED, str(clock.file)) as s3, fault_proxy(s3.endpoint) as proxy:
        s3.client.create_bucket(Bucket=bucket)
        more = {**s3.environment(bucket), "BACKUP_S3_ENDPOINT": proxy.url, "QPARKIN_FILES": str(uploads)}
        installation = installation_in(tmp_path, small_parking)
        made = House(installation, clock, s3, bucket, proxy, uploads, more)
        made.init()
        yield made
