"""The way back: the plan, what stops it, what came of it, and the way back from there."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from backups.engine.database import quote_name, run, session
from backups.models import Job, User
from backups.services.connections import restore_server
from tests.browser.places.place import Place, at
from tests.web import factories


def restored(by: User) -> str:
    """The second of two steps, after a look at the same in a database of its own."""
    archive = factories.archive()
    apart = {"state": "elsewhere", "target": stands_apart(), "swap_ms": None}
    factories.restore(archive, before_schema="", undo_until=None, safety_archive=None, **apart)
    return reverse("restored", args=[factories.restore(archive, requested_by=by).pk])


def needing_a_hand(by: User) -> str:
    """QParkIn itself could not be taken along all the way, and does not answer."""
    notes = [
        {"step": "maintenance", "outcome": "done", "why": ""},
        {"step": "caches", "outcome": "not_done", "why": "no_php"},
        {"step": "workers", "outcome": "not_done", "why": "no_php"},
        {"step": "smoke", "outcome": "failed", "why": "500"},
    ]
    archive = factories.archive()
    work = factories.job("restore", "done", archive=archive, requested_by=by, result={"application": notes})
    return reverse("restored", args=[factories.restore(archive, requested_by=by, job=work).pk])


def undo(by: User) -> str:
    return reverse("undo", args=[factories.restore(factories.archive(), requested_by=by).pk])


def undone(by: User) -> str:
    now = timezone.now()
    restore = factories.restore(factories.archive(), state="undone", undone_at=now - timedelta(minutes=3))
    return reverse("restored", args=[restore.pk])


def inspected(by: User) -> str:
    """A dump from elsewhere that breaks, like the operators' own newest one."""
    lost = [
        {"line": 953, "kind": "table", "name": "riwayat_tarif", "errno": 1050,
         "message": "Table 'riwayat_tarif' already exists"},
        {"line": 1412, "kind": "keys", "name": "tarif_parkir", "errno": 1062,
         "message": "Duplicate entry '1' for key 'PRIMARY'"},
    ]  # fmt: skip
    found = {
        "file": "qparkin_22des.sql", "loads": False, "line": 953, "cut_off": False,
        "error": "1050: Table 'riwayat_tarif' already exists", "adopted": None,
        "tables": 30, "rows": 412, "triggers": 25, "views": 0, "routines": 0, "events": 0,
        "lost_count": 2, "lost": lost, "left_out_count": 1, "findings": [factories.KNOWN],
        "left_out": [{"line": 7, "kind": "statement", "name": "GRANT", "errno": 0, "message": ""}],
    }  # fmt: skip
    options = {"name": "qparkin_22des.sql", "file": "/var/lib/unggahan/x"}
    made = factories.job(Job.Kind.INSPECT, Job.State.DONE, requested_by=by, result=found, options=options)
    return reverse("job", args=[made.pk])


def unfit(by: User) -> str:
    factories.a_good_week(by)
    return reverse("restore-from", args=[factories.archive(state="damaged").pk])


def stands_apart() -> str:
    """A database that a first step filled, there in truth."""
    name = f"{settings.QPARKIN_DB_DATABASE}__look_20261123_134000"
    with session(restore_server()) as connection:
        run(connection, f"CREATE DATABASE IF NOT EXISTS {quote_name(name)}")
    return name


def copy_dropped(by: User) -> str:
    """To be removed, and asked once more."""
    apart = {"state": "elsewhere", "target": stands_apart(), "swap_ms": None}
    kept = {"before_schema": "", "undo_until": None, "safety_archive": None}
    restore = factories.restore(factories.archive(), requested_by=by, **apart, **kept)
    return reverse("drop-copy", args=[restore.pk])


