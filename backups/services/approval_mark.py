"""What makes an approval this one: who asked, for what, who agreed, when, until when, how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backups.models import Approval

from . import row_mark

PURPOSE = "approval"
# Not the note of whoever looked afterwards, and not what was sent: that lies locked, and is shown only.
BOUND = (
    "id", "state", "kind", "digest", "archive_id", "seal", "about", "path", "asked_by_id", "asked_at",
    "decided_by_id", "decided_at", "until", "used_at", "job_id", "alone_at", "alone_reason",
)  # fmt: skip


def marked(approval: Approval, **values: Any) -> Mapping[str, Any]:
    """The values that it is to have, and the mark over all of it with them."""
    told = {name: values.get(name, getattr(approval, name)) for name in BOUND}
    return {**values, "mark": row_mark.mark(PURPOSE, told)}


def holds(approval: Approval) -> bool:
    told = {name: getattr(approval, name) for name in BOUND}
    return row_mark.holds(approval.mark, PURPOSE, told)
