"""One changed byte anywhere in an archive or in the seal beside it, and nothing of it is believed."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from backups.engine import pipeline
from backups.engine.errors import BackupError
from backups.engine.stream import Silent
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

MARKS = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06")
HEADER_BYTES = 46
RANDOM = 600


@pytest.fixture
def made(road: Road, database: ScratchDatabase) -> pipeline.Made:
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY, v TEXT)",
        "INSERT INTO a SELECT seq, MD5(seq) FROM seq_1_to_200",
        "CREATE VIEW v AS SELECT 1 AS x",
    )
    return road.back_up(database.server, database.name)


def _structural(content: bytes) -> Iterator[int]:
    """Every byte of every header, and the first and the last of whatever lies between them."""
    for mark in MARKS:
        place = content.find(mark)
        while place >= 0:
            yield from range(max(0, place - 1), min(len(content), place + HEADER_BYTES))
            place = content.find(mark, place + 1)
    yield from range(len(content) - 22, len(content))


def _refused(road: Road, made: pipeline.Made, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(BackupError) as refused:
        pipeline.verify(road.source(made), deep=False, progress=Silent())
    assert refused.value.status == 3, refused.value


def test_a_changed_byte_anywhere_in_the_archive_is_found(road: Road, made: pipeline.Made) -> None:
    path = road.storage.root / made.name
    whole = path.read_bytes()
    chosen = random.Random(made.bytes)
    for place in sorted({*_structural(whole), *chosen.sample(range(len(whole)), RANDOM)}):
        changed = bytes([whole[place] ^ chosen.randrange(1, 256)])
        _refused(road, made, path, whole[:place] + changed + whole[place + 1 :])


def test_a_byte_more_or_less_anywhere_is_found(road: Road, made: pipeline.Made) -> None:
    path = road.storage.root / made.name
    whole = path.read_bytes()
    for place in range(0, len(whole), len(whole) // 60):
        _refused(road, made, path, whole[:place] + whole[place + 1 :])
        _refused(road, made, path, whole[:place] + b"\0" + whole[place:])


def test_a_changed_byte_anywhere_in_the_seal_beside_it_is_found(road: Road, made: pipeline.Made) -> None:
    path = road.storage.root / (made.name + ".seal.json")
    whole = path.read_bytes()
    for place in range(len(whole)):
        _refused(road, made, path, whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    _refused(road, made, path, b"")


def test_nothing_is_built_from_a_changed_chunk(
    road: Road, made: pipeline.Made, database: ScratchDatabase
) -> None:
    path = road.storage.root / made.name
    whole = path.read_bytes()
    place = whole.index(b"data/0001-a/") + 200
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
    with pytest.raises(BackupError) as refused:
        road.restore(made, database.server, database.name)
    assert refused.value.code == "archive_damaged"
    beside = "SELECT SCHEMA_NAME FROM information_schema.schemata WHERE SCHEMA_NAME LIKE %s"
    schemas = database.rows(beside, (f"{database.name}%",))
    assert schemas == ((database.name,),)
    assert database.rows("SELECT COUNT(*) FROM a") == ((200,),)
