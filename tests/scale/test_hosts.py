"""Several hosts: a job waits for one that can do it, and whoever asks is told when there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from backups import checks
from backups.models import Archive, Job, WorkerHost
from backups.services import drill, hosts, jobs, work
from backups.services.refusals import KeyElsewhere, NobodyOffers
from backups.templatetags.work import phase_words

pytestmark = pytest.mark.django_db(transaction=True)

ABLE = ["folder:/srv/files", "host:drills", "identity", "kind:drill"]


def known(name: str, offers: list[str], *, silent: timedelta = timedelta(0)) -> WorkerHost:
    seen_at = timezone.now() - silent
    return WorkerHost.objects.create(name=name, offers=offers, seen_at=seen_at)


@pytest.fixture
def archive(settings: Settings) -> Archive:
    database = settings.QPARKIN_DB_DATABASE
    return Archive.objects.create(
        id="20261123-aa", database=database, created=timezone.now(), content=["database"]
    )


@pytest.fixture
def keyless(settings: Settings) -> None:
    """A host that makes backups which it cannot read."""
    settings.BACKUP_IDENTITY_FILE = ""


def asked(archive: Archive, trigger: str = "person") -> Job:
    return drill.request_drill(archive, requested_by=None, trigger=trigger)


def knocks() -> list[str]:
    from django_q.models import OrmQ

    return sorted(OrmQ.objects.values_list("key", flat=True))


@pytest.mark.usefixtures("keyless")
def test_without_any_host_that_opens_archives_a_drill_is_refused(archive: Archive) -> None:
    with pytest.raises(NobodyOffers) as refused:
        asked(archive)
    assert refused.value.params["needs"] == "identity"
    assert not Job.objects.exists()


@pytest.mark.usefixtures("keyless")
@pytest.mark.parametrize("trigger", ["person", "command"])
def test_whoever_asks_where_no_key_is_is_told_which_host_has_it(archive: Archive, trigger: str) -> None:
    known("drills", [need for need in ABLE if trigger == "command" or not need.startswith("kind:")])
    with pytest.raises(KeyElsewhere) as refused:
        asked(archive, trigger)
    assert refused.value.params["host"] == "drills"
    assert "drills" in str(refused.value)
    assert not Job.objects.exists()


@pytest.mark.usefixtures("keyless")
def test_a_keyless_host_hands_a_drill_to_one_that_opens_archives(archive: Archive) -> None:
    known("drills", ABLE)
    job = asked(archive)
    assert knocks() == ["qparkin-drills"]
    # Should the knock reach this host all the same, the job is not its to take.
    work.run_from_queue(str(job.pk))
    job.refresh_from_db()
    assert job.state == "queued"
    assert jobs.knock_again() == 0
    assert jobs.nobody_takes_work("here") is False


@pytest.mark.usefixtures("keyless")
def test_a_host_that_was_silent_for_a_while_is_waited_for(archive: Archive) -> None:
    known("drills", ABLE, silent=timedelta(hours=5))
    job = asked(archive)
    assert job.state == "queued"
    assert knocks() == []
    last = hosts.last_heard_of(job.needs)
    assert last is not None
    assert last.name == "drills"
    assert hosts.live() == []


def test_a_worker_for_drills_alone_leaves_backups(settings: Settings) -> None:
    settings.WORKER_JOBS = ("drill",)
    job = jobs.request("backup", requested_by=None, trigger="schedule")
    assert jobs.knock_again() == 0
    work.run_from_queue(str(job.pk))
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_backup_goes_to_the_host_that_has_the_folders(settings: Settings) -> None:
    known("files", ["folder:/srv/files", "kind:backup"])
    job = jobs.request("backup", requested_by=None, trigger="schedule", options={"content": "everything"})
    assert "folder:/srv/files" in job.needs
    assert knocks() == ["qparkin-files"]
    only_rows = jobs.request("backup", requested_by=None, trigger="schedule", options={"content": "database"})
    assert only_rows.needs == ["kind:backup"]


def test_an_uploaded_dump_is_read_where_it_lies(settings: Settings) -> None:
    job = jobs.request("inspect", requested_by=None, trigger="person", options={"file": "/srv/dump.sql"})
    settings.WORKER_NAME = "another"
    work.run_from_queue(str(job.pk))
    job.refresh_from_db()
    assert job.state == "queued"


@pytest.mark.parametrize(("silent", "clears"), [(timedelta(0), False), (timedelta(minutes=5), True)])
def test_its_own_host_clears_up_while_it_lives(silent: timedelta, clears: bool) -> None:
    known("web-1", ["kind:backup"], silent=silent)
    job = Job.objects.create(kind="backup", system="x", state="running", worker="web-1-77:78:ab")
    assert hosts.is_ours_to_clear(job) is clears


def test_a_worker_for_drills_clears_up_after_a_backup_whose_host_is_gone(settings: Settings) -> None:
    settings.WORKER_JOBS = ("drill",)
    job = Job.objects.create(
        kind="backup", system="x", state="running", worker="gone-1:2:a", needs=["kind:backup"], lock="x",
        writes=True, lease_until=timezone.now() - timedelta(minutes=1),
    )  # fmt: skip
    jobs.reap()
    job.refresh_from_db()
    assert (job.state, job.lock) == ("interrupted", None)


def test_folders_are_put_right_only_by_a_host_that_has_them(settings: Settings) -> None:
    needs = ["folder:/srv/files", "kind:restore"]
    job = Job.objects.create(
        kind="restore", system="x", state="running", worker="gone-1:2:a", needs=needs, lock="x", writes=True,
        options={"scope": "files"}, lease_until=timezone.now() - timedelta(minutes=1),
    )  # fmt: skip
    jobs.reap()
    job.refresh_from_db()
    assert (job.state, job.lock) == ("interrupted", "x")
    settings.QPARKIN_FILES = ("/srv/files",)
    assert hosts.is_ours_to_clear(job)


def test_a_host_that_is_gone_for_good_is_forgotten_with_what_was_knocked_at_its_door(
    settings: Settings, archive: Archive
) -> None:
    host = known("drills", ABLE)
    settings.BACKUP_IDENTITY_FILE = ""
    asked(archive)
    WorkerHost.objects.filter(pk=host.pk).update(seen_at=timezone.now() - timedelta(days=8))
    hosts.note_here()
    assert [str(host) for host in WorkerHost.objects.all()] == [settings.WORKER_NAME]
    assert knocks() == []
    assert hosts.live()[0].offers == sorted(hosts.abilities.offered())


def test_the_page_says_since_when_nobody_answers(archive: Archive, settings: Settings) -> None:
    settings.BACKUP_IDENTITY_FILE = ""
    host = known("drills", ABLE)
    job = asked(archive)
    assert phase_words(job) == "Menunggu giliran"
    WorkerHost.objects.filter(pk=host.pk).update(seen_at=timezone.now() - timedelta(hours=2))
    assert phase_words(job).startswith("Belum ada worker")


@pytest.mark.parametrize(
    ("queue", "said"),
    [
        ("redis://:secret@127.0.0.1:6379/0", {"backups.W002"}),
        ("redis://queue.internal:6379/0", {"backups.W002", "backups.W003"}),
        ("", set()),
    ],
)
def test_the_check_warns_of_what_several_hosts_cannot_have(
    settings: Settings, queue: str, said: set[str]
) -> None:
    settings.QUEUE_URL = queue
    assert {message.id for message in checks.several_hosts_are_safe()} == said
    settings.WORKER_JOBS = ("drill", "dril")
    assert [message.id for message in checks.jobs_of_the_workers_are_known()] == ["backups.E006"]
