"""Our engine as a process of its own, so that it is measured like the others.

python -m benchmarks.ours backup|without_helper|load|prove SOCKET CONNECTIONS FOLDER [MB_PER_SECOND [MOST_RUNNING]]
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from backups.engine import pipeline
from backups.engine.database import Server
from backups.engine.encrypt import load_identities, new_identity
from backups.engine.load import create_database, drop_database, load
from backups.engine.pace import Limits
from backups.engine.pipeline.opening import archive_of, opened
from backups.engine.seal import SigningKey, new_signing_key
from backups.engine.storage import LocalStorage
from backups.engine.stream import Silent

DATABASE = "qparkin"
SAVING = {"backup", "without_helper"}


def main(what: str, socket: str, connections: str, folder: str, *limits: str) -> None:
    fast = what != "without_helper"
    server = Server("root", socket=socket, connections=int(connections), fast_rows=fast)
    keys, storage = _keys(Path(folder)), LocalStorage(Path(folder) / "archives")
    if what in SAVING:
        _back_up(server, storage, keys, *map(int, limits))
        return
    name = max(stored.name for stored in storage.names() if stored.name.endswith(".zip"))
    source = pipeline.Source(storage, name, archive_of(name), keys)
    if what == "prove":
        proof = pipeline.drill(source, server=server, database=DATABASE, progress=Silent())
        if not proof.proven:
            raise SystemExit("not proven")
    else:
        _load(server, source)


def _back_up(
    server: Server, storage: LocalStorage, keys: pipeline.Keys, rate: int = 0, running: int = 0
) -> None:
    now = datetime.now(UTC)
    order = pipeline.BackupOrder(pipeline.new_archive_id(now), now, 1, "", "command")
    limits = Limits(bytes_per_second=rate * 1_000_000, running=running)
    pipeline.back_up(
        server, database=DATABASE, order=order, storage=storage, keys=keys, progress=Silent(), limits=limits
    )


def _load(server: Server, source: pipeline.Source) -> None:
    target = f"{DATABASE}__bench"
    drop_database(server, target)
    with opened(source) as found:
        manifest = found.manifest()
        create_database(server, target, options=manifest.inventory.options)
        load(server, manifest, into=target, fetch=found.text, progress=Silent())


def _keys(folder: Path) -> pipeline.Keys:
    """The same keys for every run in this folder, two recipients as in an installation."""
    folder.mkdir(parents=True, exist_ok=True)
    identity, signing = folder / "identity.txt", folder / "signing.pem"
    if not signing.exists():
        identity.write_text(new_identity()[0] + "\n")
        signing.write_bytes(new_signing_key())
    identities, key = load_identities(identity), SigningKey.load(signing)
    return pipeline.Keys((identities[0].recipient, new_identity()[1]), key, (key.public,), identities)


if __name__ == "__main__":
    main(*sys.argv[1:])
