"""Taking an object away."""

from __future__ import annotations

from .asking import Asking
from .explain import DELETE


def delete(asking: Asking, name: str) -> None:
    """What is not there is gone already."""
    asking.insist(
        lambda: asking.client.delete_object(Bucket=asking.place.bucket, Key=asking.key(name)), DELETE
    )
