"""Every page there is, with the rows that it needs; one list for axe and for the pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from backups.mall_queries import as_mall_sees
from backups.models import Channel, Job, Proof, Schedule, Slot, User, WorkerHost
from backups.services import audit, notices, policies
from backups.services.certificate import sign
from backups.services.notices.tidings import Tiding
from qparkin_backup.buckets import Bucket
from qparkin_backup.storages import Folder
from tests.browser import people_of, wishes
from tests.web import factories, incidents_of, keys_of, stored


@dataclass(frozen=True, slots=True)
class Place:
    """`make` leaves the rows and says where the page is."""

    name: str
    role: str  # superadmin, mall or nobody; half: the password was given, newcomer: and no factor is set up
    make: Callable[[User], str]
    # Those that are set up, where it is not the one folder.
    storages: tuple[Folder | Bucket, ...] = ()
    # A second factor is, to superadmins.
    demanded: bool = False


def week(by: User) -> str:
    factories.a_good_week(by)
    return reverse("home")


def chequered_home(by: User) -> str:
    """A month with a late day, a failure and days without any."""
    now = timezone.now()
    for days in (*range(24, 15, -1), *range(13, 6, -1), 4, 3):
        factories.archive(now - timedelta(days=days))
    night = factories.schedules()[0]
    Slot.objects.create(schedule=night, at=now - timedelta(days=10), state="done", late=True)
    failed = now - timedelta(days=5)
    factories.job(state=Job.State.FAILED, created_at=failed, finished_at=failed)
    factories.a_good_week(by)
    return reverse("home")


def nothing(by: User) -> str:
    del by
    return reverse("home")


def failed_home(by: User) -> str:
    factories.a_good_week(by)
    factories.job(state=Job.State.FAILED, error_code="connection_lost")
    return reverse("home")


def undoable_home(by: User) -> str:
    newest = factories.a_good_week(by)[-1]
    factories.restore(newest)
    return reverse("home")


def archives(by: User) -> str:
    made = factories.a_good_week(by)
    made[1].state = "damaged"
    made[1].save()
    factories.proof(made[3], proven=False, equal=True, new_findings=[factories.KNOWN])
    return reverse("archives")


def no_notices(by: User) -> str:
    del by
    return reverse("notices")


def notified(by: User) -> str:
    """Three ways: one that works, one that fails, one that was not tried."""
    now = timezone.now()
    told = {"locked_address": "x", "language": "id"}
    group = Channel.objects.create(
        name="Grup jaga malam", kind="telegram", hint="-1001234567", last_sent_at=now, **told
    )
    Channel.objects.create(
        name="Bu Rani", kind="mail", hint="rani@qparkin.id", failures=3, quiet_from=time(22),
        quiet_until=time(6), urgent_only=True, **told,
    )  # fmt: skip
    Channel.objects.create(name="Papan status", kind="webhook", hint="hooks.qparkin.id", **told)
    notices.write_down(
        [
            Tiding("backup_failed", "1", "/", {"failures": 3}),
            Tiding("restore_started", "2", "/", {"who": by.display_name}),
            Tiding("storage_full", "3", "/", {"name": "local"}),
        ]
    )
    group.deliveries.filter(notice__kind="backup_failed").update(state="sent", sent_at=now)
    return reverse("notices")


def new_channel(by: User) -> str:
    del by
    return reverse("channel-new", args=["telegram"])


def new_backup(by: User) -> str:
    factories.a_good_week(by)
    return reverse("backup-new")


def archive(by: User) -> str:
    return reverse("archive", args=[factories.a_good_week(by)[-1].pk])


def strange_archive(by: User) -> str:
    told = [
        {"kind": "rows_lost", "table": "pembayaran", "value": 9000, "usual": 20911},
        {"kind": "incompressible", "table": "", "value": 0.98, "usual": 0.15},
    ]
    return reverse("archive", args=[factories.archive(requested_by=by, anomalies=told).pk])


def held_archive(by: User) -> str:
    """What there is to go back to, as long as nobody has said why the one after it is strange."""
    held = factories.archive(timezone.now() - timedelta(days=3), requested_by=by)
    strange_archive(by)
    return reverse("archive", args=[held.pk])


def early_archive(by: User) -> str:
    factories.a_good_week(by)
    made = factories.archive(timezone.now().replace(year=2099), requested_by=by)
    return reverse("archive", args=[made.pk])


def late_archive(by: User) -> str:
    """Read from a replica that was behind, on a night when the server was never calm."""
    replica = {"behind": 840, "broken": False, "too_far": True}
    waited = {"paused_seconds": 600.0, "held_seconds": 42.0, "patience_ended": True, "most_running": 31}
    made = factories.archive(requested_by=by, burden={**factories.BURDEN, **waited, "replica": replica})
    return reverse("archive", args=[made.pk])


def trending(by: User) -> str:
    """Three months that grow slowly, a strange night among them."""
    del by
    now = timezone.now()
    for days in range(89, -1, -1):
        grown = 1 + (90 - days) / 300 + (days * 7 % 5) / 100
        rows = {name: int(count * grown) for name, count in factories.TABLES.items()}
        told: dict[str, object] = {}
        if days == 20:
            rows["pembayaran"] = 9000
            told = {"anomalies": [
                {"kind": "rows_lost", "table": "pembayaran", "value": 9000, "usual": 24000},
                {"kind": "duration", "table": "", "value": 64, "usual": 8},
            ]}  # fmt: skip
        made = factories.archive(
            now - timedelta(days=days, hours=2), bytes=int(3_214_889 * grown),
            seconds=64 if days == 20 else 7 * grown, **told,
            table_rows=[{"name": name, "rows": count, "bytes": count * 140} for name, count in rows.items()],
        )  # fmt: skip
        if days % 7 == 0:
            factories.proof(made, seconds=20 * grown)
    return reverse("trends")


def compared(by: User) -> str:
    """Beside the one before it: a table that is gone, one that is new, one that lost rows; and its story."""
    now = timezone.now()
    factories.archive(now - timedelta(days=1))
    rows = {**factories.TABLES, "booking": 5980, "pembayaran": 21340, "voucher": 120}
    del rows["mall"]
    told = [{"name": name, "rows": count, "bytes": count * 140} for name, count in rows.items()]
    made = factories.archive(now - timedelta(hours=2), table_rows=told, rows=sum(rows.values()))
    made.job = factories.past_job(now - timedelta(hours=2), archive=made, requested_by=by)
    made.save()
    factories.past_job(now - timedelta(hours=1), "drill", archive=made, trigger="schedule")
    factories.past_job(now - timedelta(minutes=9), "verify", archive=made, requested_by=by)
    return reverse("archive", args=[made.pk])


def looked_for(by: User) -> str:
    factories.a_good_week(by)
    return f"{reverse('archives')}?state=damaged"


def well_founded(by: User) -> str:
    factories.a_good_week(by)
    offers = [f"kind:{kind}" for kind in Job.Kind.values]
    WorkerHost.objects.create(name="panel-1", version=settings.VERSION, offers=[*offers, "identity"])
    return reverse("system")


def ill_founded(by: User) -> str:
    """One worker that fell silent, one of an older version, and a job that waits for them."""
    del by
    now = timezone.now()
    silent = {"seen_at": now - timedelta(hours=3), "started_at": now - timedelta(days=3)}
    WorkerHost.objects.create(name="panel-1", version=settings.VERSION, offers=["kind:backup"], **silent)
    old = {"version": "0.9.0", "offers": ["kind:drill", "folder:/var/www/qparkin/storage/app"]}
    WorkerHost.objects.create(name="panel-2", **old)
    factories.job("backup", "queued", needs=["kind:backup"], created_at=now - timedelta(hours=2))
    return reverse("system")


def waiting(by: User) -> str:
    return reverse("job", args=[factories.job(phase="calm", done=0, total=0, requested_by=by).pk])


def unproven_archive(by: User) -> str:
    return reverse(
        "archive",
        args=[
            factories.archive(
                requested_by=by, warnings=[{"code": "locked", "names": ["sessions (MyISAM)"], "why": "late"}]
            ).pk
        ],
    )


def damaged_archive(by: User) -> str:
    params = {"archive": "qparkin", "what": "data/003-booking/0001.tsv.zst.age"}
    damaged = factories.archive(state="damaged", problem_code="archive_damaged", problem_params=params)
    factories.proof(damaged, proven=False, equal=False, differences=["booking: 3 rows differ"])
    return reverse("archive", args=[damaged.pk])


def running(by: User) -> str:
    return reverse("job", args=[factories.job(requested_by=by).pk])


def restoring(by: User) -> str:
    of = factories.archive()
    work = factories.job(
        "restore", archive=of, phase="prove_equal", options={"safety_backup": True}, requested_by=by
    )
    return reverse("job", args=[work.pk])


def queued(by: User) -> str:
    return reverse(
        "job", args=[factories.job("drill", "queued", archive=factories.archive(), requested_by=by).pk]
    )


def busy(by: User) -> str:
    """One at work, one that waits for it, one whose worker fell silent; and a week before that."""
    factories.a_good_week(by)
    now = timezone.now()
    for days in range(6, 0, -1):
        factories.past_job(now - timedelta(days=days), requested_by=by if days % 3 else None)
    factories.past_job(now - timedelta(days=2), "drill", state="failed", error_code="connection_lost")
    factories.past_job(now - timedelta(days=1), "restore", state="cancelled", requested_by=by)
    backup = factories.job(requested_by=by, log=factories.log_of("snapshot", "inventory", "dump"))
    Job.objects.filter(pk=backup.pk).update(lock=backup.system)
    offers = [f"kind:{kind}" for kind in Job.Kind.values]
    WorkerHost.objects.create(name="panel-1", offers=offers)
    factories.job("drill", "queued", archive=factories.archive(), requested_by=None, trigger="schedule")
    silent = {"heartbeat_at": now - timedelta(minutes=2), "lease_until": now - timedelta(minutes=1)}
    factories.job("verify", archive=factories.archive(), phase="verify", trigger="schedule", **silent)
    return reverse("activity")


def idle(by: User) -> str:
    del by
    return reverse("activity")


def found_nothing(by: User) -> str:
    busy(by)
    return f"{reverse('activity')}?kind=undo"


def done(by: User) -> str:
    of = factories.archive()
    work = factories.job(state="done", archive=of, requested_by=by)
    factories.job("drill", "running", archive=of)
    return reverse("job", args=[work.pk])


def done_and_proven(by: User) -> str:
    of = factories.archive()
    work = factories.job(state="done", archive=of, requested_by=by)
    factories.proof(of, job=factories.job("drill", "done", archive=of))
    return reverse("job", args=[work.pk])


def running_home(by: User) -> str:
    newest = factories.a_good_week(by)[-1]
    factories.job("drill", archive=newest)
    return reverse("home")


def shrunk_home(by: User) -> str:
    shrunk(by)
    return reverse("home")


def shrunk(by: User) -> str:
    week = factories.a_good_week(by)
    newest = factories.archive(timezone.now(), table_rows=week[-1].table_rows[1:])
    factories.proof(newest, timezone.now())
    return reverse("archive", args=[newest.pk])


def audited(by: User) -> str:
    newest = factories.a_good_week(by)[-1]
    work = factories.job("drill", "failed", archive=newest, trigger="command")
    audit.record(
        "request_drill", actor=None, about=work, details={"trigger": "command", "archive": newest.pk}
    )
    audit.record("drill", actor=None, about=work, outcome="failed", details={"code": "server_unreachable"})
    return reverse("audit")


def drilled(by: User) -> str:
    of = factories.archive()
    work = factories.job("drill", "done", archive=of, requested_by=by)
    factories.proof(of, job=work)
    return reverse("job", args=[work.pk])


def verified(by: User) -> str:
    return reverse(
        "job", args=[factories.job("verify", "done", archive=factories.archive(), requested_by=by).pk]
    )


def failed(by: User) -> str:
    work = factories.job(
        state="failed", error_code="storage_full", error_params={"storage": "local"}, requested_by=by
    )
    return reverse("job", args=[work.pk])


def cancelled(by: User) -> str:
    return reverse("job", args=[factories.job(state="cancelled", error_code="cancelled", requested_by=by).pk])


def restored(by: User) -> str:
    """The second of two steps, after a look at the same in a database of its own."""
    archive = factories.archive()
    apart = {"state": "elsewhere", "target": "qparkin__look_20261123_134000", "swap_ms": None}
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


def certified(by: User) -> str:
    archive = factories.archive(seal_digest="3f9c" * 16, requested_by=by)
    rows = [[name, count] for name, count in factories.TABLES.items()]
    phases = [["load", 8.4], ["keys", 0.9], ["code", 0.6], ["prove_works", 3.1], ["prove_equal", 8.2]]
    drill = factories.job("drill", "done", archive=archive, requested_by=by)
    made = factories.proof(
        archive, table_rows=rows, phases=phases, storage="local", server_version="10.11.14-MariaDB", job=drill
    )
    Proof.objects.update(statement=sign(made))
    archive.copies.update(sha256="b7e1" * 16)
    return reverse("certificate", args=[archive.pk])


def grown_old(by: User) -> str:
    for days, age in ((1, 40), (2, 9), (3, 4)):
        made = factories.archive(timezone.now() - timedelta(days=days), requested_by=by)
        factories.proof(made, timezone.now() - timedelta(days=age))
    return reverse("archives")


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


def thinned(by: User) -> str:
    """A year and a half of daily backups, as they are when nothing was ever cleared."""
    now = timezone.now()
    made = [factories.archive(now - timedelta(days=age, hours=2), requested_by=by) for age in range(120)]
    made += [factories.archive(now - timedelta(days=age, hours=2)) for age in range(120, 540, 9)]
    for whole in made[::10]:
        factories.proof(whole)
    return reverse("retention")


def tried(by: User) -> str:
    tried = {"all_days": 3, "daily": 5, "weekly": 4, "monthly": 3, "yearly": 0, "max_gb": "0.06"}
    day = timezone.localdate() - timedelta(days=2)
    return f"{thinned(by)}?{urlencode({'storage': 'local', **tried, 'day': day.isoformat()})}"


def cleared(by: User) -> str:
    another = {"period": "weekly", "by": "x"}
    reasons = [("too_old", {}), ("passed_over", another), ("over_cap", {"bytes": 5 * 10**9})]
    dropped = [
        {"id": f"2024110{day}T190000Z-0000000{day}", "storage": "local", "reason": code, "params": params}
        for day, (code, params) in enumerate(reasons, 1)
    ]
    work = factories.job("prune", "done", requested_by=by, result={"kept": [], "dropped": dropped})
    return reverse("job", args=[work.pk])


def pinned(by: User) -> str:
    until = timezone.now() + timedelta(days=90)
    return reverse(
        "archive",
        args=[factories.archive(requested_by=by, pinned_until=until, pin_reason="Sengketa tiket 4711").pk],
    )


def at(route: str) -> Callable[[User], str]:
    def make(by: User) -> str:
        factories.a_good_week(by)
        return reverse(route)

    return make


def unfit(by: User) -> str:
    factories.a_good_week(by)
    return reverse("restore-from", args=[factories.archive(state="damaged").pk])


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
    apart = {"state": "elsewhere", "scope": "tables", "target": "qparkin__look_20261123_1340", "tables": 2}
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


def scheduled(by: User) -> str:
    """One that went well, one that was not begun, one whose heartbeat is silent, one that is paused."""
    factories.a_good_week(by)
    factories.schedules()
    return reverse("schedules")


def unscheduled(by: User) -> str:
    del by
    Schedule.objects.all().delete()
    return reverse("schedules")


def schedule_changed(by: User) -> str:
    factories.a_good_week(by)
    return reverse("schedule", args=[factories.schedules()[1].pk])


def schedule_gone(by: User) -> str:
    del by
    return reverse("schedule-delete", args=[factories.schedules()[0].pk])


def missed_home(by: User) -> str:
    factories.a_good_week(by)
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=4))
    return reverse("home")


def keys(by: User) -> str:
    """Some of before, and a recovery key that was tried a month ago."""
    del by
    keys_of.rotated()
    return reverse("keys")


def lost(by: User) -> str:
    del by
    return "/tidak-ada/"


def storages(by: User) -> str:
    stored.four_months(by)
    return reverse("storages")


def filling_storages(by: User) -> str:
    """The panel may not delete there, so the disk fills up."""
    stored.four_months(by)
    policies.note_refusal("local", refused=True)
    return reverse("storages")


def stored_home(by: User) -> str:
    stored.four_months(by)
    return reverse("home")


def troubled_home(by: User) -> str:
    stored.troubled(by)
    return reverse("home")


def archives_and_copies(by: User) -> str:
    stored.troubled(by)
    return reverse("archives")


def copies_of_one(by: User) -> str:
    return reverse("archive", args=[stored.ill_assorted(by).pk])


def troubled_storages(by: User) -> str:
    stored.troubled(by)
    return reverse("storages")


def lost_there(by: User) -> str:
    stored.troubled(by)
    return reverse("storage-lost", args=["nas"])


def incident(by: User) -> str:
    return reverse("incident", args=[incidents_of.worked_through(by).pk])


def incident_report(by: User) -> str:
    return reverse("incident-report", args=[incidents_of.worked_through(by).pk])


def closing(by: User) -> str:
    return reverse("incident-close", args=[incidents_of.worked_through(by).pk])


def incident_list(by: User) -> str:
    incidents_of.past(by)
    incidents_of.worked_through(by)
    return reverse("incidents")


def told_mall(by: User) -> str:
    """A restore is under way, and a superadmin has said what to do."""
    incidents_of.worked_through(by)
    factories.job("restore", "running")
    return reverse("home")


def story(by: User) -> str:
    made = factories.a_good_week(by)[-1]
    return reverse("archive-story", args=[as_mall_sees(made).stamp])


def with_factors(route: str) -> Callable[[User], str]:
    """An app and a passkey, and most of the codes used up."""

    def make(by: User) -> str:
        factories.with_app(by)
        factories.with_passkey(by, "Laptop kantor")
        paper = Authenticator.objects.get(user=by, type="recovery_codes")
        paper.data["used_mask"] = 0b1111111000
        paper.save()
        return reverse(route)

    return make


def factor_gone(by: User) -> str:
    return reverse("factor-remove", args=[factories.with_passkey(by, "Laptop kantor").pk])


PLACES = (
    Place("pengguna", "superadmin", people_of.everybody),
    Place("pengguna-satu", "superadmin", people_of.one),
    Place("pengguna-sendiri", "superadmin", people_of.oneself),
    Place("pengguna-undang", "superadmin", people_of.inviting),
    Place("pengguna-undangan", "superadmin", people_of.invited),
    Place("undangan", "nobody", people_of.followed),
    Place("undangan-habis", "nobody", people_of.void),
    Place("saya", "superadmin", people_of.own),
    Place("saya-mall", "mall", people_of.own),
    Place("saya-sandi", "mall", at("own-password")),
    Place("saya-notifikasi", "mall", at("own-notices")),
    Place("saya-kegiatan", "mall", people_of.did),
    Place("masuk", "nobody", at("sign-in")),
    Place("langkah-kedua", "half", with_factors("second-step")),
    Place("faktor-wajib", "newcomer", at("second-factor"), demanded=True),
    Place("faktor-aplikasi", "newcomer", at("factor-app"), demanded=True),
    Place("faktor-passkey", "superadmin", at("passkey-new")),
    Place("faktor", "superadmin", with_factors("second-factor"), demanded=True),
    Place("faktor-mall", "mall", at("second-factor")),
    Place("faktor-hapus", "superadmin", factor_gone),
    Place("kode-pemulihan", "superadmin", with_factors("recovery-codes")),
    Place("masih-anda-faktor", "superadmin", with_factors("step-up"), demanded=True),
    Place("beranda", "superadmin", week),
    Place("beranda-bulan", "superadmin", chequered_home),
    Place("beranda-kosong", "superadmin", nothing),
    Place("beranda-gagal", "superadmin", failed_home),
    Place("notifikasi", "superadmin", notified),
    Place("notifikasi-kosong", "superadmin", no_notices),
    Place("notifikasi-telegram", "superadmin", new_channel),
    Place("cadangan-baru", "superadmin", new_backup),
    Place("beranda-urungkan", "superadmin", undoable_home),
    Place("beranda-berjalan", "superadmin", running_home),
    Place("beranda-tabel-hilang", "superadmin", shrunk_home),
    Place("cadangan-detail-tabel-hilang", "superadmin", shrunk),
    Place("selesai-terbukti", "superadmin", done_and_proven),
    Place("405", "superadmin", lambda _: reverse("backup")),
    Place("beranda-mall", "mall", week),
    Place("beranda-mall-bulan", "mall", chequered_home),
    Place("beranda-mall-kosong", "mall", nothing),
    Place("beranda-mall-pemulihan", "mall", told_mall),
    Place("cadangan-mall-riwayat", "mall", story),
    Place("cadangan", "superadmin", archives),
    Place("cadangan-tersaring", "superadmin", looked_for),
    Place("cadangan-detail-perubahan", "superadmin", compared),
    Place("sistem", "superadmin", well_founded),
    Place("sistem-gangguan", "superadmin", ill_founded),
    Place("tren", "superadmin", trending),
    Place("tren-kosong", "superadmin", lambda _: reverse("trends")),
    Place("cadangan-mall", "mall", archives),
    Place("cadangan-mall-usang", "mall", grown_old),
    Place("cadangan-usang", "superadmin", grown_old),
    Place("sertifikat", "superadmin", certified),
    Place("cadangan-detail", "superadmin", archive),
    Place("cadangan-detail-belum-terbukti", "superadmin", unproven_archive),
    Place("cadangan-detail-tertinggal", "superadmin", late_archive),
    Place("cadangan-detail-tak-biasa", "superadmin", strange_archive),
    Place("cadangan-detail-ditahan", "superadmin", held_archive),
    Place("cadangan-detail-masa-depan", "superadmin", early_archive),
    Place("cadangan-detail-rusak", "superadmin", damaged_archive),
    Place("aktivitas", "superadmin", busy),
    Place("aktivitas-kosong", "superadmin", idle),
    Place("aktivitas-tersaring", "superadmin", found_nothing),
    Place("aktivitas-mall", "mall", busy),
    Place("kemajuan", "superadmin", running),
    Place("kemajuan-pulih", "superadmin", restoring),
    Place("kemajuan-menunggu", "superadmin", waiting),
    Place("kemajuan-antre", "superadmin", queued),
    Place("selesai-cadangan", "superadmin", done),
    Place("selesai-uji", "superadmin", drilled),
    Place("selesai-periksa", "superadmin", verified),
    Place("gagal", "superadmin", failed),
    Place("dibatalkan", "superadmin", cancelled),
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
    Place("selesai-urungkan", "superadmin", after_undo),
    Place("hasil-lewat-waktu", "superadmin", window_closed),
    Place("urungkan-yang-lain-dulu", "superadmin", undo_waits),
    Place("pemulihan-dibatalkan", "superadmin", cancelled_restore),
    Place("urungkan", "superadmin", undo),
    Place("hasil-diurungkan", "superadmin", undone),
    Place("dari-tempat-lain", "superadmin", at("elsewhere")),
    Place("dump-diperiksa", "superadmin", inspected),
    Place("selesai-bersih", "superadmin", cleared),
    Place("jadwal", "superadmin", scheduled),
    Place("jadwal-kosong", "superadmin", unscheduled),
    Place("jadwal-baru", "superadmin", at("schedule-new")),
    Place("jadwal-ubah", "superadmin", schedule_changed),
    Place("jadwal-hapus", "superadmin", schedule_gone),
    Place("beranda-terlewat", "superadmin", missed_home),
    Place("masa-simpan", "superadmin", thinned),
    Place("masa-simpan-coba", "superadmin", tried),
    Place("penyimpanan", "superadmin", storages, stored.THREE),
    Place("penyimpanan-mengisi", "superadmin", filling_storages, stored.THREE),
    Place("beranda-penyimpanan", "superadmin", stored_home, stored.THREE),
    Place("beranda-penyimpanan-gangguan", "superadmin", troubled_home, stored.THREE),
    Place("cadangan-salinan", "superadmin", archives_and_copies, stored.THREE),
    Place("cadangan-detail-salinan", "superadmin", copies_of_one, stored.THREE),
    Place("penyimpanan-kosong", "superadmin", lambda _: reverse("storages")),
    Place("penyimpanan-gangguan", "superadmin", troubled_storages, stored.THREE),
    Place("penyimpanan-hilang", "superadmin", lost_there, stored.THREE),
    Place("cadangan-disematkan", "superadmin", pinned),
    Place("kunci", "superadmin", keys),
    Place("kunci-belum-dicoba", "superadmin", at("keys")),
    Place("kunci-cetak", "superadmin", at("kit-sheet")),
    Place("masih-anda", "superadmin", at("step-up")),
    Place("insiden-kosong", "superadmin", lambda _: reverse("incidents")),
    Place("insiden-daftar", "superadmin", incident_list),
    Place("insiden-baru", "superadmin", lambda _: reverse("incident-new")),
    Place("insiden", "superadmin", incident),
    Place("insiden-laporan", "superadmin", incident_report),
    Place("insiden-tutup", "superadmin", closing),
    Place("persetujuan", "superadmin", wishes.listed),
    Place("persetujuan-diminta", "superadmin", wishes.asked),
    Place("persetujuan-memutuskan", "superadmin", wishes.to_decide),
    Place("persetujuan-disetujui", "superadmin", wishes.agreed),
    Place("beranda-persetujuan", "superadmin", wishes.at_home),
    Place("audit", "superadmin", audited),
    Place("403", "mall", at("audit")),
    Place("404", "superadmin", lost),
)
