"""Changing the settings file: whole or not at all, and what it was stays beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from backups.engine.file_lock import locked
from qparkin_backup import env

from .key_files import give_like, sync, write_once
from .key_refusals import SetElsewhere, SettingsBusy
from .refusals import OutputFailed


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """One at a time: of two who change the file at once, one would lose what the other made."""
    with file.with_name(f"{file.name}.lock").open("a") as lock:
        if not locked(lock.fileno()):
            raise SettingsBusy(file=str(file))
        yield


def refuse_set_elsewhere(file: Path, names: Mapping[str, str], *, real: Mapping[str, str]) -> None:
    """A change of what another place says would be one that nobody sees."""
    known = env.read_file(file) if file.exists() else {}
    for name in names:
        if real.get(name) or real.get(f"{name}_FILE"):
            raise SetElsewhere(name=name, file=str(file), where="the environment")
        if known.get(f"{name}_FILE"):
            raise SetElsewhere(name=name, file=str(file), where=known[f"{name}_FILE"])
    if not known:
        raise SetElsewhere(name=next(iter(names)), file=str(file), where="the environment")


def change(file: Path, values: Mapping[str, str]) -> Path:
    """Returns where the file of before lies."""
    try:
        before = file.read_bytes()
        after = _changed(env.plain(before.decode()), values, source=str(file))
        kept = _kept(file, before)
        _replace(file, after.encode())
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is not text"
        raise OutputFailed(path=str(file), reason=reason) from None
    return kept


def _changed(text: str, values: Mapping[str, str], *, source: str) -> str:
    """Each value where it stood, everything else as it is; what was not there comes last."""
    found = env.entries(text, source=source, outer={})
    last = {entry.name: entry for entry in found}
    pieces, position = [], 0
    for entry in found:
        if entry.name in values:
            line = f"{entry.name}={env.quote(values[entry.name])}\n" if last[entry.name] == entry else ""
            pieces += [text[position : entry.start], line]
            position = entry.end
    pieces.append(text[position:])
    made = "".join(pieces)
    missing = "".join(f"{name}={env.quote(value)}\n" for name, value in values.items() if name not in last)
    made += ("\n" if missing and made and not made.endswith("\n") else "") + missing
    wanted = {**{entry.name: entry.value for entry in found}, **values}
    if env.parse(made, source=source, outer={}) != wanted:
        raise ImproperlyConfigured(f"{source} cannot be changed: a value refers to one that changes.")
    return made


def _kept(file: Path, before: bytes) -> Path:
    """Under a name of its own, however often keys are made in one minute."""
    stamp = timezone.now().strftime("%Y%m%dT%H%M%SZ")
    names = (f"{file.name}.before-{stamp}{more}" for more in ("", *(f"-{n}" for n in range(2, 1000))))
    kept = next(path for path in map(file.with_name, names) if not path.exists())
    write_once(kept, before)
    give_like(kept, file)
    return kept


def _replace(file: Path, after: bytes) -> None:
    made = file.with_name(f".{file.name}.new")
    made.unlink(missing_ok=True)
    write_once(made, after)
    made.chmod(file.stat().st_mode & 0o777)
    give_like(made, file)
    made.replace(file)
    sync(file.parent)
