"""Our engine as a process of its own, so that it is measured like the others: `python -m benchmarks.ours --help`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
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


def main() -> None:
    options = _options()
    server = Server(
        "root", socket=options.socket, connections=options.connections, fast_rows=not options.plain
    )
    keys, storage = keys_in(options.folder), LocalStorage(options.folder / "archives")
    if options.what == "backup":
        limits = Limits(bytes_per_second=options.rate * 1_000_000, running=options.running)
        _back_up(server, storage, keys, limits)
        return
    name = max(stored.name for stored in storage.names() if stored.name.endswith(".zip"))
    source = pipeline.Source(storage, name, archive_of(name), keys)
    WAYS[options.what](server, source)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ours")
    parser.add_argument("what", choices=["backup", *WAYS])
    parser.add_argument("socket")
    parser.add_argument("connections", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--plain", action="store_true", help="without the helper in C")
    parser.add_argument("--rate", type=int, default=0, help="MB/s at most")
    parser.add_argument("--running", type=int, default=0, help="give way above this many sessions at work")
    return parser.parse_args()


def _back_up(server: Server, storage: LocalStorage, keys: pipeline.Keys, limits: Limits) -> None:
    now = datetime.now(UTC)
    order = pipeline.BackupOrder(pipeline.new_archive_id(now), now, 1, "", "command")
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


def _prove(server: Server, source: pipeline.Source) -> None:
    proof = pipeline.drill(source, server=server, database=DATABASE, progress=Silent())
    if not proof.proven:
        raise SystemExit("not proven")


def _elsewhere(server: Server, source: pipeline.Source, tables: tuple[str, ...] = ()) -> None:
    """Into another database, with its proof; on a server that spells names otherwise some code finds no table."""
    target = f"{DATABASE}__bench"
    drop_database(server, target)
    accepted = frozenset(known(source))
    pipeline.restore_elsewhere(
        source,
        server=server,
        database=DATABASE,
        target=target,
        wishes=pipeline.Wishes(accepted=accepted),
        progress=Silent(),
        tables=tables,
    )


def known(source: pipeline.Source) -> Iterator[str]:
    """Every trigger may fail here: what is measured is the time."""
    for trigger in pipeline.read_manifest(source).inventory.triggers:
        yield trigger.name


def _table(server: Server, source: pipeline.Source) -> None:
    """The table whose rows are nearest to a hundredth of all."""
    manifest = pipeline.read_manifest(source)
    wanted = manifest.text_bytes / 100
    nearest = min(manifest.rows, key=lambda rows: abs(rows.bytes - wanted))
    print(f"{nearest.table}: {nearest.bytes / manifest.text_bytes:.2%} of the text, {nearest.rows} rows")
    _elsewhere(server, source, (nearest.table,))


WAYS: dict[str, Callable[[Server, pipeline.Source], None]] = {
    "load": _load,
    "prove": _prove,
    "elsewhere": _elsewhere,
    "table": _table,
}


def keys_in(folder: Path) -> pipeline.Keys:
    """The same keys for every run in this folder, two recipients as in an installation."""
    folder.mkdir(parents=True, exist_ok=True)
    identity, signing = folder / "identity.txt", folder / "signing.pem"
    if not signing.exists():
        identity.write_text(new_identity()[0] + "\n")
        signing.write_bytes(new_signing_key())
    identities, key = load_identities(identity), SigningKey.load(signing)
    return pipeline.Keys((identities[0].recipient, new_identity()[1]), key, (key.public,), identities)


if __name__ == "__main__":
    main()
