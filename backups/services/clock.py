"""What happens by itself, in this order. Each step is guarded: one that fails holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from backups.engine.errors import BackupError
from backups.models import Job

from . import (
    abilities,
    aftermath,
    approving,
    catalogue,
    copies,
    departures,
    drill_again,
    drill_turns,
    growth,
    heartbeat,
    hosts,
    jobs,
    notices,
    pin_notes,
    policy_notes,
    reaper,
    relock,
    repeats,
    rolling,
    slots,
    thinning,
    undo,
    uploads,
    visits,
)
from .connections import protected_state
from .notices import deliver
from .second_factor import paper

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(minutes=5)

Step = Callable[[datetime], object]


def tick(now: datetime | None = None, *, after_leap: bool = False) -> None:
    """One beat. `after_leap`: the clock was set since the last one, so workers come first to renew leases."""
    now = now or timezone.now()
    for what, step in STEPS.items():
        if not (after_leap and what == REAPING):
            _guarded(what, step, now)


def _guarded(what: str, step: Step, now: datetime) -> None:
    try:
        step(now)
    except BackupError as error:
        log.warning("%s: %s", what, error)
    except Exception:
        # A bad moment of a disk or of the panel's own database: the next step may fare better.
        log.exception("the clock failed to %s", what)
        connection.close_if_unusable_or_obsolete()


def _settle_what_is_open(_: datetime) -> None:
    """A swap that broke off and no job holds: another host left it, or its journal was busy then.

    And the schemas of a drill that could not be dropped, since the server was away or full when it failed.
    """
    if Job.objects.filter(lock__isnull=False).exists() or protected_state().state == "down":
        return
    if not abilities.holds_all_places():
        return
    reaper.settle_swaps()


# One line for each thing that happens by itself, named as in "the clock failed to …". What asks a server or a
# storage, which may be slow, comes after what must be on time.
REAPING = "clear up after workers"
STEPS: dict[str, Step] = {
    "say that this host is there": hosts.note_here,
    REAPING: jobs.reap,
    "start what is due": slots.start_what_is_due,
    "follow what was started": lambda _: slots.follow(),
    "knock again for work that waits": lambda _: jobs.knock_again(),
    "look after jobs that did not come through": aftermath.look_after,
    "begin drills anew that a crash broke off": drill_again.ask_for_what_broke_off,
    "tell the heartbeats": heartbeat.tell,
    "end requests whose time is over": approving.lapse,
    "lock secrets with the newest key": lambda _: relock.lock_anew(),
    "forget recovery codes that nobody came to see": paper.tidy,
    "write down what people should hear": notices.gather,
    "send notices": deliver.send_in_background,
    "settle a swap that is open": _settle_what_is_open,
    "let go of what was kept for undo": lambda _: undo.let_go(),
    "record what was counted": repeats.close_windows,
    "sweep uploads": lambda _: uploads.sweep(),
    "let go of old visits": visits.clear_old,
    "finish clearing that broke off": lambda _: departures.settle_what_broke_off(),
    "keep pins beside their archives": lambda _: pin_notes.write_due(),
    "keep policies at their storages": lambda _: policy_notes.write_due(),
    "look at the storages": lambda _: catalogue.refresh(older_than=LOOK_EVERY),
    "clear what retention lets go": thinning.start_when_due,
    "reckon how the storages grow": growth.stay_known,
    "ask for copies": lambda _: copies.ask_for_what_is_due(),
    "ask for a drill of each storage": drill_turns.ask_when_due,
    "ask for a copy to be read": rolling.ask_when_quiet,
}
