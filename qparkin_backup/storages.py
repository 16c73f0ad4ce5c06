"""Which storages there are, by name, in the order in which archives are written and copied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from .env import Environment

LOCAL = "local"
# Copies remember it, and it is a part of the names of variables.
NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
SUFFIXES = ("ROOT",)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on a disk of this machine; without a root, the one that BACKUP_LOCAL_ROOT names."""

    name: str
    root: str = ""


def configured(env: Environment, *, base: Path) -> tuple[Folder, ...]:
    """`local` first unless BACKUP_STORAGES names it in its own place."""
    return tuple(_place(env, name, base) for name in _names(env))


def variables(names: str) -> Iterator[str]:
    """The variables of the storages that a value of BACKUP_STORAGES adds."""
    for name in filter(None, (part.strip() for part in names.split(","))):
        if name != LOCAL:
            yield from (_variable(name, suffix) for suffix in SUFFIXES)


def refuse_tangled(places: Sequence[Folder], *, local_root: str) -> None:
    """Two names for one place are one copy that counts as two, and what the one drops the other loses."""
    roots = {place.name: Path(place.root or local_root).resolve() for place in places}
    for (one, here), (other, there) in combinations(roots.items(), 2):
        if here == there:
            raise ImproperlyConfigured(
                f"The storages {one} and {other} are the same folder, {here}; give each a folder of its own."
            )
    for (outer, here), (inner, there) in permutations(roots.items(), 2):
        if there.is_relative_to(here):
            raise ImproperlyConfigured(
                f"The storage {inner} ({there}) lies in the storage {outer} ({here}); put it beside it."
            )


def _names(env: Environment) -> tuple[str, ...]:
    told = env.words("BACKUP_STORAGES")
    for name in told:
        if not NAME.fullmatch(name):
            raise ImproperlyConfigured(
                f"BACKUP_STORAGES names {name!r}; write small letters, digits and _, beginning with a letter."
            )
        if told.count(name) > 1:
            raise ImproperlyConfigured(f"BACKUP_STORAGES names {name} twice; name each storage once.")
    return told if LOCAL in told else (LOCAL, *told)


def _place(env: Environment, name: str, base: Path) -> Folder:
    if name == LOCAL:
        return Folder(LOCAL)
    root = env.text(_variable(name, "ROOT"), "")
    if not root:
        raise ImproperlyConfigured(
            f"BACKUP_STORAGES names {name}, but {_variable(name, 'ROOT')} (a folder) is not set."
        )
    return Folder(name, str(base / root))


def _variable(name: str, suffix: str) -> str:
    return f"BACKUP_{name.upper()}_{suffix}"
