"""An export of the audit, checked: its signature, its own chain, and the record that there is now."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from backups.engine.errors import BackupError
from backups.engine.seal import verifies
from backups.models import AuditEvent

from . import audit, keys
from .audit_export import FIELDS, SIGNED, Ending, meant
from .refusals import AuditBroken

BATCH = 500


@dataclass(frozen=True, slots=True)
class ExportState:
    """`changed_at` is the first event that does not say what it said; a search has `gaps`, and may.

    `unknown` counts the events that the panel's own record does not have: it was cut or rewritten since.
    """

    events: int
    changed_at: int | None
    gaps: int
    signed: bool
    unknown: int

    @property
    def holds(self) -> bool:
        return self.changed_at is None and self.signed and not self.unknown


def check(path: Path) -> ExportState:
    try:
        ending = _ending(path)
        lines = list(_events(path))
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        reason = f"{path} is no export of it, or is damaged ({type(error).__name__})"
        raise AuditBroken(reason=reason) from None
    wrong = (number for number, told in enumerate(lines, start=1) if not _is_itself(told))
    gaps = sum(not _follow(one, other) for one, other in itertools.pairwise(lines))
    whole = ending.events == len(lines) and ending.sha256 == _sha256(path)
    unknown = _unknown([told["digest"] for told in lines])
    return ExportState(len(lines), next(wrong, None), gaps, whole and _is_signed(ending), unknown)


def _is_itself(told: Mapping[str, Any]) -> bool:
    return bool(audit.digest_of_values(told) == told["digest"])


def _follow(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """One after the other in the record, whichever stands first in the file."""
    return bool(one["previous"] == other["digest"] or other["previous"] == one["digest"])


def _is_signed(ending: Ending) -> bool:
    try:
        trusted = keys.trusted()
    except BackupError:
        return False
    return any(verifies(public, ending.signature, ending.statement) for public in trusted)


def _unknown(digests: list[str]) -> int:
    batches = (digests[at : at + BATCH] for at in range(0, len(digests), BATCH))
    return len(digests) - sum(AuditEvent.objects.filter(digest__in=batch).count() for batch in batches)


def _is_json(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(1) == b"{"


def _lines(file: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each line, and whether it is the last one."""
    before = next(file, None)
    for line in file:
        yield before or b"", False
        before = line
    if before is not None:
        yield before, True


def _sha256(path: Path) -> str:
    running = hashlib.sha256()
    with path.open("rb") as file:
        for line, is_last in _lines(file):
            if not is_last:
                running.update(line)
    return running.hexdigest()


def _ending(path: Path) -> Ending:
    with path.open("rb") as file:
        last = next((line for line, is_last in _lines(file) if is_last), b"").decode()
    if _is_json(path):
        return Ending(**json.loads(last)[SIGNED])
    name, sha256, events, head, signature = next(csv.reader([last]))
    if name != SIGNED:
        raise ValueError(name)
    return Ending(sha256, int(events), head, signature)


def _events(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        texts = (line.decode() for line, is_last in _lines(file) if not is_last)
        told = map(json.loads, texts) if _is_json(path) else _rows(texts)
        for line in told:
            values = {name: line[name] for name in FIELDS}
            yield {**values, "actor_label": values["actor"], "at": datetime.fromisoformat(values["at"])}


def _rows(texts: Iterator[str]) -> Iterator[dict[str, Any]]:
    reader = csv.reader(texts)
    if tuple(next(reader)) != FIELDS:
        raise ValueError("not an export")
    for row in reader:
        values: dict[str, Any] = dict(zip(FIELDS, map(meant, row), strict=True))
        number = values["actor_id"]
        yield {
            **values,
            "actor_id": int(number) if number else None,
            "details": json.loads(values["details"]),
        }
