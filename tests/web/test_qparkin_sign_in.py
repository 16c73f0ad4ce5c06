"""Mall admins of QParkIn at the door, against a real server with QParkIn's own tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import time_machine
from django.core.cache import cache
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from backups import demo
from backups.models import AuditEvent, SignInTries, User
from backups.services import people, qparkin_accounts, sign_in
from backups.services.sign_in import TRIES_FOR_ACCOUNT, WINDOW
from tests.scratch import ScratchDatabase
from tests.web import factories
from tests.web.protected import protect

pytestmark = pytest.mark.django_db

SCHEMA = Path(demo.__file__).parent / "schema.sql"
NASTY = "'\"\\$#% spasi di akhir "
SECRET = "kata-sandi-laravel"
# Made by password_hash of PHP 8.2.
OF_PHP = {
    'rasmuslerdorf é"\\$#% ': "$2y$04$mPbb6ViD4cexFYxeMUjGc.Krwosn284x7n0T47d1bfXizFg20AZSa",
    "é" * 40: "$2y$04$4J/wJJaoZQtM3P17dt/km.in7BQzmn2C2N5dwsVS1IjLIHLNksVRy",
}

KNOWN = OF_PHP["é" * 40]


def laravel(password: str, cost: int = 4, prefix: str = "2y") -> str:
    """As PHP's password_hash makes it."""
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost)).decode()
    return made.replace("$2b$", f"${prefix}$", 1)


@pytest.fixture
def qparkin(database: ScratchDatabase, settings: Any) -> ScratchDatabase:
    """Two malls; nobody runs them yet."""
    wanted = re.findall(r"CREATE TABLE (?:user|mall|admin_mall) .*?//", SCHEMA.read_text(), re.DOTALL)
    database.run(*(table.rstrip("/") for table in wanted), "INSERT INTO mall (id_mall) VALUES (1), (2)")
    protect(database, settings)
    settings.QPARKIN_SIGN_IN = True
    settings.AUTHENTICATION_BACKENDS = [
        "backups.services.backends.Local",
        "backups.services.backends.QParkIn",
    ]
    return database


Hire = Callable[..., int]


@pytest.fixture
def hire(qparkin: ScratchDatabase) -> Hire:
    def hired(name: str = "sinta", mall: int | None = 1, **values: Any) -> int:
        told = {
            "name": name,
            "email": f"{name}@mall.id",
            "password": laravel(SECRET),
            "role": "admin_mall",
        } | values
        columns, marks = ", ".join(told), ", ".join(["%s"] * len(told))
        given = tuple(str(value) for value in told.values())
        qparkin.rows(f"INSERT INTO user ({columns}) VALUES ({marks})", given)
        (number,) = qparkin.rows("SELECT MAX(id_user) FROM user")[0]
        place = "NULL" if mall is None else str(mall)
        qparkin.run(f"INSERT INTO admin_mall (id_user, id_mall) VALUES ({number}, {place})")
        return int(str(number))

    return hired


def comes_in(name: str, password: str = SECRET) -> User | None:
    client = Client()
    client.post("/sign-in/", {"username": name, "password": password})
    found = client.session.get("_auth_user_id")
    return User.objects.get(pk=found) if found else None


@pytest.mark.parametrize("typed", ["sinta", "sinta@mall.id", "SINTA@mall.id", "  sinta "])
def test_by_name_or_address_as_a_mall_admin_of_that_mall(typed: str, hire: Hire) -> None:
    number = hire(mall=2)
    person = comes_in(typed)
    assert person is not None
    assert (person.role, person.mall_id, person.source, person.source_id) == (
        "admin_mall",
        2,
        "qparkin",
        number,
    )
    assert (person.has_usable_password(), person.email) == (False, f"{number}@qparkin.invalid")
    event = AuditEvent.objects.get(action="sign_in")
    assert (event.actor, event.details["source"]) == (person, "qparkin")


def test_they_see_what_a_mall_admin_sees(hire: Hire) -> None:
    hire()
    client = Client()
    client.post("/sign-in/", {"username": "sinta", "password": SECRET})
    assert client.get("/").status_code == 200
    assert client.get("/audit/").status_code == 403


@pytest.mark.parametrize(
    "password", ["é" * 40, "a" * 100, NASTY, " depan", "пароль 密码 🔑", "x" * 71 + "é", SECRET]
)
def test_every_password_that_laravel_takes(password: str, hire: Hire) -> None:
    hire(password=laravel(password))
    assert comes_in("sinta", password)
    assert not comes_in("sinta", "z" + password[1:])


def test_what_comes_after_72_bytes_is_not_looked_at_as_in_php(hire: Hire) -> None:
    hire(password=laravel("a" * 72))
    assert comes_in("sinta", "a" * 72 + "anything")
    assert not comes_in("sinta", "a" * 71)


