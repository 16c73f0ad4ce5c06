"""A cache in a folder whose disk may be full: what is remembered saves time, and nothing fails without it."""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.core.cache.backends.filebased import FileBasedCache

log = logging.getLogger(__name__)

# Nothing that ends by itself is remembered for longer.
LONGEST_SECONDS = 3600


class LossTolerantFolder(FileBasedCache):
    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return _or_else(default, lambda: super(LossTolerantFolder, self).get(key, default, version))

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        _or_else(None, lambda: super(LossTolerantFolder, self).set(key, value, *args, **kwargs))

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(_or_else(False, lambda: super(LossTolerantFolder, self).add(key, value, *args, **kwargs)))

    def touch(self, key: str, *args: Any, **kwargs: Any) -> bool:
        return bool(_or_else(False, lambda: super(LossTolerantFolder, self).touch(key, *args, **kwargs)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(_or_else(False, lambda: super(LossTolerantFolder, self).delete(key, version)))

    def has_key(self, key: str, version: int | None = None) -> bool:
        return bool(_or_else(False, lambda: super(LossTolerantFolder, self).has_key(key, version)))

    def _is_expired(self, f: IO[bytes]) -> bool:
        """Too what a clock that ran ahead has left: it would be believed until that day has come."""
        if super()._is_expired(f):  # type: ignore[misc]
            return True
        f.seek(0)
        until = pickle.load(f)  # noqa: S301  # nosec B301 # as the cache does, of files that only we write
        if until is None or until <= time.time() + LONGEST_SECONDS:
            return False
        f.close()
        Path(f.name).unlink(missing_ok=True)
        return True


def _or_else(otherwise: Any, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except OSError as error:
        log.warning("the cache's folder does not work (%s)", error.strerror or type(error).__name__)
        return otherwise
