"""What docs/deploy gives an operator: every command is one of ours, and every variable a setting."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands
from gunicorn.config import Config

from backups.management.commands import _workers
from backups.services.init import VARIABLES
from tests.deploy.units import DEPLOY, INSTALLED, ROOT, Unit, drop_ins, services, unit
from tests.installation import Installation, copied, until
from tests.scratch import ScratchDatabase
from tests.small_parking import installed_once, small_parking

__all__ = ["installed_once", "small_parking"]

KNOWN = {*VARIABLES, *(f"{name}_FILE" for name in VARIABLES), "QPARKIN_ENV_FILE"}
BY_NAME = pytest.mark.parametrize("one", services(), ids=lambda one: one.name)


@BY_NAME
def test_its_commands_are_there(one: Unit) -> None:
    for program, *arguments in one.commands:
        assert Path(program).exists(), program
        if program.endswith("python"):
            assert arguments[0] == "manage.py"
            assert arguments[1] in get_commands()
        elif program.endswith("gunicorn"):
            # Exits where an option is none of gunicorn's.
            asked = Config().parser().parse_args(arguments)
            assert asked.args == ["qparkin_backup.wsgi"]
    assert one.value("WorkingDirectory") == INSTALLED


@pytest.mark.parametrize("one", [*services(), *drop_ins()], ids=lambda one: one.name)
def test_its_variables_are_settings(one: Unit) -> None:
    assert set(one.variables) <= KNOWN
    for credential in one.values("LoadCredential"):
        # What is loaded is used, and what is used is loaded.
        assert f"%d/{credential.partition(':')[0]}" in one.variables.values()
    loaded = {f"%d/{value.partition(':')[0]}" for value in one.values("LoadCredential")}
    assert {value for value in one.variables.values() if value.startswith("%d")} <= loaded


@BY_NAME
def test_it_ends_whole_and_may_do_little(one: Unit) -> None:
    assert one.value("KillMode") == "mixed"
    # Longer than the workers themselves are waited for, and what they clear up besides.
    assert int(one.value("TimeoutStopSec")) > 4 * _workers.STOP_SECONDS
    assert one.value("NoNewPrivileges") == "yes"
    assert one.value("ProtectSystem") == "strict"
    assert one.value("CapabilityBoundingSet") == ""
    assert one.value("User") != "root"
    assert [key for _, key, value in one.entries if "PASSWORD" in value or "SECRET" in value] == []


def test_systemd_takes_them(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine: apt-get install systemd")
    for path in DEPLOY.glob("*.service"):
        (tmp_path / path.name).write_text(path.read_text().replace(INSTALLED, str(ROOT)))
    files = sorted(str(path) for path in tmp_path.iterdir())
    said = subprocess.run(
        [analyze, "verify", "--man=no", "--recursive-errors=no", *files],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stderr) == (0, "")


def test_the_steps_name_what_there_is() -> None:
    text = (DEPLOY / "README.md").read_text()
    named = re.findall(r"(?:manage\.py|panel) ([a-z_]+)", text)
    assert {"init", "check_storages", "create_superadmin"} <= set(named) <= set(get_commands())
    for file in re.findall(r"\]\(([^)#]+)\)", text):
        assert (DEPLOY / file).exists(), file
    assert set(re.findall(r"\b[A-Z0-9]+(?:_[A-Z0-9]+)+\b", text)) <= KNOWN
    for unit_file in re.findall(r"[\w/-]+\.service", text):
        assert (ROOT / unit_file).exists() or (DEPLOY / Path(unit_file).name).exists()


def test_the_web_server_of_the_unit_answers_and_tells_systemd(
    tmp_path: Path, small_parking: ScratchDatabase, installed_once: Installation
) -> None:
    made = copied(installed_once, tmp_path, small_parking)
    program, *arguments = unit(DEPLOY / "qparkin-backup-web.service").commands[2]
    notify, listening = str(tmp_path / "notify"), str(tmp_path / "web")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(notify)
        manager.settimeout(60)
        bind = arguments.index("--bind") + 1
        arguments[bind] = f"unix:{listening}"
        environment = {**made.environment(), "NOTIFY_SOCKET": notify}
        log = (tmp_path / "web.log").open("wb")
        with (
            log,
            subprocess.Popen(
                [program, *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
            ) as process,
        ):
            try:
                assert b"READY=1" in manager.recv(4096)
                until(Path(listening).exists)
                assert b" 200 " in _asked(listening).partition(b"\r\n")[0]
            finally:
                process.terminate()
        assert process.returncode == 0, (tmp_path / "web.log").read_text()


def _asked(listening: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        client.connect(listening)
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return client.recv(65536)
