"""Those who watch from outside: they learn what they may with a token, and nothing without."""

from __future__ import annotations

import json
import logging
import logging.config
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings as configured
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from backups.models import Job, User
from backups.views import outside
from qparkin_backup.logs import named_in_the_log
from tests.web import factories

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-24-characters"
INSIDE = ("qparkin_test", "mariadb", "/srv", "transaksi_parkir", "connection_lost")


@pytest.fixture(autouse=True)
def _tokens(settings: Any) -> None:
    settings.METRICS_TOKEN = settings.STATUS_TOKEN = settings.STATUS_BADGE_KEY = TOKEN


def asked(client: Client, path: str, token: str = TOKEN) -> Any:
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def metrics(client: Client) -> dict[tuple[str, str], float]:
    text = asked(client, "/metrics").content.decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(s.name.removeprefix("qparkin_backup_"), " ".join(s.labels.values())): s.value for s in samples}


@pytest.mark.parametrize("path", ["/metrics", "/api/status"])
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN]
)
def test_without_the_token_nothing_is_told(client: Client, path: str, header: str) -> None:
    answer = client.get(path, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.content == b""


def test_a_session_is_no_token(superadmin: Client) -> None:
    assert superadmin.get("/metrics").status_code == 401


@pytest.mark.parametrize("path", ["/metrics", "/api/status", f"/badge/{TOKEN}.svg", "/badge/.svg"])
def test_where_no_token_is_set_there_is_no_such_address(client: Client, path: str, settings: Any) -> None:
    settings.METRICS_TOKEN = settings.STATUS_TOKEN = settings.STATUS_BADGE_KEY = ""
    assert client.get(path, headers={"Authorization": "Bearer "}).status_code == 404


def test_a_wrong_key_of_the_badge_is_no_address(client: Client) -> None:
    assert client.get("/badge/wrong.svg").status_code == 404


def test_health_speaks_of_the_panel_only(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}

    class Gone:
        def cursor(self) -> None:
            raise OperationalError("secret path")

    monkeypatch.setattr(outside, "connection", Gone())
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


@pytest.mark.usefixtures("protected")
def test_the_status_is_what_the_home_page_says(client: Client, rani: User) -> None:
    waiting = asked(client, "/api/status").json()
    assert waiting["state"] == "waiting"
    assert waiting["last_backup_at"] is None
    factories.a_good_week(rani)
    told = asked(client, "/api/status").json()
    assert told["state"] == "safe"
    assert told["sentence"] == "Semua data tersimpan aman"
    assert told["url"] == "http://testserver/"
    assert asked(client, "/api/status?lang=en").json()["sentence"] == "All data is safely stored"
    assert set(told) == {"state", "sentence", "last_backup_at", "next_run_at", "last_proof_at", "url"}


def test_the_status_never_says_why(client: Client, rani: User) -> None:
    factories.a_good_week(rani)
    factories.job(state=Job.State.FAILED, error_code="connection_lost")
    text = asked(client, "/api/status").content.decode()
    assert json.loads(text)["state"] == "attention"
    assert not [word for word in INSIDE if word in text]


@pytest.mark.parametrize(("lang", "words"), [("", "Perlu perhatian"), ("?lang=en", "Needs attention")])
def test_the_badge_is_a_picture_that_can_be_read_aloud(
    client: Client, rani: User, lang: str, words: str
) -> None:
    factories.a_good_week(rani)
    factories.job(state=Job.State.FAILED, error_code="connection_lost")
    answer = client.get(f"/badge/{TOKEN}.svg{lang}")
    assert answer["Content-Type"] == "image/svg+xml"
    picture = ET.fromstring(answer.content.decode())  # noqa: S314 - our own answer
    assert picture.attrib["aria-label"] == words


@pytest.mark.usefixtures("protected")
def test_the_numbers_are_those_of_the_panel(client: Client, rani: User) -> None:
    factories.a_good_week(rani)
    told = metrics(client)
    assert told["state", "safe"] == 1
    assert told["state", "attention"] == 0
    assert told["protected_database_up", ""] == 1
    assert told["failures_since_success", ""] == 0
    assert abs(told["last_success_timestamp_seconds", ""] - timezone.now().timestamp()) < 86400 * 2
    assert sum(value for (name, _), value in told.items() if name == "copies") >= 5
    assert told["storage_free_bytes", "local"] > 0


def test_failures_since_the_last_success_are_counted(client: Client) -> None:
    now = timezone.now()
    for hours, state in (
        (5, Job.State.FAILED),
        (4, Job.State.DONE),
        (3, Job.State.FAILED),
        (2, Job.State.INTERRUPTED),
    ):
        factories.job(state=state, finished_at=now - timedelta(hours=hours))
    assert metrics(client)["failures_since_success", ""] == 2


def test_what_is_not_known_is_not_claimed(client: Client) -> None:
    assert ("last_success_timestamp_seconds", "") not in metrics(client)


def test_a_line_of_the_log_names_its_job(capsys: pytest.CaptureFixture[str]) -> None:
    handler = {**configured.LOGGING["handlers"]["stderr"], "formatter": "json"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": configured.LOGGING["filters"],
            "formatters": configured.LOGGING["formatters"],
            "handlers": {"stderr": handler},
            "loggers": {"told": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
        }
    )
    with named_in_the_log("8f1c"):
        logging.getLogger("told").warning("the copy %s is whole", "a1")
    line = json.loads(capsys.readouterr().err)
    assert (line["job"], line["message"], line["level"], line["logger"]) == (
        "8f1c", "the copy a1 is whole", "WARNING", "told",
    )  # fmt: skip
