"""The disposable copy in which triggers are fired: the tables, a made-up row in each, the code they call.

Firing moves AUTO_INCREMENT and rows of MyISAM for good, so it never happens where a restore is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import errors
from backups.engine.code import session_for
from backups.engine.database import Server, quote_name, run, session
from backups.engine.ddl import TableParts, split
from backups.engine.manifest import Inventory, Routine, Rules, Table, Trigger, View
from backups.engine.names import named_tables
from backups.engine.synthesis import Hints, slots
from backups.engine.tokens import tokens, unqualified, without_definer
from backups.engine.variants import Row, plain_row

SESSION = (
    "SET SESSION lock_wait_timeout=30, innodb_lock_wait_timeout=30, foreign_key_checks=0, "
    "check_constraint_checks=0, innodb_strict_mode=0"
)
OUR_DIALECT = (
    "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO', character_set_client=utf8mb4, "
    "collation_connection=utf8mb4_general_ci"
)
# Others keep their rows elsewhere (FEDERATED, CONNECT, SPIDER) or change them differently: InnoDB stands in.
ENGINES_AS_GIVEN = {"innodb", "myisam", "aria", "memory"}
ROLLS_BACK = {"innodb"}


@dataclass(slots=True)
class Rehearsal:
    connection: Connection[Cursor]
    inventory: Inventory
    rules: Rules
    name: str
    tables: dict[str, Table] = field(default_factory=dict)  # those that could be made
    unmade_routines: set[str] = field(default_factory=set)

    def run(self, statement: str) -> int:
        return run(self.connection, statement)

    def table(self, name: str) -> Table | None:
        return self.tables.get(self._key(name))

    def fill(self, table: Table, row: Row | None) -> None:
        """Make `row` the only one; None leaves the table empty. A row that is refused leaves it empty too."""
        self.run(f"DELETE FROM {quote_name(table.name)}")
        if row is not None:
            self.add(table, row)

    def add(self, table: Table, row: Row) -> None:
        with suppress(errors.ServerRefused):
            self.run(insertion(table, row))

    def set_clock(self, seconds: int | None) -> None:
        """What NOW() says; the server may reserve that for itself, and then it is today."""
        with suppress(errors.ServerRefused):
            self.run(f"SET SESSION timestamp={'DEFAULT' if seconds is None else seconds}")

    def fill_plainly(self, tables: Iterable[Table]) -> None:
        for table in tables:
            self.fill(table, plain_row(slots(table, Hints())))

    def make(self, code: Routine | View | Trigger, statement: str) -> None:
        """Code is read and kept under its own rules."""
        self.run(session_for(code))
        try:
            self.run(statement)
        finally:
            self.run(OUR_DIALECT)

    def opens(self, view: View) -> bool:
        """Whether a view works when it is made by us, whoever its definer is."""
        try:
            self.run(f"SELECT * FROM {quote_name(view.name)} LIMIT 0")
        except errors.ServerRefused:
            return False
        return True

    def make_table(self, table: Table) -> None:
        parts = _without_partitions(split(table.ddl))
        plain = replace(parts, options=") ENGINE=InnoDB")
        candidates = [parts, plain] if table.engine.lower() in ENGINES_AS_GIVEN else [plain]
        for candidate in candidates:
            statement = candidate.statement(keys=True, foreign_keys=False)
            statement = unqualified(statement, self.inventory.database, sql_mode="")
            # A default that draws from a sequence of another database would move it.
            if any(named.schema for named in named_tables(statement, sql_mode="")):
                return
            with suppress(errors.ServerRefused):
                self.run(statement)
                self.tables[self._key(table.name)] = table
                return

    def make_routine(self, routine: Routine) -> None:
        statement = without_definer(routine.statement, sql_mode=routine.sql_mode)
        try:
            self.make(routine, statement)
        except errors.ServerRefused:
            self.unmade_routines.add(routine.name.casefold())

    def make_views(self) -> None:
        """Views lean on views: as long as one more can be made, the others get another try."""
        waiting = list(self.inventory.views)
        while waiting:
            left = [view for view in waiting if not self._made(view)]
            if len(left) == len(waiting):
                return
            waiting = left

    def _made(self, view: View) -> bool:
        statement = unqualified(view.statement, self.inventory.database, sql_mode="")
        try:
            self.make(view, without_definer(statement, sql_mode=""))
        except errors.ServerRefused:
            return False
        return True

    def _key(self, name: str) -> str:
        return name if self.rules.lower_case_table_names == 0 else name.casefold()


@contextmanager
def rehearsal(server: Server, *, inventory: Inventory, rules: Rules, name: str) -> Iterator[Rehearsal]:
    """Make the copy under `name`, which must be free, and drop it whatever happens."""
    with session(server) as connection:
        run(connection, f"CREATE DATABASE {quote_name(name)} CHARACTER SET {inventory.charset}")
        try:
            connection.select_db(name)
            stage = Rehearsal(connection, inventory, rules, name)
            _furnish(stage)
            yield stage
        finally:
            with session(server) as last:
                run(last, f"DROP DATABASE IF EXISTS {quote_name(name)}")


def _furnish(stage: Rehearsal) -> None:
    stage.run(SESSION)
    # Where it is allowed: replicas have no use for a rehearsal.
    with suppress(errors.ServerRefused):
        stage.run("SET SESSION sql_log_bin=0")
    for sequence in stage.inventory.sequences:
        with suppress(errors.ServerRefused):
            stage.run(sequence.statement)
    for table in stage.inventory.tables:
        stage.make_table(table)
    for routine in stage.inventory.routines:
        stage.make_routine(routine)
    stage.make_views()
    stage.fill_plainly(stage.tables.values())


def insertion(table: Table, row: Row) -> str:
    columns = ", ".join(quote_name(name) for name, _ in row)
    return f"INSERT INTO {quote_name(table.name)} ({columns}) VALUES ({', '.join(value for _, value in row)})"


def rolls_back(table: Table) -> bool:
    return table.engine.lower() in ROLLS_BACK or table.engine.lower() not in ENGINES_AS_GIVEN


def _without_partitions(parts: TableParts) -> TableParts:
    """Made-up rows may fall into no partition, and triggers work the same without."""
    kept = ""
    spoken = list(tokens(parts.options, sql_mode=""))
    for place, token in enumerate(spoken):
        following = [later.keyword for later in spoken[place + 1 : place + 3]]
        if token.keyword == "PARTITION" and "BY" in following:
            break
        kept += token.text
    return replace(parts, options=kept)
