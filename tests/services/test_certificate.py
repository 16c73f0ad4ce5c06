"""The signed statement of a proof: written when the drill ends, and betrayed by whatever is changed later."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from backups.engine.seal import new_signing_key
from backups.models import Archive, Proof
from backups.services import certificate, work
from backups.services.backup import request_backup
from backups.services.drill import request_drill
from backups.services.refusals import CertificateBroken
from tests.scratch import ScratchDatabase
from tests.web import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def proof(parking: ScratchDatabase) -> Proof:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    work.run_here(request_drill(job.archive, requested_by=factories.superadmin(), trigger="person"))
    return Proof.objects.get()


def changed(text: str, **values: object) -> bytes:
    """As somebody would who has no key: in the one spelling that there is."""
    said = {**json.loads(text), **values}
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def state_of(proof: Proof) -> str:
    found = certificate.certificate(Archive.objects.get(pk=proof.archive_id))
    assert found is not None
    return found.signature


def test_a_drill_signs_what_it_found(proof: Proof) -> None:
    said = certificate.check(proof.statement.encode())
    assert said["archive"] == proof.archive_id
    assert said["seal"] == proof.archive.seal_digest
    assert (said["proven"], said["equal"], said["tables"]) == (True, True, 3)
    assert sorted(said["table_rows"]) == [["mall", 2], ["tiket", 3], ["zona", 1]]
    assert said["asked_by"] == ["person", "rani@qparkin.id"]
    assert said["limit_days"] == 30
    assert state_of(proof) == "holds"


@pytest.mark.parametrize(
    "change", [{"proven": False}, {"rows": 7}, {"table_rows": []}, {"seconds": 0.5}, {"storage": "pasar"}]
)
def test_a_record_that_was_changed_no_longer_agrees(proof: Proof, change: dict[str, object]) -> None:
    Proof.objects.update(**change)
    assert state_of(proof) == "broken"


def test_a_record_whose_statement_was_taken_away_is_unsigned(proof: Proof) -> None:
    Proof.objects.update(statement="")
    assert state_of(proof) == "missing"


def test_an_edited_file_is_refused(proof: Proof) -> None:
    for text in (
        changed(proof.statement, proven=False),
        changed(proof.statement, archive="20260101T000000Z-00000000"),
        changed(proof.statement, extra=1),
        b" " + proof.statement.encode(),
        proof.statement.encode().replace(b'"equal":true', b'"equal": true'),
        b"{}",
        b"[]",
        b"\xff",
        b"",
        b'{"signature":"\xc3\xa4"}',
        b"[" * 100_000,
    ):
        with pytest.raises(CertificateBroken):
            certificate.check(text)


def test_a_strangers_signature_is_refused(proof: Proof, settings: Settings, tmp_path: Path) -> None:
    own, stranger = settings.BACKUP_SIGNING_KEY_FILE, tmp_path / "stranger.pem"
    stranger.write_bytes(new_signing_key())
    settings.BACKUP_SIGNING_KEY_FILE = str(stranger)
    signed = certificate.sign(proof).encode()
    certificate.check(signed)
    settings.BACKUP_SIGNING_KEY_FILE = own
    with pytest.raises(CertificateBroken, match="not trusted"):
        certificate.check(signed)


def test_a_seals_signature_is_none_for_a_certificate(proof: Proof, archives_in: Path) -> None:
    (seal,) = archives_in.glob("*.seal.json")
    with pytest.raises(CertificateBroken):
        certificate.check(seal.read_bytes())


def test_a_host_without_the_key_drills_all_the_same(proof: Proof, settings: Settings) -> None:
    settings.BACKUP_SIGNING_KEY_FILE = ""
    assert certificate.sign(proof) == ""
    settings.BACKUP_SIGNING_KEY_FILE = "/nowhere.pem"
    assert certificate.sign(proof) == ""
