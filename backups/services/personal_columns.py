"""Which columns hold data of people, by what they are called: nothing that is in them is read.

In both languages, as QParkIn and Laravel name them. Whoever knows better says so in PERSONAL_DATA_TABLES.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backups.engine.manifest import Column

TEXT = frozenset(
    {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json", "blob", "varbinary"}
)
# A number can be somebody's; a flag and most moments (email_verified_at) are not.
NUMBER = frozenset({"int", "bigint", "decimal"})
DAY = frozenset({"date", "datetime", "timestamp"})

NAMES = frozenset({
    "nama", "name", "nama_lengkap", "nama_depan", "nama_belakang", "nama_pemilik", "nama_pelanggan",
    "nama_pengguna", "full_name", "fullname", "first_name", "last_name", "username",
})  # fmt: skip
# The first that fits counts: an ip_address is no address of a home, an email_token opens something.
WORDS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("device", frozenset({"ip", "agent"}), TEXT),
    ("access", frozenset({"token", "secret"}), TEXT),
    ("password", frozenset({"password", "passwd", "sandi", "pin"}), TEXT),
    ("contact", frozenset({"email", "phone", "telp", "telepon", "hp", "wa", "whatsapp"}), TEXT | NUMBER),
    ("identity", frozenset({"nik", "ktp", "npwp", "paspor", "passport"}), TEXT | NUMBER),
    ("identity", frozenset({"lahir", "birth", "birthday"}), TEXT | DAY),
    ("plate", frozenset({"plat", "plate", "nopol", "polisi", "tnkb"}), TEXT),
    ("address", frozenset({"alamat", "address"}), TEXT),
)  # fmt: skip


def of_people(columns: Sequence[Column]) -> Mapping[str, str]:
    """Each column that is recognised, and the kind of data of people in it."""
    found = ((column.name, kind_of(column.name, column.kind)) for column in columns)
    return {name: kind for name, kind in found if kind}


def kind_of(name: str, sort: str) -> str:
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).casefold()
    if plain in NAMES and sort in TEXT:
        return "name"
    words = set(plain.split("_"))
    return next((kind for kind, asked, sorts in WORDS if words & asked and sort in sorts), "")
