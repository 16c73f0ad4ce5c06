"""Pengguna: who may come in. A superadmin changes others, never themselves, and one is always left."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from backups.models import AuditEvent, Invitation, User, Visit
from backups.services import invitations, people
from backups.services.people_refusals import InvitationVoid, LastSuperadmin, NotOneself, PersonUnknown
from backups.views.step_up import WHEN
from tests.web import factories

pytestmark = pytest.mark.django_db

SAME = {"password": "sinta@mall.id", "again": "sinta@mall.id"}
NEW = "Tiga-kata-yang-panjang-7"
SINTA = {"email": "Sinta@Mall.id", "name": "Sinta", "role": "admin_mall", "mall": "2", "language": "id"}


def invited(client: Client, **told: str) -> str:
    """The path of the link."""
    page = client.post("/people/invite/", {**SINTA, **told}).content.decode()
    found = re.search(r"http://testserver(/invitation/[\w-]{43}/)", page)
    assert found, page
    return found[1]


def come_in(path: str, **told: str) -> tuple[Client, int]:
    newcomer = Client()
    newcomer.get(path)
    chosen = {"name": "Sinta Dewi", "password": NEW, "again": NEW, **told}
    return newcomer, newcomer.post("/invitation/", chosen).status_code


def test_somebody_is_invited_chooses_a_password_and_is_in(superadmin: Client, rani: User) -> None:
    newcomer, status = come_in(invited(superadmin))
    assert status == 302
    assert newcomer.get("/").status_code == 200
    sinta = User.objects.get(email="sinta@mall.id")
    assert (sinta.name, sinta.role, sinta.mall_id) == ("Sinta Dewi", "admin_mall", 2)
    assert identify_hasher(sinta.password).algorithm == "argon2"
    told = list(AuditEvent.objects.order_by("pk").values_list("action", "actor"))
    assert told == [("invite_person", rani.pk), ("accept_invitation", sinta.pk), ("sign_in", sinta.pk)]


def test_the_link_is_kept_nowhere(superadmin: Client) -> None:
    token = invited(superadmin).split("/")[2]
    Client().get(f"/invitation/{token}/")
    for model in (Invitation, AuditEvent):
        assert token not in str(list(model.objects.values()))
    assert token not in str(dict(superadmin.session))


def test_looking_at_the_link_does_not_use_it_up(superadmin: Client) -> None:
    path = invited(superadmin)
    for _ in range(3):
        assert Client().get(path).headers["Location"] == "/invitation/"
    assert come_in(path)[1] == 302


@pytest.mark.parametrize("how", ["of the future", "used", "expired", "revoked", "renewed", "wrong", "known"])
def test_a_link_that_opens_nothing_says_the_same_whyever(how: str, superadmin: Client) -> None:
    path = invited(superadmin)
    invitation = Invitation.objects.get()
    if how == "used":
        come_in(path)
    elif how == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif how == "of the future":
        Invitation.objects.update(expires_at=timezone.now() + timedelta(days=365))
    elif how == "revoked":
        superadmin.post(f"/people/invitations/{invitation.pk}/", {"revoke": "1"})
    elif how == "renewed":
        superadmin.post(f"/people/invitations/{invitation.pk}/", {"renew": "1"})
    elif how == "known":
        factories.mall_admin("sinta@mall.id")
        newcomer, status = come_in(path)
        assert status == 404
        assert "_auth_user_id" not in newcomer.session
        return
    else:
        path = f"/invitation/{'x' * 43}/"
    people_before = User.objects.count()
    answer = Client().get(path)
    void = Client().get("/invitation/none/")
    assert answer.status_code == void.status_code == 404
    strip = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|value="/invitation/[^"]*"|nonce="[^"]*"')
    assert strip.sub("", answer.content.decode()) == strip.sub("", void.content.decode())
    assert User.objects.count() == people_before


def test_a_form_that_lay_open_while_the_link_was_renewed_opens_nothing(superadmin: Client) -> None:
    newcomer = Client()
    newcomer.get(invited(superadmin))
    superadmin.post(f"/people/invitations/{Invitation.objects.get().pk}/", {"renew": "1"})
    assert newcomer.post("/invitation/", {"name": "x", "password": NEW, "again": NEW}).status_code == 404
    assert not User.objects.filter(email="sinta@mall.id").exists()


def test_guessing_links_takes_time(client: Client) -> None:
    from backups.services.sign_in import TRIES_FOR_ACCOUNT

    for number in range(TRIES_FOR_ACCOUNT):
        assert client.get(f"/invitation/{number}/").status_code == 404
    assert client.get("/invitation/x/").status_code == 429


@pytest.mark.parametrize(
    "told", [{"password": "pendek", "again": "pendek"}, {"again": "lain"}, SAME]
)  # fmt: skip
def test_a_poor_password_is_refused_and_the_link_stays_good(told: dict[str, str], superadmin: Client) -> None:
    path = invited(superadmin)
    assert come_in(path, **told)[1] == 422
    assert come_in(path)[1] == 302


def test_whoever_is_signed_in_does_not_use_up_the_link_of_another(superadmin: Client) -> None:
    path = invited(superadmin)
    page = superadmin.get(path, follow=True).content.decode()
    assert "sinta@mall.id" in page
    superadmin.post("/invitation/", {"name": "x", "password": NEW, "again": NEW})
    assert Invitation.objects.get().used_at is None


def test_nobody_is_invited_twice_and_nobody_who_is_there(superadmin: Client, bima: User) -> None:
    invited(superadmin)
    for email in ("sinta@mall.id", bima.email):
        assert superadmin.post("/people/invite/", {**SINTA, "email": email}).status_code == 422
    assert Invitation.objects.count() == 1


def test_a_mall_admin_needs_a_mall_and_a_superadmin_has_none(superadmin: Client) -> None:
    assert superadmin.post("/people/invite/", {**SINTA, "mall": ""}).status_code == 422
    invited(superadmin, role="superadmin")
    assert Invitation.objects.get().mall_id is None


def test_malls_are_chosen_by_name_where_a_drill_has_seen_them(superadmin: Client, rani: User) -> None:
    assert 'type="number"' in superadmin.get("/people/invite/").content.decode()
    figures = {**factories.FIGURES, "2": {**factories.FIGURES["2"], "name": "Mall Ciputra"}}
    factories.proof(factories.archive(), mall_figures=figures)
    page = superadmin.get("/people/invite/").content.decode()
    assert '<option value="2">Mall Ciputra</option>' in page
    assert '<option value="1">Mal nomor 1</option>' in page


@pytest.mark.parametrize("path", ["/people/invite/", "/people/{pk}/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_is_asked_whether_it_is_still_you(method: str, path: str, superadmin: Client, bima: User) -> None:
    session = superadmin.session
    session[WHEN] = 0
    session.save()
    answer = getattr(superadmin, method)(path.format(pk=bima.pk), {"do": "switch-off"})
    assert answer.headers["Location"].startswith("/still-you/")
    assert User.objects.get(pk=bima.pk).is_active


def test_whoever_is_switched_off_is_out_at_once(superadmin: Client, mall_admin: Client, bima: User) -> None:
    superadmin.post(f"/people/{bima.pk}/", {"do": "switch-off"})
    assert mall_admin.get("/").status_code == 302
    assert AuditEvent.objects.filter(action="switch_off_person", object_id=str(bima.pk)).exists()
    superadmin.post(f"/people/{bima.pk}/", {"do": "switch-on"})
    assert mall_admin.get("/").status_code == 302
    factories.sign_in(mall_admin, bima)
    assert mall_admin.get("/").status_code == 200


def test_with_a_new_role_the_old_pages_are_gone(superadmin: Client, mall_admin: Client, bima: User) -> None:
    superadmin.post(f"/people/{bima.pk}/", {"do": "change", "role": "admin_mall", "mall": "3"})
    assert mall_admin.get("/").status_code == 302
    told = AuditEvent.objects.get(action="change_person").details
    assert told["before"] == {"role": "admin_mall", "mall": 1}
    assert told["after"] == {"role": "admin_mall", "mall": 3}


@pytest.mark.parametrize("told", [{"do": "switch-off"}, {"do": "change", "role": "admin_mall", "mall": "1"}])
def test_nobody_does_it_to_themselves(told: dict[str, str], superadmin: Client, rani: User) -> None:
    factories.superadmin("wati@qparkin.id", "Wati")
    assert superadmin.post(f"/people/{rani.pk}/", told).status_code == 409
    rani.refresh_from_db()
    assert rani.is_superadmin


def test_of_two_who_switch_each_other_off_one_stays(rani: User) -> None:
    wati = factories.superadmin("wati@qparkin.id", "Wati")
    people.switch_off(wati, by=rani)
    with pytest.raises(LastSuperadmin):
        people.switch_off(rani, by=wati)
    with pytest.raises(NotOneself):
        people.switch_off(rani, by=rani)
    assert User.objects.filter(role="superadmin", is_active=True).count() == 1


def test_somebody_of_qparkin_never_becomes_a_superadmin(superadmin: Client, bima: User) -> None:
    User.objects.filter(pk=bima.pk).update(source="qparkin", source_id=7)
    told = {"do": "change", "role": "superadmin"}
    assert superadmin.post(f"/people/{bima.pk}/", told).status_code == 409
    assert superadmin.post(f"/people/{bima.pk}/", {"do": "password"}).status_code == 409
    bima.refresh_from_db()
    assert bima.is_mall_admin


def test_an_invited_superadmin_sets_up_a_second_factor_before_anything_opens(
    superadmin: Client, settings: Settings
) -> None:
    newcomer, _ = come_in(invited(superadmin, role="superadmin"))
    settings.REQUIRE_MFA = True
    for path in ("/", "/people/", "/me/"):
        assert newcomer.get(path).headers["Location"].startswith("/me/second-factor/")


def test_a_link_for_a_new_password_leads_to_the_door_and_ends_what_was_open(
    superadmin: Client, mall_admin: Client, bima: User
) -> None:
    page = superadmin.post(f"/people/{bima.pk}/", {"do": "password"}).content.decode()
    found = re.search(r"(/invitation/[\w-]{43}/)", page)
    assert found
    someone = Client()
    someone.get(found[1])
    answer = someone.post("/invitation/", {"password": NEW, "again": NEW})
    assert answer.headers["Location"] == "/sign-in/"
    assert "_auth_user_id" not in someone.session
    assert mall_admin.get("/").status_code == 302
    bima.refresh_from_db()
    assert bima.check_password(NEW)
    assert (bima.role, bima.mall_id) == ("admin_mall", 1)


def test_a_superadmin_signs_somebody_out(superadmin: Client, mall_admin: Client, bima: User) -> None:
    superadmin.post(f"/people/{bima.pk}/", {"do": "sign-out"})
    assert mall_admin.get("/").status_code == 302
    assert Visit.objects.get(person=bima).ended_because == "taken_back"


def test_at_the_server_one_person_or_everybody_is_signed_out(
    superadmin: Client, mall_admin: Client, bima: User
) -> None:
    assert people.sign_out_at_the_server("Bima@mall.id") == 1
    assert (mall_admin.get("/").status_code, superadmin.get("/").status_code) == (302, 200)
    factories.sign_in(mall_admin, bima)
    assert people.sign_out_at_the_server("") == 2
    assert (mall_admin.get("/").status_code, superadmin.get("/").status_code) == (302, 302)
    told = AuditEvent.objects.filter(action="sign_out_person").order_by("pk")
    assert [(event.object_id, event.details["count"]) for event in told] == [(str(bima.pk), 1), ("", 2)]
    with pytest.raises(PersonUnknown):
        people.sign_out_at_the_server("siapa@mall.id")


def test_the_list_says_who_is_there(superadmin: Client, mall_admin: Client) -> None:
    invited(superadmin)
    page = superadmin.get("/people/").content.decode()
    for words in ("Rani Wulandari", "Bima Prasetyo", "Sinta", "Mal nomor 2", "1 sesi terbuka"):
        assert words in page


def test_constant_questions_however_many_people(superadmin: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            superadmin.get("/people/")
        return len(seen)

    few = asked()
    User.objects.bulk_create(User(email=f"orang{number}@mall.id", mall_id=1) for number in range(120))
    assert asked() <= few + 1


def test_the_link_goes_by_mail_only_with_the_panels_own_address(
    superadmin: Client, settings: Settings
) -> None:
    settings.PANEL_URL = "https://cadangan.qparkin.id/"
    page = superadmin.post("/people/invite/", SINTA, headers={"host": "localhost"}).content.decode()
    assert "https://cadangan.qparkin.id/invitation/" in page


def test_a_link_that_was_used_or_taken_back_meanwhile_is_not_made_anew(
    superadmin: Client, rani: User
) -> None:
    """Two pages were open: what the second one still holds as waiting is not."""
    invited(superadmin)
    waiting = Invitation.objects.get()
    invitations.revoke(Invitation.objects.get(), by=rani)
    with pytest.raises(InvitationVoid):
        invitations.renew(waiting, by=rani)
    assert not invitations.still_open().exists()


@pytest.mark.parametrize("do", [people.switch_off, partial(people.change_role, role="admin_mall", mall_id=1)])
def test_whom_a_superadmin_invited_who_is_none_any_more_is_asked_again(
    do: Callable[..., None], superadmin: Client, rani: User
) -> None:
    """Whoever had taken over that account would come back in by a link of their own."""
    path = invited(superadmin)
    do(rani, by=factories.superadmin("dewi@qparkin.id", "Dewi"))
    assert Client().get(path).status_code == 404
