"""Secrets that nobody else writes, of characters that quoting goes wrong with, and the search for them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

Wanted = dict[str, tuple[bytes, ...]]
# What every quoting leaves as it is: found in a log, it is the secret, however the rest of it is written.
NAMES = (
    "database", "restore", "drill", "bucketid", "bucketkey", "mail", "metrics", "status", "badge", "session",
    "wrongone", "channel", "heartbeat", "person", "control", "queue", "passphrase", "laravel", "newcomer",
    "telegram",
)  # fmt: skip
REST = "'\"\\$#% &<"


def core(name: str) -> str:
    return f"tanamRahasia{name}Qx7"


def tail(name: str) -> str:
    """What is left where somebody cuts at a character of the middle."""
    return f"ekor{name}Wp4zZ"


def secret(name: str) -> str:
    return core(name) + REST + tail(name)


def spellings(text: str) -> tuple[bytes, ...]:
    """As it is, in hex, and in base64 wherever in a longer text it begins."""
    raw = text.encode()
    shifted = (base64.b64encode(b"\0" * offset + raw)[4 if offset else 0 : -4] for offset in range(3))
    return (raw, raw.hex().encode(), *shifted, raw.decode().encode("utf-16-le"))


def found_in(content: bytes, wanted: Wanted) -> list[str]:
    # A life that is watched learns more of them.
    return [name for name, forms in tuple(wanted.items()) if any(form in content for form in forms)]


def what_to_look_for(keys: Path) -> Wanted:
    """The planted ones, and the private halves of the keys that `init` made."""
    wanted = {name: (*spellings(core(name)), *spellings(tail(name))) for name in NAMES}
    for file in sorted(keys.rglob("*")):
        if file.is_file():
            for line in _private(file.read_text()):
                wanted[f"{file.name} {line[:9]}"] = spellings(line)
    return wanted


def _private(text: str) -> Iterator[str]:
    """The lines of a key that must never be seen: an age identity, the body of a PEM."""
    inside = False
    for line in text.splitlines():
        inside = ("BEGIN" in line and "PRIVATE" in line) or (inside and "END" not in line)
        if line.startswith("AGE-SECRET-KEY") or (inside and "BEGIN" not in line):
            yield line
