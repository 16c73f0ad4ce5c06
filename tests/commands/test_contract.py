"""What scripts lean on: usage errors, one JSON object, exit statuses; people and retention."""

from __future__ import annotations

import json

import pytest

from backups.engine import fast_rows
from tests.installation import Installation


@pytest.mark.parametrize(
    "arguments",
    [
        ["backup", "--only", "nothing"],
        ["verify"],
        ["drill"],
        ["restore"],
        ["undo_restore"],
        ["download", "latest"],
        ["archives", "--what"],
        ["prune", "extra"],
        ["create_superadmin"],
    ],
)
def test_wrong_usage_is_status_2_in_words_and_in_json(
    installation: Installation, arguments: list[str]
) -> None:
    done = installation.manage(*arguments, "--json")
    assert done.status == 2
    assert json.loads(done.out)["code"] == "usage"
    assert done.err == ""


def test_settings_that_cannot_be_read_are_one_sentence(uninitialised: Installation) -> None:
    done = uninitialised.manage("archives", "--json")
    assert (done.status, done.json["code"]) == (1, "settings")
    assert str(uninitialised.env_file) in done.json["error"]


def test_the_panels_data_inside_the_protected_database_is_refused(installation: Installation) -> None:
    name = installation.database.name
    for database in (name, f"{name}__restore_0123456789ab"):
        url = f"mysql://root@localhost/{database}"
        done = installation.manage("archives", "--json", CONTROL_DATABASE_URL=url)
        assert (done.status, done.json["code"]) == (1, "settings")
        assert "CONTROL_DATABASE_URL" in done.json["error"]


def test_a_superadmin_is_made_once_and_the_password_is_kept_nowhere(installation: Installation) -> None:
    made = installation.json("create_superadmin", "Siti@QParkIn.example")
    assert made["email"] == "siti@qparkin.example"
    assert len(made["password"]) >= 20
    again = installation.manage("create_superadmin", "siti@qparkin.example", "--json")
    assert (again.status, again.json["code"]) == (1, "person_known")
    stored = installation.control("SELECT password, role FROM backups_user")
    assert stored[0][0].startswith("argon2$argon2id$")
    assert stored[0][1] == "superadmin"
    assert made["password"] not in str(installation.control("SELECT * FROM backups_auditevent"))


def test_a_mall_admin_belongs_to_a_mall(installation: Installation) -> None:
    installation.json("create_mall_admin", "budi@qparkin.example", "--mall", "3")
    assert installation.control("SELECT role, mall_id FROM backups_user") == [("admin_mall", 3)]
    assert installation.manage("create_mall_admin", "not an address", "--mall", "1").status == 1


def test_prune_keeps_the_last_ones_and_says_why(installation: Installation) -> None:
    made = [installation.json("backup")["id"] for _ in range(3)]
    installation.json("drill", made[0])
    nothing = [f"--{name}={0}" for name in ("all-days", "daily", "weekly", "monthly", "yearly")]
    installation.json("retention", "--storage", "local", *nothing)
    keep_one = {"BACKUP_KEEP_LAST": "1"}
    planned = installation.json("prune", "--dry-run", **keep_one)
    assert len(installation.files()) == 6
    done = installation.json("prune", "--storage", "local", **keep_one)
    assert done == planned
    assert [item["id"] for item in done["dropped"]] == [made[1]]
    assert done["dropped"][0]["storage"] == "local"
    assert {item["id"]: item["reason"] for item in done["kept"]} == {
        made[2]: "newest",
        made[0]: "newest_proven",
    }
    assert [item["id"] for item in installation.json("archives")["archives"]] == [made[2], made[0]]
    assert len(installation.files()) == 4


def test_a_pin_holds_an_archive_and_says_until_when(installation: Installation) -> None:
    made = installation.json("backup")["id"]
    given = ["--until", "2199-12-31", "--reason", 'sengketa tiket "77"']
    assert installation.json("pin", made, *given)["pinned"] is True
    listed = installation.json("archives")["archives"][0]
    assert (listed["pinned"], listed["pin_reason"]) == (True, 'sengketa tiket "77"')
    assert listed["pinned_until"].startswith("2199-12-31")
    assert installation.json("prune", "--dry-run")["kept"][0]["reason"] == "pinned"
    assert installation.json("unpin", made)["pinned"] is False
    for wrong in ("2001-01-01", "kapan-kapan"):
        assert installation.manage("pin", made, "--until", wrong, "--reason", "x", "--json").status in (1, 2)


def test_retention_is_changed_for_a_storage_that_there_is(installation: Installation) -> None:
    preset = {"all_days": 7, "daily": 16, "weekly": 8, "monthly": 4, "yearly": 2, "max_bytes": None}
    assert installation.json("retention") == {"policies": {"local": preset}}
    changed = installation.json("retention", "--storage", "local", "--daily", "30", "--max-bytes", "5000000")
    assert changed["policies"]["local"] == {**preset, "daily": 30, "max_bytes": 5_000_000}
    back = installation.json("retention", "--storage", "local", "--preset", "--max-bytes", "0")
    assert back["policies"]["local"] == preset
    assert installation.manage("retention", "--daily", "30", "--json").json["code"] == "usage"
    refused = installation.manage("retention", "--storage", "mars", "--daily", "3", "--json")
    assert (refused.status, refused.json["code"]) == (1, "storage_unknown")


def test_it_is_said_what_reads_the_rows(installation: Installation) -> None:
    assert installation.json("check_connection")["row_helper"] == fast_rows.state().value
    assert "QPARKIN_FAST_ROWS=0" in installation.manage("check_connection", QPARKIN_FAST_ROWS="0").out
