"""Settings from the environment: a `.env` file, `NAME_FILE` secrets, Laravel's own `.env`.

The dialect of the file is that of Laravel (vlucas/phpdotenv): 'literal', "with \\escapes and ${NAMES}",
bare words up to the first blank or #. `quote` is the inverse of `parse` for one value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

NAME = re.compile(r"(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*")
SINGLE = re.compile(r"'([^']*)'")
DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
BARE = re.compile(r"[^ \t\r\n\f\v#]*")
LINE_END = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
SPECIAL = re.compile(r"\\(.)|\$\{([A-Za-z0-9_.]+)\}", re.DOTALL)
REFERENCE = re.compile(r"(?P<never>(?!))|\$\{([A-Za-z0-9_.]+)\}")
PLAIN = re.compile(r"[A-Za-z0-9_./:,@+=%-]+")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", '"': '"', "\\": "\\", "$": "$"}
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Environment:
    """Named values, the first layer that has one wins. An empty value counts as not set."""

    layers: tuple[Mapping[str, str], ...] = field(repr=False)

    def text(self, name: str, default: str | None = None) -> str:
        """The value of NAME, or the contents of the file that NAME_FILE names."""
        for layer in self.layers:
            if layer.get(name) and layer.get(f"{name}_FILE"):
                raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set; keep one of them.")
            if layer.get(name):
                return layer[name]
            if layer.get(f"{name}_FILE"):
                return _contents(f"{name}_FILE", layer[f"{name}_FILE"])
        if default is None:
            raise ImproperlyConfigured(
                f"{name} is not set; put it into the environment or the file that manage.py init writes."
            )
        return default

    def number(self, name: str, default: int) -> int:
        return whole_number(name, self.text(name, str(default)))

    def limit(self, name: str, default: int, *, most: int | None = None) -> int:
        """A number that 0 switches off."""
        value = self.number(name, default)
        if value < 0 or (most is not None and value > most):
            upto = "" if most is None else f" and {most} at most"
            raise ImproperlyConfigured(f"{name} is not a possible limit; write 0 (none) or more{upto}.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        text = self.text(name, str(default)).lower()
        if text not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{name} is neither on nor off; write 1 or 0.")
        return text in TRUE

    def words(self, name: str, default: str = "", *, separator: str = ",") -> tuple[str, ...]:
        parts = (part.strip() for part in self.text(name, default).split(separator))
        return tuple(part for part in parts if part)


def whole_number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not a number.") from None


def time_zone(name: str, zone: str) -> str:
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImproperlyConfigured(f"{name} is not a time zone; write e.g. Asia/Jakarta.") from None


def load(file: Path, real: Mapping[str, str], *, required: bool) -> Environment:
    """The real environment, then `file`; a file that was asked for by name must exist."""
    if not file.exists() and not required:
        return Environment((real,))
    return Environment((real, read_file(file, outer=real)))


def read_file(file: Path, *, outer: Mapping[str, str] | None = None) -> dict[str, str]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The settings file {file} cannot be read ({_reason(error)}).") from None
    return parse(text, source=str(file), outer=outer or {})


@dataclass(frozen=True, slots=True)
class Entry:
    """One assignment, and where it stands in the text."""

    name: str
    value: str = field(repr=False)
    start: int
    end: int


def parse(text: str, *, source: str, outer: Mapping[str, str]) -> dict[str, str]:
    """All values of a `.env` text. `${NAME}` looks in `outer` first, then above in the same text."""
    return {entry.name: entry.value for entry in entries(plain(text), source=source, outer=outer)}


def plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def entries(text: str, *, source: str, outer: Mapping[str, str]) -> list[Entry]:
    known: dict[str, str] = {}
    found: list[Entry] = []
    position = 0
    while position < len(text):
        blank = LINE_END.match(text, position)
        if blank:
            position = blank.end()
            continue
        found.append(_entry(text, position, {**known, **outer}, source=source))
        known[found[-1].name] = found[-1].value
        position = found[-1].end
    return found


def _entry(text: str, start: int, known: Mapping[str, str], *, source: str) -> Entry:
    line = text.count("\n", 0, start) + 1
    name = NAME.match(text, _after_blanks(text, start))
    if not name:
        raise ImproperlyConfigured(f"Line {line} of {source} is not NAME=value.")
    value, position = _value(text, name.end(), known)
    end = LINE_END.match(text, position)
    if not end:
        raise ImproperlyConfigured(
            f"{name[1]} in line {line} of {source} is not quoted rightly; "
            "put a value with blanks, quotes or # between double quotes."
        )
    return Entry(name[1], value, start, end.end())


def _after_blanks(text: str, position: int) -> int:
    while text[position] in " \t":
        position += 1
    return position


def _value(text: str, position: int, known: Mapping[str, str]) -> tuple[str, int]:
    single, double = SINGLE.match(text, position), DOUBLE.match(text, position)
    if single:
        return single[1], single.end()
    if double:
        return _resolved(SPECIAL, double[1], known), double.end()
    if text[position : position + 1] in {"'", '"'}:
        return "", position  # an opening quote without its end: the caller names the variable
    bare = BARE.search(text, position)
    end = bare.end() if bare else position
    return _resolved(REFERENCE, text[position:end], known), end


def _resolved(pattern: re.Pattern[str], text: str, known: Mapping[str, str]) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1]:
            return ESCAPES.get(match[1], match[0])
        return known.get(match[2], match[0])

    return pattern.sub(one, text)


def quote(value: str) -> str:
    """`value` as it must stand in a `.env` file to be read back as it is."""
    if "\0" in value:
        raise ImproperlyConfigured("A setting cannot hold a NUL character.")
    if not value or PLAIN.fullmatch(value):
        return value
    back = {character: letter for letter, character in ESCAPES.items()}
    return '"' + "".join("\\" + back[c] if c in back else c for c in value) + '"'


def _contents(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name} names {path}, which cannot be read ({_reason(error)}).") from None


def _reason(error: Exception) -> str:
    return (error.strerror or "unreadable") if isinstance(error, OSError) else "it is not UTF-8"
