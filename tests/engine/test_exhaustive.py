"""Every single-byte change, every truncation and every order of members of a small archive is refused.

All of them, not some: each byte of each part is given each other value that a byte can have.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backups.engine import encrypt, pipeline, seal
from backups.engine.archive import SEAL, ArchiveWriter, check, read_seal
from backups.engine.errors import BackupError
from backups.engine.pipeline import Keys, Source
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.seal import Member, Seal, SigningKey, new_signing_key
from backups.engine.storage import LocalStorage
from backups.engine.stream import Silent

CREATED = datetime(2026, 11, 23, 3, 15, 42, tzinfo=UTC)
ARCHIVE = "20261123T031542Z-ab12cd34"
NAME = f"qparkin-{ARCHIVE}.zip"
KEY = SigningKey.read(new_signing_key(), path="")
PAIRS = [encrypt.new_identity() for _ in range(3)]
IDENTITY, RECIPIENT = PAIRS[0]
EACH = [encrypt.read_identities(identity.encode(), path="x") for identity, _ in PAIRS]
IDENTITIES = EACH[0]
PIECE = 65536
SIZES = sorted({0, 1, 2, *(times * PIECE + by for times in (1, 2, 3) for by in (-1, 0, 1))})
EVERY_VALUE = range(1, 256)
Identities = tuple[encrypt.Identity, ...]
# One bit of each byte: for each run of the suite. All of them for the long one.
DEGREES = [
    pytest.param((1,), id="one"),
    pytest.param(EVERY_VALUE, id="all", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
]


def changed(text: bytes, by: range | tuple[int, ...]) -> Iterator[bytes]:
    whole = bytearray(text)
    for position in range(len(text)):
        for value in by:
            whole[position] ^= value
            yield bytes(whole)
            whole[position] ^= value


def refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except (encrypt.NotForUs, BackupError):
        return True
    return False


def opens(cipher: bytes, identities: Identities = IDENTITIES) -> bool:
    return not refused(lambda: encrypt.decrypt(cipher, identities))


# --- age --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", DEGREES)
def test_every_changed_byte_of_an_age_file_is_refused(by: range | tuple[int, ...]) -> None:
    cipher = encrypt.encrypt(b"rahasia", [RECIPIENT])
    for other in changed(cipher, by):
        assert not opens(other), other


@pytest.mark.parametrize("by", DEGREES)
def test_every_changed_byte_of_one_for_several_is_refused_by_each(by: range | tuple[int, ...]) -> None:
    """What belongs to another's stanza is under the same seal of the header."""
    cipher = encrypt.encrypt(b"rahasia", [recipient for _, recipient in PAIRS])
    assert all(opens(cipher, identities) for identities in EACH)
    for other in changed(cipher, by):
        assert not any(opens(other, identities) for identities in EACH), other


def test_every_truncation_and_every_byte_behind_is_refused() -> None:
    for to in ([RECIPIENT], [recipient for _, recipient in PAIRS]):
        cipher = encrypt.encrypt(b"rahasia", to)
        for length in range(len(cipher)):
            assert not opens(cipher[:length]), length
        for more in range(256):
            assert not opens(cipher + bytes([more])), more


def test_stanzas_in_another_order_twice_or_left_out_are_refused_by_each() -> None:
    """Whoever takes a recipient out, or puts one in again, has no key for the seal of the header."""
    cipher = encrypt.encrypt(b"rahasia", [recipient for _, recipient in PAIRS])
    begin, end = cipher.index(b"-> "), cipher.index(b"--- ")
    stanzas = [b"-> " + part for part in cipher[begin:end].split(b"-> ")[1:]]
    # A grease stanza may stand among them.
    right = tuple(range(len(stanzas)))
    assert len(right) >= len(PAIRS)
    orders = [o for count in range(len(right) + 1) for o in itertools.product(right, repeat=count)]
    for order in (*orders, *((*right, again) for again in right)):
        text = cipher[:begin] + b"".join(stanzas[number] for number in order) + cipher[end:]
        assert [opens(text, identities) for identities in EACH] == [order == right] * len(EACH), order


def test_pieces_in_another_order_twice_or_left_out_are_refused() -> None:
    """The stream numbers its pieces, and says which is the last one."""
    cipher = encrypt.encrypt(bytes(3 * PIECE), [RECIPIENT])
    start = len(cipher) - 3 * (PIECE + 16)
    head, pieces = cipher[:start], [cipher[start + n * (PIECE + 16) :][: PIECE + 16] for n in range(3)]
    orders = [order for count in (1, 2, 3, 4) for order in itertools.product(range(3), repeat=count)]
    for order in orders:
        text = head + b"".join(pieces[number] for number in order)
        assert opens(text) is (order == (0, 1, 2)), order


