"""fetch > decrypt > look: everything that would stop or spoil a restore, said before it begins."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from backups.engine import errors, swap
from backups.engine.beside import canonical, prefix_beside, schema_beside
from backups.engine.database import Server, rows, session
from backups.engine.inventory import missing_definers, server_rules
from backups.engine.manifest import Manifest
from backups.engine.preflight import (
    BLOCK,
    WARN,
    Check,
    Subject,
    ability,
    blocked,
    naming,
    passed,
    people,
    release,
    space,
)
from backups.engine.works import Finding, resolve

from .drill import new_mark
from .folders import refuse_unready
from .keys import Source
from .open_archive import opened
from .restore import refuse_target
from .rights import refuse_without_rights

Look = Callable[[Subject], Check]

PLAIN: tuple[tuple[str, Look], ...] = (
    ("version", ability.version),
    ("read_only", ability.read_only),
    ("space", space.room),
    ("undo_space", space.undo_room),
    ("engines", ability.engines),
    ("collisions", naming.collisions),
    ("own_database", naming.own_database),
    ("packet", ability.packet),
    ("local_infile", ability.local_infile),
    ("time_zones", ability.time_zones),
    ("sessions", people.sessions),
    ("events", people.events),
    ("migrations", release.migrations),
    ("release", release.release),
)


def preflight(
    source: Source,
    *,
    server: Server,
    database: str,
    target: str,
    tables: frozenset[str] | None = None,
    application: Path | None = None,
    beside: bool = False,
) -> tuple[Manifest | None, tuple[Check, ...]]:
    """The archive's manifest, if it opens, and a line for each thing that was looked at. Changes nothing."""
    manifest, of_archive = _of_archive(source)
    if manifest is None:
        return None, (*of_archive, *_answering(server))
    of_server = _of_server(server, manifest, database, target, tables, application, beside=beside)
    return manifest, (*of_archive, *of_server)


def preflight_of_archive(source: Source) -> tuple[Check, ...]:
    """Whether it is whole, ours, and opens."""
    return _of_archive(source)[1]


def preflight_of_files(source: Source, *, folders: Sequence[str]) -> tuple[Check, ...]:
    """The archive, and the folders that its files would come back to."""
    manifest, of_archive = _of_archive(source)
    if manifest is None:
        return of_archive
    try:
        return *of_archive, passed("files", "files_fit", count=refuse_unready(manifest, folders))
    except errors.BackupError as error:
        return *of_archive, _refusal("files", error)


def _answering(server: Server) -> Iterator[Check]:
    try:
        with session(server) as connection:
            yield passed("connection", "connected", version=server_rules(connection).version)
    except errors.BackupError as error:
        yield _refusal("connection", error)


def _of_archive(source: Source) -> tuple[Manifest | None, tuple[Check, ...]]:
    try:
        with opened(source) as found:
            sealed = passed("seal", "seal_holds", members=len(found.seal.members))
            try:
                return found.manifest(), (sealed, passed("key", "key_opens"))
            except errors.BackupError as error:
                return None, (sealed, _refusal("key", error))
    except errors.BackupError as error:
        return None, (_refusal("seal", error),)


def _refusal(name: str, error: errors.BackupError) -> Check:
    """An error's own sentence says what mends it."""
    return Check(name, BLOCK, error.code, error.params)


def _of_server(
    server: Server,
    manifest: Manifest,
    database: str,
    target: str,
    tables: frozenset[str] | None,
    application: Path | None,
    *,
    beside: bool,
) -> Iterator[Check]:
    try:
        with session(server) as connection:
            rules = server_rules(connection)
            yield passed("connection", "connected", version=rules.version)
            live, aim = canonical(connection, database), canonical(connection, target)
            subject = Subject(
                connection, manifest, rules, live, aim, _is_here(server), tables, application, beside
            )
            rights = _grants(server, subject)
            yield rights
            yield from _target(server, subject)
            for name, look in PLAIN:
                # Another product has its line already; its version would be compared with ours.
                if name != rights.name:
                    yield _looked(name, look, subject)
            yield _looked("definers", _definers, subject)
            yield _looked("spelling", _spelling, subject)
    except errors.BackupError as error:
        yield _refusal("connection", error)


def _looked(name: str, look: Look, subject: Subject) -> Check:
    try:
        return look(subject)
    except errors.ServerRefused as refused:
        # Not to know is no reason to stop, but to say so.
        return Check(name, WARN, refused.code, refused.params)


def _grants(server: Server, subject: Subject) -> Check:
    shadow = schema_beside(subject.live, "restore", new_mark())
    try:
        for schema in (subject.target, shadow):
            refuse_without_rights(server, target=schema, inventory=subject.manifest.inventory)
    except errors.BackupError as error:
        return _refusal("version" if isinstance(error, errors.UnsupportedServer) else "grants", error)
    return passed("grants", "grants_held")


def _target(server: Server, subject: Subject) -> Iterator[Check]:
    if subject.over_live:
        yield _looked("ties", _ties, subject)
        yield _looked("folders", _folders, subject)
    if subject.target == subject.live:
        return
    try:
        refuse_target(server, subject.target)
    except (errors.TargetInvalid, errors.TargetNotEmpty) as error:
        yield _refusal("target", error)
    else:
        yield passed("target", "target_free", database=subject.target)


def _ties(subject: Subject) -> Check:
    found = rows(subject.connection, swap.TIES, (subject.live, subject.live))
    ours = prefix_beside(subject.live)
    names = list(
        dict.fromkeys(
            f"{schema}.{table}"
            for schema, table, parent in found
            if not str(schema).startswith(ours) and subject.wants(parent)
        )
    )
    if names:
        return blocked("ties", errors.TiedToAnother.code, database=subject.live, tables=", ".join(names[:5]))
    return passed("ties", "no_ties")


def _folders(subject: Subject) -> Check:
    names = [name for name in swap.stayers(subject.connection, subject.live) if subject.wants(name)]
    if names:
        return blocked("folders", errors.FolderOfItsOwn.code, tables=", ".join(names[:5]))
    return passed("folders", "no_stayers")


def _definers(subject: Subject) -> Check:
    wanted = {code.definer for code in subject.manifest.inventory.code}
    return people.definers(subject, missing_definers(subject.connection, wanted) if wanted else ())


def _spelling(subject: Subject) -> Check:
    """What the restore would add, apart from what the source spells wrong too: that is the application's."""
    inventory = subject.manifest.inventory
    known = set(resolve(inventory, rules=inventory.rules))
    found = resolve(inventory, rules=subject.rules)
    return naming.spelling(
        subject,
        added=_by_code(finding for finding in found if finding not in known),
        before=_by_code(finding for finding in found if finding in known),
    )


def _by_code(findings: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    return {f"{finding.kind} {finding.name}": tuple(finding.detail.split(", ")) for finding in findings}


def _is_here(server: Server) -> bool:
    if server.socket:
        return True
    with suppress(OSError):
        return socket.gethostbyname(server.host).startswith("127.")
    return server.host == "::1"
