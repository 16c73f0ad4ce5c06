"""What a job came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backups.models import Archive


@dataclass(frozen=True, slots=True)
class Finished:
    """`result` goes on the row, `audited` into the audit; `follow_up` asks for the next job, if any."""

    result: Mapping[str, Any]
    archive: Archive | None = None
    audited: Mapping[str, Any] = field(default_factory=dict)
    follow_up: Callable[[], object] | None = None
