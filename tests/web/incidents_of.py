"""Incidents as people would leave them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from backups.models import Incident, User
from backups.services import audit, incidents
from tests.web import factories

LOST = {"kind": "rows_lost", "table": "pembayaran", "value": 9000, "usual": 20911}


def worked_through(by: User) -> Incident:
    """On the third day: some steps are done, one is not needed, and there is a story to look at."""
    noticed = timezone.now() - timedelta(hours=53)
    made = factories.a_good_week(by)
    strange = factories.archive(noticed - timedelta(hours=4), anomalies=[LOST])
    audit.record("download", actor=by, about=made[0], address="10.20.1.14", details={"bytes": made[0].bytes})
    incident = incidents.begin(
        incidents.Opening("Baris pembayaran hari Senin hilang", noticed, "lost"), by=by
    )
    for step, state in (("written_down", "done"), ("deciders_told", "done"), ("keys_changed", "skipped")):
        incidents.mark_step(incident, step, state, by=by)
    told = "Pak Anton dari mal Botani menelepon: laporan kemarin kosong."
    incidents.note(incident, told, at=noticed, by=by)
    incidents.state_facts(incident, {"how": f"Baris dihapus sebelum cadangan {strange.pk[:8]}."}, by=by)
    incidents.tell_malls(incident, on=True, do="Jangan mengisi data baru dulu.", call="Rani", by=by)
    return incident


def past(by: User) -> Incident:
    noticed = timezone.now() - timedelta(days=200)
    incident = incidents.begin(incidents.Opening("Laptop kasir dicuri", noticed, "stolen"), by=by)
    incidents.close(incident, "Laptop kini terkunci di kantor.", by=by)
    return incident
