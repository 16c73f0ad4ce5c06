"""Works: what stored code would no longer do on this server, told apart from what it did not do before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backups.engine import errors
from backups.engine.database import Server, quote_name, quote_text
from backups.engine.firing import Failure, NotExercised, fire_triggers
from backups.engine.manifest import Inventory, Rules, View
from backups.engine.names import made_tables, named_tables
from backups.engine.rehearsal import Rehearsal, rehearsal
from backups.engine.stream import Progress

__all__ = ["Finding", "NotExercised", "Works", "check", "resolve"]

CANNOT_UPDATE_ITS_TABLE, NO_SUCH_TABLE, NO_SUCH_DEFINER = 1442, 1146, 1449
# The definer has rights in the live database, not in the shadow: nothing that a restore changes.
RIGHTS_OF_DEFINER = {1142, 1143, 1227, 1356, 1370, 1044}


@dataclass(frozen=True, slots=True)
class Finding:
    """One object that does not work."""

    kind: str  # trigger, procedure, function, view or event
    name: str
    cause: str  # missing_table, missing_definer, error or view_broken
    detail: str  # the tables or the definer that is missing, or what the server said
    errno: int | None = None


@dataclass(frozen=True, slots=True)
class Works:
    new_findings: tuple[Finding, ...]  # what the restore adds
    known_findings: tuple[Finding, ...]  # defects that the source has too
    not_exercised: tuple[NotExercised, ...]

    @property
    def holds(self) -> bool:
        return not self.new_findings


@dataclass(frozen=True, slots=True)
class Code:
    kind: str
    name: str
    text: str
    sql_mode: str
    definer: str


def resolve(inventory: Inventory, *, rules: Rules) -> tuple[Finding, ...]:
    """Stored code that names tables which are not there under the case rule of `rules`."""
    exact = rules.lower_case_table_names == 0
    code = tuple(_code(inventory))
    made = frozenset[str]().union(*(made_tables(one.text, sql_mode=one.sql_mode) for one in code))
    readable = (*inventory.movable, *(view.name for view in inventory.views))
    present = {_as_ruled(name, exact=exact) for name in readable}
    found = []
    for one in code:
        missing = dict.fromkeys(
            table.name
            for table in named_tables(one.text, sql_mode=one.sql_mode)
            if table.schema in (None, inventory.database)
            and _as_ruled(table.name, exact=exact) not in present
            and (table.schema or table.name.casefold() not in made)
        )
        if missing:
            found.append(Finding(one.kind, one.name, "missing_table", ", ".join(missing)))
    return tuple(found)


def check(
    server: Server,
    *,
    inventory: Inventory,
    shadow: str,
    scratch: str,
    target_rules: Rules,
    missing_definers: tuple[str, ...] | None,
    progress: Progress,
) -> Works:
    """Resolve names, open the views of `shadow`, fire the triggers in `scratch` (made and dropped here).

    `missing_definers` is None on a server that is not the data's own: whose accounts it has says nothing.
    """
    findings = [*resolve(inventory, rules=target_rules), *_undefined(inventory, missing_definers or ())]
    failures: tuple[Failure, ...] = ()
    not_exercised: tuple[NotExercised, ...] = ()
    # Without either, a second copy of all tables would be made for nothing.
    if inventory.triggers or inventory.views:
        with rehearsal(server, inventory=inventory, rules=target_rules, name=scratch) as stage:
            explained = {finding.name for finding in findings if finding.kind == "view"}
            forgiven = RIGHTS_OF_DEFINER | ({NO_SUCH_DEFINER} if missing_definers is None else set())
            broken = _broken_views(stage, shadow, forgiven)
            findings += (view for view in broken if view.name not in explained)
            failures, not_exercised = fire_triggers(stage, progress=progress)
    findings += _failed(failures, findings)
    known = _Known(inventory, target_rules)
    return Works(
        tuple(finding for finding in findings if not known.has(finding)),
        tuple(finding for finding in findings if known.has(finding)),
        not_exercised,
    )


def check_some(  # noqa: PLR0913 - as `check`, and what stays around
    server: Server,
    *,
    surroundings: Inventory,
    source: Inventory,
    only: frozenset[str],
    scratch: str,
    target_rules: Rules,
    missing_definers: tuple[str, ...],
    progress: Progress,
) -> Works:
    """The triggers `only`, among what they will find around them; `source` is what they found before."""

    def ours(findings: Iterable[Finding]) -> list[Finding]:
        return [one for one in findings if one.kind == "trigger" and one.name in only]

    def fired(inventory: Inventory) -> tuple[tuple[Failure, ...], tuple[NotExercised, ...]]:
        with rehearsal(server, inventory=inventory, rules=target_rules, name=scratch) as stage:
            return fire_triggers(stage, progress=progress, only=only)

    findings = ours([*resolve(surroundings, rules=target_rules), *_undefined(surroundings, missing_definers)])
    failures, not_exercised = fired(surroundings)
    broken = _failed(failures, findings)
    # What is around them may have become another, so the rules alone do not say what broke before as well.
    unsure = [finding for finding in broken if finding.errno != CANNOT_UPDATE_ITS_TABLE]
    before = {(f.trigger, f.errno) for f in fired(source)[0]} if unsure else set()
    known = _Known(source, target_rules)
    findings += broken
    defects = [f for f in findings if known.has(f) and (f not in unsure or (f.name, f.errno) in before)]
    return Works(tuple(f for f in findings if f not in defects), tuple(defects), not_exercised)


def _code(inventory: Inventory) -> Iterator[Code]:
    for trigger in inventory.triggers:
        yield Code("trigger", trigger.name, trigger.body, trigger.sql_mode, trigger.definer)
    for routine in inventory.routines:
        yield Code(routine.kind.lower(), routine.name, routine.statement, routine.sql_mode, routine.definer)
    for view in inventory.views:
        yield Code("view", view.name, view.statement, "", view.definer)
    for event in inventory.events:
        yield Code("event", event.name, event.statement, event.sql_mode, event.definer)


def _as_ruled(name: str, *, exact: bool) -> str:
    return name if exact else name.casefold()


def _undefined(inventory: Inventory, missing_definers: tuple[str, ...]) -> Iterator[Finding]:
    for one in _code(inventory):
        if one.definer in missing_definers:
            yield Finding(one.kind, one.name, "missing_definer", one.definer)


def _broken_views(stage: Rehearsal, shadow: str, forgiven: set[int]) -> Iterator[Finding]:
    """`forgiven`: errors about the definer, where the view may open all the same for whoever asks."""
    for view in stage.inventory.views:
        try:
            # Prepared, not run: even with LIMIT 0 a view would draw from its sequences.
            opening = f"SELECT * FROM {quote_name(shadow)}.{quote_name(view.name)}"
            stage.run(f"PREPARE opening FROM {quote_text(opening)}")
        except errors.ServerRefused as error:
            errno = int(error.params["errno"])
            if not (errno in forgiven and stage.opens(view)):
                message = str(error.params["message"]).replace(shadow, stage.inventory.database)
                yield Finding("view", view.name, "view_broken", message, errno)


def _failed(failures: Iterable[Failure], findings: list[Finding]) -> list[Finding]:
    """Failures that no static finding explains already."""
    missing = {
        finding.name: finding.detail.split(", ")
        for finding in findings
        if finding.kind == "trigger" and finding.cause == "missing_table"
    }
    return [
        Finding("trigger", failure.trigger, "error", failure.message, failure.errno)
        for failure in failures
        if not (failure.errno == NO_SUCH_TABLE and _explained(failure, missing))
    ]


def _explained(failure: Failure, missing: dict[str, list[str]]) -> bool:
    if failure.own:
        return failure.trigger in missing
    return any(f".{table}'" in failure.message for tables in missing.values() for table in tables)


class _Known:
    """Whether the source has a finding too: then it is the application's, not the restore's."""

    def __init__(self, inventory: Inventory, target: Rules) -> None:
        source = inventory.rules
        self.inventory = inventory
        self.unresolved = set(resolve(inventory, rules=source))
        self.same_case = (source.lower_case_table_names == 0) == (target.lower_case_table_names == 0)
        self.same_family = source.family == target.family
        self.same_server = source.identity == target.identity

    def has(self, finding: Finding) -> bool:
        if finding.cause == "missing_table":
            return finding in self.unresolved
        if finding.cause == "missing_definer":
            missing = self.inventory.missing_definers
            return self.same_server if missing is None else finding.detail in missing
        if finding.cause == "view_broken":
            return self._was_broken(finding.name)
        if finding.errno == CANNOT_UPDATE_ITS_TABLE:
            return True
        return self.same_family and (self.same_case or finding.errno != NO_SUCH_TABLE)

    def _was_broken(self, name: str) -> bool:
        """The source lists no columns for a view that it cannot open."""
        views: tuple[View, ...] = self.inventory.views
        return any(view.name == name and not view.columns for view in views)
