"""What the two accounts need on the protected server, and what they still lack."""

from __future__ import annotations

from dataclasses import dataclass

from backups.engine import grants, pipeline
from backups.engine.database import Server, quote_name, session
from backups.engine.errors import GrantMissing

from .connections import protected_database, read_server, restore_server


@dataclass(frozen=True, slots=True)
class Rights:
    """GRANT statements: all that are needed, and those that are missing."""

    backup: tuple[str, ...]
    restore: tuple[str, ...]
    missing_backup: tuple[str, ...] = ()
    missing_restore: tuple[str, ...] = ()


def needed() -> Rights:
    """Both lists, without asking the server."""
    reader, writer = _guessed_account(read_server()), _guessed_account(restore_server())
    return _rights(reader, writer)


def checked() -> Rights:
    """Both lists with what is missing; raises where the server does not answer."""
    database, reader, writer = protected_database(), read_server(), restore_server()
    lists = _rights(_account(reader), _account(writer))
    return Rights(
        lists.backup,
        lists.restore,
        pipeline.missing_grants(reader, database=database, for_restore=False),
        pipeline.missing_grants(writer, database=database, for_restore=True),
    )


def refuse_missing(rights: Rights) -> None:
    """Without these there is no backup at all."""
    if rights.missing_backup:
        raise GrantMissing(username=read_server().username, statement=" ".join(rights.missing_backup))


def _rights(reader: str, writer: str) -> Rights:
    database = protected_database()
    return Rights(
        pipeline.grant_statements(database, reader, for_restore=False),
        pipeline.grant_statements(database, writer, for_restore=True),
    )


def _account(server: Server) -> str:
    with session(server) as connection:
        return grants.quoted_account(connection)


def _guessed_account(server: Server) -> str:
    local = server.socket or server.host in {"localhost", "127.0.0.1", "::1"}
    return f"{quote_name(server.username)}@{quote_name('localhost' if local else '%')}"
