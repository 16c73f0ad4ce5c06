"""People as the panel finds them after a while: invited, at home on several devices, gone."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from backups.models import Invitation, User, Visit
from backups.services import audit, invitations, people, visits
from backups.services.invitations import Guest
from tests.browser.places.place import Place, at
from tests.web import factories

DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def everybody(by: User) -> str:
    """Malls with names and without, one who is switched off, two invitations: open, and run out."""
    figures = {**factories.FIGURES, "1": {**factories.FIGURES["1"], "name": "Mall Ciputra Semarang"}}
    factories.proof(factories.a_good_week(by)[-1], mall_figures=figures)
    wati = factories.superadmin("wati@qparkin.id", "Wati Handayani")
    User.objects.filter(pk=wati.pk).update(last_login=timezone.now() - timedelta(days=3))
    tono = factories.mall_admin("tono@paragon.id", "Tono Suryadi")
    people.switch_off(tono, by=by)
    for email, name in (("sinta.dewi@paragon.id", "Sinta Dewi"), ("agus@java.id", "")):
        invitations.invite(Guest(email, name, "admin_mall", 2, "id"), by=by)
    Invitation.objects.filter(name="").update(expires_at=timezone.now() - timedelta(days=1))
    visits.begin(wati, address="10.20.1.31", agent=PHONE)
    return reverse("people")


def one(by: User) -> str:
    everybody(by)
    wati = User.objects.get(email="wati@qparkin.id")
    invitations.offer_password(wati, by=by)
    return reverse("person", args=[wati.pk])


def oneself(by: User) -> str:
    return reverse("person", args=[by.pk])


def inviting(by: User) -> str:
    everybody(by)
    return reverse("invite")


def invited(by: User) -> str:
    everybody(by)
    return reverse("invited", args=[Invitation.objects.get(name="Sinta Dewi").pk])


def followed(by: User) -> str:
    """The page behind the link, as whoever was invited finds it."""
    issued = invitations.invite(Guest("sinta.dewi@paragon.id", "Sinta Dewi", "admin_mall", 2, "id"), by=by)
    return reverse("invitation-link", args=[issued.token])


def void(by: User) -> str:
    del by
    return reverse("invitation-link", args=["sudah-terpakai"])


def own(by: User) -> str:
    for person in User.objects.all():
        visits.begin(person, address="10.20.1.14", agent=DESK)
        visits.begin(person, address="203.0.113.9", agent=PHONE)
    Visit.objects.filter(system="Android").update(seen_at=timezone.now() - timedelta(minutes=12))
    del by
    return reverse("me")


def did(by: User) -> str:
    for person in (by, *User.objects.exclude(pk=by.pk)):
        audit.record("sign_in", actor=person, address="10.20.1.14")
        audit.record("change_profile", actor=person, about=person, address="10.20.1.14")
        audit.record("change_password", actor=person, outcome="refused", address="203.0.113.9")
    return reverse("own-activity")


PLACES = (
    Place("pengguna", "superadmin", everybody),
    Place("pengguna-satu", "superadmin", one),
    Place("pengguna-sendiri", "superadmin", oneself),
    Place("pengguna-undang", "superadmin", inviting),
    Place("pengguna-undangan", "superadmin", invited),
    Place("undangan", "nobody", followed),
    Place("undangan-habis", "nobody", void),
    Place("saya", "superadmin", own),
    Place("saya-mall", "mall", own),
    Place("saya-sandi", "mall", at("own-password")),
    Place("saya-notifikasi", "mall", at("own-notices")),
    Place("saya-kegiatan", "mall", did),
)
