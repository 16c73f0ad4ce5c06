"""`manage.py audit_verify`, as an auditor runs it: each seal says where the record stood."""

from __future__ import annotations

from tests.installation import Installation


def test_a_whole_record_and_a_seal_that_names_it(installation: Installation) -> None:
    installation.json("backup")
    told = installation.json("audit_verify")
    assert told["holds"]
    assert (told["broken_at"], told["contradicted_by"], told["guarded"]) == (None, [], True)
    assert installation.json("audit_verify", "--head", told["head"][:20])["holds"]
    other = installation.manage("audit_verify", "--head", f"1:{'0' * 16}", "--json")
    assert (other.status, other.json["unknown_heads"]) == (3, [f"1:{'0' * 16}"])
    [(mark,)] = installation.control("SELECT audit_mark FROM backups_archive")
    assert mark.partition(":")[2] in {
        d for (d,) in installation.control("SELECT digest FROM backups_auditevent")
    }


def test_an_edit_is_found_with_status_3(installation: Installation) -> None:
    installation.json("backup")
    installation.tamper("UPDATE backups_auditevent SET details = '{}' WHERE id = 1")
    done = installation.manage("audit_verify", "--json")
    assert done.status == 3
    assert (done.json["code"], done.json["broken_at"]) == ("audit_broken", 1)


def test_a_new_record_is_contradicted_by_the_seals_of_the_old_one(installation: Installation) -> None:
    """The seals are read from the storage: that the index forgot them changes nothing."""
    made = installation.json("backup")
    installation.tamper("DELETE FROM backups_auditevent", "DELETE FROM backups_audithead")
    installation.control("DELETE FROM backups_copy")
    installation.control("UPDATE backups_job SET archive_id = NULL")
    installation.control("DELETE FROM backups_archive")
    done = installation.manage("audit_verify", "--json")
    assert done.status == 3
    assert done.json["contradicted_by"] == [made["id"]]
    assert installation.json("audit_verify", "--sealed-since", "2099-01-01")["holds"]


def test_a_time_that_is_none_is_a_wrong_usage(installation: Installation) -> None:
    assert installation.manage("audit_verify", "--sealed-since", "kemarin", "--json").status == 2
