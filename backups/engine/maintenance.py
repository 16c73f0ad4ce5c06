"""Laravel's maintenance mode: the file storage/framework/down, with a mark that says whether it is ours."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from .small_file import read_small

DOWN = Path("storage", "framework", "down")
DRAFT = Path("storage", "framework", "down.qparkin-backup")
OURS = "qparkin_backup"
OFF, THEIRS = "", "theirs"
# How soon a browser and a client look again, in seconds: a change-over is over by then.
LOOK_AGAIN = 5
# Laravel's own may hold a whole page.
MOST_BYTES = 4 * 1024 * 1024


def switched_on_by(application: Path) -> str:
    """'' while it is off, our mark while it is on by us, `theirs` while somebody else has switched it on."""
    try:
        told = json.loads(read_small(application / DOWN, most=MOST_BYTES))
    except FileNotFoundError:
        return OFF
    except (OSError, ValueError, RecursionError):
        # Laravel looks at nothing but whether it is there.
        return THEIRS
    mark = told.get(OURS) if isinstance(told, dict) else None
    return str(mark) if mark else THEIRS


def switch_on(application: Path, mark: str) -> bool:
    """On, with our mark in it. False where somebody else has switched it on: then it stays theirs."""
    draft = application / DRAFT
    try:
        _write(draft, mark)
        # Whole or not at all, and never over a file that is there.
        os.link(draft, application / DOWN)
    except FileExistsError:
        return switched_on_by(application) == mark
    finally:
        draft.unlink(missing_ok=True)
    return True


def switch_off(application: Path, mark: str) -> bool:
    """Off, where the mark in it is this one; anybody else's is left alone."""
    if switched_on_by(application) != mark:
        return False
    with suppress(FileNotFoundError):
        (application / DOWN).unlink()
    return True


def _write(draft: Path, mark: str) -> None:
    draft.unlink(missing_ok=True)
    with draft.open("x", encoding="ascii") as file:
        json.dump(_payload(mark), file, indent=4)
        file.flush()
        # The web server is somebody else, and has to read it. Not by name: that may lead elsewhere by now.
        os.fchmod(file.fileno(), 0o644)
        os.fsync(file.fileno())


def _payload(mark: str) -> dict[str, object]:
    """All that `php artisan down` of Laravel 8 to 12 writes, and our mark, which it does not look at."""
    return {
        "except": [],
        "redirect": None,
        "retry": LOOK_AGAIN,
        "refresh": LOOK_AGAIN,
        "secret": None,  # nosec B105 # nobody gets past
        "status": 503,
        "template": None,
        OURS: mark,
    }
