"""The units of docs/deploy, read as systemd reads them: a key may stand there several times."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"
# Where the steps put the program.
INSTALLED = "/opt/qparkin-backup"


@dataclass(frozen=True, slots=True)
class Unit:
    name: str
    entries: tuple[tuple[str, str, str], ...]  # section, key, value

    def values(self, key: str) -> list[str]:
        return [value for _, name, value in self.entries if name == key]

    def value(self, key: str) -> str:
        (value,) = self.values(key)
        return value

    @property
    def commands(self) -> list[list[str]]:
        """Of the project, with the paths that they have here."""
        keys = ("ExecStartPre", "ExecStart", "ExecReload", "ExecStop")
        found = [shlex.split(value) for key in keys for value in self.values(key)]
        return [[word.replace(INSTALLED, str(ROOT)) for word in command] for command in found]

    @property
    def variables(self) -> dict[str, str]:
        pairs = [word for value in self.values("Environment") for word in shlex.split(value)]
        return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def unit(path: Path) -> Unit:
    section, entries = "", []
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, f"{path.name}: {line}"
            entries.append((section, key, value))
    return Unit(path.name, tuple(entries))


def services() -> list[Unit]:
    return [unit(path) for path in sorted(DEPLOY.glob("*.service"))]


def drop_ins() -> list[Unit]:
    return [unit(path) for path in sorted(DEPLOY.glob("*.conf"))]
