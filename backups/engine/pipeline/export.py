"""fetch > decrypt > decompress > plain SQL: an archive as a text for whoever does without us."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from backups.engine import errors
from backups.engine.plain_sql import plain_sql
from backups.engine.scope import chosen, narrowed
from backups.engine.script import code_script
from backups.engine.stream import Progress

from .keys import Source
from .open_archive import opened

# As `gzip` writes it; a header without a name and a time says nothing of this machine.
GZIP = 16 + zlib.MAX_WBITS


class NothingToExport(errors.BackupError):
    code = "nothing_to_export"
    sentence = errors.gettext_noop(
        "The archive %(archive)s holds files and no database, so there is no SQL to write."
    )


def export_sql(source: Source, *, tables: Sequence[str] | None, progress: Progress) -> Iterator[bytes]:
    """The archive as gzip-packed SQL, streamed; with `tables` those alone and what belongs to them."""
    with opened(source) as found:
        manifest = found.manifest()
        if tables is not None:
            manifest = narrowed(manifest, set(chosen(manifest.inventory, tables, exact=True)))
        elif "database" not in found.seal.content:
            raise NothingToExport(archive=source.archive)
        code = code_script(manifest.inventory)
        pack = zlib.compressobj(6, zlib.DEFLATED, GZIP)
        for text in plain_sql(manifest, found.text, code=code, progress=progress):
            if packed := pack.compress(text):
                yield packed
        yield pack.flush()
