"""The runbook is followed to the letter on a real installation, each command after the disaster it is for."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext

from backups.services.refusals import BackupError
from tests.engine.folders import state_of, tree
from tests.installation import MANAGE, Installation

ROOT = MANAGE.parent
ENGLISH, INDONESIAN = (ROOT / "docs" / name for name in ("restore-runbook.md", "restore-runbook.id.md"))
BLOCK = re.compile(r"<!-- commands: ([a-z-]+) -->\n```sh\n(.*?)```\n", re.DOTALL)
QUOTED = re.compile(r"`([^`]+)`")
EXAMPLE = "20261122T190005Z-1a2b3c4d"


def blocks(page: Path) -> dict[str, str]:
    found = BLOCK.findall(page.read_text())
    named = dict(found)
    assert len(named) == len(found) == page.read_text().count("```sh")
    return named


COMMANDS = blocks(ENGLISH)
# What the runbook has everybody say once in a terminal, before whatever comes next.
OPENING = "".join(COMMANDS["begin"].splitlines(keepends=True)[:2])


class Reader:
    """Types what the runbook says, with the names of this installation for those of its examples."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation, self.folder = installation, folder
        self.kit, self.usb, self.into = folder / "kit", folder / "usb", folder / "restored-files"
        self.archive = ""
        database = installation.database
        (folder / ".my.cnf").write_text(f"[client]\nsocket={database.server.socket}\nuser=root\n")

    def follow(
        self,
        *names: str,
        typed: str = "",
        where: Path | None = None,
        fresh: dict[str, str] | None = None,
    ) -> str:
        """Blocks in one terminal, one after the other; each command must succeed."""
        opening = "" if where or fresh else OPENING
        text = self._filled(opening + "".join(COMMANDS[name] for name in names))
        environment = {**self.installation.environment(), **(fresh or {}), "HOME": str(self.folder)}
        keyboard, terminal = pty.openpty()
        os.write(keyboard, typed.encode())
        done = subprocess.run(
            ["bash", "-euc", text], stdin=terminal, cwd=where or ROOT, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=150,
        )  # fmt: skip
        os.close(terminal)
        os.close(keyboard)
        assert done.returncode == 0, (text, done.stdout)
        return done.stdout

    def _filled(self, text: str) -> str:
        name, archives = self.installation.database.name, sorted(self.usb.glob("*.zip"))
        for example, ours in {
            f"/media/usb/qparkin-{EXAMPLE}.zip": str(archives[0]) if archives else "/nowhere",
            "sudo -u qparkin-backup QPARKIN_ENV_FILE=/etc/qparkin-backup/env": "env",
            "/opt/qparkin-backup": str(ROOT),
            "/media/usb/kit": str(self.kit),
            "/srv/restored-files": str(self.into),
            "/srv/qparkin.sql": str(self.folder / "qparkin.sql"),
            "/run/mysqld/mysqld.sock": self.installation.database.server.socket,
            "QPARKIN_DB_DATABASE=qparkin": f"QPARKIN_DB_DATABASE={name}",
            "mariadb qparkin ": f"mariadb {name} ",
            "qparkin__look": f"{name}__look",
            "mariadb restored": f"mariadb {name}__restored",
            "DATABASE restored": f"DATABASE {name}__restored",
            "--comments restored": f"--comments {name}__restored",
            "--local-infile=1 restored": f"--local-infile=1 {name}__restored",
            "transaksi_parkir": "tiket",
            EXAMPLE: self.archive,
        }.items():
            text = text.replace(example, ours)
        return text


@pytest.fixture
def reader(installation: Installation, tmp_path: Path) -> Reader:
    home = tmp_path / "home"
    home.mkdir()
    installation.database.run("CREATE EVENT bersihkan_log ON SCHEDULE EVERY 1 DAY DO DELETE FROM zona")
    return Reader(installation, home)


def plates(reader: Reader) -> list[object]:
    return [row[0] for row in reader.installation.database.rows("SELECT plat FROM tiket ORDER BY id_tiket")]


def with_uploads(installation: Installation) -> Path:
    folder = installation.folder / "qparkin" / "storage"
    tree(folder, ["app/logo.png", "app/bukti/1.pdf"])
    with installation.env_file.open("a") as settings:
        settings.write(f"QPARKIN_FILES={folder}\n")
    return folder


def test_both_languages_give_the_same_commands_in_the_same_order() -> None:
    assert list(COMMANDS.items()) == list(blocks(INDONESIAN).items())


def test_every_way_in_leads_to_a_case() -> None:
    for page in (ENGLISH, INDONESIAN):
        text = page.read_text()
        headings = {
            re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
            for line in text.splitlines()
            if line.startswith("## ")
        }
        ways = re.findall(r"\]\(#([^)]+)\)", text)
        assert len(ways) >= 10
        assert set(ways) <= headings


def refusals(page: Path) -> list[tuple[str, str]]:
    """What the messages of the last table's rows are recognised by, in its first two columns."""
    table = page.read_text().rpartition("\n|---|---|---|\n")[2]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) >= 9
    return [(first, second) for first, second in rows]


def sentences(kind: type[BackupError] = BackupError) -> list[str]:
    return [kind.sentence, *(one for below in kind.__subclasses__() for one in sentences(below))]


def test_what_a_refusal_is_recognised_by_is_what_it_says() -> None:
    """A terminal speaks English whatever the panel does, so the Indonesian sheet shows both."""
    english = [first for first, _ in refusals(ENGLISH)]
    assert english == [first for first, _ in refusals(INDONESIAN)]
    said = sentences()
    for shown in english:
        assert all(any(part in one for one in said) for part in QUOTED.findall(shown)), shown
    with translation.override("id"):
        told = [gettext(one) for one in said if one]
    for _, shown in refusals(INDONESIAN):
        assert QUOTED.findall(shown)
        assert all(any(part in one for one in told) for part in QUOTED.findall(shown)), shown


