"""An incident, from the first minute to the report."""

from __future__ import annotations

from django.urls import reverse

from backups.models import User
from tests.browser.places.place import Place
from tests.web import factories, incidents_of


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


PLACES = (
    Place("beranda-mall-pemulihan", "mall", told_mall),
    Place("insiden-kosong", "superadmin", lambda _: reverse("incidents")),
    Place("insiden-daftar", "superadmin", incident_list),
    Place("insiden-baru", "superadmin", lambda _: reverse("incident-new")),
    Place("insiden", "superadmin", incident),
    Place("insiden-laporan", "superadmin", incident_report),
    Place("insiden-tutup", "superadmin", closing),
)
