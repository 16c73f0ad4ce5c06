"""A stolen signing key and a lost recovery key: what no longer counts is refused wherever it is read."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from backups import checks
from backups.engine import encrypt, pipeline, seal
from backups.engine.errors import PassphraseWrong, RecipientRevoked, SignerRevoked
from backups.engine.passphrase import lock
from backups.engine.seal import SigningKey, new_signing_key
from backups.engine.stream import Silent
from backups.engine.trust import signer_fingerprint
from backups.models import Archive, AuditEvent, KeyEvent
from backups.services import (
    adopt,
    audit,
    catalogue,
    key_files,
    key_proof,
    keys,
    reading,
    revoke,
    verify,
    work,
)
from backups.services.backup import request_backup
from backups.services.drill import request_drill
from backups.services.key_refusals import KeyHeldHere, KeyInUse, KeyOpensNothing, KeyUnknown
from backups.services.refusals import Usage
from qparkin_backup import env, revocations
from tests.scratch import ScratchDatabase
from tests.sealed import sealed_file

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    settings.ENV_FILE = tmp_path / "env"
    settings.ENV_FILE.write_text("BACKUP_STORAGES=\nTIME_ZONE=Asia/Jakarta\n")
    return Path(settings.ENV_FILE)


def backed_up() -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def signing() -> SigningKey:
    key = keys.signing()
    assert key is not None
    return key


def in_force(settings: Settings, file: Path) -> None:
    """As for a process that starts now."""
    found = env.read_file(file)
    settings.BACKUP_REVOKED_SIGNERS = revocations.parsed("X", found.get("BACKUP_REVOKED_SIGNERS", ""))
    settings.BACKUP_REVOKED_RECIPIENTS = tuple(found.get("BACKUP_REVOKED_RECIPIENTS", "").split(","))


def dated_back(like: Archive, folder: Path) -> Path:
    """What a thief makes: an archive of before the theft, with the key that was stolen."""
    made = like.created - timedelta(days=1)
    forged = Archive.objects.create(
        id=f"{made:%Y%m%dT%H%M%SZ}-0badc0de", database=like.database, created=made, content=["database"],
        sequence=like.sequence, purpose="manual",
    )  # fmt: skip
    name = next(folder.glob("*.zip")).name.rpartition("-")[0].rpartition("-")[0]
    path = sealed_file(forged, folder / f"{name}-{forged.pk}.zip")
    Archive.with_pruned.filter(pk=forged.pk).delete()
    return path


def test_after_a_theft_every_reading_refuses_what_the_thief_could_have_sealed(
    parking: ScratchDatabase, archives_in: Path, settings: Settings, tmp_path: Path, file: Path
) -> None:
    before, moment, old = backed_up(), timezone.now(), signing()
    after = backed_up()
    with pytest.raises(KeyInUse):
        revoke.revoke(signer_fingerprint(old.public), since=moment, by=None)
    forged = dated_back(before, archives_in)
    # As after `rotate_keys --signing`.
    key_files.write_once(tmp_path / "new.pem", new_signing_key())
    settings.BACKUP_SIGNING_KEY_FILE = str(tmp_path / "new.pem")
    settings.BACKUP_TRUSTED_SIGNERS = (old.public,)
    done = revoke.revoke(signer_fingerprint(old.public), since=moment, by=None)
    assert (done.refused, done.still_held) == ((after.pk,), 1)
    after.refresh_from_db()
    assert (after.state, after.problem_code) == ("damaged", "signer_revoked")
    in_force(settings, file)
    mine = backed_up()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(forged, elsewhere)
    (told,) = adopt.import_archives([elsewhere / forged.name], progress=Silent()).problems
    assert isinstance(told.error, SignerRevoked)
    shutil.move(elsewhere / forged.name, forged)
    catalogue.sync()
    assert set(Archive.objects.values_list("pk", flat=True)) == {before.pk, after.pk, mine.pk}
    with pytest.raises(SignerRevoked):
        work.run_here(verify.request_verify(after, requested_by=None, trigger="command"))
    with pytest.raises(SignerRevoked):
        work.run_here(request_drill(after, requested_by=None, trigger="command"))
    with pytest.raises(SignerRevoked):
        pipeline.read_manifest(reading.source(after, keys.to_open()))
    for held in (before, mine):
        assert work.run_here(verify.request_verify(held, requested_by=None, trigger="command")).result["ok"]
    assert audit.verify_chain().holds
    assert AuditEvent.objects.get(action="revoke_key").details["refused"] == 1


def test_a_revocation_that_is_taken_back_lets_them_in_again(
    parking: ScratchDatabase, archives_in: Path, settings: Settings, tmp_path: Path, file: Path
) -> None:
    moment, old = timezone.now(), signing()
    after = backed_up()
    key_files.write_once(tmp_path / "new.pem", new_signing_key())
    settings.BACKUP_SIGNING_KEY_FILE = str(tmp_path / "new.pem")
    settings.BACKUP_TRUSTED_SIGNERS = (old.public,)
    revoke.revoke(old.public, since=moment, by=None)
    catalogue.sync()
    after.refresh_from_db()
    assert after.state == "whole"


def test_no_backup_is_made_for_a_revoked_key(
    parking: ScratchDatabase, settings: Settings, file: Path
) -> None:
    made = backed_up()
    panel, recovery = settings.BACKUP_RECIPIENTS
    gone = encrypt.recipient_fingerprint(recovery)
    with pytest.raises(KeyInUse):
        revoke.revoke(gone, since=timezone.now(), by=None)
    settings.BACKUP_RECIPIENTS = (panel,)
    with pytest.raises(KeyUnknown):
        revoke.revoke("0" * 16, since=timezone.now(), by=None)
    assert revoke.revoke(gone, since=timezone.now(), by=None).still_held == 1
    in_force(settings, file)
    settings.BACKUP_RECIPIENTS = (panel, recovery)
    with pytest.raises(RecipientRevoked):
        backed_up()
    assert "backups.E001" in {message.id for message in checks.keys_are_usable()}
    assert pipeline.read_manifest(reading.source(made, keys.to_open())).archive == made.pk


@pytest.fixture
def kit(settings: Settings) -> bytes:
    """The recovery identity, as the suite's own settings have made it."""
    return Path(settings.BACKUP_IDENTITY_FILE).with_name("recovery.key").read_bytes()


