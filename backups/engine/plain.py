"""Values as JSON and back: dataclasses, tuples, datetimes, optionals."""

from __future__ import annotations

import json
import types
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import datetime
from typing import Any, cast, get_args, get_origin, get_type_hints


def to_text(value: Any) -> str:
    """Any such value as JSON in ASCII; `build` is the inverse."""
    return json.dumps(asdict(value), default=datetime.isoformat, separators=(",", ":"))


def plain(value: Any) -> Any:
    """Any such value as JSON would give it back."""
    return json.loads(to_text(value))


def build(kind: Any, value: Any) -> Any:
    """The inverse of `asdict` for dataclasses, tuples, datetimes, optionals, or text."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        # What an older archive does not say is as it was then: the default.
        given = (f for f in fields(kind) if f.name in value or f.default is MISSING)
        return cast(Any, kind)(**{f.name: build(hints[f.name], value[f.name]) for f in given})
    if kind is datetime:
        return datetime.fromisoformat(value)
    if get_origin(kind) is types.UnionType:
        plainly = value is None or (isinstance(value, str) and str in get_args(kind))
        return value if plainly else build(get_args(kind)[0], value)
    if get_origin(kind) is tuple:
        return tuple(build(get_args(kind)[0], item) for item in value)
    return value