@pytest.mark.parametrize("password", OF_PHP)
def test_a_hash_of_php_itself(password: str, hire: Hire) -> None:
    hire(password=OF_PHP[password])
    assert comes_in("sinta", password)


@pytest.mark.parametrize("prefix", ["2a", "2b"])
def test_the_other_names_of_bcrypt(prefix: str, hire: Hire) -> None:
    hire(password=laravel(SECRET, prefix=prefix))
    assert comes_in("sinta")


@pytest.mark.parametrize(
    "stored",
    [
        "", "é" * 40, "$2x$" + KNOWN[4:], "$2y$31$" + KNOWN[7:], "$2y$03$" + KNOWN[7:], KNOWN + " ",
        "$argon2id$v=19$m=65536,t=4,p=1$c29tZXNhbHQ$x", "5f4dcc3b5aa765d61d83", "$2y$04$" + "z" * 53,
    ],
)  # fmt: skip
def test_what_is_no_bcrypt_or_would_take_days_opens_nothing(stored: str, hire: Hire) -> None:
    hire(password=stored)
    assert not comes_in("sinta", "é" * 40)


@pytest.mark.parametrize("password", ["rahasia\0", "rahasia", "\0"])
def test_a_nul_is_nobodys_password(password: str, hire: Hire) -> None:
    hire(password=laravel("rahasia\0ekor".partition("\0")[0]))
    assert bool(comes_in("sinta", password)) is (password == "rahasia")


@pytest.mark.parametrize(
    "values",
    [{"role": "customer"}, {"role": "super_admin"}, {"status": "non-aktif"}, {"mall": None}],
)
def test_only_active_mall_admins_with_a_mall(values: dict[str, Any], hire: Hire) -> None:
    hire(**values)
    assert comes_in("sinta") is None
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        "SINTA",
        "sínta",
        "sinta\u200b",
        "sinta\t",
        "' OR '1'='1",
        "sinta' -- ",
        "%",
        "\\",
        "`",
        "x" * 254,
        "😀",
        "\ud800",
    ],
)
def test_what_the_server_takes_for_the_same_is_not(typed: str, hire: Hire) -> None:
    hire()
    hire("sandi ")
    assert qparkin_accounts.named(typed) == []
    assert qparkin_accounts.named("sandi") == []


def test_two_of_one_name_are_nobody(hire: Hire) -> None:
    hire(email="satu@mall.id")
    hire(email="dua@mall.id")
    assert comes_in("sinta") is None
    assert AuditEvent.objects.get().details["code"] == "qparkin_twice"
    assert comes_in("satu@mall.id")


@pytest.mark.parametrize(
    "row", [{"name": "rani@qparkin.id"}, {"email": "RANI@qparkin.id"}, {"email": "bima@mall.id"}]
)
def test_nobody_becomes_somebody_of_this_panel(
    row: dict[str, str], rani: User, bima: User, hire: Hire
) -> None:
    """Whoever may write into that database writes what they like."""
    told = {"name": "sinta", **row}
    hire(**told)
    before = User.objects.count()
    for typed in {told["name"], told.get("email", "")} - {""}:
        assert comes_in(typed) is None
    assert User.objects.count() == before
    assert AuditEvent.objects.filter(details__code="qparkin_taken").exists()


def test_our_own_go_on_with_their_own_password(rani: User, hire: Hire) -> None:
    hire(name="rani@qparkin.id")
    assert comes_in("rani@qparkin.id", factories.PASSWORD) == rani


def test_nobody_from_there_is_ever_a_superadmin(hire: Hire) -> None:
    hire()
    person = comes_in("sinta")
    assert person is not None
    person.role = User.Role.SUPERADMIN
    assert not person.is_superadmin
    with pytest.raises(IntegrityError):
        person.save()


def test_a_password_written_into_our_row_opens_nothing(hire: Hire) -> None:
    hire()
    person = comes_in("sinta")
    assert person is not None
    person.set_password(SECRET + "2")
    person.save()
    assert comes_in(person.email, SECRET + "2") is None


def test_whoever_was_switched_off_here_stays_out(hire: Hire) -> None:
    hire()
    person = comes_in("sinta")
    User.objects.update(is_active=False)
    assert person
    assert comes_in("sinta") is None


def test_off_is_off(hire: Hire, settings: Any) -> None:
    hire()
    client = Client()
    client.post("/sign-in/", {"username": "sinta", "password": SECRET})
    settings.QPARKIN_SIGN_IN = False
    assert client.get("/").status_code == 302