def test_the_recovery_key_opens_a_backup_on_a_host_that_holds_none(
    parking: ScratchDatabase, settings: Settings, kit: bytes
) -> None:
    made, fingerprint = backed_up(), encrypt.recipient_fingerprint(settings.BACKUP_RECIPIENTS[1])
    held = Path(settings.BACKUP_IDENTITY_FILE).read_bytes()
    with pytest.raises(KeyHeldHere):
        key_proof.prove(held, secret="", archive=None, by=None)
    settings.BACKUP_IDENTITY_FILE = ""
    done = key_proof.prove(kit, secret="", archive=None, by=None)
    assert (done.fingerprint, done.archive, done.opens) == (fingerprint, made.pk, 1)
    event = KeyEvent.objects.get(what="proved")
    said = json.loads(event.statement)
    signature = said.pop("signature")
    assert seal.verifies(said["signer"], signature, key_proof.DOMAIN + seal.canonical(said))
    assert (said["seal"], said["key"]) == (made.seal_digest, fingerprint)
    assert b"AGE-SECRET" not in event.statement.encode()


def test_a_key_that_opens_nothing_proves_nothing(parking: ScratchDatabase, kit: bytes) -> None:
    backed_up()
    stranger = encrypt.new_identity()[0].encode()
    with pytest.raises(KeyOpensNothing):
        key_proof.prove(stranger, secret="", archive=None, by=None)
    locked = lock(kit, "kata sandi yang panjang", work=4)
    with pytest.raises(PassphraseWrong):
        key_proof.prove(locked, secret="keliru", archive=None, by=None)
    assert not KeyEvent.objects.exists()
    assert key_proof.prove(locked, secret="kata sandi yang panjang", archive=None, by=None).signed


def test_no_key_is_proven_by_another_one_in_the_same_file(
    parking: ScratchDatabase, settings: Settings, kit: bytes
) -> None:
    backed_up()
    held = Path(settings.BACKUP_IDENTITY_FILE).read_bytes()
    stranger = encrypt.new_identity()[0].encode()
    with pytest.raises(KeyOpensNothing):
        key_proof.prove(held + b"\n" + stranger + b"\n", secret="", archive=None, by=None)
    assert not KeyEvent.objects.filter(what="proved").exists()


def test_a_key_is_not_revoked_as_of_a_day_that_is_still_to_come() -> None:
    """A year mistyped, and whoever stole it would go on until then."""
    with pytest.raises(Usage):
        revoke.revoke("x", since=timezone.now() + timedelta(days=365), by=None)
