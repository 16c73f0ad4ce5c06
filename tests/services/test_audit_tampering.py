"""Whatever is done to a small record, one thing at a time and all of it, shows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from backups.models import Archive, AuditEvent, AuditHead
from backups.services import audit, audit_guard
from tests.tampering import by_hand, lifted
from tests.web import factories

pytestmark = pytest.mark.django_db(transaction=True)

Row = dict[str, Any]


@pytest.fixture
def rows() -> list[Row]:
    """Four events, and somebody else whom they could be put down to."""
    person = factories.superadmin()
    factories.superadmin("dewi@qparkin.id")
    for number in range(4):
        audit.record("look", actor=person, about=person, address="10.0.0.1", details={"n": number})
    return list(AuditEvent.objects.order_by("pk").values())


def put(rows: list[Row]) -> None:
    """In the place of all that is there."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM backups_auditevent")
    AuditEvent.objects.bulk_create([AuditEvent(**row) for row in rows])


def other(field: str, row: Row) -> Any:
    value = row[field]
    if field == "at":
        return value + timedelta(microseconds=1)
    if field == "actor_id":
        return value + 1
    return {"n": "x"} if field == "details" else f"{value}x"[-64:]


def edited(rows: list[Row]) -> Iterator[list[Row]]:
    for place, field in itertools.product(range(len(rows)), rows[0]):
        if field != "id":
            changed = {**rows[place], field: other(field, rows[place])}
            yield [*rows[:place], changed, *rows[place + 1 :]]


def edited_and_reckoned_anew(rows: list[Row]) -> Iterator[list[Row]]:
    """By somebody who knows how the chain is made, from that event to the end."""
    for place in range(len(rows)):
        made, previous = list(rows), rows[place]["previous"]
        for at in range(place, len(rows)):
            row = {**made[at], "previous": previous, "address": "10.9.9.9"}
            previous = audit.digest_of_values(row)
            made[at] = {**row, "digest": previous}
        yield made


def removed(rows: list[Row]) -> Iterator[list[Row]]:
    for count in range(1, len(rows) + 1):
        yield from (list(left) for left in itertools.combinations(rows, len(rows) - count))


def swapped(rows: list[Row]) -> Iterator[list[Row]]:
    for order in itertools.permutations(range(len(rows))):
        if list(order) != sorted(order):
            yield [{**rows[place], "id": rows[at]["id"]} for at, place in enumerate(order)]


def added(rows: list[Row]) -> Iterator[list[Row]]:
    new = {**rows[-1], "id": rows[-1]["id"] + 1, "previous": rows[-1]["digest"]}
    yield [*rows, {**new, "digest": audit.digest_of_values(new)}]


@pytest.mark.parametrize("harm", [edited, edited_and_reckoned_anew, removed, swapped, added])
def test_every_harm_to_the_events_shows(harm: Any, rows: list[Row]) -> None:
    tried = 0
    with lifted():
        for harmed in harm(rows):
            put(harmed)
            assert not audit.verify_chain().holds, harmed
            tried += 1
        put(rows)
    assert audit.verify_chain().holds
    assert tried == {edited: 44, removed: 15, swapped: 23, added: 1}.get(harm, 4)


def test_every_harm_to_the_head_shows(rows: list[Row]) -> None:
    head = AuditHead.objects.values().get()
    with lifted():
        for field, value in head.items():
            if field == "id":
                continue
            changed = value - 1 if isinstance(value, int) else f"{value[:-4]}AAAA"
            AuditHead.objects.update(**{field: changed})
            assert not audit.verify_chain().holds, field
            AuditHead.objects.update(**{field: value})
        AuditHead.objects.all().delete()
        assert not audit.verify_chain().holds
        AuditHead.objects.create(**head)
    assert audit.verify_chain().holds


def test_an_older_record_with_its_own_head_is_betrayed_by_a_seal_and_by_a_notice(rows: list[Row]) -> None:
    """As from a backup of the panel's own database: it is whole, and signed."""
    older = AuditHead.objects.values().get()
    told = [audit.short_mark()]
    audit.record("download", actor=None)
    told.append(audit.short_mark())
    Archive.objects.create(id="20261123T031500Z-ab12cd34", created=timezone.now(), audit_mark=audit.mark())
    assert [audit.knows(head) for head in told] == [True, True]
    with lifted():
        put(rows)
        AuditHead.objects.update(**older)
    state = audit.verify_chain()
    assert state.broken_at is None
    assert state.contradicted_by
    assert [audit.knows(head) for head in told] == [True, False]
    # Nor is it, once the record has grown past it again.
    audit.record("look", actor=None)
    assert not audit.knows(told[1])


@pytest.mark.parametrize("head", ["", "4", "4:", "4:abc", "0:0123456789abcdef", "4:zzzzzzzzzzzzzzzz", "-1:0"])
def test_what_is_no_head_is_said_so(head: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(head) + "$"):
        audit.knows(head)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE backups_auditevent SET outcome = 'ok'",
        "UPDATE backups_auditevent SET details = details",
        "DELETE FROM backups_auditevent",
        "DELETE FROM backups_auditevent WHERE action = 'look'",
        "UPDATE backups_audithead SET count = 1",
        "UPDATE backups_audithead SET signature = ''",
        "DELETE FROM backups_audithead",
    ],
)
def test_the_database_itself_refuses_to_change_the_record(statement: str, rows: list[Row]) -> None:
    assert audit_guard.stands()
    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(AuditEvent.objects.order_by("pk").values()) == rows
    assert audit.verify_chain().holds


def test_what_guards_it_is_set_up_again_after_a_migration() -> None:
    with lifted():
        assert not audit_guard.stands()
    assert audit_guard.stands()
    by_hand()
    assert audit_guard.stand()


@pytest.mark.parametrize("vendor", sorted(audit_guard.GUARDS))
def test_each_kind_of_database_guards_events_and_head(vendor: str) -> None:
    said = " ".join(audit_guard.GUARDS[vendor].values())
    for table in (audit_guard.EVENTS, audit_guard.HEAD):
        assert f"BEFORE DELETE ON {table}" in said or f"UPDATE OR DELETE ON {table}" in said
        assert f"UPDATE ON {table}" in said or f"UPDATE OR DELETE ON {table}" in said
