"""Uploads that were begun and never ended: they cannot be seen, and cost as much as what can."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from backups.engine.errors import BackupError

from .asking import Asking
from .explain import DELETE, LIST, code_of
from .listing import MOST_PAGES

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unfinished:
    name: str
    id: str
    written: datetime  # when last something came


def sweep(asking: Asking, keep: Callable[[str, datetime], bool]) -> list[str]:
    """Those of our own place for which `keep` does not say that somebody is still at it."""
    going = [one for one in _found(asking, asking.place.prefix) if not keep(one.name, one.written)]
    for one in going:
        abort(asking, one.name, one.id)
    return sorted({one.name for one in going})


def abort(asking: Asking, name: str, upload: str) -> None:
    def ask() -> None:
        try:
            asking.client.abort_multipart_upload(
                Bucket=asking.place.bucket, Key=asking.key(name), UploadId=upload
            )
        except ClientError as error:
            if code_of(error) != "NoSuchUpload":
                raise

    asking.insist(ask, DELETE)


def abort_others(asking: Asking, name: str, *, keep: str) -> None:
    """Of this very name; where the key may not list them, the bucket's own rules take them in time."""
    try:
        for one in _found(asking, asking.key(name)):
            if one.name == name and one.id != keep:
                abort(asking, name, one.id)
    except BackupError as error:
        log.warning("whether an upload of %s was left behind is not known: %s", name, error)


def _found(asking: Asking, prefix: str) -> Iterator[Unfinished]:
    place, markers = asking.place, dict[str, Any]()
    # What a full bucket has beyond that is swept another time.
    for _ in range(MOST_PAGES):
        # What lies deeper than our prefix belongs to somebody else.
        page = _page(asking, prefix, markers)
        for upload in page.get("Uploads", []):
            name = upload["Key"].removeprefix(place.prefix)
            if "/" not in name:
                yield Unfinished(name, upload["UploadId"], _last_written(asking, name, upload))
        if not page.get("IsTruncated"):
            return
        markers = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}


def _page(asking: Asking, prefix: str, markers: dict[str, Any]) -> Any:
    def ask() -> Any:
        try:
            return asking.client.list_multipart_uploads(
                Bucket=asking.place.bucket, Prefix=prefix, Delimiter="/", **markers
            )
        except ClientError as error:
            # So one server says that there is none.
            if code_of(error) == "NoSuchUpload":
                return {}
            raise

    return asking.insist(ask, LIST)


def _last_written(asking: Asking, name: str, upload: Any) -> datetime:
    """By its newest part: a large one goes on for hours after it was begun."""
    begun: datetime = upload["Initiated"]
    with suppress(BackupError):
        pages = asking.insist(
            lambda: list(
                asking.client.get_paginator("list_parts").paginate(
                    Bucket=asking.place.bucket, Key=asking.key(name), UploadId=upload["UploadId"]
                )
            ),
            LIST,
        )
        return max([begun, *(part["LastModified"] for page in pages for part in page.get("Parts", []))])
    return begun
