"""`manage.py init`: settings and keys that work at once, and nothing overwritten."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backups.engine.database import quote_name, rows, session
from qparkin_backup import env
from tests.installation import Installation
from tests.scratch import ScratchDatabase

READS = "SELECT, SHOW VIEW, TRIGGER, EVENT"
AWKWARD = "p'a\"s\\s $HOME ${USER} #100% é"


def test_it_writes_settings_and_keys_that_only_their_owner_reads(uninitialised: Installation) -> None:
    done = uninitialised.init("--json")
    assert done.status == 0, done
    answer = done.json
    assert answer["env_file"] == str(uninitialised.env_file)
    assert len(answer["recipients"]) == 2
    assert all(recipient.startswith("age1") for recipient in answer["recipients"])
    assert "AGE-SECRET-KEY" in Path(answer["recovery_identity"]).read_text()
    for path in (
        uninitialised.env_file,
        uninitialised.folder / "control.sqlite3",
        *uninitialised.keys.iterdir(),
    ):
        assert path.stat().st_mode & 0o077 == 0, path


def test_it_never_prints_a_secret(uninitialised: Installation) -> None:
    secret = secrets.token_hex(12)
    done = uninitialised.init("--no-check", QPARKIN_RESTORE_USERNAME="x", QPARKIN_RESTORE_PASSWORD=secret)
    written = env.read_file(uninitialised.env_file)
    said = done.out + done.err
    assert written["QPARKIN_RESTORE_PASSWORD"] == secret
    assert secret not in said
    assert written["SECRET_KEY"] not in said
    assert "AGE-SECRET-KEY" not in said


def test_a_second_time_changes_nothing(installation: Installation) -> None:
    before = {path: path.read_bytes() for path in (installation.env_file, *installation.keys.iterdir())}
    again = installation.init("--json", QPARKIN_DB_DATABASE="other")
    assert again.status == 0, again
    assert before == {path: path.read_bytes() for path in before}


def test_what_is_missing_is_added_and_what_is_there_is_kept(uninitialised: Installation) -> None:
    uninitialised.env_file.write_text("SECRET_KEY=mine\nTIME_ZONE=Asia/Makassar")
    assert uninitialised.init("--no-check").status == 0
    values = env.read_file(uninitialised.env_file)
    assert values["SECRET_KEY"] == "mine"
    assert values["TIME_ZONE"] == "Asia/Makassar"
    assert values["BACKUP_RECIPIENTS"].count("age1") == 2


def test_both_lists_of_rights_are_printed(uninitialised: Installation) -> None:
    done = uninitialised.init("--no-check")
    assert "Rights to back up:" in done.out
    assert "Rights to restore:" in done.out
    assert f"ON `{uninitialised.database.name.replace('_', chr(92) + '_')}\\_\\_%`" in done.out


def test_a_missing_right_is_named_with_the_statement_that_grants_it(uninitialised: Installation) -> None:
    with account(uninitialised.database, password="short") as (name, password):
        done = uninitialised.init("--json", QPARKIN_DB_USERNAME=name, QPARKIN_DB_PASSWORD=password)
    assert done.status == 1
    assert done.json["code"] == "check_failed"
    assert "GRANT SHOW VIEW, TRIGGER, EVENT ON" in done.json["error"]
    assert uninitialised.env_file.exists()


def test_a_wrong_password_is_one_sentence_without_the_password(uninitialised: Installation) -> None:
    done = uninitialised.init("--json", QPARKIN_DB_USERNAME="nobody-here", QPARKIN_DB_PASSWORD="wrong-secret")
    assert done.status == 1
    assert "refused the user nobody-here" in done.json["error"]
    assert "wrong-secret" not in done.out + done.err


def test_a_server_that_is_away_is_one_sentence(uninitialised: Installation) -> None:
    done = uninitialised.init(QPARKIN_DB_SOCKET="/nowhere/mariadb.sock")
    assert done.status == 1
    assert "/nowhere/mariadb.sock does not answer" in done.err
    assert "Traceback" not in done.err


def test_awkward_passwords_survive_the_file(uninitialised: Installation) -> None:
    with account(uninitialised.database, password=AWKWARD, rights=READS) as (name, password):
        done = uninitialised.init("--json", QPARKIN_DB_USERNAME=name, QPARKIN_DB_PASSWORD=password)
        assert done.status == 1
        # Only the routines' table is missing, so the password was right.
        assert "mysql" in done.json["error"]
        assert uninitialised.manage("check_connection", "--json").status == 0


def test_laravels_own_settings_are_read(uninitialised: Installation, tmp_path: Path) -> None:
    laravel = tmp_path / "laravel.env"
    laravel.write_text(
        'APP_NAME="QParkIn $x"\nDB_CONNECTION=mysql\nDB_HOST=127.0.0.1 # lokal\n'
        f"DB_SOCKET={uninitialised.database.server.socket}\nDB_DATABASE={uninitialised.database.name}\n"
        "DB_USERNAME=root\nDB_PASSWORD=\n"
    )
    settings = {
        name: value for name, value in uninitialised.settings.items() if not name.startswith("QPARKIN_DB")
    }
    bare = Installation(uninitialised.folder, uninitialised.database, settings)
    done = bare.init("--json", QPARKIN_LARAVEL_ENV=str(laravel))
    assert done.status == 0, done
    assert "DB_" not in bare.env_file.read_text()
    assert bare.json("backup")["tables"] == 3


def test_a_recovery_kit_opens_the_archives_of_the_machine_that_is_gone(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = installation.json("backup")
    other = Installation(
        folder := tmp_path_factory.mktemp("new-machine"),
        installation.database,
        {
            **installation.settings,
            "CONTROL_DATABASE_URL": f"sqlite:///{folder / 'control.sqlite3'}",
            "BACKUP_LOCAL_ROOT": str(folder / "archives"),
        },
    )
    kit = tmp_path_factory.mktemp("kit")
    for name in ("recovery.identity", "trusted-signers.txt"):
        (kit / name).write_bytes((installation.keys / name).read_bytes())
    assert other.init("--no-check", "--from-kit", str(kit)).status == 0
    assert other.json("import_archives", made["archive"]) == {"imported": [made["id"]], "problems": []}
    assert other.json("verify", made["id"], "--deep")["ok"] is True


def test_a_kit_without_keys_is_refused(uninitialised: Installation, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = uninitialised.init("--json", "--from-kit", str(tmp_path / "empty"))
    assert (done.status, done.json["code"]) == (1, "kit_empty")


@contextmanager
def account(database: ScratchDatabase, *, password: str, rights: str = "SELECT") -> Iterator[tuple[str, str]]:
    """An account on the test's server with `rights` on its database."""
    name = f"kasir_{secrets.token_hex(4)}"
    with session(database.server) as connection:
        literal = password.replace("\\", "\\\\").replace("'", "''")
        rows(connection, f"CREATE USER {name}@localhost IDENTIFIED BY '{literal}'")
        rows(connection, f"GRANT {rights} ON {quote_name(database.name)}.* TO {name}@localhost")
        try:
            yield name, password
        finally:
            rows(connection, f"DROP USER {name}@localhost")
