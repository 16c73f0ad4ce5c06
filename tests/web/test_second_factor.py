"""An app, codes on paper, and what holds around them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backups.models import AuditEvent, User
from backups.services import relock, secret_text
from backups.services.second_factor import codes, factors
from backups.services.sign_in import TRIES_FOR_ACCOUNT
from qparkin_backup.second_factor import HALF_SIGNED_IN
from tests.web import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _demanded(settings: Settings) -> None:
    settings.REQUIRE_MFA = True


@pytest.fixture(autouse=True)
def _half_a_minute_that_does_not_end() -> Iterator[None]:
    """On a machine that is busy the next code would come in the middle of a test."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def secret(rani: User) -> str:
    return factories.with_app(rani)


def password(client: Client, person: User, **extra: str) -> Any:
    return client.post("/sign-in/", {"username": person.email, "password": factories.PASSWORD, **extra})


def second(client: Client, code: str) -> Any:
    return client.post("/sign-in/second-step/", {"code": code})


def codes_of(person: User) -> list[str]:
    """While they have not been shown."""
    kept = Authenticator.objects.get(user=person, type=factors.CODES).data["unseen"]
    found: list[str] = json.loads(secret_text.unlock(kept))
    return found


def refusals(action: str) -> int:
    return AuditEvent.objects.filter(action=action, outcome="refused").count()


def test_the_password_alone_leads_to_the_second_step_and_no_further(
    client: Client, rani: User, secret: str
) -> None:
    client.get("/sign-in/")
    assert password(client, rani).headers["Location"] == "/sign-in/second-step/"
    assert "_auth_user_id" not in client.session
    assert client.get("/").status_code == 302
    assert not AuditEvent.objects.filter(action="sign_in").exists()


def test_the_code_of_the_app_lets_in_and_leads_on(client: Client, rani: User, secret: str) -> None:
    password(client, rani, next="/audit/")
    half = client.session.session_key
    answer = second(client, factories.code_of(secret))
    assert answer.headers["Location"] == "/audit/"
    assert client.session.session_key != half
    event = AuditEvent.objects.get(action="sign_in")
    assert (event.actor, event.details["by"]) == (rani, "totp")
    # And it counts as fresh for what harms most.
    assert client.get("/notices/new/mail/").status_code == 200


def test_a_wrong_code_is_one_sentence_and_on_record(client: Client, rani: User, secret: str) -> None:
    password(client, rani)
    answer = second(client, "000000")
    assert answer.status_code == 422
    assert "Kode itu tidak cocok" in answer.content.decode()
    assert refusals("second_step") == 1
    assert "000000" not in str(AuditEvent.objects.get(action="second_step").details)


def test_a_code_is_accepted_once(client: Client, rani: User, secret: str) -> None:
    code = factories.code_of(secret)
    password(client, rani)
    second(client, code)
    another = Client()
    password(another, rani)
    assert second(another, code).status_code == 422
    # Nor one from before it, which a phone whose clock is slow would still show.
    assert second(another, factories.code_of(secret, steps=-1)).status_code == 422
    assert second(another, factories.code_of(secret, steps=1)).status_code == 302


def test_of_two_at_the_same_moment_one_gets_in(rani: User, secret: str) -> None:
    app = Authenticator.objects.get(user=rani, type=factors.APP)
    assert [codes.use_up(app, 77), codes.use_up(app, 77), codes.use_up(app, 76)] == [True, False, False]


def test_guessing_codes_ends_as_guessing_passwords_does(client: Client, rani: User, secret: str) -> None:
    """And the right password in between buys no further tries."""
    password(client, rani)
    for number in range(TRIES_FOR_ACCOUNT):
        assert second(client, f"{number:06}").status_code == 422
        if number == 3:
            client = Client()
            password(client, rani)
    assert password(client, rani).status_code == 429
    assert second(client, factories.code_of(secret)).status_code == 429
    assert "_auth_user_id" not in client.session


def test_who_waits_too_long_between_the_steps_begins_anew(client: Client, rani: User, secret: str) -> None:
    password(client, rani)
    with time_machine.travel(timezone.now() + HALF_SIGNED_IN + timedelta(seconds=1)):
        assert second(client, factories.code_of(secret)).headers["Location"] == "/sign-in/"
        assert "_auth_user_id" not in client.session


def test_the_second_step_without_the_first_is_the_door(client: Client, rani: User, secret: str) -> None:
    assert client.get("/sign-in/second-step/").headers["Location"] == "/sign-in/"
    assert second(client, factories.code_of(secret)).headers["Location"] == "/sign-in/"


def test_who_was_switched_off_in_between_stays_out(client: Client, rani: User, secret: str) -> None:
    password(client, rani)
    User.objects.filter(pk=rani.pk).update(is_active=False)
    assert second(client, factories.code_of(secret)).headers["Location"] == "/sign-in/"