def test_every_command_is_followed_here() -> None:
    """What a block is called has to stand in a test below; nobody adds a command that is not tried."""
    text = Path(__file__).read_text().partition("def test_every_command_is_followed_here")[2]
    assert {name for name in COMMANDS if f'"{name}"' not in text} == set()


def test_wrong_data_is_replaced_by_what_was_before_and_the_restore_undone(reader: Reader) -> None:
    reader.archive = reader.installation.json("backup")["id"]
    before = plates(reader)
    reader.installation.database.run("UPDATE tiket SET plat = 'SALAH'")
    reader.installation.json("backup")
    shown = reader.follow("begin")
    assert "Nothing was changed" in shown
    listed = reader.follow("systemd").splitlines()
    # A name, then the time by the clock on the wall, as the runbook says.
    assert re.match(rf"{reader.archive}  \d{{4}}-\d\d-\d\d \d\d:\d\d WIB  .* command$", listed[-1]), listed
    assert plates(reader) == ["SALAH"] * 3
    shown = reader.follow("wrong-data", typed="yes\n")
    assert "can be undone" in shown
    assert plates(reader) == before
    reader.follow("undo", typed="yes\n")
    assert plates(reader) == ["SALAH"] * 3


def test_one_table_comes_back_and_lies_beside(reader: Reader) -> None:
    reader.archive = reader.installation.json("backup")["id"]
    before = plates(reader)
    reader.installation.database.run("DROP TABLE tiket")
    reader.follow("table", typed="yes\n")
    assert plates(reader) == before
    reader.follow("beside", "aside")
    tables = [str(row[0]) for row in reader.installation.database.rows("SHOW TABLES")]
    assert any(table.startswith("tiket__restored_") for table in tables)
    look = f"{reader.installation.database.name}__look"
    assert reader.installation.database.rows(f"SELECT COUNT(*) FROM {look}.tiket") == ((3,),)


def test_a_dropped_database_comes_back_and_its_events_are_woken(reader: Reader) -> None:
    reader.installation.json("backup")
    before, name = plates(reader), reader.installation.database.name
    reader.installation.database.run(f"DROP DATABASE {name}")
    reader.follow("database", typed="yes\n")
    assert plates(reader) == before
    asked = "SELECT status FROM information_schema.events WHERE event_schema = %s"
    assert reader.installation.database.rows(asked, (name,)) == (("DISABLED",),)
    reader.follow("events")
    assert reader.installation.database.rows(asked, (name,)) == (("ENABLED",),)


def test_lost_uploads_come_back(reader: Reader) -> None:
    uploads = with_uploads(reader.installation)
    reader.installation.json("backup")
    before = state_of(uploads)
    shutil.rmtree(uploads / "app" / "bukti")
    reader.follow("files-into")
    assert not (uploads / "app" / "bukti").exists()
    assert {path.name for path in reader.into.rglob("*.pdf")} == {"1.pdf"}
    reader.follow("files", typed="yes\n")
    assert state_of(uploads) == before
    shutil.rmtree(uploads)
    reader.installation.database.run("DELETE FROM tiket")
    reader.follow("everything", typed="yes\n")
    assert (state_of(uploads), len(plates(reader))) == (before, 3)


def test_a_panel_without_its_data_finds_every_backup_again(reader: Reader) -> None:
    made = reader.installation.json("backup")
    (reader.installation.folder / "control.sqlite3").unlink()
    shown = reader.follow("panel-lost", "kit")
    assert made["id"] in shown
    assert (reader.kit / "recovery.identity").exists()
    (reader.folder / "qparkin.sql").write_text("CREATE TABLE a (b INT);\nINSERT INTO a VALUES (1);\n")
    reader.follow("dump")
    assert "adopted" in {item["purpose"] for item in reader.installation.json("archives")["archives"]}


def test_a_lost_server_comes_back_from_kit_and_backup_and_by_hand(reader: Reader) -> None:
    installation = reader.installation
    before = plates(reader)
    with_uploads(installation)
    made = installation.json("backup")
    reader.follow("kit")
    reader.usb.mkdir()
    shutil.copy(made["archive"], reader.usb)
    installation.database.run(f"DROP DATABASE {installation.database.name}")
    for lost in (installation.keys, installation.archives):
        shutil.rmtree(lost)
    new = {
        "QPARKIN_ENV_FILE": str(reader.folder / "new" / "env"),
        "CONTROL_DATABASE_URL": f"sqlite:///{reader.folder / 'new.sqlite3'}",
        "BACKUP_LOCAL_ROOT": str(reader.folder / "new" / "archives"),
        "CACHE_FOLDER": str(reader.folder / "new" / "cache"),
        "QPARKIN_INSECURE_HTTP": "1",
    }
    (reader.folder / "new").mkdir()
    reader.follow("server-lost", typed=f"{installation.database.server.password}\nyes\n", fresh=new)
    assert plates(reader) == before
    empty = reader.folder / "by-hand"
    empty.mkdir()
    reader.follow("by-hand", "files-by-hand", where=empty)
    by_hand = f"{installation.database.name}__restored"
    assert [row[0] for row in installation.database.rows(f"SELECT plat FROM {by_hand}.tiket")] == before
    assert (empty / "uploads" / "app" / "bukti" / "1.pdf").exists()
