"""The common rule in a panel whose processes are real: held to it by a process of its own, as they see it.

before = there.look(installation)
... something is killed; afterwards no worker runs ...
there.holds(installation, before)
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.installation import Installation

ROOT = Path(__file__).resolve().parents[2]


def look(installation: Installation) -> Path:
    """Makes one good, proven archive, too."""
    before = installation.folder / "before.pickle"
    _run(installation, "look", before)
    return before


def holds(installation: Installation, before: Path) -> None:
    _run(installation, "holds", before)


def _run(installation: Installation, what: str, before: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.there", what, str(before)],
        cwd=ROOT,
        env={**installation.environment(), **environment(installation)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def environment(installation: Installation) -> dict[str, str]:
    """Of all its processes, so that each sees the same application."""
    return {
        "DJANGO_SETTINGS_MODULE": "qparkin_backup.settings",
        "ALLOWED_HOSTS": "testserver,127.0.0.1",
        "QPARKIN_LARAVEL_PATH": str(installation.folder / "laravel"),
    }


def _main(what: str, file: Path) -> None:
    django.setup()
    from backups.models import User
    from backups.services.connections import protected_database, read_server
    from tests.faults import doing, rule
    from tests.laravel import Application, laravel_in
    from tests.scratch import ScratchDatabase
    from tests.web import factories

    database = ScratchDatabase(protected_database(), read_server())
    if what == "look":
        laravel = laravel_in(Path(os.environ["QPARKIN_LARAVEL_PATH"]))
        panel = rule.Panel(database, laravel, factories.superadmin())
        doing.backed_up(panel)
        file.write_bytes(pickle.dumps(rule.look(panel)))
    else:
        laravel = Application(Path(os.environ["QPARKIN_LARAVEL_PATH"]))
        panel = rule.Panel(database, laravel, User.objects.get())
        rule.holds(panel, pickle.loads(file.read_bytes()))  # noqa: S301 - our own


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
