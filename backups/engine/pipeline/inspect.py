"""quarantine > load > works > (back up): a dump from elsewhere looked at, and made an archive of ours."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from backups.engine import errors
from backups.engine.beside import schema_beside
from backups.engine.database import Server, one, quote_name, session
from backups.engine.dump_file import Dump, DumpLimits, open_dump
from backups.engine.intake import Intake, take_in
from backups.engine.inventory import server_rules, take_inventory
from backups.engine.manifest import Inventory, Warned
from backups.engine.quarantine import Quarantine, QuarantineLimits, quarantine
from backups.engine.storage import ArchiveStorage
from backups.engine.stream import Progress
from backups.engine.works import Works, check

from .backup import BackupOrder, Made, back_up
from .drill import new_mark
from .keys import Keys


class NothingSaved(errors.BackupError):
    code = "nothing_saved"
    sentence = errors.gettext_noop(
        "Nothing of the dump %(name)s could be saved, so there is nothing to take in."
    )


@dataclass(frozen=True, slots=True)
class ForeignDump:
    """A file from elsewhere. `database` is what it becomes; `case_rule` is that of the server it is for."""

    path: Path
    name: str
    database: str
    case_rule: int = 0
    size: DumpLimits = field(default_factory=DumpLimits)
    limits: QuarantineLimits = field(default_factory=QuarantineLimits)


@dataclass(frozen=True, slots=True)
class Adoption:
    """Where the archive goes. `order` is asked for when the dump is loaded: an archive's time is its own."""

    order: Callable[[], BackupOrder]
    storage: ArchiveStorage
    keys: Keys
    definer: str  # user@host that all code is to belong to


@dataclass(frozen=True, slots=True)
class Inspected:
    intake: Intake
    inventory: Inventory
    rows: tuple[tuple[str, int], ...]
    works: Works
    made: Made | None
    seconds: float


def inspect_dump(dump: ForeignDump, *, adoption: Adoption | None, progress: Progress) -> Inspected:
    """Load the dump where it can do no harm, and say what it is worth; nothing of the quarantine is left."""
    started = time.monotonic()
    progress.phase("quarantine")
    with (
        open_dump(dump.path, name=dump.name, limits=dump.size) as opened,
        quarantine(
            database=dump.database, case_rule=dump.case_rule, limits=dump.limits, progress=progress
        ) as place,
    ):
        progress.phase("take_in", _expected(opened))
        intake = take_in(place.loader, opened, into=place.database, limits=dump.size, progress=progress)
        progress.phase("inventory")
        inventory, rows = _found(place)
        works = _works(place, inventory, progress)
        made = _adopted(place, dump, intake, inventory, adoption, progress) if adoption else None
    return Inspected(intake, inventory, rows, works, made, time.monotonic() - started)


def case_rule_of(server: Server) -> int:
    """How a server takes the names of tables; 2 (as on a Mac) is like 1 for what is looked at here."""
    with session(server) as connection:
        return min(1, server_rules(connection).lower_case_table_names)


def account_of(server: Server) -> str:
    """user@host as the server knows this account."""
    with session(server) as connection:
        return str(one(connection, "SELECT CURRENT_USER()")[0])


def _expected(dump: Dump) -> int:
    # What is packed has no known length.
    return dump.packed_bytes if dump.is_plain else 0


def _found(place: Quarantine) -> tuple[Inventory, tuple[tuple[str, int], ...]]:
    with session(place.keeper, place.database) as connection:
        inventory = take_inventory(connection, place.database)
        counts = [
            (table.name, int(one(connection, f"SELECT COUNT(*) FROM {quote_name(table.name)}")[0]))
            for table in inventory.tables
        ]
    return inventory, tuple(counts)


def _works(place: Quarantine, inventory: Inventory, progress: Progress) -> Works:
    """As the account that loaded it: firing a trigger is running what strangers wrote."""
    progress.phase("prove_works", len(inventory.triggers))
    return check(
        place.loader,
        inventory=inventory,
        shadow=place.database,
        scratch=schema_beside(place.database, "fire", new_mark()),
        target_rules=inventory.rules,
        missing_definers=(),
        progress=progress,
    )


def _adopted(
    place: Quarantine,
    dump: ForeignDump,
    intake: Intake,
    inventory: Inventory,
    adoption: Adoption,
    progress: Progress,
) -> Made:
    if not inventory.tables:
        raise NothingSaved(name=dump.name)
    order = replace(adoption.order(), definer=adoption.definer, warnings=tuple(_warnings(dump, intake)))
    return back_up(
        place.keeper,
        database=place.database,
        order=order,
        storage=adoption.storage,
        keys=adoption.keys,
        progress=progress,
    )


def _warnings(dump: ForeignDump, intake: Intake) -> list[Warned]:
    told = [Warned("adopted", (dump.name,))]
    if intake.problem_count:
        first = intake.problems[0].line
        told.append(Warned("adopted_lost", (str(intake.problem_count),), str(first)))
    if intake.cut_off:
        told.append(Warned("adopted_cut"))
    return told
