"""Every trigger fired in a disposable copy, alone and then with those it sets off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backups.engine.database import rows
from backups.engine.manifest import Table, Trigger
from backups.engine.obstacles import Body, obstacle, reached, tables_of
from backups.engine.rehearsal import Rehearsal
from backups.engine.stream import Progress
from backups.engine.synthesis import Hints, hints, slots
from backups.engine.variants import Variant, hinted_row, plain_row, variants
from backups.engine.volley import Report, Round, in_place, volley

FEW, SOME = 16, 48
# A Wednesday and a Saturday night: code that looks at the calendar takes both its ways.
WEEKDAY, WEEKEND = 1704276000, 1704581999


@dataclass(frozen=True, slots=True)
class NotExercised:
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A trigger that broke. `own`: it does so alone, not only through triggers that it sets off."""

    trigger: str
    errno: int
    message: str
    own: bool


@dataclass(frozen=True, slots=True)
class Target:
    """A trigger that may be fired, and what it reaches."""

    trigger: Trigger
    bodies: tuple[Body, ...]
    tables: tuple[Table, ...]  # that its bodies name and that the copy has


def fire_triggers(
    stage: Rehearsal, *, progress: Progress, only: frozenset[str] | None = None
) -> tuple[tuple[Failure, ...], tuple[NotExercised, ...]]:
    """Fire all that may be fired; each is a failure, a success, or not exercised and why.

    `only`: the triggers by name that are asked about; the others are there to be set off by them.
    """
    targets, skipped = _sorted(stage)
    failures: list[Failure] = []
    skipped = [one for one in skipped if only is None or one.name in only]
    for target in targets:
        if only is not None and target.trigger.name not in only:
            continue
        progress.check()
        alone = _alone(stage, target)
        companions = _set_off(stage, target, targets)
        together = _together(stage, target, companions) if companions else Report()
        failures += _failures(stage, target.trigger.name, alone, together)
        if not (alone.reached or together.reached):
            skipped.append(NotExercised(target.trigger.name, alone.why or "not_reached"))
        progress.advance()
    return _without_echoes(failures), tuple(skipped)


def _sorted(stage: Rehearsal) -> tuple[list[Target], list[NotExercised]]:
    schemas = frozenset(
        str(name).casefold()
        for (name,) in rows(stage.connection, "SELECT schema_name FROM information_schema.schemata")
    )
    targets, skipped = [], []
    for trigger in stage.inventory.triggers:
        bodies = reached(stage.inventory, trigger)
        why = obstacle(bodies, inventory=stage.inventory, schemas=schemas)
        if not why and any(name in stage.unmade_routines for name in _routines(stage, bodies)):
            why = "routine_not_made"
        if why:
            skipped.append(NotExercised(trigger.name, why))
        else:
            named = (stage.table(table.name) for table in tables_of(bodies))
            found = {table.name: table for table in named if table is not None}
            targets.append(Target(trigger, bodies, tuple(found.values())))
    return targets, skipped


def _routines(stage: Rehearsal, bodies: Iterable[Body]) -> Iterator[str]:
    texts = {body.text for body in bodies}
    return (routine.name.casefold() for routine in stage.inventory.routines if routine.statement in texts)


def _set_off(stage: Rehearsal, target: Target, targets: list[Target]) -> tuple[Target, ...]:
    """Triggers on the tables it touches, and on those that these touch; none of its own table."""
    found: dict[str, Target] = {}
    waiting = [target]
    while waiting:
        touched = set(waiting.pop().tables) - {stage.table(target.trigger.table)}
        for other in targets:
            if other.trigger.name not in found and stage.table(other.trigger.table) in touched:
                found[other.trigger.name] = other
                waiting.append(other)
    return tuple(found.values())


def _alone(stage: Rehearsal, target: Target) -> Report:
    """No other trigger runs, so the other tables can be given other rows between the rounds."""
    told, ways = _ways(stage, target)
    others = _others(stage, target)
    plain = tuple((table, plain_row(slots(table, told))) for table in others)
    hinted = tuple((table, hinted_row(slots(table, told))) for table in others)
    empty = tuple((table, None) for table in others)
    rounds = (
        Round(WEEKDAY, ways, plain),
        Round(WEEKEND, ways[:SOME], hinted),
        Round(WEEKDAY, ways[:FEW], empty),
    )
    report = volley(stage, target.trigger, rounds=rounds)
    stage.fill_plainly(others)
    return report


def _together(stage: Rehearsal, target: Target, companions: tuple[Target, ...]) -> Report:
    """With all triggers that it sets off. Rows are laid out before those are there, and drift a little."""
    told, ways = _ways(stage, target)
    others = dict.fromkeys(table for one in (target, *companions) for table in _others(stage, one))
    own = stage.table(target.trigger.table)
    for table in others:
        if table is not own:
            stage.fill(table, hinted_row(slots(table, told)))
    with in_place(stage, (companion.trigger for companion in companions)):
        report = volley(stage, target.trigger, rounds=(Round(WEEKEND, ways[:FEW]),))
    stage.fill_plainly(others)
    return report


def _ways(stage: Rehearsal, target: Target) -> tuple[Hints, tuple[Variant, ...]]:
    told = hints((body.text, body.sql_mode) for body in target.bodies)
    own = stage.table(target.trigger.table)
    return told, variants(target.trigger.event, slots(own, told), told) if own else ()


def _others(stage: Rehearsal, target: Target) -> tuple[Table, ...]:
    own = stage.table(target.trigger.table)
    return tuple(table for table in target.tables if table is not own)


def _failures(stage: Rehearsal, name: str, alone: Report, together: Report) -> Iterator[Failure]:
    for report, own in ((alone, True), (together, False)):
        for complaint in report.complaints:
            if own or complaint not in alone.complaints:
                message = complaint.message.replace(stage.name, stage.inventory.database)
                yield Failure(name, complaint.errno, message, own)


def _without_echoes(failures: list[Failure]) -> tuple[Failure, ...]:
    """A trigger that breaks when another one sets it off is told of once, as its own failure."""
    own = {(failure.errno, failure.message) for failure in failures if failure.own}
    return tuple(f for f in failures if f.own or (f.errno, f.message) not in own)
