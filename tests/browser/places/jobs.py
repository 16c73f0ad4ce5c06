"""What is at work, waits, is done or failed; and what does the work."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from backups.models import Job, User, WorkerHost
from tests.browser.places.place import Place
from tests.web import factories


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


def cleared(by: User) -> str:
    another = {"period": "weekly", "by": "x"}
    reasons = [("too_old", {}), ("passed_over", another), ("over_cap", {"bytes": 5 * 10**9})]
    dropped = [
        {"id": f"2024110{day}T190000Z-0000000{day}", "storage": "local", "reason": code, "params": params}
        for day, (code, params) in enumerate(reasons, 1)
    ]
    work = factories.job("prune", "done", requested_by=by, result={"kept": [], "dropped": dropped})
    return reverse("job", args=[work.pk])


PLACES = (
    Place("selesai-terbukti", "superadmin", done_and_proven),
    Place("sistem", "superadmin", well_founded),
    Place("sistem-gangguan", "superadmin", ill_founded),
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
    Place("selesai-bersih", "superadmin", cleared),
)
