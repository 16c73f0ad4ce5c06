"""The server: can it take the archive at all, and how well?"""

from __future__ import annotations

from backups.engine.database import one, rows

from .values import Check, Subject, blocked, passed, warned

OFF = ("0", "OFF")
ENGINES = "SELECT ENGINE FROM information_schema.ENGINES WHERE SUPPORT IN ('YES', 'DEFAULT')"
# With these a server that only reads takes writes all the same.
OVER_READ_ONLY = ("READ_ONLY ADMIN", "READ ONLY ADMIN", "SUPER", "ALL PRIVILEGES ON *.*")


def version(subject: Subject) -> Check:
    there, source = subject.rules, subject.manifest.inventory.rules
    if there.family < source.family:
        return warned(
            "version", "version_older", mend="try_elsewhere", version=there.version, source=source.version
        )
    return passed("version", "version_fits", version=there.version, source=source.version)


def engines(subject: Subject) -> Check:
    there = {str(engine).lower() for (engine,) in rows(subject.connection, ENGINES)}
    lacking = [
        f"{table.name} ({table.engine})"
        for table in subject.manifest.inventory.tables
        if subject.wants(table.name) and table.engine.lower() not in there
    ]
    if lacking:
        return blocked("engines", "engine_missing", mend="install_engine", names=lacking)
    return passed("engines", "engines_there")


def read_only(subject: Subject) -> Check:
    only_reads, storage_only_reads = one(subject.connection, "SELECT @@read_only, @@innodb_read_only")
    if str(storage_only_reads) not in OFF:
        return blocked("read_only", "read_only", mend="other_server")
    if str(only_reads) not in OFF:
        granted = " ".join(str(line) for (line,) in rows(subject.connection, "SHOW GRANTS"))
        if not any(right in granted for right in OVER_READ_ONLY):
            return blocked("read_only", "read_only", mend="other_server")
        return warned("read_only", "read_only_passed_over", mend="other_server")
    return passed("read_only", "takes_writes")


def local_infile(subject: Subject) -> Check:
    (on,) = one(subject.connection, "SELECT @@local_infile")
    if str(on) not in OFF:
        return passed("local_infile", "local_infile_on")
    return warned("local_infile", "local_infile_slower", mend="local_infile")


def packet(subject: Subject) -> Check:
    """Of a chunk only rows and bytes are known: where they are large on average, one surely is."""
    most, loads = one(subject.connection, "SELECT @@max_allowed_packet, @@local_infile")
    large = sorted(
        {
            table.table
            for table in subject.manifest.rows
            if subject.wants(table.table)
            for chunk in table.chunks
            if chunk.rows and chunk.bytes // chunk.rows > int(most)
        }
    )
    if not large:
        return passed("packet", "packet_fits", bytes=int(most))
    if str(loads) in OFF:
        return blocked("packet", "packet_needs_load_data", mend="local_infile", names=large, bytes=int(most))
    return warned("packet", "packet_small", mend="packet", names=large, bytes=int(most))


def time_zones(subject: Subject) -> Check:
    """Without its tables a server knows no zone by name, and CONVERT_TZ gives NULL without a word."""
    (known,) = one(subject.connection, "SELECT CONVERT_TZ('2026-01-01', 'UTC', 'Asia/Jakarta') IS NOT NULL")
    if known:
        return passed("time_zones", "time_zones_there")
    inventory = subject.manifest.inventory
    zones = {event.time_zone for event in inventory.events if _is_named(event.time_zone)}
    users = [event.name for event in inventory.events if event.time_zone in zones]
    users += [body.name for body in inventory.bodies if "CONVERT_TZ" in _text(body).upper()]
    users += [view.name for view in inventory.views if "convert_tz" in view.statement.lower()]
    if users:
        return warned("time_zones", "time_zones_missing", mend="time_zones", names=sorted(set(users)))
    return passed("time_zones", "time_zones_not_needed")


def _is_named(zone: str) -> bool:
    return zone != "SYSTEM" and zone[:1] not in ("+", "-")


def _text(body: object) -> str:
    return str(getattr(body, "statement", "") or getattr(body, "body", ""))
