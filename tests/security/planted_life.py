"""What people, workers and misfortune do to a panel of real processes, in the order of the test."""

from __future__ import annotations

import html
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from backups.engine.database import rows, session
from tests.installation import MANAGE, PATIENCE, Installation, Ran, until
from tests.s3.servers import answers, free_port
from tests.security.planted import Wanted, core, secret, spellings
from tests.security.visitor import Answer, Visitor
from tests.small_parking import held_up
from tests.web import factories

RANI = "rani@qparkin.id"
ADDRESSES = "import json; from tests.security.routes import addresses; print(json.dumps(list(addresses())))"
# What would go to somebody's server goes to port 9 of this machine instead.
NOWHERE = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}


@dataclass(slots=True)
class Life:
    panel: Installation
    account: str
    wanted: Wanted
    logs: Path
    as_json: bool
    port: int = field(default_factory=free_port)
    jobs: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """TMPDIR: what is left behind is looked at. PYTHONPATH: for the list of addresses."""
        told = {"TMPDIR": str(self.panel.folder / "tmp"), "PYTHONPATH": str(MANAGE.parent), **NOWHERE}
        return self.panel.environment() | told | {"LOG_JSON": str(int(self.as_json))}

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The web server as docs/deploy starts it, and the workers with their clock."""
        web = ["-m", "gunicorn", "qparkin_backup.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        web += ["--worker-class", "gthread", "--threads", "4"]
        with self._running("web", *web), self._running("worker", str(MANAGE), "qcluster"):
            until(lambda: answers(self.port))
            yield

    @contextmanager
    def _running(self, name: str, *command: str) -> Iterator[None]:
        with (self.logs / name).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], env=self.environment, cwd=MANAGE.parent,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
            try:
                yield
            finally:
                process.terminate()
                try:
                    process.wait(timeout=PATIENCE)
                finally:
                    process.kill()

    def manage(self, *arguments: str, status: int = 0, **extra: str) -> Ran:
        done = self._ran(*arguments, **extra)
        assert done.status == status, done
        return done

    def _ran(self, *arguments: str, **extra: str) -> Ran:
        done = self.panel.run(*arguments, extra={**self.environment, **extra})
        with (self.logs / "commands").open("a") as log:
            log.write(f"{arguments[0]}\n{done.out}\n{done.err}\n")
        return done

    def learn(self, name: str, *texts: str) -> None:
        """Made up by the panel itself, and shown once to whom it is for."""
        assert all(len(text) > 5 for text in texts)
        self.wanted[name] = tuple(form for text in texts for form in spellings(text))

    def states(self) -> list[str]:
        found = self.panel.control("SELECT state FROM backups_job WHERE kind = 'backup' ORDER BY created_at")
        return [state for (state,) in found]

    # --- people -----------------------------------------------------------------------------------

    def first_superadmin(self) -> Visitor:
        """By the keyboard, then at the door, and through the gate with an app."""
        # Shown at the keyboard, where it has to be: not among what is searched.
        made = self.panel.json("create_superadmin", RANI)
        self.learn("password of the keyboard", made["password"])
        rani = Visitor(self.port)
        rani.get("/sign-in/")
        rani.post("/sign-in/", username=RANI, password=secret("person"))
        assert rani.post("/sign-in/", username=RANI, password=made["password"]).status == 302
        page = rani.get("/me/second-factor/app/").text
        app = "".join(re.findall(r"<code>([A-Z2-7]{4})</code>", page))
        self.learn("secret of the app", app)
        rani.post("/me/second-factor/app/", code="000000")
        assert rani.post("/me/second-factor/app/", code=factories.code_of(app)).status == 302
        codes = re.findall(r"<code>\s*(\w{5}) (\w{5})\s*</code>", rani.get("/me/second-factor/codes/").text)
        self.learn("recovery codes", *("".join(halves) for halves in codes))
        self.learn("session", rani.cookies["sessionid"])
        old, new = made["password"], secret("newcomer")
        rani.get("/me/password/")
        rani.post("/me/password/", old=secret("person"), password=new, again=new)
        assert rani.post("/me/password/", old=old, password=new, again=new).status == 302
        return rani

    def somebody_is_invited(self, rani: Visitor) -> None:
        """A program that reads mail tries the link out first."""
        rani.get("/people/invite/")
        told = {"email": "agus@mall.id", "name": "Agus", "role": "admin_mall", "mall": "1", "language": "id"}
        shown = rani.post("/people/invite/", **told).text
        link = re.findall(r"/invitation/([\w-]{40,})/", shown)[0]
        self.learn("token of an invitation", link)
        agus = Visitor(self.port)
        assert agus.ask("HEAD", f"/invitation/{link}/").status == 405
        assert agus.get(f"/invitation/{link}/").status == 302
        agus.get("/invitation/")
        chosen = {"password": secret("newcomer"), "again": secret("newcomer")}
        assert agus.post("/invitation/", name="Agus", **chosen).status == 302
        assert agus.get(f"/invitation/{link}/").status == 404

    def somebody_comes_from_qparkin(self, *, to_get_in: bool) -> None:
        sinta = Visitor(self.port)
        sinta.get("/sign-in/")
        sinta.post("/sign-in/", username="sinta", password=secret("person"))
        arrived = sinta.post("/sign-in/", username="sinta", password=secret("laravel"))
        assert (arrived.status == 302) is to_get_in

    def people_are_told(self, rani: Visitor) -> None:
        """By channels of which none arrives."""
        telegram = f"4711471147:{core('telegram')}{core('telegram')}"
        address = f"http://127.0.0.1:9/{core('channel')}"
        more = {"language": "id", "enabled": "on", "urgent_rings": "on"}
        for kind, told in {
            "telegram": {"token": telegram, "chat": "-1001234"}, "webhook": {"url": address},
            "mail": {"recipients": "rani@qparkin.id"},
        }.items():  # fmt: skip
            rani.get(f"/notices/new/{kind}/")
            assert rani.post(f"/notices/new/{kind}/", name=kind, **told, **more).status == 302
        for (channel,) in self.panel.control("SELECT id FROM backups_channel WHERE person_id IS NULL"):
            rani.get("/notices/")
            assert rani.post(f"/notices/{channel}/test/").status == 302
        beat = {"heartbeat": f"http://127.0.0.1:9/{core('heartbeat')}"}
        rani.get("/schedules/new/")
        rule = {
            "every": "daily",
            "at": "04:17",
            "content": "everything",
            "name": "Malam",
            "hours": "4",
            "day": "1",
        }
        made = rani.post("/schedules/new/", **rule, **beat)
        assert made.status == 302, made.text

    def it_reaches_the_bucket(self) -> None:
        """By this or by the panel itself: what the bucket refuses is over after a few."""
        until(lambda: self._ran("copy", "latest", "--storage", "far").status == 0)

    def something_is_fetched(self, rani: Visitor, archive: str) -> None:
        """Asked for in ways that do not use the link up, then fetched, then asked for again."""
        for what in ("download", "export"):
            rani.get(f"/archives/{archive}/")
            link = rani.post(f"/archives/{archive}/{what}/").location
            self.learn(f"token of a {what}", link.rstrip("/").rpartition("/")[2])
            assert rani.ask("HEAD", link).status == 405
            assert rani.ask("GET", link, headers={"Range": "bytes=7-"}).status == 416
            assert rani.ask("GET", link, headers={"Sec-Purpose": "prefetch"}).status == 503
            assert Visitor(self.port).get(link).status == 302
            assert len(rani.get(link).body) > 500
            assert rani.get(link).status == 404

    def everything_is_looked_at(self, rani: Visitor) -> bytes:
        listed = json.loads(self.manage("shell", "--no-imports", "--command", ADDRESSES).out)
        shown = [rani.get(quote(path, safe="/%")) for _, path in listed]
        shown.append(rani.ask("GET", "/metrics", headers={"Authorization": f"Bearer {secret('metrics')}"}))
        shown.append(rani.get(f"/badge/{quote(secret('badge'))}.svg"))
        assert sum(answer.status == 200 for answer in shown) > 40
        return b"\n".join(_whole(answer) for answer in shown)

    # --- workers, and what goes wrong -------------------------------------------------------------

    def backup(self, rani: Visitor) -> int:
        rani.get("/backup/new/")
        before = len(self.states())
        assert rani.post("/backup/").status == 302
        until(lambda: len(self.states()) == before + 1)
        return before

    @contextmanager
    def one_that_is_killed(self, rani: Visitor) -> Iterator[None]:
        """In the middle; within, what it left lies there as it was."""
        with held_up(self.panel.database):
            number = self.backup(rani)
            until(lambda: any(name.startswith(".partial") for name in self.panel.files()))
            found = self.panel.control("SELECT worker FROM backups_job WHERE state = 'running'")
            os.kill(int(found[0][0].split(":")[1]), signal.SIGKILL)
            yield
        over = "UPDATE backups_job SET lease_until = '2020-01-01 00:00:00' WHERE state = 'running'"
        self.panel.control(over)
        until(lambda: self.states()[number] == "interrupted")

    def one_that_loses_its_server(self, rani: Visitor) -> None:
        with held_up(self.panel.database):
            number = self.backup(rani)
            until(lambda: any(name.startswith(".partial") for name in self.panel.files()))
            self._ends_sessions()
        until(lambda: self.states()[number] == "failed")

    def one_that_is_not_let_in(self, rani: Visitor) -> None:
        self._password("wrongone")
        number = self.backup(rani)
        until(lambda: self.states()[number] == "failed")
        self.somebody_comes_from_qparkin(to_get_in=False)
        self._password("database")

    def one_that_works(self, rani: Visitor) -> str:
        number = self.backup(rani)
        until(lambda: self.states()[number] in {"done", "failed"})
        assert self.states()[number] == "done"
        # Its drill and its copy come by themselves.
        waiting = "SELECT 1 FROM backups_job WHERE state IN ('queued', 'running')"
        until(lambda: not self.panel.control(waiting))
        newest = self.panel.control("SELECT id FROM backups_archive ORDER BY created DESC LIMIT 1")
        return str(newest[0][0])

    def other_servers_are_away(self) -> None:
        control = f"mysql://{core('control')}:{quote(secret('control'), safe='')}@127.0.0.1:9/panel"
        for command in (["archives"], ["migrate"], ["check", "--database", "default"], ["backup"]):
            self.manage(*command, status=1, CONTROL_DATABASE_URL_FILE=self._in_a_file("control", control))
        url = f"redis://:{quote(secret('queue'), safe='')}@127.0.0.1:9/0"
        queue = {"QUEUE_URL_FILE": self._in_a_file("queue", url)}
        asked = "from backups.services import queue; print(queue.answers())"
        self.manage("shell", "--no-imports", "--command", asked, **queue)
        asked = "from django_q.tasks import async_task; async_task('math.sqrt', 4)"
        self.manage("shell", "--no-imports", "--command", asked, status=1, **queue)

    def _in_a_file(self, name: str, url: str) -> str:
        path = self.panel.folder / f"passphrase-{name}"
        path.write_text(url)
        return str(path)

    def _password(self, name: str) -> None:
        with session(self.panel.database.server) as connection:
            rows(connection, f"ALTER USER {self.account} IDENTIFIED BY {connection.escape(secret(name))}")

    def _ends_sessions(self) -> None:
        with session(self.panel.database.server) as connection:
            rows(connection, f"KILL USER {self.account}")


def _whole(answer: Answer) -> bytes:
    """A page may hide a text from a search by escaping it."""
    return b"\n".join((answer.location.encode(), answer.body, html.unescape(answer.text).encode()))
