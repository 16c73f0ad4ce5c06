"""The whole road for a test: keys, a storage, and the pipeline with what it asks for filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backups.engine import pipeline
from backups.engine.database import Server
from backups.engine.encrypt import load_identities, new_identity
from backups.engine.pace import NO_LIMITS, Limits
from backups.engine.seal import SigningKey, new_signing_key
from backups.engine.storage import LocalStorage
from backups.engine.stream import Progress, Silent
from tests.scratch import ScratchDatabase


@dataclass(frozen=True, slots=True)
class Road:
    storage: LocalStorage
    keys: pipeline.Keys
    identity_file: Path

    def back_up(
        self,
        server: Server,
        database: str,
        *,
        progress: Progress | None = None,
        limits: Limits = NO_LIMITS,
        application: Path | None = None,
    ) -> pipeline.Made:
        now = datetime.now(UTC)
        order = pipeline.BackupOrder(
            pipeline.new_archive_id(now), now, 1, "", "manual", application=application
        )
        return pipeline.back_up(
            server,
            database=database,
            order=order,
            storage=self.storage,
            keys=self.keys,
            progress=progress or Silent(),
            limits=limits,
        )

    def source(self, made: pipeline.Made) -> pipeline.Source:
        return pipeline.Source(self.storage, made.name, made.seal.archive, self.keys)

    def drill(self, made: pipeline.Made, server: Server, database: str) -> pipeline.Proof:
        return pipeline.drill(self.source(made), server=server, database=database, progress=Silent())

    def restore(
        self,
        made: pipeline.Made,
        server: Server,
        database: str,
        *,
        accepted: frozenset[str] = frozenset(),
        before_swap: Callable[[], None] = lambda: None,
    ) -> tuple[str, pipeline.Restored]:
        mark = pipeline.new_mark()
        restored = pipeline.restore(
            self.source(made),
            server=server,
            database=database,
            restore_id=mark,
            wishes=pipeline.Wishes(accepted=accepted),
            before_swap=before_swap,
            progress=Silent(),
        )
        return mark, restored

    def restore_tables(
        self,
        made: pipeline.Made,
        database: ScratchDatabase,
        *tables: str,
        accepted: frozenset[str] = frozenset(),
        accept_dangling: bool = False,
    ) -> tuple[str, pipeline.Restored]:
        mark = pipeline.new_mark()
        restored = pipeline.restore_tables(
            self.source(made),
            server=database.server,
            database=database.name,
            tables=tables,
            restore_id=mark,
            wishes=pipeline.Wishes(accepted=accepted, accept_dangling=accept_dangling),
            before_swap=lambda: None,
            progress=Silent(),
        )
        return mark, restored

    def restore_beside(
        self, made: pipeline.Made, database: ScratchDatabase, *tables: str
    ) -> tuple[str, pipeline.Restored]:
        mark = pipeline.new_mark()
        restored = pipeline.restore_beside(
            self.source(made),
            server=database.server,
            database=database.name,
            tables=tables,
            stamp="20261123",
            restore_id=mark,
            before_swap=lambda: None,
            progress=Silent(),
        )
        return mark, restored

    def scope(self, made: pipeline.Made, database: ScratchDatabase, *tables: str) -> pipeline.ScopePreview:
        return pipeline.scope_preview(
            self.source(made),
            server=database.server,
            database=database.name,
            tables=tables,
            progress=Silent(),
        )

    def elsewhere(
        self,
        made: pipeline.Made,
        server: Server,
        target: str,
        *,
        beside: str,
        wake: bool = False,
        tables: tuple[str, ...] = (),
    ) -> pipeline.Restored:
        return pipeline.restore_elsewhere(
            self.source(made),
            server=server,
            database=beside,
            target=target,
            wishes=pipeline.Wishes(enable_events=wake),
            progress=Silent(),
            tables=tables,
        )


def new_road(folder: Path) -> Road:
    identity, recipient = new_identity()
    identity_file = folder / "identity.txt"
    identity_file.write_text(identity + "\n")
    (folder / "signing.pem").write_bytes(new_signing_key())
    signing = SigningKey.load(folder / "signing.pem")
    recovery = new_identity()[1]
    keys = pipeline.Keys((recipient, recovery), signing, (signing.public,), load_identities(identity_file))
    return Road(LocalStorage(folder / "archives"), keys, identity_file)
