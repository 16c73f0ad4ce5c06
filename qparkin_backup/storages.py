"""Which storages there are, by name, in the order in which archives are written and copied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from . import buckets
from .buckets import Bucket
from .env import Environment

LOCAL, S3 = "local", "s3"
# Copies remember it, and it is a part of the names of variables.
NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
ROOT, BUCKET = "ROOT", "BUCKET"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on a disk of this machine; without a root, the one that BACKUP_LOCAL_ROOT names."""

    name: str
    root: str = ""


Place = Folder | Bucket


def configured(env: Environment, *, base: Path) -> tuple[Place, ...]:
    """`local`, `s3` where it has a bucket, then the rest, unless BACKUP_STORAGES names one of these two."""
    return tuple(_place(env, name, base) for name in _names(env))


def variables(names: str) -> Iterator[str]:
    """The variables of the storages that a value of BACKUP_STORAGES adds to those that are always there."""
    for name in filter(None, (part.strip() for part in names.split(","))):
        if name not in (LOCAL, S3):
            yield from (variable(name, suffix) for suffix in (ROOT, BUCKET, *buckets.SUFFIXES))


def variable(name: str, suffix: str) -> str:
    return f"BACKUP_{name.upper()}_{suffix}"


def refuse_tangled(places: Sequence[Place], *, local_root: str) -> None:
    """Two names for one place are one copy that counts as two, and what the one drops the other loses."""
    _refuse_tangled_folders({
        place.name: Path(place.root or local_root).resolve()
        for place in places
        if isinstance(place, Folder)
    })  # fmt: skip
    remote = [place for place in places if isinstance(place, Bucket)]
    for one, other in combinations(remote, 2):
        if one.place == other.place:
            raise ImproperlyConfigured(
                f"The storages {one.name} and {other.name} are the same place in the bucket {one.bucket}; "
                f"give each a {variable(other.name, 'PREFIX')} of its own."
            )


def roots(places: Sequence[Place], *, local_root: str) -> list[str]:
    """The folders among them."""
    return [place.root or local_root for place in places if isinstance(place, Folder)]


def _refuse_tangled_folders(folders: dict[str, Path]) -> None:
    for (one, here), (other, there) in combinations(folders.items(), 2):
        if here == there or _is_same(here, there):
            raise ImproperlyConfigured(
                f"The storages {one} and {other} are the same folder, {here}; give each a folder of its own."
            )
    for (outer, here), (inner, there) in permutations(folders.items(), 2):
        if there.is_relative_to(here):
            raise ImproperlyConfigured(
                f"The storage {inner} ({there}) lies in the storage {outer} ({here}); put it beside it."
            )


def _is_same(here: Path, there: Path) -> bool:
    """Mounted twice, a folder has two paths."""
    with suppress(OSError):
        return here.samefile(there)
    return False


def _names(env: Environment) -> tuple[str, ...]:
    told = env.words("BACKUP_STORAGES")
    for name in told:
        if not NAME.fullmatch(name):
            raise ImproperlyConfigured(
                f"BACKUP_STORAGES names {name!r}; write small letters, digits and _, beginning with a letter."
            )
        if told.count(name) > 1:
            raise ImproperlyConfigured(f"BACKUP_STORAGES names {name} twice; name each storage once.")
    if LOCAL in told or S3 in told:
        return told
    return (LOCAL, S3, *told) if env.text(variable(S3, BUCKET), "") else (LOCAL, *told)


def _place(env: Environment, name: str, base: Path) -> Place:
    if name == LOCAL:
        return Folder(LOCAL)
    root, bucket = (env.text(variable(name, suffix), "") for suffix in (ROOT, BUCKET))
    if bool(root) == bool(bucket):
        told = "both are set; keep one" if root else "neither is set"
        raise ImproperlyConfigured(
            f"The storage {name} is either a folder ({variable(name, ROOT)}) or a bucket of S3 "
            f"({variable(name, BUCKET)}), and {told}."
        )
    if root:
        return Folder(name, str(base / root))
    return buckets.configured(env, name, bucket, variable=lambda suffix: variable(name, suffix))
