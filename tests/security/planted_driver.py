"""A panel's whole life in one process: what works, what fails, the clock, and every page. Run by the test."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import quote

import django

django.setup()

from django.conf import settings  # noqa: E402 - after the settings
from django.core.management import load_command_class  # noqa: E402
from django.test import Client  # noqa: E402

from backups.models import Archive, Channel, User  # noqa: E402
from backups.services import clock, schedules, secret_text  # noqa: E402
from backups.services.timetable import Rule  # noqa: E402
from qparkin_backup.settings import env  # noqa: E402
from tests.security.planted import secret  # noqa: E402
from tests.security.routes import addresses  # noqa: E402
from tests.web import factories  # noqa: E402


def run(*arguments: str) -> None:
    try:
        load_command_class("backups", arguments[0]).run_from_argv(["manage.py", *arguments])
    except SystemExit as ended:
        sys.stderr.write(f"== {' '.join(arguments[:2])}: {ended.code}\n")


def tell_people(rani: User) -> None:
    told = {"language": "id", "hint": "x"}
    at = f"https://127.0.0.1:9/{secret('channel')}"
    Channel.objects.create(name="a", kind="webhook", locked_address=secret_text.lock(at), **told)
    Channel.objects.create(name="b", kind="mail", locked_address=secret_text.lock("a@b.id"), **told)
    heartbeat = f"https://127.0.0.1:9/{secret('heartbeat')}"
    schedules.add(schedules.Plan("Malam", Rule("daily"), "everything", heartbeat), by=rani)


def go_wrong() -> None:
    right = settings.QPARKIN_DB_PASSWORD
    settings.QPARKIN_DB_PASSWORD = secret("wrongone")
    for command in (["backup"], ["check_connection", "--json"], ["restore", "latest", "--yes", "--json"]):
        run(*command)
    settings.QPARKIN_DB_PASSWORD = right


def look_at_everything(rani: User, folder: Path) -> None:
    client = Client()
    client.post("/sign-in/", {"username": rani.email, "password": secret("person") + "wrong"})
    factories.sign_in(client, rani)
    client.post("/backup/")
    told = [b"".join(client.get(path)) for _, path in addresses()]
    bearer = {"authorization": f"Bearer {secret('metrics')}"}
    told.append(client.get("/metrics", headers=bearer).content)
    told.append(client.get(f"/badge/{quote(secret('badge'))}.svg").content)
    (folder / "pages").write_bytes(b"\n".join(told))


def main(folder: Path) -> None:
    rani = factories.superadmin()
    rani.set_password(secret("person"))
    rani.save()
    tell_people(rani)
    run("check_connection")
    run("backup", "--json")
    run("verify", "latest", "--deep")
    run("drill", "latest")
    run("restore", "latest", "--yes")
    run("undo_restore", "latest", "--yes")
    run("download", "latest", "--output", str(folder / "taken.zip"))
    run("export_sql", "latest", "--output", str(folder / "taken.sql.gz"))
    run("recovery_kit", "--output", str(folder / "kit"))
    go_wrong()
    clock.tick()
    look_at_everything(rani, folder)
    clock.tick()
    sys.stderr.write(f"{settings.BACKUP_STORAGES!r} {env!r} {Archive.objects.all()!r}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
