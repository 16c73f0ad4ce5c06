"""The audit: only ever added to, and what was changed behind its back shows."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from backups.models import Archive, AuditEvent, AuditHead, User
from backups.services import audit, audit_head, audit_origin
from tests.tampering import by_hand

pytestmark = pytest.mark.django_db(transaction=True)


def events(count: int = 4) -> list[AuditEvent]:
    person = User.objects.create(email="siti@qparkin.example", role="superadmin")
    return [
        audit.record("look", actor=person, about=person, address="10.0.0.1", details={"n": n, "é": "ü"})
        for n in range(count)
    ]


def test_the_chain_holds() -> None:
    assert audit.verify_chain() == audit.ChainState(0, None)
    events()
    assert audit.verify_chain().holds
    assert audit.verify_chain().events == 4


@pytest.mark.parametrize(
    "change",
    [
        "actor_label = 'x'",
        "details = '{}'",
        "outcome = 'failed'",
        "at = '2020-01-01 00:00:00'",
        "address = ''",
    ],
)
def test_a_changed_event_breaks_it(change: str) -> None:
    second = events()[1]
    by_hand(f"UPDATE backups_auditevent SET {change} WHERE id = {second.pk}")
    assert audit.verify_chain().broken_at == second.pk


def test_a_missing_event_breaks_it_at_the_next_one() -> None:
    made = events()
    by_hand(f"DELETE FROM backups_auditevent WHERE id = {made[1].pk}")
    assert audit.verify_chain().broken_at == made[2].pk


def test_a_cut_tail_shows_and_goes_on_showing() -> None:
    last = events()[-1]
    by_hand(f"DELETE FROM backups_auditevent WHERE id = {last.pk}")
    assert not audit.verify_chain().holds
    audit.record("look", actor=None)
    assert not audit.verify_chain().holds


@pytest.mark.parametrize("signature", ["''", "'Zm9yZ2Vk'", "signature"])
def test_a_head_that_was_put_right_by_hand_shows_too(signature: str) -> None:
    made = events()
    by_hand(f"DELETE FROM backups_auditevent WHERE id = {made[-1].pk}")
    by_hand(
        f"UPDATE backups_audithead SET count = 3, digest = '{made[2].digest}', "
        f"signed_count = 3, signed_digest = '{made[2].digest}', signature = {signature}"
    )
    assert not audit.verify_chain().holds
    # Nor does the panel put its own signature under it later.
    audit.record("look", actor=None)
    assert not audit.verify_chain().holds


def test_without_its_head_it_does_not_hold() -> None:
    events()
    by_hand("DELETE FROM backups_audithead")
    assert not audit.verify_chain().holds
    audit.record("look", actor=None)
    assert not audit.verify_chain().holds


def test_a_key_that_cannot_be_read_for_a_while_stops_nobody(settings: Settings) -> None:
    events(2)
    key, settings.BACKUP_SIGNING_KEY_FILE = settings.BACKUP_SIGNING_KEY_FILE, "/nowhere/signing.pem"
    audit.record("look", actor=None)
    settings.BACKUP_SIGNING_KEY_FILE = key
    assert audit.verify_chain() == audit.ChainState(3, None)
    audit.record("look", actor=None)
    assert AuditHead.objects.get().signed_count == 4
    assert audit.verify_chain().holds


def test_events_are_neither_changed_nor_deleted() -> None:
    event = events()[0]
    for attempt in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.filter(pk=event.pk).update(action="other"),
    ):
        with pytest.raises(TypeError):
            attempt()


def test_writers_at_the_same_moment_make_one_chain() -> None:
    def write() -> None:
        try:
            for _ in range(5):
                audit.record("look", actor=None)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert audit.verify_chain() == audit.ChainState(20, None)


def sealed(mark: str, name: str = "20261123T031500Z-ab12cd34") -> Archive:
    return Archive.objects.create(id=name, created=timezone.now(), audit_mark=mark)


def test_the_seals_agree_with_a_record_that_goes_on() -> None:
    assert audit.mark() == ""
    events(2)
    sealed(audit.mark())
    audit.record("look", actor=None)
    assert audit.mark().startswith("3:")
    assert audit.verify_chain().holds


def test_a_record_that_was_cut_and_signed_again_is_betrayed_by_a_seal() -> None:
    """Whoever holds the panel and its signing key can make any chain hold; the seals lie elsewhere."""
    made = events()
    archive = sealed(audit.mark())
    by_hand(f"DELETE FROM backups_auditevent WHERE id = {made[-1].pk}")
    signature = audit_head.signed(3, made[2].digest)
    by_hand(
        f"UPDATE backups_audithead SET count = 3, digest = '{made[2].digest}', "
        f"signed_count = 3, signed_digest = '{made[2].digest}', signature = '{signature}'"
    )
    state = audit.verify_chain()
    assert state.broken_at is None
    assert state.contradicted_by == (archive.pk,)
    assert not state.holds
    assert audit.verify_chain(sealed_since=timezone.now()).holds


def test_an_event_moved_to_another_place_is_betrayed_too() -> None:
    events()
    count, _, digest = audit.mark().partition(":")
    sealed(f"{int(count) - 1}:{digest}")
    assert not audit.verify_chain().holds


def test_where_it_came_from_needs_no_handing_on() -> None:
    with audit_origin.coming_from("10.1.2.3"):
        assert audit.record("look", actor=None).address == "10.1.2.3"
        assert audit.record("look", actor=None, address="10.9.9.9").address == "10.9.9.9"
    assert audit.record("look", actor=None).actor_label == "system"


@pytest.mark.parametrize(
    ("signed_in", "told"), [("0", "root"), ("4294967295", "root"), ("1", "root (daemon)")]
)
def test_at_the_keyboard_it_is_the_user_of_the_machine(
    signed_in: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "loginuid").write_text(signed_in)
    monkeypatch.setattr(audit_origin, "LOGIN", tmp_path / "loginuid")
    monkeypatch.setattr("os.getuid", lambda: 0)
    with audit_origin.at_the_keyboard():
        assert audit.record("look", actor=None).actor_label == f"shell:{told}"


def test_a_command_says_who_ran_it() -> None:
    call_command("create_superadmin", "siti@qparkin.example")
    assert AuditEvent.objects.get(action="create_person").actor_label.startswith("shell:")
