"""The road of the data, there and back. Each stage is a module of its own; here they are strung together.

snapshot > dump > compress > encrypt > archive > seal
undo < swap < prove < load (shadow) < decompress < decrypt < fetch
"""

from backups.engine.borders import Dangling
from backups.engine.respelling import Respelling

from .alongside import restore_beside
from .backup import BackupOrder, Made, back_up, new_archive_id
from .copying import Copied, copy, drop_copy
from .drill import Proof, Trial, drill, new_mark
from .export import export_sql
from .files_ahead import FolderChanges, Written, files_ahead, files_written_since
from .files_into import PutInto, discard_unfinished, refuse_taken, restore_files_into
from .foresight import Dependent, ScopePreview, scope_preview
from .handing_out import HandedOut, handed_out
from .inspect import Adoption, ForeignDump, Inspected, account_of, case_rule_of, inspect_dump
from .keys import Keys, Source
from .names import archive_name
from .newest import NewestRow, newest_row
from .opening import Listed, Verified, list_archives, list_one, read_manifest, read_seal_of, reseal, verify
from .partial import restore_tables
from .preflight import preflight, preflight_of_archive, preflight_of_files
from .restore import NotAccepted, Restored, Unproven, Wishes, restore, restore_elsewhere
from .rewrites import rewrites
from .rights import grant_statements, missing_grants
from .rows_now import Preview, preview
from .together import (
    WithFiles,
    drill_with_files,
    drop_kept_files,
    fate_of_files,
    recover_files,
    restore_with_files,
    undo_with_files,
)
from .undo import Kept, Recovery, Undone, drop_kept, fate, kept_swaps, open_swaps, recover, undo
from .undo_ahead import UndoAhead, undo_ahead

__all__ = [
    "Adoption",
    "BackupOrder",
    "Copied",
    "Dangling",
    "Dependent",
    "FolderChanges",
    "ForeignDump",
    "HandedOut",
    "Inspected",
    "Kept",
    "Keys",
    "Listed",
    "Made",
    "NewestRow",
    "NotAccepted",
    "Preview",
    "Proof",
    "PutInto",
    "Recovery",
    "Respelling",
    "Restored",
    "ScopePreview",
    "Source",
    "Trial",
    "UndoAhead",
    "Undone",
    "Unproven",
    "Verified",
    "Wishes",
    "WithFiles",
    "Written",
    "account_of",
    "archive_name",
    "back_up",
    "case_rule_of",
    "copy",
    "discard_unfinished",
    "drill",
    "drill_with_files",
    "drop_copy",
    "drop_kept",
    "drop_kept_files",
    "export_sql",
    "fate",
    "fate_of_files",
    "files_ahead",
    "files_written_since",
    "grant_statements",
    "handed_out",
    "inspect_dump",
    "kept_swaps",
    "list_archives",
    "list_one",
    "missing_grants",
    "new_archive_id",
    "new_mark",
    "newest_row",
    "open_swaps",
    "preflight",
    "preflight_of_archive",
    "preflight_of_files",
    "preview",
    "read_manifest",
    "read_seal_of",
    "recover",
    "recover_files",
    "refuse_taken",
    "reseal",
    "restore",
    "restore_beside",
    "restore_elsewhere",
    "restore_files_into",
    "restore_tables",
    "restore_with_files",
    "rewrites",
    "scope_preview",
    "undo",
    "undo_ahead",
    "undo_with_files",
    "verify",
]
