"""What still has to be set up until the panel looks after the data by itself."""

from __future__ import annotations

from dataclasses import dataclass

from backups import queries, storage_queries
from backups.models import AuditEvent, Channel, Copy, KeyEvent, Schedule
from backups.models.key_event import What


@dataclass(frozen=True, slots=True)
class Step:
    """`name` is a slug that the page puts into words."""

    name: str
    done: bool


def steps(database: str) -> tuple[Step, ...]:
    """In the order in which somebody would take them."""
    return (
        Step("backup", queries.good_archives(database).exists()),
        Step("schedule", Schedule.objects.filter(enabled=True).exists()),
        Step("proof", queries.last_proven(database) is not None),
        Step("elsewhere", _places_with_a_copy() > 1),
        Step("kit", _kit_is_handed_out()),
        Step("tried", _recovery_key_was_tried()),
        Step("notices", Channel.objects.filter(enabled=True, person=None).exists()),
    )


def _kit_is_handed_out() -> bool:
    """By this panel (one that stands in for a lost server has yet to make its own), of the key of now."""
    newest = KeyEvent.objects.filter(kind="recovery", what__in=(What.KIT, What.MADE)).first()
    if newest is None:
        return AuditEvent.objects.filter(action="recovery_kit").exists()
    return newest.what == What.KIT


def _recovery_key_was_tried() -> bool:
    """The one of now: a new key is one that nobody has tried yet."""
    ours = KeyEvent.objects.filter(kind="recovery")
    newest = ours.exclude(what__in=(What.REPLACED, What.REVOKED)).first()
    return newest is not None and ours.filter(what=What.PROVED, fingerprint=newest.fingerprint).exists()


def _places_with_a_copy() -> int:
    """A second place that is only named in the settings keeps nothing."""
    whole = Copy.objects.filter(state=Copy.State.WHOLE, storage__in=storage_queries.names())
    return whole.order_by().values("storage").distinct().count()
