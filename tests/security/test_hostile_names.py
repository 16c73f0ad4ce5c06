"""Whoever holds the protected database writes names and rows that are markup, SQL and paths."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from backups.models import Archive
from backups.services import work
from backups.services.backup import request_backup
from backups.services.drill import request_drill
from backups.services.restore import request_restore
from tests.scratch import ScratchDatabase
from tests.security.hostile import MARK
from tests.security.routes import addresses
from tests.security.test_crawl import harmless

pytestmark = pytest.mark.django_db(transaction=True)

MARKUP = f"<svg/onload={MARK}>"
NAMES = (MARKUP, "a`; DROP TABLE mall; -- x", "..%2f..%2fetc", "{{7*7}}{% debug %}", "%s%n\\x00", "'\"\\")


@pytest.fixture
def archive(parking: ScratchDatabase) -> Archive:
    for name in NAMES:
        quoted = "`" + name.replace("`", "``") + "`"
        parking.run(f"CREATE TABLE {quoted} (a INT PRIMARY KEY, b TEXT)")
        parking.run(f"INSERT INTO {quoted} VALUES (1, '{MARKUP}')")
    parking.run(f"INSERT INTO mall (nama) VALUES ('{MARKUP}')")
    parking.run(
        f"CREATE TRIGGER `t{MARKUP}` BEFORE INSERT ON zona FOR EACH ROW"
        f" SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{MARKUP}'"
    )
    done = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert done.archive is not None
    return done.archive


def test_they_are_rows_and_names_on_every_page_and_in_every_restore(
    archive: Archive, parking: ScratchDatabase, superadmin: Client, settings: Settings
) -> None:
    work.run_here(request_drill(archive, requested_by=None, trigger="command"))
    work.run_here(request_restore(archive, requested_by=None, trigger="command"))
    assert parking.rows("SELECT COUNT(*) FROM mall") == ((3,),)
    shown = 0
    for _, path in addresses():
        answer = superadmin.get(path)
        text = b"".join(answer).decode("utf-8", "replace")
        shown += f"&lt;svg/onload={MARK}" in text
        assert f"<svg/onload={MARK}" not in text or "html" not in answer.headers["Content-Type"], path
        if not answer.streaming:
            harmless(answer)
    assert shown
