"""The demo's panel, set up the way an operator does it: by manage.py, in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import Any

from backups.demo import uploads
from backups.demo.home import PROJECT, Home, Login, StepFailed
from backups.demo.protected import DATABASE, READER, WRITER, Accounts
from backups.demo.vocabulary import MALLS
from backups.engine.private_server import PrivateServer

SUPERADMIN, MALL_ADMIN = "superadmin@qparkin.example", "mall@qparkin.example"
# Settings of the developer's own panel must not reach the demo's.
FOREIGN = (
    "QPARKIN_",
    "BACKUP_",
    "DJANGO_",
    "CONTROL_",
    "QUEUE_",
    "SECRET_",
    "ALLOWED_",
    "REQUIRE_",
    "SECOND_",
    "STATIC_",
    "CACHE_",
)


def settings(home: Home) -> dict[str, str]:
    """What the demo sets otherwise than a real installation."""
    return {
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "BACKUP_LOCAL_ROOT": str(home.folder / "archives"),
        "CACHE_FOLDER": str(home.folder / "cache"),
        "CONTROL_DATABASE_URL": f"sqlite:///{home.folder / 'control.sqlite3'}",
        "QPARKIN_FILES": str(uploads.storage(home)),
        "QPARKIN_INSECURE_HTTP": "1",
        "REQUIRE_MFA": "0",
        "STATIC_ROOT": str(home.folder / "static"),
    }


def environment(home: Home) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, "QPARKIN_ENV_FILE": str(home.env_file)}


def initialise(home: Home, server: PrivateServer, accounts: Accounts) -> None:
    """Let `manage.py init` write settings and keys. Passwords go by the environment, never by argv."""
    # Keys without settings are left from a set-up that was cut short; nothing was encrypted for them.
    shutil.rmtree(home.keys, ignore_errors=True)
    protected = {
        "QPARKIN_DB_SOCKET": str(server.socket),
        "QPARKIN_DB_DATABASE": DATABASE,
        "QPARKIN_DB_USERNAME": READER,
        "QPARKIN_DB_PASSWORD": accounts.reader,
        "QPARKIN_RESTORE_USERNAME": WRITER,
        "QPARKIN_RESTORE_PASSWORD": accounts.writer,
    }
    command = ["init", "--env-file", str(home.env_file), "--keys", str(home.keys), "--json"]
    manage(home, *command, extra={**protected, **settings(home)})


def prepare(home: Home) -> None:
    """Bring control database and static files up to this version of the code."""
    manage(home, "migrate", "--no-input", "--verbosity=0")
    manage(home, "collectstatic", "--no-input", "--verbosity=0")


def people(home: Home) -> dict[str, Login]:
    """The two people of the demo, made on the first start and remembered for the next."""
    logins = home.read_logins()
    if "superadmin" not in logins:
        made = manage_json(home, "create_superadmin", SUPERADMIN)
        logins["superadmin"] = Login("Superadmin", made["email"], made["password"])
        home.write_logins(logins)
    if "mall" not in logins:
        made = manage_json(home, "create_mall_admin", MALL_ADMIN, "--mall", "1")
        logins["mall"] = Login(f"Mall admin, {MALLS[0].name}", made["email"], made["password"])
        home.write_logins(logins)
    return logins


def manage_json(home: Home, *command: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(manage(home, *command, "--json"))
    return answer


def manage(home: Home, *command: str, extra: dict[str, str] | None = None) -> str:
    """Run one manage.py command to its end and return what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=PROJECT,
        env={**environment(home), **(extra or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StepFailed(step=f"manage.py {command[0]}", reason=_reason(done))
    return done.stdout


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    with suppress(ValueError, TypeError, KeyError):
        return str(json.loads(done.stdout)["error"])
    lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
    return lines[-1].strip()
