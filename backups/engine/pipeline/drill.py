"""load (shadow) > prove: an archive restored beside the live database and looked at."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine.beside import schema_beside
from backups.engine.database import Server, lock, session
from backups.engine.inventory import server_rules, take_inventory
from backups.engine.load import drop_database, load, shadow_database
from backups.engine.manifest import Inventory, Manifest
from backups.engine.prove import differences
from backups.engine.respelling import Respelling
from backups.engine.stream import Progress
from backups.engine.timed import Timed
from backups.engine.works import Works, check

from .figures import Answers, ask
from .keys import Source
from .open_archive import OpenArchive, opened
from .rights import refuse_without_rights

Look: TypeAlias = "Callable[[Connection[Cursor], tuple[str, ...]], Works]"


@dataclass(frozen=True, slots=True)
class Proof:
    """Both verdicts on a restored copy. Proven: equal, and no finding that the restore adds."""

    differences: tuple[str, ...]
    works: Works
    tables: int
    rows: int
    seconds: float
    server_version: str
    table_rows: tuple[tuple[str, int], ...] = ()
    phases: tuple[tuple[str, float], ...] = ()  # (phase, seconds)
    answers: Answers = field(default_factory=dict)
    rewritten: tuple[Respelling, ...] = ()  # equal but for these: whoever restored had their tables respelled

    @property
    def equal(self) -> bool:
        return not self.differences

    @property
    def proven(self) -> bool:
        return self.equal and not self.works.new_findings


@dataclass(frozen=True, slots=True)
class Trial:
    """`elsewhere`: on a server that is not the data's own, and need not have its accounts.

    `questions`: by name, a SELECT that the restored copy is asked; its rows are the proof's answers.
    """

    elsewhere: bool = False
    questions: Mapping[str, str] = field(default_factory=dict)


USUAL = Trial()


def drill(
    source: Source, *, server: Server, database: str, progress: Progress, trial: Trial = USUAL
) -> Proof:
    """The full proof in throw-away schemas beside `database`, which itself is not looked at."""
    shadow = schema_beside(database, "drill", new_mark())
    progress = timed = Timed(progress)
    with opened(source) as found:
        refuse_without_rights(server, target=shadow, inventory=found.manifest().inventory)
        manifest = found.manifest()
        answers: Answers = {}

        def look(connection: Connection[Cursor], lacking: tuple[str, ...]) -> Works:
            wanted = None if trial.elsewhere else lacking
            answers.update(ask(connection, trial.questions))
            return look_at_all(connection, server, manifest.inventory, shadow, wanted, database, progress)

        with proven_shadow(
            found, manifest, server=server, shadow=shadow, look=look, progress=progress
        ) as proof:
            progress.phase("drop")
            drop_database(server, shadow)
            return replace(proof, phases=timed.took(), answers=answers)


def new_mark() -> str:
    """Twelve hex digits that tell the schemas of one piece of work from those of another."""
    return secrets.token_hex(6)


@contextmanager
def proven_shadow(
    found: OpenArchive,
    manifest: Manifest,
    *,
    server: Server,
    shadow: str,
    look: Look,
    progress: Progress,
) -> Iterator[Proof]:
    """A shadow of what `manifest` says, built and looked at; locked while the block runs, gone when it fails.

    `look` says what works; it is handed a session in the shadow and the definers that the server lacks.
    """
    started = time.monotonic()
    with lock(server, shadow), shadow_database(server, shadow, manifest.inventory):
        lacking = load(server, manifest, into=shadow, fetch=found.text, progress=progress)
        with ExitStack() as stack:
            sessions = [stack.enter_context(session(server, shadow)) for _ in range(server.connections)]
            works = look(sessions[0], lacking)
            # Last: whatever was done to the shadow before would show.
            copied = take_inventory(sessions[0], shadow)
            unequal = differences(sessions, manifest, copied, progress=progress)
            version = copied.rules.version
        tables, rows = len(manifest.inventory.tables), manifest.row_count
        by_table = tuple((of.table, of.rows) for of in manifest.rows)
        yield Proof(unequal, works, tables, rows, time.monotonic() - started, version, by_table)


def look_at_all(
    connection: Connection[Cursor],
    server: Server,
    inventory: Inventory,
    shadow: str,
    lacking: tuple[str, ...] | None,
    database: str,
    progress: Progress,
) -> Works:
    """The whole shadow by itself: every name resolved, every view opened, every trigger fired."""
    scratch = schema_beside(database, "fire", shadow[-12:])
    progress.phase("prove_works", len(inventory.triggers))
    with lock(server, scratch):
        return check(
            server,
            inventory=inventory,
            shadow=shadow,
            scratch=scratch,
            target_rules=server_rules(connection),
            missing_definers=lacking,
            progress=progress,
        )
