"""What an account lacks for a backup or a restore, as GRANT statements."""

from __future__ import annotations

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import errors, grants
from backups.engine.database import Server, quote_name, session
from backups.engine.inventory import missing_definers, server_rules
from backups.engine.manifest import Inventory
from backups.engine.snapshot import refuse_unsupported

TAKES_HISTORY = (10, 11)


def missing_grants(server: Server, *, database: str, for_restore: bool) -> tuple[str, ...]:
    """The GRANT statements that an administrator still has to run for this account."""
    with session(server) as connection:
        version = refuse_unsupported(connection)
        if for_restore:
            return grants.missing_statements(connection, grants.needed_to_restore(database, version))
        return grants.missing_to_back_up(connection, database, lock_tables=server.lock_tables)


def grant_statements(database: str, account: str, *, for_restore: bool) -> tuple[str, ...]:
    """All GRANT statements for `account` (quoted, e.g. `backup`@`localhost`) on a current server."""
    needed = (
        grants.needed_to_restore(database, (10, 11)) if for_restore else grants.needed_to_back_up(database)
    )
    return grants.statements(needed, account)


def refuse_unreadable(server: Server, database: str) -> None:
    """What the account may not see, the server hides without a word: refuse before anything is read."""
    with session(server) as connection:
        refuse_unsupported(connection)
        if missing := grants.missing_to_back_up(connection, database, lock_tables=server.lock_tables):
            username = grants.quoted_account(connection)
            raise errors.GrantMissing(username=username, statement=" ".join(missing))


def refuse_history(inventory: Inventory, version: tuple[int, ...]) -> None:
    if inventory.has_history and version < TAKES_HISTORY:
        names = ", ".join(table.name for table in inventory.tables if table.period)
        raise errors.HistoryNotRestorable(tables=names, version=".".join(map(str, version)))


def refuse_capitals(inventory: Inventory, lower_case_table_names: int) -> None:
    if lower_case_table_names != 1:
        return
    names = (*inventory.movable, *(view.name for view in inventory.views))
    if capitals := ", ".join(name for name in names if name != name.lower()):
        raise errors.NamesInCapitals(names=capitals)


def _refuse_without_roles(connection: Connection[Cursor], inventory: Inventory) -> None:
    """A role that is not there would be taken for a user of that name."""
    roles = {code.definer for code in inventory.code if code.definer.endswith("@")}
    if roles and (lacking := missing_definers(connection, roles)):
        statement = " ".join(f"CREATE ROLE {quote_name(role[:-1])};" for role in lacking)
        raise errors.RoleMissing(statement=statement)


def refuse_without_rights(server: Server, *, target: str, inventory: Inventory) -> None:
    """Refuse before anything is built where the account could not finish a restore into `target`."""
    with session(server) as connection:
        version = refuse_unsupported(connection)
        refuse_history(inventory, version)
        refuse_capitals(inventory, server_rules(connection).lower_case_table_names)
        _refuse_without_roles(connection, inventory)
        if grants.is_read_only(connection, version):
            raise errors.ServerReadOnly
        account = grants.plain_account(connection)
        foreign = any(code.definer != account for code in inventory.code)
        needed = grants.needed_in(target, foreign_definers=foreign, version=version)
        if missing := grants.missing_statements(connection, needed):
            raise errors.GrantMissing(username=account, statement=" ".join(missing))
