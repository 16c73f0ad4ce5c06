"""What a restore could spell otherwise than the archive, so that code finds its tables on this server."""

from __future__ import annotations

from collections.abc import Collection

from backups.engine.database import Server, schema_exists, session
from backups.engine.manifest import Manifest
from backups.engine.respelling import Respelling
from backups.engine.scope import narrowed, standing_alone

from .partial import names_live
from .restore import in_case, keeps_case, spelled


def rewrites(
    manifest: Manifest,
    *,
    server: Server,
    database: str,
    target: str,
    tables: Collection[str] | None = None,
) -> tuple[Respelling, ...]:
    """As `Wishes.fix_case` would do it: of all code, or of the triggers of `tables`."""
    exact = keeps_case(server)
    if tables is None:
        return in_case(manifest, exact=exact)[1]
    database, target = spelled(server, database), spelled(server, target)
    live = names_live(server, database) if target == database and _exists(server, database) else ()
    made, told = in_case(narrowed(manifest, frozenset(tables)), exact=exact, live=live)
    if target == database:
        return told
    kept = {trigger.name for trigger in standing_alone(made.inventory, exact=exact)}
    return tuple(one for one in told if one.name in kept)


def _exists(server: Server, database: str) -> bool:
    with session(server) as connection:
        return schema_exists(connection, database)
