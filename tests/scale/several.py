"""Several hosts of one panel: MariaDB, Redis and a bucket are shared, and nothing on a disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from qparkin_backup import env
from tests.installation import PATIENCE, Installation, installation_in
from tests.s3.servers import S3Server
from tests.scale.control import ControlDatabase
from tests.scale.test_redis import Redis
from tests.scratch import ScratchDatabase

KEYS = ("BACKUP_IDENTITY_FILE", "BACKUP_SIGNING_KEY_FILE")


@dataclass(frozen=True, slots=True)
class Panel:
    """What all hosts share, and the first of them, which `init` has made."""

    first: Installation
    control: ControlDatabase
    queue: Redis = field(repr=False)
    s3: S3Server
    bucket: str

    def host(self, name: str, **changes: str) -> Installation:
        """Set up like the first, in a folder of its own; an empty change takes a variable away."""
        folder = self.first.folder.parent / name
        folder.mkdir()
        shutil.copytree(self.first.keys, folder / "keys")
        text = self.first.env_file.read_text().replace(str(self.first.folder), str(folder))
        known = env.parse(text, source="env", outer={})
        known |= {"WORKER_NAME": name, **changes}
        made = Installation(folder, self.first.database, self.first.settings)
        made.env_file.write_text("".join(f"{key}={env.quote(value)}\n" for key, value in known.items()))
        return made


def panel_in(
    folder: Path, database: ScratchDatabase, control: ControlDatabase, queue: Redis, s3: S3Server, bucket: str
) -> Panel:
    (folder / "first").mkdir()
    first = installation_in(folder / "first", database, control=control.url)
    shared = {**s3.environment(bucket), "BACKUP_STORAGES": "s3", "QUEUE_URL": queue.url, "WORKERS": "1"}
    assert first.init("--no-check", WORKER_NAME="first", **shared).status == 0
    return Panel(first, control, queue, s3, bucket)


@contextmanager
def workers_of(host: Installation) -> Iterator[None]:
    log = host.folder / "workers.log"
    process = host.start("qcluster")
    try:
        yield
    finally:
        process.terminate()
        try:
            out, err = process.communicate(timeout=PATIENCE)
            log.write_text(out + err)
        finally:
            process.kill()
