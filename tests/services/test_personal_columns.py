"""Data of people is recognised by what columns are called, in QParkIn's own dumps too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backups.engine.manifest import Column
from backups.services import personal_data
from backups.services.personal_columns import kind_of, of_people
from tests.web import factories

pytestmark = pytest.mark.django_db
DUMPS = Path(__file__).parents[3] / "shared" / "data"
TABLE = re.compile(r"CREATE TABLE `(\w+)` \((.*?)\n\)", re.DOTALL)
COLUMN = re.compile(r"^  `(\w+)` (\w+)", re.MULTILINE)


def people_in(schema: str) -> dict[str, dict[str, str]]:
    """As an inventory would tell the columns of these tables."""
    tables = {
        table: [Column(name, sort, sort, None, generated=False) for name, sort in COLUMN.findall(body)]
        for table, body in TABLE.findall(schema)
    }
    return {table: dict(of_people(columns)) for table, columns in tables.items() if of_people(columns)}


@pytest.mark.parametrize(
    ("column", "sort", "kind"),
    [
        ("email", "varchar", "contact"), ("no_hp", "varchar", "contact"), ("noHp", "varchar", "contact"),
        ("nomor_telepon", "bigint", "contact"), ("plat_nomor", "varchar", "plate"),
        ("plat", "varchar", "plate"),
        ("nama_lengkap", "varchar", "name"), ("name", "varchar", "name"), ("alamat", "text", "address"),
        ("ip_address", "varchar", "device"), ("user_agent", "text", "device"), ("NIK", "char", "identity"),
        ("tanggal_lahir", "date", "identity"), ("password", "varchar", "password"),
        ("remember_token", "varchar", "access"),
        # Of a thing, a moment, a number of something: of nobody.
        ("nama_gerbang", "varchar", ""), ("email_verified_at", "timestamp", ""), ("token_count", "int", ""),
        ("nikmat", "varchar", ""), ("template", "varchar", ""), ("biaya", "decimal", ""),
        ("id_user", "bigint", ""),
    ],
)  # fmt: skip
def test_a_column_is_recognised_by_its_name(column: str, sort: str, kind: str) -> None:
    assert kind_of(column, sort) == kind


@pytest.mark.parametrize("dump", ["qparkin.sql", "qparkin_22des.sql"])
def test_what_qparkins_own_dumps_hold_is_found(dump: str) -> None:
    if not (DUMPS / dump).exists():
        pytest.skip("QParkIn's dumps are not beside this checkout")
    found = people_in((DUMPS / dump).read_text(errors="replace"))
    assert found["user"]["email"] == found["user"]["no_hp"] == found["customer"]["no_hp"] == "contact"
    assert (found["user"]["password"], found["user"]["remember_token"]) == ("password", "access")
    assert found["kendaraan"]["plat"] == "plate"
    assert found["sessions"] == {"ip_address": "device", "user_agent": "device"}
    assert {"gerbang", "tarif_parkir", "pembayaran"}.isdisjoint(found)


def test_a_table_that_nobody_has_told_us_of_is_found_by_its_columns(settings: object) -> None:
    rows = [
        {"name": "peserta", "rows": 30, "bytes": 900, "people": {"email": "contact", "nik": "identity"}},
        {"name": "user", "rows": 7, "bytes": 90, "people": {"alamat": "address"}},
        {"name": "mall", "rows": 2, "bytes": 9, "people": {"alamat_gmaps": "address"}},
        {"name": "lain", "rows": 1, "bytes": 9},
    ]
    found = personal_data.touched(factories.archive(table_rows=rows))
    assert found is not None
    told = {one.table: (one.kinds, one.columns) for one in found.holdings}
    assert told == {
        "peserta": (("contact", "identity"), ("email", "nik")),
        "user": (("name", "contact", "address", "password"), ("alamat",)),
    }
    assert found.unknown == ("lain",)
    settings.PERSONAL_DATA_TABLES = ("peserta=",)  # type: ignore[attr-defined]
    found = personal_data.touched(factories.archive(table_rows=rows))
    assert found is not None
    assert "peserta" not in {one.table for one in found.holdings}
