"""What the test itself saw and did, day by day: the panel is asked for none of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from tests.week.house import House
from tests.week.promise import Seen

SIDECAR = ".seal.json"
# Tables by name, and files by path.
State = tuple[dict[str, tuple[tuple[object, ...], ...]], dict[str, bytes]]


@dataclass(slots=True)
class Diary:
    house: House
    seen: dict[str, Seen] = field(default_factory=dict)
    seals: dict[str, dict[str, object]] = field(default_factory=dict)
    # What was live when the archive came to be.
    states: dict[str, State] = field(default_factory=dict)
    changes: int = 0

    def look(self) -> None:
        """Note the archives that have come along since."""
        now = state_of(self.house)
        for name, text in sealed(self.house).items():
            seal = json.loads(text)
            if seal["archive"] not in self.seen:
                created = datetime.fromisoformat(seal["created"])
                self.seen[seal["archive"]] = Seen(seal["archive"], created, frozenset(seal["content"]))
                self.seals[seal["archive"]] = seal
                self.states[seal["archive"]] = now
                assert seal["archive"] in name

    def change_what_is_live(self) -> None:
        """Vehicles come and go, and somebody uploads a photo."""
        self.changes += 1
        number = self.changes
        self.house.installation.database.run(
            f"INSERT INTO tiket (id_mall, plat) VALUES (1, 'bp {number} wk'), (2, '😀 {number}')",
            f"UPDATE zona SET isi = 'lantai {number}'",
            f"UPDATE tiket SET plat = 'B {number}' WHERE id_tiket = {number}",
        )
        (self.house.uploads / f"photo-{number}.jpg").write_bytes(bytes([number % 256]) * 1000 * number)
        (self.house.uploads / "latest.txt").write_text(str(number))


def state_of(house: House) -> State:
    database = house.installation.database
    tables = [str(name) for (name,) in database.rows("SHOW TABLES")]
    live = {table: database.rows(f"SELECT * FROM `{table}` ORDER BY 1") for table in tables}
    return live, {path.name: path.read_bytes() for path in house.uploads.iterdir()}


def lying(house: House) -> dict[str, set[str]]:
    """Every name at each storage."""
    return {"local": set(house.installation.files()), "s3": set(house.s3.keys(house.bucket))}


def sealed(house: House) -> dict[str, bytes]:
    """The seals that lie beside archives, wherever."""
    folder, client = house.installation.archives, house.s3.client
    here = {path.name: path.read_bytes() for path in folder.glob(f"*{SIDECAR}")} if folder.exists() else {}
    there = {
        name: client.get_object(Bucket=house.bucket, Key=name)["Body"].read()
        for name in house.s3.keys(house.bucket)
        if name.endswith(SIDECAR) and name not in here
    }
    return {**here, **there}