CHANGES = {
    "switched off": "UPDATE user SET status = 'non-aktif'",
    "demoted": "UPDATE user SET role = 'customer'",
    "moved": "UPDATE admin_mall SET id_mall = 2",
    "gone": "DELETE FROM admin_mall",
    "password changed": f"UPDATE user SET password = '{laravel('lain')}'",
}


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_is_no_longer_what_they_were_is_out_within_minutes(
    change: str, hire: Hire, qparkin: ScratchDatabase
) -> None:
    hire()
    client = Client()
    client.post("/sign-in/", {"username": "sinta", "password": SECRET})
    qparkin.run(CHANGES[change])
    assert client.get("/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        cache.clear()
        assert client.get("/").status_code == 302
    assert AuditEvent.objects.filter(action="qparkin_sign_out").count() == 1


def test_whoever_is_still_there_stays(hire: Hire) -> None:
    hire()
    client = Client()
    client.post("/sign-in/", {"username": "sinta", "password": SECRET})
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert client.get("/").status_code == 200


@pytest.mark.parametrize(("hours", "seen"), [(2, 200), (13, 302)])
def test_while_the_database_is_away_they_see_for_a_day_that_data_is_safe(
    hours: int, seen: int, hire: Hire, settings: Any
) -> None:
    settings.SESSION_IDLE_MINUTES, settings.SESSION_MAX_HOURS = 24 * 60, 24
    hire()
    client = Client()
    client.post("/sign-in/", {"username": "sinta", "password": SECRET})
    settings.QPARKIN_DB_SOCKET = "/nonexistent/server.sock"
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        cache.clear()
        assert client.get("/").status_code == seen


def test_while_the_database_is_away_the_door_says_so(hire: Hire, settings: Any, client: Client) -> None:
    hire()
    settings.QPARKIN_DB_SOCKET = "/nonexistent/server.sock"
    shown = client.post("/sign-in/", {"username": "sinta", "password": SECRET}).content.decode()
    assert "kata sandi sendiri" in shown
    assert "/nonexistent" not in shown
    assert AuditEvent.objects.get().details["code"] == "qparkin_away"


@pytest.mark.parametrize(
    ("kind", "state"), [("restore", "running"), ("undo", "running"), ("restore", "interrupted")]
)
def test_while_it_is_being_restored_too(kind: str, state: str, hire: Hire, client: Client) -> None:
    hire()
    factories.job(kind, state, lock="qparkin" if state == "interrupted" else None)
    shown = client.post("/sign-in/", {"username": "sinta", "password": SECRET}).content.decode()
    assert "kata sandi sendiri" in shown


def test_guessing_is_slowed_down_by_the_same_count(hire: Hire, client: Client) -> None:
    hire()
    for _ in range(TRIES_FOR_ACCOUNT):
        client.post("/sign-in/", {"username": "sinta", "password": "salah"})
    assert client.post("/sign-in/", {"username": "sinta", "password": SECRET}).status_code == 429


def test_name_and_address_of_one_account_are_one_count(hire: Hire) -> None:
    number = hire()
    names = ("sinta", "sinta@mall.id")
    for tried in range(TRIES_FOR_ACCOUNT):
        assert try_at(names[tried % 2], "salah").status_code == 200
    assert [try_at(name, SECRET).status_code for name in names] == [429, 429]
    with time_machine.travel(timezone.now() + WINDOW + timedelta(seconds=1)):
        assert comes_in("sinta") is not None
        # And what was right is no try.
        assert not SignInTries.objects.filter(key=sign_in.digest_of(f"{number}@qparkin.invalid")).exists()


def test_the_tries_of_one_are_not_those_of_another(hire: Hire) -> None:
    hire(), hire("joko")
    for _ in range(TRIES_FOR_ACCOUNT):
        try_at("sinta", "salah")
    assert comes_in("joko") is not None


def try_at(name: str, password: str) -> Any:
    return Client().post("/sign-in/", {"username": name, "password": password})


def test_a_table_that_somebody_altered_is_no_error_of_ours(hire: Hire, qparkin: ScratchDatabase) -> None:
    hire()
    qparkin.run(
        "SET foreign_key_checks=0", "ALTER TABLE admin_mall DROP FOREIGN KEY admin_mall_id_mall_foreign"
    )
    qparkin.run("ALTER TABLE admin_mall MODIFY id_mall VARCHAR(50)", "UPDATE admin_mall SET id_mall = 'satu'")
    assert comes_in("sinta") is None
    qparkin.run("ALTER TABLE user DROP COLUMN status")
    assert comes_in("sinta") is None


def test_two_ways_to_one_mall_are_two_people(hire: Hire) -> None:
    people.create_mall_admin("bima@mall.id", mall_id=1)
    hire()
    assert comes_in("sinta")
    assert User.objects.filter(mall_id=1).count() == 2
