"""Backups: the list, one of them in each state, what became of it, how they grew."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from backups.mall_queries import as_mall_sees
from backups.models import Proof, User
from backups.services.certificate import sign
from tests.browser.places.place import Place
from tests.web import factories


def archives(by: User) -> str:
    made = factories.a_good_week(by)
    made[1].state = "damaged"
    made[1].save()
    factories.proof(made[3], proven=False, equal=True, new_findings=[factories.KNOWN])
    return reverse("archives")


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


def shrunk(by: User) -> str:
    week = factories.a_good_week(by)
    newest = factories.archive(timezone.now(), table_rows=week[-1].table_rows[1:])
    factories.proof(newest, timezone.now())
    return reverse("archive", args=[newest.pk])


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


def pinned(by: User) -> str:
    until = timezone.now() + timedelta(days=90)
    return reverse(
        "archive",
        args=[factories.archive(requested_by=by, pinned_until=until, pin_reason="Sengketa tiket 4711").pk],
    )


def story(by: User) -> str:
    made = factories.a_good_week(by)[-1]
    return reverse("archive-story", args=[as_mall_sees(made).stamp])


PLACES = (
    Place("cadangan-baru", "superadmin", new_backup),
    Place("cadangan-detail-tabel-hilang", "superadmin", shrunk),
    Place("cadangan-mall-riwayat", "mall", story),
    Place("cadangan", "superadmin", archives),
    Place("cadangan-tersaring", "superadmin", looked_for),
    Place("cadangan-detail-perubahan", "superadmin", compared),
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
    Place("cadangan-disematkan", "superadmin", pinned),
)
