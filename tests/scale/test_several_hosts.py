"""Two hosts of one panel with real servers between them: each job is done once, whoever does it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, until
from tests.s3.servers import S3Server, rclone_running
from tests.scale.control import ControlDatabase
from tests.scale.several import Panel, panel_in, workers_of
from tests.scale.test_redis import PROGRAM, Redis, running_redis
from tests.scratch import ScratchDatabase
from tests.small_parking import held_up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

STATES = "SELECT kind, state FROM backups_job ORDER BY created_at"
HOSTS = "SELECT DISTINCT SUBSTRING_INDEX(SUBSTRING_INDEX(worker, ':', 1), '-', 1) FROM backups_job"
ASK = """
from backups.models import Archive
from backups.services.backup import request_backup
from backups.services.verify import request_verify
print(request_backup(requested_by=None, trigger="schedule").pk)
for _ in range({checks}):
    request_verify(Archive.objects.get(), requested_by=None, trigger="schedule")
"""


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Redis]:
    if not PROGRAM:
        pytest.skip("redis-server is not installed: apt-get install redis-server")
    with running_redis(tmp_path) as made:
        yield made


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[S3Server]:
    folder = tmp_path / "served"
    folder.mkdir()
    with rclone_running(folder) as server:
        yield server


@pytest.fixture
def panel(
    tmp_path: Path, small_parking: ScratchDatabase, control: ControlDatabase, queue: Redis, s3: S3Server
) -> Panel:
    bucket = f"hosts-{secrets.token_hex(4)}"
    s3.client.create_bucket(Bucket=bucket)
    return panel_in(tmp_path, small_parking, control, queue, s3, bucket)


def ask(host: Installation, statements: str) -> str:
    done = host.manage("shell", "--no-imports", "--command", statements)
    assert done.status == 0, done
    return done.out.strip()


def answered(panel: Panel, *names: str) -> bool:
    return {name for (name,) in panel.control.rows("SELECT name FROM backups_workerhost")} >= set(names)


def ended(panel: Panel, count: int) -> bool:
    states = [state for _, state in panel.control.rows(STATES)]
    return len(states) >= count and not {"queued", "running"} & set(states)


def test_no_job_is_done_twice_and_each_host_does_what_the_other_cannot_now(panel: Panel) -> None:
    one, two = panel.host("one", DRILL_AFTER_BACKUP="0"), panel.host("two", DRILL_AFTER_BACKUP="0")
    one.json("backup")
    with workers_of(one), workers_of(two):
        until(lambda: answered(panel, "one", "two"))
        with held_up(panel.first.database):
            ask(one, ASK.format(checks=8))
            # One worker a host: who stands before the locked table does nothing else meanwhile.
            checks = "SELECT COUNT(*) FROM backups_job WHERE kind = 'verify' AND state = 'done'"
            until(lambda: panel.control.rows(checks) == [(8,)])
        until(lambda: ended(panel, 10))
    assert {state for _, state in panel.control.rows(STATES)} == {"done"}
    by_queue = f"{HOSTS} WHERE `trigger` = 'schedule'"
    assert {name for (name,) in panel.control.rows(by_queue)} == {"one", "two"}
    # Each was knocked for at both doors; what a second run would have left is a second entry.
    done = panel.control.rows(
        "SELECT object_id, COUNT(*) FROM backups_auditevent "
        "WHERE action IN ('verify', 'backup') GROUP BY object_id"
    )
    assert [count for _, count in done] == [1] * 10
    assert len([key for key in panel.s3.keys(panel.bucket) if key.endswith(".zip")]) == 2
    assert panel.control.rows("SELECT COUNT(*), COUNT(DISTINCT sequence) FROM backups_archive") == [(2, 2)]
    assert (one.files(), two.files()) == ([], [])


def test_one_restores_what_the_other_has_backed_up(panel: Panel) -> None:
    one, two = panel.host("one"), panel.host("two")
    made = one.json("backup")
    panel.first.database.run("DELETE FROM tiket", "DROP TRIGGER tiket_baru")
    restored = two.json("restore", made["id"], "--yes")
    assert panel.first.database.rows("SELECT COUNT(*) FROM tiket") == ((3,),)
    assert len(panel.first.database.rows("SHOW TRIGGERS")) == 1
    # And whoever did not restore it takes it back.
    one.json("undo_restore", restored["restore"], "--yes")
    assert panel.first.database.rows("SELECT COUNT(*) FROM tiket") == ((0,),)
    assert (one.files(), two.files()) == ([], [])


LOOK = """
from django.test import Client
from backups.models import Archive, User
from tests.web.factories import sign_in
person = User(email="rani@qparkin.id", role=User.Role.SUPERADMIN)
person.set_password("a long enough pass phrase")
person.save()
client = Client(SERVER_NAME="localhost")
sign_in(client, person)
archive = Archive.objects.get()
for path in ("/", "/archives/", f"/archives/{archive.pk}/"):
    assert client.get(path).status_code == 200, path
said = client.get(client.post(f"/archives/{archive.pk}/download/").headers["Location"])
print(said.status_code, len(b"".join(said)) == archive.bytes)
"""


def test_the_web_host_holds_no_key_and_a_host_for_drills_alone_proves(panel: Panel) -> None:
    web = panel.host("web", BACKUP_IDENTITY_FILE="")
    drills = panel.host(
        "drills", WORKER_JOBS="drill", BACKUP_SIGNING_KEY_FILE="", BACKUP_TRUSTED_SIGNERS=signer(web)
    )
    for key in (web.keys / "panel.identity", web.keys / "recovery.identity"):
        key.unlink()
    (drills.keys / "signing.pem").unlink()
    with workers_of(web), workers_of(drills):
        until(lambda: answered(panel, "web", "drills"))
        ask(web, ASK.format(checks=0))
        until(lambda: ended(panel, 2))
    assert panel.control.rows(STATES) == [("backup", "done"), ("drill", "done")]
    assert panel.control.rows(f"{HOSTS} WHERE kind = 'drill'") == [("drills",)]
    assert panel.control.rows(f"{HOSTS} WHERE kind = 'backup'") == [("web",)]
    (listed,) = web.json("archives")["archives"]
    assert listed["proven_at"]
    refused = web.manage("restore", "latest", "--yes")
    assert refused.status == 1
    assert "on drills" in refused.err
    assert ask(web, LOOK) == "200 True"


def signer(host: Installation) -> str:
    return (host.keys / "trusted-signers.txt").read_text().split()[0]
