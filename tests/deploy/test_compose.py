"""The compose file and the image: what they set is known, and what they start is there."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands

from qparkin_backup import env, storages
from tests.deploy.test_units import KNOWN
from tests.deploy.units import DEPLOY, ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()


def test_there_are_the_four_services() -> None:
    assert set(SERVICES) == {"web", "worker", "control", "queue"}
    assert set(OURS) == {"web", "worker"}
    # Short names: the registry that everybody's Docker asks.
    images = [service["image"] for service in SERVICES.values()] + re.findall(
        r"^FROM (\S+)", DOCKERFILE, re.MULTILINE
    )
    assert all(re.fullmatch(r"[a-z-]+(:[\d.a-z-]+)?", image) for image in images)


@pytest.mark.parametrize("name", OURS)
def test_each_variable_is_a_setting_and_each_secret_is_there(name: str) -> None:
    service = OURS[name]
    assert set(service["environment"]) <= KNOWN
    files = [value for value in service["environment"].values() if str(value).startswith("/run/secrets/")]
    assert {file.rpartition("/")[2] for file in files} == set(service["secrets"])
    assert not any(re.search(r"PASSWORD$|SECRET_KEY$|_URL$", name) for name in service["environment"])


def test_every_secret_is_declared() -> None:
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", ())}
    assert used == set(COMPOSE["secrets"])
    told = (DEPLOY / "README.md").read_text()
    for secret in COMPOSE["secrets"].values():
        assert f"`{secret['file'].rpartition('/')[2]}`" in told


def test_only_the_worker_holds_the_key_that_opens_archives() -> None:
    assert "BACKUP_IDENTITY_FILE" in OURS["worker"]["environment"]
    assert "BACKUP_IDENTITY_FILE" not in OURS["web"]["environment"]
    assert "identity" not in OURS["web"]["secrets"]


@pytest.mark.parametrize("name", OURS)
def test_its_storages_are_configured_whole(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("secrets")
    given = {}
    for variable, value in OURS[name]["environment"].items():
        given[variable] = str(value).replace("/run/secrets", str(folder))
        if given[variable] != value:
            (folder / str(value).rpartition("/")[2]).write_text("something")
    places = storages.configured(env.Environment((given,)), base=ROOT)
    assert [place.name for place in places] == ["s3"]
    del given["BACKUP_S3_SECRET_KEY_FILE"]
    with pytest.raises(ImproperlyConfigured):
        storages.configured(env.Environment((given,)), base=ROOT)


@pytest.mark.parametrize("name", OURS)
def test_what_it_starts_is_there(name: str) -> None:
    command = OURS[name]["command"]
    lines = command[2].splitlines() if command[0] == "sh" else [shlex.join(command)]
    for line in lines:
        words = shlex.split(line.removeprefix("exec "))
        if words[1:2] == ["manage.py"]:
            assert words[2] in get_commands()
        else:
            assert words[:2] == [".venv/bin/gunicorn", "qparkin_backup.wsgi"]
    # Its data survives a new container, and nothing else is written.
    assert OURS[name]["read_only"] is True
    assert OURS[name]["volumes"] == ["state:/var/lib/qparkin-backup"]
    assert int(OURS[name]["stop_grace_period"].removesuffix("s")) >= 90


def test_the_image_takes_the_pinned_packages_and_no_secret() -> None:
    assert "--require-hashes" in DOCKERFILE
    for source in re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE):
        assert (ROOT / source).exists()
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", "keys", "var", "**/secrets", ".git"} <= set(ignored)
    assert not re.search(r"^USER root", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^USER qparkin-backup$", DOCKERFILE, re.MULTILINE)
