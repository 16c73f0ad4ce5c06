"""What goes into an archive: the database first, then the folders of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backups.engine import files
from backups.engine.burden import Burden
from backups.engine.dump import dump_rows, slug
from backups.engine.inventory import looked_at_again, take_inventory
from backups.engine.losses import outside_the_snapshot, refuse_losses, warnings_of
from backups.engine.manifest import Folder, Inventory, Release, TableRows, Warned
from backups.engine.redefine import redefined
from backups.engine.release import take_release
from backups.engine.script import code_script, rows_script, tables_script
from backups.engine.snapshot import snapshot
from backups.engine.stream import Progress

from .packing import Packer
from .watched import Watched


@dataclass(frozen=True, slots=True)
class OfDatabase:
    """What the archive holds of the database."""

    inventory: Inventory
    rows: tuple[TableRows, ...]
    warnings: tuple[Warned, ...]
    burden: Burden | None
    release: Release


def write_database(
    database: str, packer: Packer, source: Watched, *, definer: str, application: Path | None
) -> OfDatabase:
    """`definer` ('' for as it is) is to whom all code is given."""
    source.progress.phase("snapshot")
    with snapshot(source.server, database) as seen:
        sessions, held = seen.sessions, seen.held
        source.progress.phase("inventory")
        inventory = take_inventory(sessions[0], database)
        if definer:
            inventory = redefined(inventory, definer)
        refuse_losses(sessions[0], inventory, held)
        packer.script("schema/1-tables.sql", tables_script(inventory))
        with source.reading(seen.everyone) as pacer:
            rows = dump_rows(
                sessions,
                inventory,
                held=held,
                pack=packer.pack,
                put=packer.plain,
                pacer=pacer,
                progress=source.progress,
            )
        inventory = looked_at_again(sessions[0], inventory, outside_the_snapshot(inventory, held))
        packer.script("schema/2-rows.sql", rows_script(inventory, rows))
        packer.script("schema/3-code.sql", code_script(inventory))
        release = take_release(sessions[0], inventory.database, application)
        warnings = tuple(warnings_of(inventory, held, short=seen.short))
        return OfDatabase(inventory, rows, warnings, source.burden(rows), release)


def write_files(
    folders: Sequence[str], packer: Packer, progress: Progress
) -> tuple[tuple[Folder, ...], tuple[str, ...]]:
    """(folders, what is to be told of them)"""
    if not folders:
        return (), ()
    progress.phase("files", files.size_of(folders, check=progress.check))
    told = files.Told()
    made = tuple(
        files.pack_folder(
            folder,
            f"files/{number:04d}-{slug(folder.rsplit('/', 1)[-1])}",
            pack=packer.pack,
            put=packer.plain,
            told=told,
            progress=progress,
        )
        for number, folder in enumerate(folders, start=1)
    )
    return made, told.all()