def test_a_recovery_code_lets_in_once(client: Client, rani: User, secret: str) -> None:
    code = codes_of(rani)[3]
    password(client, rani)
    assert second(client, f" {code[:5]} {code[5:]} ").status_code == 302
    assert factors.of(rani).codes_left == 9
    assert "tersisa 9" in client.get("/").content.decode()
    another = Client()
    password(another, rani)
    assert second(another, code).status_code == 422


def test_the_first_time_is_led_through(client: Client, rani: User) -> None:
    """Password, the page that says why, the app's page, its first code, the codes on paper, and on."""
    password(client, rani, next="/audit/")
    led = client.get("/audit/").headers["Location"]
    assert led == "/me/second-factor/?next=%2Faudit%2F"
    assert "/me/second-factor/app/?next=/audit/" in client.get(led).content.decode()
    page = client.get("/me/second-factor/app/?next=/audit/").content.decode()
    secret = "".join(re.findall(r"<code>([A-Z2-7]{4})</code>", page))
    assert len(secret) == 32
    answer = client.post("/me/second-factor/app/", {"code": factories.code_of(secret), "next": "/audit/"})
    assert answer.headers["Location"] == "/me/second-factor/codes/?next=%2Faudit%2F"
    on_paper = codes_of(rani)
    shown = client.get(answer.headers["Location"]).content.decode()
    assert len(on_paper) == 10
    assert all(f"{code[:5]} {code[5:]}" in shown for code in on_paper)
    assert client.get("/audit/").status_code == 200
    assert "add_factor" in set(AuditEvent.objects.values_list("action", flat=True))
    # The code that proved it is used up.
    another = Client()
    password(another, rani)
    assert second(another, factories.code_of(secret)).status_code == 422


def test_the_picture_holds_the_same_key_and_our_name(client: Client, rani: User) -> None:
    password(client, rani)
    page = client.get("/me/second-factor/app/").content.decode()
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert picture
    assert b"<svg" in base64.b64decode(picture[1])
    # Reloaded, it is the same: somebody may have scanned it.
    again = client.get("/me/second-factor/app/").content.decode()
    assert picture[1] in again


def test_who_comes_from_qparkin_is_called_by_name(bima: User) -> None:
    adapter = get_adapter()
    assert adapter.get_totp_label(bima) == "bima@mall.id"
    bima.source = "qparkin"
    assert adapter.get_totp_label(bima) == "Bima Prasetyo"
    assert adapter.get_public_key_credential_user_entity(bima)["name"] == "Bima Prasetyo"


def test_recovery_codes_are_shown_once(superadmin: Client, rani: User, secret: str) -> None:
    code = codes_of(rani)[0]
    first = superadmin.get("/me/second-factor/codes/").content.decode()
    assert f"{code[:5]} {code[5:]}" in first
    assert code in first
    again = superadmin.get("/me/second-factor/codes/").content.decode()
    assert code[:5] not in again


def test_new_codes_end_the_old_ones(superadmin: Client, rani: User, secret: str) -> None:
    old = codes_of(rani)
    answer = superadmin.post("/me/second-factor/codes/new/")
    assert answer.headers["Location"] == "/me/second-factor/codes/"
    assert not set(old) & set(codes_of(rani))
    assert AuditEvent.objects.filter(action="new_codes", actor=rani).exists()


def test_few_codes_are_a_warning(superadmin: Client, rani: User, secret: str) -> None:
    assert "Buat yang baru sebelum" not in superadmin.get("/me/second-factor/").content.decode()
    for code in codes_of(rani)[:7]:
        assert codes.accepted(rani, code)
    assert "Buat yang baru sebelum" in superadmin.get("/me/second-factor/").content.decode()


def test_the_last_factor_of_a_superadmin_stays(superadmin: Client, rani: User, secret: str) -> None:
    app = Authenticator.objects.get(user=rani, type=factors.APP)
    assert superadmin.post(f"/me/second-factor/{app.pk}/remove/").status_code == 409
    assert factors.has_one(rani)


