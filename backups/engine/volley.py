"""One trigger fired once, or many times, in the rehearsal; and what the server's answer means."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from backups.engine import errors
from backups.engine.database import one, quote_name
from backups.engine.manifest import Table, Trigger
from backups.engine.rehearsal import Rehearsal, insertion, rolls_back
from backups.engine.variants import Row, Variant

# SQLSTATE classes by which code answers rows it does not like: user signals, warnings, no data, bad values,
# broken constraints. Made-up rows provoke them; they say nothing about the code.
ANSWER_CLASSES = ("45", "01", "02", "22", "23")
ANSWERS = {1642, 1643, 1644, 1050, 1139, 1172, 1242, 1265, 1300, 1366, 1411, 1467, 1526, 4084}
RIGHTS = {1044, 1045, 1142, 1143, 1227, 1370, 1418, 1419}
TOO_SLOW = {1969, 3024}
CHANCE = {1205, 1213, 1020}
ROUND_SECONDS, SHOT_SECONDS = 20, 5


@dataclass(frozen=True, slots=True)
class Complaint:
    errno: int
    sqlstate: str
    message: str

    @property
    def is_answer(self) -> bool:
        return self.errno in ANSWERS or self.sqlstate.startswith(ANSWER_CLASSES) or self.sqlstate == "21000"


@dataclass(slots=True)
class Report:
    """What came of firing one trigger."""

    reached: bool = False
    complaints: dict[Complaint, None] = field(default_factory=dict)  # broken code, not answers
    why: str = ""  # why it could not go on

    def add(self, other: Report) -> None:
        self.reached = self.reached or other.reached
        self.complaints.update(other.complaints)
        self.why = self.why or other.why


@dataclass(frozen=True, slots=True)
class Round:
    """Variants to fire at one time of the calendar, with these rows in the other tables."""

    clock: int
    variants: tuple[Variant, ...]
    rows: tuple[tuple[Table, Row | None], ...] = ()


def volley(stage: Rehearsal, trigger: Trigger, *, rounds: Iterable[Round]) -> Report:
    """Fire every variant of every round, as long as there is time."""
    table = stage.table(trigger.table)
    if table is None:
        return Report(why="table_not_made")
    report = Report()
    said: dict[Complaint, Variant] = {}
    with in_place(stage, [trigger]) as refusal:
        if refusal:
            return _unmakable(refusal)
        for turn in rounds:
            _fire_round(stage, table, turn, report, said)
    stage.set_clock(None)
    _judge(stage, table, said, report)
    return report


def _fire_round(
    stage: Rehearsal, table: Table, turn: Round, report: Report, said: dict[Complaint, Variant]
) -> None:
    for other, row in turn.rows:
        stage.fill(other, row)
    stage.set_clock(turn.clock)
    unsteady = [(other, row) for other, row in turn.rows if not rolls_back(other)]
    end = time.monotonic() + ROUND_SECONDS
    for variant in turn.variants:
        answer = _shoot(stage, table, variant)
        report.reached = report.reached or answer is True
        if isinstance(answer, Complaint):
            said.setdefault(answer, variant)
        for other, row in unsteady:
            stage.fill(other, row)
        if variant.before and not variant.after and not rolls_back(table):
            stage.add(table, variant.before)
        if time.monotonic() > end or (isinstance(answer, Complaint) and answer.errno in TOO_SLOW):
            break


def _unmakable(complaint: Complaint) -> Report:
    if complaint.errno in RIGHTS | CHANCE:
        return Report(why="no_right" if complaint.errno in RIGHTS else "server_busy")
    return Report(reached=True, complaints={complaint: None})


@contextmanager
def in_place(stage: Rehearsal, triggers: Iterable[Trigger]) -> Iterator[Complaint | None]:
    """Make triggers, without their definers, and drop them again. One that cannot be made is left out."""
    made: list[Trigger] = []
    refusal = None
    try:
        for trigger in triggers:
            try:
                stage.make(trigger, trigger.statement(definer=False))
                made.append(trigger)
            except errors.ServerRefused as error:
                refusal = Complaint(int(error.params["errno"]), "", str(error.params["message"]))
        yield refusal
    finally:
        for trigger in made:
            stage.run(f"DROP TRIGGER {quote_name(trigger.name)}")


def _judge(stage: Rehearsal, table: Table, said: dict[Complaint, Variant], report: Report) -> None:
    """A complaint that the bare table makes too is not the trigger's: that variant never reached it."""
    for complaint, variant in said.items():
        if complaint.errno in CHANCE or _shoot(stage, table, variant) is not True:
            continue
        if complaint.errno in TOO_SLOW:
            report.why = "too_slow"
        elif complaint.errno in RIGHTS:
            report.why = "no_right"
        else:
            report.reached = True
            if not complaint.is_answer:
                report.complaints[complaint] = None


def _shoot(stage: Rehearsal, table: Table, variant: Variant) -> Complaint | bool:
    """True: it went through. False: there was nothing to fire at."""
    stage.run("START TRANSACTION")
    try:
        for statement in _preparation(table, variant):
            stage.run(statement)
    except errors.ServerRefused:
        stage.run("ROLLBACK")
        return False
    try:
        # Only what the trigger does is limited, not the server's own work around it.
        return stage.run(f"SET STATEMENT max_statement_time={SHOT_SECONDS} FOR {_shot(table, variant)}") > 0
    except errors.ServerRefused as error:
        return Complaint(int(error.params["errno"]), _sqlstate(stage), str(error.params["message"]))
    finally:
        stage.run("ROLLBACK")


def _sqlstate(stage: Rehearsal) -> str:
    with suppress(errors.ServerRefused):
        stage.run("GET DIAGNOSTICS CONDITION 1 @qparkin_sqlstate = RETURNED_SQLSTATE")
        return str(one(stage.connection, "SELECT @qparkin_sqlstate")[0])
    return ""


def _preparation(table: Table, variant: Variant) -> Iterator[str]:
    """Statements other than the one the trigger waits for: they must not fire it."""
    if variant.before is None or variant.after is not None:
        yield f"DELETE FROM {quote_name(table.name)}"
    if variant.before is not None:
        yield (
            insertion(table, variant.before) if variant.after is not None else _change(table, variant.before)
        )


def _shot(table: Table, variant: Variant) -> str:
    if variant.after is None:
        return f"DELETE FROM {quote_name(table.name)}"
    return insertion(table, variant.after) if variant.before is None else _change(table, variant.after)


def _change(table: Table, row: Row) -> str:
    return f"UPDATE {quote_name(table.name)} SET " + ", ".join(
        f"{quote_name(name)} = {value}" for name, value in row
    )
