"""A cache on Redis that may go away at any time, and that cannot bring code along."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class PlainValues:
    """JSON, not pickle: whoever can write into Redis must not be able to run anything here."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, stored: bytes) -> Any:
        return json.loads(stored)


class LossTolerantCache(RedisCache):
    """What is remembered saves time and is never the only place of anything: without it the panel goes on."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return _or_else(default, lambda: super(LossTolerantCache, self).get(key, default, version))

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        _or_else(None, lambda: super(LossTolerantCache, self).set(key, value, *args, **kwargs))

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(_or_else(False, lambda: super(LossTolerantCache, self).add(key, value, *args, **kwargs)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(_or_else(False, lambda: super(LossTolerantCache, self).delete(key, version)))

    def get_many(self, keys: Any, version: int | None = None) -> dict[str, Any]:
        found: dict[str, Any] = _or_else({}, lambda: super(LossTolerantCache, self).get_many(keys, version))
        return found

    def has_key(self, key: str, version: int | None = None) -> bool:
        return bool(_or_else(False, lambda: super(LossTolerantCache, self).has_key(key, version)))

    def clear(self) -> None:
        _or_else(None, super().clear)


def _or_else(otherwise: Any, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except RedisError as error:
        # The address is known, and the driver's own words may come with more of it.
        log.warning("the cache was not reached (%s)", type(error).__name__)
    except ValueError:
        # Not what this panel writes there.
        log.warning("the cache holds something that is not ours")
    return otherwise
