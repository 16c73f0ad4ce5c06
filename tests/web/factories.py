"""People, archives, jobs and restores as the services would leave them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from backups.models import Archive, Copy, Job, Proof, Restore, Schedule, Slot, User, Visit
from backups.models.visit import Ended
from backups.services import audit, catalogue
from backups.services import schedules as plans
from backups.services.second_factor import changes
from backups.services.timetable import Rule
from backups.views.certainty import SECOND, WHEN
from tests.web.soft_passkey import SoftPasskey

PASSWORD = "kata-sandi-untuk-uji-coba"

TABLES = {
    "transaksi_parkir": 21480,
    "pembayaran": 20911,
    "booking": 6120,
    "riwayat_poin": 4388,
    "notifikasi": 2210,
    "kendaraan": 1904,
    "user": 1512,
    "customer": 1490,
    "parkiran": 48,
    "tarif_parkir": 24,
    "mall": 6,
}

KNOWN = {
    "kind": "TRIGGER",
    "name": "trg_transaksi_after_update",
    "cause": "fires",
    "detail": "Can't update table 'parkiran' in stored function/trigger",
    "errno": 1442,
}


def superadmin(email: str = "rani@qparkin.id", name: str = "Rani Wulandari") -> User:
    return _person(email, name, User.Role.SUPERADMIN)


def mall_admin(email: str = "bima@mall.id", name: str = "Bima Prasetyo") -> User:
    return _person(email, name, User.Role.ADMIN_MALL)


def _person(email: str, name: str, role: str) -> User:
    person = User(email=email, name=name, role=role, mall_id=1 if role == User.Role.ADMIN_MALL else None)
    person.password = _hashed(email)
    person.save()
    return person


@lru_cache(maxsize=256)
def _hashed(email: str) -> str:
    """As the panel keeps it, made once for each person: it is dear on purpose, and thousands of tests ask."""
    return make_password(PASSWORD)


BURDEN = {
    "reading_seconds": 4.1,
    "rows_per_second": 14656,
    "bytes_per_second": 2_051_955,
    "cpu_seconds": 2.84,
    "peak_bytes": 121_634_816,
    "paused_seconds": 0.0,
    "held_seconds": 0.0,
    "patience_ended": False,
    "most_running": 3,
    "most_running_at": "2026-11-22T19:00:05.120000+00:00",
    "replica": None,
}


FIGURES = {
    "1": {"transactions": 8214, "bookings": 2406, "payments": 8011, "newest": "2026-11-22 21:14:00"},
    "2": {"transactions": 5120, "bookings": 1377, "payments": 4988, "newest": "2026-11-22 21:09:00"},
}


RELEASE = {
    "framework": "v11.31.0",
    "revision": "4f1c9a0d2b7e6c5a8f3d1e0b9c7a6d5e4f3c2b1a",
    "migrations": 31,
    "last_migration": "2026_10_02_081500_add_slot_to_booking",
}


def sign_in(client: Client, person: User) -> None:
    """As the door leaves somebody who has just given password and second factor."""
    sign_in_by_password(client, person)
    session = client.session
    session[SECOND] = person.pk
    session.save()


def sign_in_by_password(client: Client, person: User) -> None:
    """Without a second factor, which with REQUIRE_MFA opens nothing to a superadmin."""
    client.force_login(person)
    session = client.session
    session[WHEN] = timezone.now().timestamp()
    session.save()


def with_app(person: User) -> str:
    """An authenticator app is set up; returns its secret, for `code_of`. Recovery codes come with it."""
    secret: str = totp.generate_totp_secret()
    changes.add_app(person, secret=secret, counter=0, at="")
    _let_stay(person)
    return secret


def _let_stay(person: User) -> None:
    """Whoever is signed in already: the first factor would end that."""
    Visit.objects.filter(person=person, ended_because=Ended.TAKEN_BACK).update(
        ended_at=None, ended_because=""
    )


def with_passkey(person: User, name: str) -> Authenticator:
    """Of no device: for pages that only show it."""
    changes.add_passkey(person, name=name, credential=SoftPasskey().kept(), at="")
    _let_stay(person)
    return Authenticator.objects.filter(user=person, type="webauthn").latest("pk")


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later; each is accepted once."""
    counter = int(timezone.now().timestamp()) // 30 + steps
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def archive(created: datetime | None = None, **values: Any) -> Archive:
    created = created or timezone.now() - timedelta(hours=2)
    number = Archive.with_pruned.count() + 1
    made = Archive.objects.create(
        **{
            "id": f"{created:%Y%m%dT%H%M%SZ}-{number:08x}",
            "database": settings.QPARKIN_DB_DATABASE,
            "created": created,
            "purpose": "schedule",
            "content": ["database"],
            "bytes": 3_214_889 + number * 18_211,
            "tables": 29,
            "rows": sum(TABLES.values()),
            "seconds": 6.4,
            "server_version": "10.11.14-MariaDB",
            "sequence": number,
            "table_rows": [{"name": n, "rows": r, "bytes": r * 140} for n, r in TABLES.items()],
            "code_counts": {"triggers": 34, "foreign_keys": 19, "views": 0, "routines": 0, "events": 0},
            "verified_at": created + timedelta(seconds=8),
            "burden": BURDEN,
            "release": RELEASE,
            **values,
        }
    )
    # A row only: nobody shall look for its file now.
    catalogue.note_looked()
    name = f"qparkin-{made.pk}.zip"
    Copy.objects.create(
        archive=made, storage="local", name=name, location=f"/srv/qparkin-backup/{name}",
        state=made.state, bytes=made.bytes, checked_at=created,
    )  # fmt: skip
    return made


