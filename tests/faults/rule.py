"""What must hold after every fault, whichever it was: one rule, `holds`, with which every test here ends."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import F
from django.test import Client
from django.utils import timezone, translation
from django.utils.html import escape

from backups.engine import pipeline
from backups.engine.beside import THROW_AWAY, schemas_beside
from backups.engine.database import lock, rows, session
from backups.engine.pipeline import Source
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.stream import Silent
from backups.models import Archive, Copy, Job, Proof, Restore, User
from backups.services import audit, clock, keys, notes, storages, work
from backups.services.backup import request_backup
from backups.templatetags.work import ending
from tests.faults import lying
from tests.installation import until
from tests.laravel import Application
from tests.scratch import ScratchDatabase
from tests.web.factories import sign_in

TONE = re.compile(r'class="verdict tone-(\w+)"')


@dataclass(frozen=True, slots=True)
class Panel:
    """A small system that is protected, with an application beside it and somebody who may look."""

    database: ScratchDatabase
    application: Application
    person: User


@dataclass(frozen=True, slots=True)
class Before:
    """What the fault must not touch: each file of the storages by its SHA-256, and the live database."""

    files: Mapping[str, str]
    live: tuple[object, ...]


def look(panel: Panel) -> Before:
    return Before(dict(lying.digests()), state_of(panel.database))


def holds(
    panel: Panel, before: Before, *, spoilt: Collection[str] = (), sealed_since: datetime | None = None
) -> None:
    """`spoilt` names the archives that the fault itself damaged or took away; since `sealed_since` the record
    is compared with seals, where the panel's own database was lost.
    """
    a_minute_later()
    assert state_of(panel.database) == before.live, "the live database has changed"
    _is_in_order(panel, before, spoilt)
    _the_next_run_works(panel)
    _is_in_order(panel, before, spoilt)
    _every_copy_is_there(spoilt)
    assert audit.verify_chain(sealed_since=sealed_since).holds
    if not spoilt:
        assert _tone_of_home(panel) == "safe", "after a good backup and its proof all is well again"


def a_minute_later() -> None:
    """Turned instead of waited for: leases of the dead have run out, failed copies and storages are due."""
    Job.objects.filter(state=Job.State.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))
    Copy.objects.update(try_after=F("try_after") - timedelta(minutes=1))
    cache.clear()
    clock.tick()
    work_off()


def is_interrupted(job: Job) -> bool:
    a_minute_later()
    job.refresh_from_db()
    return job.state == Job.State.INTERRUPTED


def work_off() -> None:
    """What workers would take from the queue by and by."""
    for _ in range(10):
        waiting = Job.objects.filter(state=Job.State.QUEUED).exclude(trigger="command")
        for job in waiting.order_by("created_at"):
            work.run_from_queue(str(job.pk))
    assert not waiting.exists(), "work waits for ever"


def _is_in_order(panel: Panel, before: Before, spoilt: Collection[str]) -> None:
    _nothing_is_called_done_without_its_check()
    _older_archives_are_whole(before, spoilt)
    _no_archive_replaces_another(spoilt)
    _nothing_lies_about(spoilt)
    _nothing_is_left_on_the_server(panel)
    _nothing_is_held(panel)
    _the_page_tells_the_truth(panel)


def _nothing_is_called_done_without_its_check() -> None:
    for copy in Copy.objects.filter(state=Copy.State.WHOLE, archive__pruned_at=None):
        storage = storages.named(copy.storage)
        assert storage is not None
        source = Source(storage, copy.name, copy.archive_id, keys.to_open())
        pipeline.verify(source, deep=True, progress=Silent())
    begun = Job.objects.exclude(archive_begun="").values("archive_begun")
    unread = Archive.objects.filter(state=Archive.State.WHOLE, verified_at=None, pk__in=begun)
    assert not unread.exists(), "called whole, and never read back"
    for job in Job.objects.filter(state=Job.State.DONE):
        if job.kind == Job.Kind.BACKUP:
            assert Archive.with_pruned.get(pk=job.result["id"]).verified_at, "done, and never read back"
        if job.kind == Job.Kind.DRILL:
            assert Proof.objects.filter(job=job).exists(), "a drill without a proof"


def _older_archives_are_whole(before: Before, spoilt: Collection[str]) -> None:
    now = dict(lying.digests())
    pruned = set(Archive.with_pruned.exclude(pruned_at=None).values_list("pk", flat=True))
    for name, digest in before.files.items():
        if lying.archive_in(name) not in {*spoilt, *pruned}:
            assert now.get(name) == digest, f"{name} is not what it was"


def _no_archive_replaces_another(spoilt: Collection[str]) -> None:
    """Each seal names the one before it: no number twice, no fork."""
    ours = Archive.with_pruned.exclude(pk__in=spoilt).values_list("database", "sequence")
    assert len(set(ours)) == len(ours), "two archives bear the same number"


def _every_copy_is_there(spoilt: Collection[str]) -> None:
    for archive in Archive.objects.exclude(pk__in=spoilt):
        whole = set(archive.copies.filter(state=Copy.State.WHOLE).values_list("storage", flat=True))
        assert whole == {storage.name for storage in storages.every()}, f"{archive.pk} lacks a copy"


def _nothing_lies_about(spoilt: Collection[str]) -> None:
    known = set(Copy.objects.values_list("storage", "name"))
    for storage in storages.every():
        assert lying.unfinished_at(storage) == [], "a write was begun and left"
        there = {name for name in lying.names_at(storage) if not notes.NUMBERED.fullmatch(name)}
        for name in there:
            archive = lying.archive_in(name)
            assert archive in spoilt or (storage.name, name.removesuffix(SIDECAR)) in known, f"{name} is left"
            pair = name.removesuffix(SIDECAR) if name.endswith(SIDECAR) else name + SIDECAR
            assert archive in spoilt or pair in there, f"{name} stands alone"


def _nothing_is_left_on_the_server(panel: Panel) -> None:
    kept = {name for pair in Restore.objects.values_list("before_schema", "undone_schema") for name in pair}
    server, database = panel.database.server, panel.database.name
    with session(server) as connection:
        found = list(schemas_beside(connection, database))
    left = [name for kind, name in found if kind in THROW_AWAY or name not in kept]
    assert left == [], "schemas are left on the server"
    assert pipeline.open_swaps(server, database=database) == (), "a swap is open"
    # Sessions of a dead process go when the server notices that nobody is there.
    until(lambda: _sessions_in(panel) == 0)


def _sessions_in(panel: Panel) -> int:
    statement = "SELECT COUNT(*) FROM information_schema.processlist WHERE DB LIKE %s"
    with session(panel.database.server) as connection:
        ((count,),) = rows(connection, statement, (f"{panel.database.name}%",))
    return int(count)


def _nothing_is_held(panel: Panel) -> None:
    assert not Job.objects.filter(lock__isnull=False).exists(), "the system is still held"
    assert not Job.objects.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists()
    assert not Restore.objects.filter(state=Restore.State.BUILDING).exists()
    assert not panel.application.is_down, "the application was left closed"
    with lock(panel.database.server, panel.database.name):
        pass


def _the_page_tells_the_truth(panel: Panel) -> None:
    last = Job.objects.filter(kind=Job.Kind.BACKUP).exclude(state=Job.State.CANCELLED).first()
    failed = last is not None and last.state != Job.State.DONE
    worrying = failed or Archive.objects.exclude(state=Archive.State.WHOLE).exists()
    assert not worrying or _tone_of_home(panel) != "safe", "the page comforts where it must not"
    client = signed_in(panel)
    for job in Job.objects.all():
        page = client.get(f"/jobs/{job.pk}/")
        assert page.status_code == 200
        with translation.override("id"):
            told = escape(ending(job)) in page.content.decode()
        assert told or job.state == Job.State.DONE
        assert b"every 1s" not in page.content, "the page still waits for it"


def _tone_of_home(panel: Panel) -> str:
    page = signed_in(panel).get("/")
    assert page.status_code == 200
    found = TONE.search(page.content.decode())
    assert found
    return found[1]


def signed_in(panel: Panel) -> Client:
    client = Client()
    sign_in(client, panel.person)
    return client


def _the_next_run_works(panel: Panel) -> None:
    job = request_backup(requested_by=panel.person, trigger="person")
    work_off()
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.DONE, ""), (job.error_code, job.error_params)
    assert job.archive is not None
    assert job.archive.proven_at, "the drill that follows did not prove it"


def state_of(database: ScratchDatabase) -> tuple[object, ...]:
    """Rows, definitions and triggers of what is live."""
    tables = [str(name) for (name,) in database.rows("SHOW TABLES")]
    return (
        *(database.rows(f"SHOW CREATE TABLE `{name}`") for name in tables),
        *(database.rows(f"SELECT * FROM `{name}` ORDER BY 1") for name in tables),
        tuple(row[:4] for row in database.rows("SHOW TRIGGERS")),
    )
