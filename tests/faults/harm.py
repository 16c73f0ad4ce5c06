"""What can be done to the files of an archive by a bad disk, or by somebody who may write to the storage."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backups.engine import seal
from backups.engine.archive import SEAL, ArchiveWriter
from backups.engine.seal import Seal, SigningKey, public_half
from backups.engine.storage import LocalStorage

PLACES = 20
HEADER = 30  # of a member, before its name


@dataclass(frozen=True, slots=True)
class Files:
    """Both files of an archive."""

    body: bytes
    seal: bytes

    @property
    def known(self) -> Seal:
        statement = json.loads(self.seal)
        return seal.read(self.seal, archive=statement["archive"], trusted=(statement["signer"],))


Harm = Callable[[Files, Files], Iterator[Files]]


def members(body: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(body)) as found:
        return [(one.filename, found.read(one)) for one in found.infolist()]


def packed(found: list[tuple[str, bytes]], like: Files) -> bytes:
    """A ZIP as ours are, each header and each checksum right."""
    sink = io.BytesIO()
    writer = ArchiveWriter(sink, like.known.created)
    for name, content in found:
        writer.add(name, content)
    writer.close()
    return sink.getvalue()


def cut_off(files: Files, _: Files) -> Iterator[Files]:
    for place in range(PLACES):
        yield replace(files, body=files.body[: len(files.body) * place // PLACES])


def flipped(text: bytes, position: int) -> bytes:
    changed = bytearray(text)
    changed[position] ^= 1
    return bytes(changed)


def one_bit(files: Files, _: Files) -> Iterator[Files]:
    """In the seal, the directory, and each member's header, name and content."""
    for position in range(0, len(files.seal), len(files.seal) // PLACES):
        yield replace(files, seal=flipped(files.seal, position))
    with zipfile.ZipFile(io.BytesIO(files.body)) as found:
        listed, directory = found.infolist(), found.start_dir
    end = len(files.body)
    for position in (*range(directory, end, (end - directory) // PLACES), end - 1):
        yield replace(files, body=flipped(files.body, position))
    for one in listed:
        content = one.header_offset + HEADER + len(one.filename.encode())
        middle = [content + one.file_size // 2] if one.file_size else []
        for position in (one.header_offset, content - 1, *middle):
            yield replace(files, body=flipped(files.body, position))
    yield _in_the_rows(files)


def _in_the_rows(files: Files) -> Files:
    """Last, since it stays: where a restore must come across it."""
    changed = [
        (name, flipped(content, len(content) // 2) if name.startswith("data/") else content)
        for name, content in members(files.body)
    ]
    return replace(files, body=packed(changed, files))


def _rows(found: list[tuple[str, bytes]]) -> list[int]:
    return [number for number, (name, _) in enumerate(found) if name.startswith("data/")]


def swapped(files: Files, _: Files) -> Iterator[Files]:
    """Two tables with each other's rows; two members in each other's place."""
    found = members(files.body)
    first, second = _rows(found)[:2]
    places = list(found)
    places[first], places[second] = found[second], found[first]
    yield replace(files, body=packed(places, files))
    found[first], found[second] = (found[first][0], found[second][1]), (found[second][0], found[first][1])
    yield replace(files, body=packed(found, files))


def dropped(files: Files, _: Files) -> Iterator[Files]:
    found = members(files.body)
    for left_out in range(len(found)):
        yield replace(files, body=packed(found[:left_out] + found[left_out + 1 :], files))
    first = _rows(found)[0]
    yield replace(files, body=packed(found[:first] + found[first + 1 :], files))


def duplicated(files: Files, _: Files) -> Iterator[Files]:
    found = members(files.body)
    # Last the one that a restore must come across.
    for twice in (*range(len(found)), _rows(found)[0]):
        yield replace(files, body=_packed_twice(found, twice, files))


def _packed_twice(found: list[tuple[str, bytes]], twice: int, files: Files) -> bytes:
    return packed([*found[: twice + 1], *found[twice:]], files)


def of_another(files: Files, other: Files) -> Iterator[Files]:
    """A member that is whole, ours, and of another backup."""
    found, theirs = members(files.body), dict(members(other.body))
    for number, (name, content) in enumerate(found):
        if theirs.get(name, content) != content:
            yield replace(
                files, body=packed([*found[:number], (name, theirs[name]), *found[number + 1 :]], files)
            )
    first = _rows(found)[0]
    found[first] = (found[first][0], theirs[found[first][0]])
    yield replace(files, body=packed(found, files))


def an_older_one(files: Files, other: Files) -> Iterator[Files]:
    """A good archive of ours under the name of a newer one: its body alone, its seal alone, both."""
    yield replace(files, seal=other.seal)
    yield replace(files, body=other.body)
    yield other


def by_a_stranger(files: Files, _: Files) -> Iterator[Files]:
    """Everything right, but signed by a key that nobody trusts here."""
    private = Ed25519PrivateKey.generate()
    key = SigningKey(public_half(private), private)
    text = seal.write(replace(files.known, signer=key.public), key)
    found = [(name, text if name == SEAL else content) for name, content in members(files.body)]
    yield Files(packed(found, files), text)


HARMS: Mapping[str, Harm] = {
    "cut off": cut_off,
    "one bit": one_bit,
    "members swapped": swapped,
    "a member dropped": dropped,
    "a member twice": duplicated,
    "a member of another": of_another,
    "an older one": an_older_one,
    "another signer": by_a_stranger,
}


def read(storage: LocalStorage, name: str, sidecar: str) -> Files:
    return Files((storage.root / name).read_bytes(), (storage.root / sidecar).read_bytes())


def write(storage: LocalStorage, name: str, sidecar: str, files: Files) -> None:
    (storage.root / name).write_bytes(files.body)
    (storage.root / sidecar).write_bytes(files.seal)
