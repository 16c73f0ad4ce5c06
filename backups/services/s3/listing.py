"""What lies in the bucket under our prefix: all of it, or an error."""

from __future__ import annotations

from typing import Any

from backups.engine.errors import StorageFailed, StorageUnreachable
from backups.engine.storage import Stored

from .asking import Asking
from .explain import LIST

# A thousand names each. Whoever fills a bucket must not fill our memory, nor keep us there for ever.
MOST_PAGES = 300


def names(asking: Asking) -> list[Stored]:
    found: list[Stored] = []
    going_on: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        page = _page(asking, going_on)
        found += [
            Stored(name, item["Size"], etag=item.get("ETag", "").strip('"'))
            for item in page.get("Contents", [])
            if _is_ours(name := item["Key"].removeprefix(asking.place.prefix))
        ]
        if not page["IsTruncated"]:
            return sorted(found, key=lambda stored: stored.name)
        going_on = {"ContinuationToken": page["NextContinuationToken"]}
    raise StorageFailed(storage=asking.place.name, reason="more lies there than archives could be")


def _page(asking: Asking, going_on: dict[str, Any]) -> Any:
    page = asking.insist(
        lambda: asking.client.list_objects_v2(
            Bucket=asking.place.bucket, Prefix=asking.place.prefix, Delimiter="/", **going_on
        ),
        LIST,
    )
    # An empty answer, as of some proxy, is no listing: of everything it would say that it is gone.
    if "IsTruncated" not in page or (page["IsTruncated"] and not page.get("NextContinuationToken")):
        raise StorageUnreachable(storage=asking.place.name, reason="what answers there is no S3")
    return page


def _is_ours(name: str) -> bool:
    # A folder's own key ends in a slash; our probes begin with a dot.
    return bool(name) and "/" not in name and not name.startswith(".")
