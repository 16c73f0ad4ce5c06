"""A passphrase, asked for at the terminal or read from a file or descriptor: never on a command line."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from django.core.management.base import CommandParser

from backups.services.key_files import PANEL, RECOVERY
from backups.services.key_refusals import PassphrasesDiffer, PassphraseShort
from backups.services.refusals import InputMissing, Usage

TITLES = {PANEL: "the panel's identity", RECOVERY: "the recovery identity"}
SHORTEST = 12


def add_passphrase_file(parser: CommandParser) -> None:
    parser.add_argument(
        "--passphrase-file",
        metavar="FILE",
        type=Path,
        help="read it there instead of asking, e.g. /dev/fd/3",
    )


def passphrases(wanted: Mapping[str, bool], file: Path | None, held: str = "") -> Callable[[str, bool], str]:
    """By the name of an identity file: a new one where it is `wanted`, and that of an existing one.

    `held` is the one that the environment gives for what exists. A file holds one line, or one for the
    panel's and one for the recovery identity.
    """
    read: list[str] = []

    def of(name: str, new: bool) -> str:
        if new and not wanted.get(name):
            return ""
        if not new and held:
            return held
        if file is not None:
            if not read:
                read.extend(_lines(file))
            found = read[min(list(TITLES).index(name), len(read) - 1)]
            return _long_enough(found) if new else found
        return ask(f"Passphrase of {TITLES[name]}", new=new)

    return of


def ask(title: str, *, new: bool) -> str:
    if not sys.stdin.isatty():
        raise Usage(reason="A passphrase is needed, and nobody is there to ask: give --passphrase-file FILE.")
    given = getpass.getpass(f"{title}: ")
    if new:
        _long_enough(given)
        if getpass.getpass("The same once more: ") != given:
            raise PassphrasesDiffer
    return given


def _long_enough(given: str) -> str:
    if len(given) < SHORTEST:
        raise PassphraseShort(least=SHORTEST)
    return given


def one_line(file: Path) -> str:
    return _lines(file)[0]


def _lines(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is not text"
        raise InputMissing(path=str(file), reason=reason) from None
    if not lines or not lines[0]:
        raise InputMissing(path=str(file), reason="there is no passphrase in it")
    return lines
