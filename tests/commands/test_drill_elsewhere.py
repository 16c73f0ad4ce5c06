"""Drills on a server of their own (DRILL_DB_*): a second real one, and a password as awkward as they come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backups.engine import pipeline
from backups.engine.database import rows, session
from backups.engine.private_server import PrivateServer, running_server
from tests.conftest import QUICK
from tests.installation import Installation
from tests.scratch import as_root

AWKWARD = """ '"\\$#% =`{}!; spasi """


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateServer]:
    with running_server(tmp_path_factory.mktemp("mariadb-drill"), options=QUICK) as server:
        yield server


@pytest.fixture
def drilling(installation: Installation, elsewhere: PrivateServer) -> Iterator[dict[str, str]]:
    """Settings of an account there that may do what a drill needs, and no more."""
    name = installation.database.name
    with session(as_root(elsewhere)) as connection:
        written = AWKWARD.replace("\\", "\\\\").replace("'", "''")
        rows(connection, f"CREATE USER latihan@localhost IDENTIFIED BY '{written}'")
        for statement in pipeline.grant_statements(name, "'latihan'@'localhost'", for_restore=True):
            rows(connection, statement.rstrip(";"))
    secret = installation.folder / "drill-password"
    secret.write_text(AWKWARD)
    yield {
        "DRILL_DB_SOCKET": str(elsewhere.socket),
        "DRILL_DB_USERNAME": "latihan",
        "DRILL_DB_PASSWORD": AWKWARD,
    }
    with session(as_root(elsewhere)) as connection:
        rows(connection, "DROP USER latihan@localhost")


def schemas(server: PrivateServer) -> set[str]:
    with session(as_root(server)) as connection:
        return {str(name) for (name,) in rows(connection, "SHOW DATABASES")} - {
            "information_schema",
            "mysql",
            "performance_schema",
            "sys",
            "test",
        }


def test_it_is_proven_there_says_so_and_leaves_nothing(
    installation: Installation, elsewhere: PrivateServer, drilling: dict[str, str]
) -> None:
    installation.json("backup")
    before = schemas(elsewhere)
    proof = installation.json("drill", "latest", **drilling)
    assert (proof["proven"], proof["server"]) == (True, str(elsewhere.socket))
    assert schemas(elsewhere) == before
    (statement,) = installation.control("SELECT statement FROM backups_proof")[0]
    assert str(elsewhere.socket) in statement


def test_the_protected_server_is_not_needed_for_it(
    installation: Installation, drilling: dict[str, str]
) -> None:
    installation.json("backup")
    away = {**drilling, "QPARKIN_DB_SOCKET": "/nowhere.sock"}
    assert installation.json("drill", "latest", **away)["proven"]


def test_the_password_may_lie_in_a_file_or_in_the_settings(
    installation: Installation, drilling: dict[str, str]
) -> None:
    installation.json("backup")
    password = drilling.pop("DRILL_DB_PASSWORD")
    secret = installation.folder / "drill-password"
    assert installation.json("drill", "latest", **drilling, DRILL_DB_PASSWORD_FILE=str(secret))["proven"]
    written = password.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    with installation.env_file.open("a") as settings:
        settings.write(f'DRILL_DB_PASSWORD="{written}"\n')
    assert installation.json("drill", "latest", **drilling)["proven"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"DRILL_DB_PASSWORD": "bukan ini"}, "sign_in_refused"),
        ({"DRILL_DB_USERNAME": ""}, "setting_missing"),
        ({"DRILL_DB_SOCKET": "/nowhere.sock"}, "server_unreachable"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(
    installation: Installation, drilling: dict[str, str], wrong: dict[str, str], code: str
) -> None:
    installation.json("backup")
    refused = installation.manage("drill", "latest", "--json", **{**drilling, **wrong})
    assert (refused.status, refused.json["code"]) == (1, code)
    for shown in (refused.out, refused.err):
        assert "spasi" not in shown
        assert "bukan ini" not in shown
    assert installation.control("SELECT COUNT(*) FROM backups_proof") == [(0,)]
