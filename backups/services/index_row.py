"""What the index says of an archive: from its seal, and from its manifest where that can be opened."""

from __future__ import annotations

from typing import Any

from backups.engine.ddl import split
from backups.engine.manifest import Manifest, Release
from backups.engine.plain import plain
from backups.engine.seal import Seal
from backups.engine.trust import signer_fingerprint
from backups.services.personal_columns import of_people


def from_seal(seal: Seal, *, size: int) -> dict[str, Any]:
    return {
        "database": seal.database,
        "created": seal.created,
        "purpose": seal.purpose,
        "content": list(seal.content),
        "bytes": size,
        "sequence": seal.sequence,
        "seal_digest": seal.digest,
        "audit_mark": seal.audit,
        **keys_of(seal),
        "stored_rows": sum(member.size for member in seal.members if member.name.startswith("data/")),
    }


def keys_of(seal: Seal) -> dict[str, str]:
    """Fingerprints of those who can open it, and of who sealed it."""
    return {"recipients": ",".join(sorted(set(seal.recipients))), "signer": signer_fingerprint(seal.signer)}


def _release(found: Release | None) -> dict[str, Any]:
    """Of the migrations only how many and the last: their names begin with their dates."""
    if found is None or not (found.framework or found.revision or found.migrations):
        return {}
    return {
        "framework": found.framework,
        "revision": found.revision,
        "migrations": len(found.migrations),
        "last_migration": found.migrations[-1] if found.migrations else "",
    }


def _table_rows(manifest: Manifest) -> list[dict[str, Any]]:
    """With the columns that hold data of people, where there are any: an incident asks for them."""
    held = {table.name: of_people(table.columns) for table in manifest.inventory.tables}
    return [
        {"name": t.table, "rows": t.rows, "bytes": t.bytes}
        | ({"people": dict(held[t.table])} if held.get(t.table) else {})
        for t in manifest.rows
    ]


def from_manifest(manifest: Manifest) -> dict[str, Any]:
    inventory = manifest.inventory
    return {
        "burden": plain(manifest.burden) if manifest.burden else {},
        "release": _release(manifest.release),
        "label": manifest.label,
        "tables": len(inventory.tables),
        "rows": manifest.row_count,
        "server_version": inventory.rules.version,
        "warnings": [told if isinstance(told, str) else plain(told) for told in manifest.warnings],
        "table_rows": _table_rows(manifest),
        "folders": [{"path": f.path, "files": f.files, "bytes": f.bytes} for f in manifest.files],
        "code_counts": {
            "triggers": len(inventory.triggers),
            "views": len(inventory.views),
            "routines": len(inventory.routines),
            "events": len(inventory.events),
            "foreign_keys": sum(len(split(table.ddl).foreign_keys) for table in inventory.tables),
        },
    }