def test_a_mall_admin_may_remove_the_last_and_the_codes_go_with_it(mall_admin: Client, bima: User) -> None:
    factories.with_app(bima)
    app = Authenticator.objects.get(user=bima, type=factors.APP)
    assert mall_admin.post(f"/me/second-factor/{app.pk}/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=bima).exists()
    assert AuditEvent.objects.filter(action="remove_factor", actor=bima).exists()


def test_sessions_elsewhere_end_with_the_first_factor_and_with_a_removed_one(bima: User) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        factories.sign_in_by_password(client, bima)
    page = here.get("/me/second-factor/app/").content.decode()
    secret = "".join(re.findall(r"<code>([A-Z2-7]{4})</code>", page))
    here.post("/me/second-factor/app/", {"code": factories.code_of(secret)})
    assert (here.get("/").status_code, elsewhere.get("/").status_code) == (200, 302)
    factories.sign_in(elsewhere, bima)
    app = Authenticator.objects.get(user=bima, type=factors.APP)
    here.post(f"/me/second-factor/{app.pk}/remove/")
    assert (here.get("/").status_code, elsewhere.get("/").status_code) == (200, 302)


def test_nobody_touches_the_factor_of_another(superadmin: Client, bima: User, secret: str) -> None:
    factories.with_app(bima)
    app = Authenticator.objects.get(user=bima, type=factors.APP)
    assert superadmin.post(f"/me/second-factor/{app.pk}/remove/").status_code == 404
    assert factors.has_one(bima)


def test_a_second_app_is_refused(superadmin: Client, rani: User, secret: str) -> None:
    page = superadmin.get("/me/second-factor/app/").content.decode()
    another = "".join(re.findall(r"<code>([A-Z2-7]{4})</code>", page))
    answer = superadmin.post("/me/second-factor/app/", {"code": factories.code_of(another)})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    "address", ["/me/second-factor/app/", "/me/second-factor/passkeys/new/", "/me/second-factor/codes/"]
)
def test_changing_factors_asks_who_it_is(address: str, superadmin: Client, secret: str) -> None:
    session = superadmin.session
    session["was_sure_at"] = 0
    session.save()
    assert superadmin.get(address).headers["Location"].startswith("/still-you/")


def test_step_up_asks_for_the_factor_and_takes_no_password(
    superadmin: Client, rani: User, secret: str
) -> None:
    session = superadmin.session
    session["was_sure_at"] = 0
    session.save()
    assert 'type="password"' not in superadmin.get("/still-you/").content.decode()
    assert superadmin.post("/still-you/", {"password": factories.PASSWORD}).status_code == 422
    assert superadmin.get("/notices/new/mail/").status_code == 302
    key = superadmin.session.session_key
    code = factories.code_of(secret)
    answer = superadmin.post("/still-you/", {"code": code, "next": "/notices/new/mail/"})
    assert answer.headers["Location"] == "/notices/new/mail/"
    assert superadmin.session.session_key != key
    assert superadmin.get("/notices/new/mail/").status_code == 200
    assert AuditEvent.objects.get(action="step_up", outcome="ok").details["by"] == "totp"


def test_step_up_counts_wrong_codes_too(superadmin: Client, secret: str) -> None:
    for number in range(TRIES_FOR_ACCOUNT):
        assert superadmin.post("/still-you/", {"code": f"{number:06}"}).status_code == 422
    assert superadmin.post("/still-you/", {"code": factories.code_of(secret)}).status_code == 429


def test_a_fresh_password_is_not_enough_once_there_is_a_factor(client: Client, bima: User) -> None:
    """Signed in before the factor was set up elsewhere."""
    factories.sign_in_by_password(client, bima)
    factories.with_app(bima)
    assert client.get("/me/second-factor/app/").headers["Location"].startswith("/still-you/")


def test_the_database_holds_no_secret(client: Client, rani: User, settings: Settings) -> None:
    password(client, rani)
    page = client.get("/me/second-factor/app/").content.decode()
    secret = "".join(re.findall(r"<code>([A-Z2-7]{4})</code>", page))
    in_sessions = str([one.get_decoded() for one in Session.objects.all()])
    assert secret not in in_sessions
    client.post("/me/second-factor/app/", {"code": factories.code_of(secret)})
    shown = codes_of(rani)
    client.get("/me/second-factor/codes/")
    raw = _everything()
    assert secret not in raw
    assert not [code for code in shown if code in raw]
    (app, paper) = Authenticator.objects.order_by("type").values_list("data", flat=True)[::-1]
    assert app["secret"].startswith("gAAAA")
    assert set(paper) == {"kept", "left"}
    assert paper["kept"].startswith("gAAAA")
    assert settings.SECRET_KEY not in raw


def test_a_new_secret_key_changes_nothing_and_the_old_one_may_go(
    client: Client, rani: User, secret: str, settings: Settings
) -> None:
    on_paper = codes_of(rani)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-new-key-for-the-same-panel-as-before"
    relock.lock_anew()
    settings.SECRET_KEY_FALLBACKS = []
    assert codes_of(rani) == on_paper
    password(client, rani)
    assert second(client, factories.code_of(secret)).status_code == 302


def test_without_its_key_a_factor_opens_nothing(
    client: Client, rani: User, secret: str, settings: Settings
) -> None:
    """Of an empty secret anybody could work out the codes."""
    settings.SECRET_KEY = "a-key-that-has-nothing-to-do-with-it"
    password(client, rani)
    for guess in (factories.code_of(""), factories.code_of(secret)):
        answer = second(client, guess)
        assert answer.status_code == 422
        assert "reset_mfa" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def _everything() -> str:
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
    return json.dumps(rows, default=str)
