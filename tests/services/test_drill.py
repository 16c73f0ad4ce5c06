"""A drill is made of what the storage holds now, and what it found is kept in full."""

from __future__ import annotations

from pathlib import Path

import pytest

from backups.engine.errors import ArchiveDamaged
from backups.models import Archive, Proof
from backups.services import work
from backups.services.backup import request_backup
from backups.services.drill import request_drill
from tests.scratch import ScratchDatabase

pytestmark = pytest.mark.django_db(transaction=True)

WRONG_CASE = "CREATE TRIGGER salah BEFORE DELETE ON zona FOR EACH ROW DELETE FROM Tiket WHERE id_mall = 0"


@pytest.fixture
def archive(parking: ScratchDatabase) -> Archive:
    parking.run(WRONG_CASE)
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def test_a_copy_that_went_bad_since_is_found(archive: Archive, archives_in: Path) -> None:
    (file,) = archives_in.glob("*.zip")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(ArchiveDamaged):
        work.run_here(request_drill(archive, requested_by=None, trigger="command"))
    assert not Proof.objects.exists()


@pytest.mark.parametrize("trigger", ["command", "schedule"])
def test_rows_phases_and_findings_are_kept(archive: Archive, trigger: str) -> None:
    job = work.run_here(request_drill(archive, requested_by=None, trigger=trigger))
    proof = Proof.objects.get()
    assert sorted(proof.table_rows) == [["mall", 2], ["tiket", 3], ["zona", 1]]
    assert [phase for phase, _ in proof.phases] == [
        "load",
        "keys",
        "code",
        "prove_works",
        "prove_equal",
        "drop",
    ]
    assert (proof.storage, job.result["storage"]) == ("local", "local")
    assert proof.known_findings[0]["meant"] == [["Tiket", "tiket"]]