@pytest.mark.parametrize("size", SIZES)
def test_debians_age_and_ours_open_each_others_at_every_border(tmp_path: Path, size: int) -> None:
    """For three, each of whom opens it."""
    plain = (bytes(range(251)) * (size // 251 + 1))[:size]
    ours = encrypt.encrypt(plain, [recipient for _, recipient in PAIRS])
    (tmp_path / "ours.age").write_bytes(ours)
    to = [word for _, recipient in PAIRS for word in ("-r", recipient)]
    theirs = subprocess.run([_age(), *to], input=plain, capture_output=True, check=True).stdout
    for number, (identity, _) in enumerate(PAIRS):
        file = tmp_path / f"{number}.identity"
        file.write_text(identity)
        opened = subprocess.run(
            [_age(), "-d", "-i", str(file), str(tmp_path / "ours.age")], capture_output=True, check=True
        )
        assert opened.stdout == plain
        assert encrypt.decrypt(theirs, encrypt.load_identities(file)) == plain


# --- seal and archive -------------------------------------------------------------------------------


def members() -> dict[str, bytes]:
    plain = {"README.txt.age": b"baca", "data/0001-user/000001.age": b"1\tRani\n", "schema.age": b"x"}
    return {name: encrypt.encrypt(text, [RECIPIENT]) for name, text in plain.items()} | {"empty": b""}


def sealed(inside: dict[str, bytes]) -> bytes:
    told = tuple(Member(name, len(text), hashlib.sha256(text).hexdigest()) for name, text in inside.items())
    statement = Seal(
        format=seal.FORMAT, archive=ARCHIVE, database="qparkin", sequence=7, previous="", created=CREATED,
        purpose="manual", content=("database",), signer=KEY.public, members=told,
        recipients=(encrypt.recipient_fingerprint(RECIPIENT),),
    )  # fmt: skip
    return seal.write(statement, KEY)


def archived(inside: dict[str, bytes], signed: bytes, path: Path) -> bytes:
    with path.open("wb") as file:
        writer = ArchiveWriter(file, CREATED)
        for name, text in (*inside.items(), (SEAL, signed)):
            writer.add(name, text)
        writer.close()
    return path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "archives"
    made.mkdir()
    return made


@pytest.fixture
def verified(folder: Path) -> Callable[[], object]:
    source = Source(
        LocalStorage(folder, name="local"), NAME, ARCHIVE, Keys(trusted=(KEY.public,), identities=IDENTITIES)
    )
    return lambda: pipeline.verify(source, deep=False, progress=Silent())


def holds(text: bytes) -> bool:
    return not refused(lambda: seal.read(text, archive=ARCHIVE, trusted=(KEY.public,)))


@pytest.mark.parametrize("by", DEGREES)
def test_every_changed_byte_of_a_seal_is_refused(by: range | tuple[int, ...]) -> None:
    text = sealed({"README.txt": b"x"})
    for other in changed(text, by):
        assert not holds(other), other


def test_every_changed_byte_of_an_archive_is_refused(folder: Path, verified: Callable[[], object]) -> None:
    """As it lies at a storage: headers, members, directory, seal."""
    inside = members()
    signed = sealed(inside)
    whole = archived(inside, signed, folder / NAME)
    (folder / f"{NAME}{SIDECAR}").write_bytes(signed)
    verified()
    with (folder / NAME).open("r+b", buffering=0) as file:
        for position, byte in enumerate(whole):
            file.seek(position)
            file.write(bytes([byte ^ 1]))
            assert refused(verified), position
            file.seek(position)
            file.write(bytes([byte]))
    verified()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_byte_of_an_archive_changed_to_every_other_value_is_refused(folder: Path) -> None:
    """By the same steps, in memory: six hundred thousand archives of which each is wrong in one byte."""
    inside = members()
    whole = archived(inside, sealed(inside), folder / NAME)
    _walk(whole)
    for number, other in enumerate(changed(whole, EVERY_VALUE)):
        assert refused(lambda other=other: _walk(other)), divmod(number, 255)  # type: ignore[misc]


def _walk(text: bytes) -> None:
    file = io.BytesIO(text)
    signed = read_seal(file, archive=ARCHIVE)
    found = seal.read(signed, archive=ARCHIVE, trusted=(KEY.public,))
    told = tuple((member.name, member.size, member.sha256) for member in found.members)
    check(file, archive=ARCHIVE, created=found.created, members=told, seal=signed, on_member=lambda *_: None)


def test_every_truncation_of_an_archive_and_of_its_seal_is_refused(
    folder: Path, verified: Callable[[], object]
) -> None:
    inside = members()
    signed = sealed(inside)
    whole = archived(inside, signed, folder / NAME)
    beside = folder / f"{NAME}{SIDECAR}"
    for length in range(len(signed)):
        beside.write_bytes(signed[:length])
        assert refused(verified), length
    beside.write_bytes(signed)
    verified()
    for length in range(len(whole) - 1, -1, -1):
        with (folder / NAME).open("r+b") as file:
            file.truncate(length)
        assert refused(verified), length


def test_members_in_every_other_order_left_out_or_twice_are_refused(
    folder: Path, verified: Callable[[], object]
) -> None:
    """The ZIP is whole each time, made by our own writer: only the seal can tell."""
    inside = members()
    signed = sealed(inside)
    (folder / f"{NAME}{SIDECAR}").write_bytes(signed)
    right = tuple(inside)
    orders = [order for count in range(len(right) + 1) for order in itertools.permutations(right, count)]
    assert len(orders) == 65
    for order in orders:
        archived({name: inside[name] for name in order}, signed, folder / NAME)
        assert refused(verified) is (order != right), order
    for one, other in itertools.permutations(right, 2):
        archived(inside | {one: inside[other]}, signed, folder / NAME)
        assert refused(verified), (one, other)
    for name in right:
        archived(inside | {f"{name}.again": inside[name]}, signed, folder / NAME)
        assert refused(verified), name


def test_a_seal_of_another_order_is_another_seal(folder: Path, verified: Callable[[], object]) -> None:
    """Swapped in the file and in a seal that nobody signed."""
    inside = members()
    swapped = dict(reversed(inside.items()))
    signed = sealed(inside)
    archived(swapped, signed, folder / NAME)
    text = signed.replace(b'"sequence":7', b'"sequence":8')
    (folder / f"{NAME}{SIDECAR}").write_bytes(text)
    assert refused(verified)


def _age() -> str:
    program = shutil.which("age")
    assert program
    return program