def proof(of: Archive, made_at: datetime | None = None, **values: Any) -> Proof:
    return Proof.objects.create(
        **{
            "archive": of,
            "made_at": made_at or of.created + timedelta(minutes=3),
            "proven": True,
            "equal": True,
            "known_findings": [KNOWN],
            "tables": of.tables,
            "rows": of.rows,
            "seconds": 21.3,
            "mall_figures": FIGURES,
            **values,
        }
    )


def job(kind: str = Job.Kind.BACKUP, state: str = Job.State.RUNNING, **values: Any) -> Job:
    now = timezone.now()
    running = {
        "phase": "dump", "done": 7_200_000, "total": 11_800_000,
        "started_at": now - timedelta(seconds=9), "phase_started_at": now - timedelta(seconds=7),
        "heartbeat_at": now, "lease_until": now + timedelta(seconds=55), "worker": "uji",
    }  # fmt: skip
    ended = {"started_at": now - timedelta(seconds=9), "finished_at": now}
    by_state = {Job.State.QUEUED: {}, Job.State.RUNNING: running}.get(Job.State(state), ended)
    fixed = {
        "kind": kind,
        "state": state,
        "system": settings.QPARKIN_DB_DATABASE,
        "writes": kind != Job.Kind.VERIFY,
    }
    return Job.objects.create(**{**fixed, **by_state, **values})


def log_of(*phases: str, since: datetime | None = None, each: float = 3.0) -> list[dict[str, Any]]:
    """As the heartbeat leaves it, each phase so many seconds after the one before."""
    begun = since or timezone.now() - timedelta(seconds=each * len(phases))
    return [
        {"at": (begun + timedelta(seconds=each * at)).isoformat(), "phase": phase}
        for at, phase in enumerate(phases)
    ]


def past_job(at: datetime, kind: str = Job.Kind.BACKUP, state: str = "done", **values: Any) -> Job:
    """One that began at that time, waited three seconds and took half a minute."""
    begun = at + timedelta(seconds=3)
    log = log_of("snapshot", "inventory", "dump", "seal", "verify", since=begun, each=6)
    times = {"created_at": at, "started_at": begun, "finished_at": begun + timedelta(seconds=30), "log": log}
    return job(kind, state, **{**times, **values})


def restore(of: Archive, **values: Any) -> Restore:
    now = timezone.now()
    return Restore.objects.create(
        **{
            "archive": of,
            "job": job(Job.Kind.RESTORE, Job.State.DONE, archive=of),
            "target": settings.QPARKIN_DB_DATABASE,
            "state": Restore.State.SWAPPED,
            "before_schema": "qparkin__before_0123456789ab",
            "swap_ms": 74.6,
            "tables": of.tables,
            "rows": of.rows,
            "seconds": 34.2,
            "undo_until": now + timedelta(days=7),
            "safety_archive": archive(now - timedelta(minutes=1), purpose="safety"),
            "known_findings": [KNOWN],
            **values,
        }
    )


def schedules() -> list[Schedule]:
    """One for each state in which a schedule may be seen."""
    Schedule.objects.all().delete()
    now = timezone.now()
    heartbeat = "https://hc-ping.com/4f1c9a0d"
    night = plans.add(plans.Plan("Setiap malam", Rule("daily")), by=None)
    hours = plans.add(plans.Plan("Siang hari", Rule("hours", hours=4), "database", heartbeat), by=None)
    month = plans.add(plans.Plan("Arsip bulanan", Rule("monthly", day=31)), by=None)
    cron = plans.add(plans.Plan("Hari kerja", Rule("cron", cron="30 18 * * 1-5"), "database"), by=None)
    Slot.objects.create(schedule=night, at=now - timedelta(hours=9), state="done", late=True)
    failed = job(state=Job.State.FAILED, error_code="connection_lost", created_at=now - timedelta(days=3))
    Slot.objects.create(schedule=hours, at=now - timedelta(hours=2), state="failed", job=failed)
    Schedule.objects.filter(pk=hours.pk).update(heartbeat_problem="timeout")
    Schedule.objects.filter(pk=cron.pk).update(next_run=now - timedelta(hours=4))
    plans.pause(month, by=None)
    return [night, hours, month, cron]


def a_good_week(by: User) -> list[Archive]:
    """Daily backups, the newest one proven: what the panel looks like most of the time."""
    now = timezone.now()
    tomorrow = timezone.localtime(now).replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=1)
    Schedule.objects.update_or_create(name="Setiap malam", defaults={"next_run": tomorrow, "enabled": True})
    made = [archive(now - timedelta(days=days, hours=2)) for days in range(6, -1, -1)]
    made.append(
        archive(now - timedelta(hours=1), purpose="manual", label="Sebelum rilis 2.4", requested_by=by)
    )
    for whole in made[::2]:
        proof(whole)
    proof(made[-1])
    audit.record("sign_in", actor=by, address="10.20.1.14")
    audit.record("request_backup", actor=by, details={"trigger": "person"})
    audit.record("backup", actor=by, about=made[-1], details={"bytes": made[-1].bytes})
    audit.record("sign_in", actor=None, outcome="refused", address="10.20.1.99", details={"email": "x@y.id"})
    return made


def fetched(client: Client, archive: Archive, what: str = "download", **asked: Any) -> Any:
    """As somebody who presses the button: the link, and what it leads to."""
    return client.get(client.post(f"/archives/{archive.pk}/{what}/", **asked).headers["Location"], **asked)
