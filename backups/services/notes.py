"""Signed notes at the storages: what people decided, for the day on which the panel's database is lost.

A note is never overwritten: a later one has a higher number, and the highest that holds is what counts.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from backups.engine import seal
from backups.engine.errors import BackupError, NameTaken, StorageFailed
from backups.engine.storage import ArchiveStorage

from . import keys

FORMAT = 1
DOMAIN = b"qparkin-backup note 1\n"
PIN, RETENTION = "pin", "retention"
NUMBERED = re.compile(r"(.+)\.(pin|retention)-([1-9][0-9]{0,8})\.json")
# A reason and its encryption are smaller; whoever else writes there is not read at length.
LARGEST = 16 * 1024
# Whoever may write there can put false ones above the true one: they are all read, up to a flood of them.
FLOOD = 50


def numbers(names: Iterable[str], kind: str) -> Mapping[str, list[int]]:
    """By what they lie beside: the numbers of the notes there, the highest first."""
    found: dict[str, list[int]] = defaultdict(list)
    for name in names:
        parts = NUMBERED.fullmatch(name)
        if parts and parts[2] == kind:
            found[parts[1]].append(int(parts[3]))
    return {beside: sorted(all_of_it, reverse=True) for beside, all_of_it in found.items()}


def put(storage: ArchiveStorage, beside: str, kind: str, number: int, said: Mapping[str, Any]) -> bool:
    """False where another note has that number already, or where this host cannot sign."""
    key = keys.signing()
    if key is None:
        return False
    statement = {**said, "format": FORMAT, "kind": kind, "number": number, "signer": key.public}
    text = seal.canonical({**statement, "signature": key.signature(DOMAIN + seal.canonical(statement))})
    try:
        with storage.create(_name(beside, kind, number)) as file:
            file.write(text)
    except NameTaken:
        return _same(read(storage, beside, kind, number), said)
    if number > 1:
        # Tidiness only: the higher number counts, whatever else lies there.
        with suppress(BackupError):
            storage.delete(_name(beside, kind, number - 1))
    return True


def can_write() -> bool:
    return keys.signing() is not None


def _same(there: Mapping[str, Any] | None, said: Mapping[str, Any]) -> bool:
    """What is encrypted looks different each time."""
    plain = said.keys() - {"reason"}
    return there is not None and all(there.get(name) == said[name] for name in plain)


def newest(
    storage: ArchiveStorage, beside: str, kind: str, found: Iterable[int], *, above: int
) -> tuple[int, Mapping[str, Any]] | None:
    """The highest one that holds, if it is `above` what is known."""
    later = [number for number in found if number > above]
    if len(later) > FLOOD:
        # The true one may lie among them, so nobody knows what was decided.
        raise StorageFailed(storage=storage.name, reason="notes that are not ours lie there")
    for number in later:
        said = read(storage, beside, kind, number)
        if said is not None:
            return number, said
    return None


def read(storage: ArchiveStorage, beside: str, kind: str, number: int) -> Mapping[str, Any] | None:
    """None where it is not a note of ours. A storage that fails is raised: it may hold a promise."""
    with storage.open(_name(beside, kind, number)) as file:
        text = file.read(LARGEST + 1)
    try:
        said = json.loads(text) if len(text) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or seal.canonical(said) != text:
        return None
    signature, signer = str(said.pop("signature", "")), str(said.get("signer", ""))
    fixed = {"format": FORMAT, "kind": kind, "number": number, "signer": signer}
    believed = signer in keys.trusted().of_now()
    if not believed or not seal.verifies(signer, signature, DOMAIN + seal.canonical(said)):
        return None
    if any(said.pop(name, None) != value for name, value in fixed.items()):
        return None
    return said


def drop(storage: ArchiveStorage, beside: str, kind: str, last: int) -> None:
    """With what they lie beside. Where one cannot be taken away it stays, and means nothing."""
    for number in range(1, last + 1):
        with suppress(BackupError):
            storage.delete(_name(beside, kind, number))


def _name(beside: str, kind: str, number: int) -> str:
    return f"{beside}.{kind}-{number}.json"
