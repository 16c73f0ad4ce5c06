"""The folders of files that are backed up; never tangled with each other or with the panel's own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def refuse_tangled(folders: Sequence[str], *, own: Sequence[str]) -> None:
    """A restore moves a whole folder aside: nothing of the panel, and no other folder, may go along.

    `own` are the panel's folders, the archives above all, which would otherwise also be backed up into
    themselves.
    """
    for folder in folders:
        if not Path(folder).is_absolute():
            raise ImproperlyConfigured(f"QPARKIN_FILES names {folder}, which is no absolute path.")
    for outer, inner in permutations(folders, 2):
        if _is_within(inner, outer):
            raise ImproperlyConfigured(
                f"QPARKIN_FILES names {inner}, which lies in {outer}; the outer one is enough."
            )
    for folder in folders:
        for mine in own:
            if _is_within(mine, folder) or _is_within(folder, mine):
                raise ImproperlyConfigured(
                    f"QPARKIN_FILES names {folder}, and the panel keeps its own data in {mine}; "
                    "neither may lie in the other."
                )


def _is_within(inner: str, outer: str) -> bool:
    return Path(inner).resolve().is_relative_to(Path(outer).resolve())