def one_step_left(by: User) -> str:
    """Restored into a new database, as the plan proposes it."""
    of, options = factories.archive(), {"tables": ["booking", "transaksi_parkir"]}
    scope = {
        "tables": options["tables"],
        "beside": {},
        "left_out": ["trg_booking_after_insert"],
        "dangling": [],
    }
    job = factories.job("restore", "done", archive=of, options=options, result={"scope": scope})
    apart = {"state": "elsewhere", "scope": "tables", "target": stands_apart(), "tables": 2}
    kept = {"before_schema": "", "undo_until": None, "swap_ms": None, "safety_archive": None}
    return reverse("restored", args=[factories.restore(of, requested_by=by, job=job, **apart, **kept).pk])


def after_undo(by: User) -> str:
    values = {"state": "undone", "undone_at": timezone.now(), "undone_schema": "qparkin__undone_x"}
    restore = factories.restore(factories.archive(), before_schema="", **values)
    options = {"restore": str(restore.pk)}
    work = factories.job("undo", "done", archive=restore.archive, options=options, requested_by=by)
    return reverse("job", args=[work.pk])


def window_closed(by: User) -> str:
    over = timezone.now() - timedelta(hours=3)
    values = {"undo_until": over, "before_schema": ""}
    return reverse("restored", args=[factories.restore(factories.archive(), requested_by=by, **values).pk])


def undo_waits(by: User) -> str:
    of, now = factories.archive(), timezone.now()
    earlier = factories.restore(of, requested_by=by, swapped_at=now - timedelta(hours=2))
    factories.restore(of, requested_by=by, swapped_at=now)
    return reverse("undo", args=[earlier.pk])


def cancelled_restore(by: User) -> str:
    of = factories.archive()
    work = factories.job("restore", "cancelled", archive=of, error_code="cancelled", requested_by=by)
    factories.restore(of, job=work, state="failed", before_schema="")
    return reverse("job", args=[work.pk])


def stopped_by_a_check(by: User) -> str:
    """The archive lies nowhere, so its seal cannot be read; all else is looked at all the same."""
    factories.a_good_week(by)
    tables = ["booking", "transaksi_parkir"]
    asked = {"what": "table", "archive": factories.archive().pk, "scope": "tables", "target": "live"}
    return f"{reverse('restore-check')}?{urlencode({**asked, 'tables': tables}, doseq=True)}"


def brought_back(by: User) -> str:
    gone = [{"table": "booking", "now": None, "after": 3}]
    values = {"lost_rows": gone, "safety_archive": None, "safety_skipped": True}
    return reverse("restored", args=[factories.restore(factories.archive(), requested_by=by, **values).pk])


def planned(by: User) -> str:
    since = timezone.localtime() - timedelta(days=1, hours=4)
    factories.a_good_week(by)
    return f"{reverse('restore-plan')}?what=table&since={since:%Y-%m-%dT%H:%M}"


def too_early(by: User) -> str:
    factories.a_good_week(by)
    return f"{reverse('restore-plan')}?what=rows&since=2024-01-01T08:00"


PLACES = (
    Place("pulihkan-kosong", "superadmin", lambda _: reverse("restore")),
    Place("pulihkan-kejadian", "superadmin", at("restore")),
    Place("pulihkan-rencana", "superadmin", planned),
    Place("pulihkan-terlalu-awal", "superadmin", too_early),
    Place("hasil-pulih", "superadmin", restored),
    Place("hasil-perlu-bantuan", "superadmin", needing_a_hand),
    Place("pulihkan-rusak", "superadmin", unfit),
    Place("hasil-kembali", "superadmin", brought_back),
    Place("pulihkan-terhalang", "superadmin", stopped_by_a_check),
    Place("hasil-satu-langkah-lagi", "superadmin", one_step_left),
    Place("hapus-salinan-percobaan", "superadmin", copy_dropped),
    Place("selesai-urungkan", "superadmin", after_undo),
    Place("hasil-lewat-waktu", "superadmin", window_closed),
    Place("urungkan-yang-lain-dulu", "superadmin", undo_waits),
    Place("pemulihan-dibatalkan", "superadmin", cancelled_restore),
    Place("urungkan", "superadmin", undo),
    Place("hasil-diurungkan", "superadmin", undone),
    Place("dari-tempat-lain", "superadmin", at("elsewhere")),
    Place("dump-diperiksa", "superadmin", inspected),
)
