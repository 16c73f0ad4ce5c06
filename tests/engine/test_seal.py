"""The seal: one spelling, one signer, one archive; anything else is refused by name."""

import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backups.engine.errors import FormatUnknown, KeyUnreadable, SealBroken, SignerUnknown
from backups.engine.seal import Member, Seal, SigningKey, canonical, new_signing_key, read, write


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return _key(tmp_path / "signing.pem")


def _key(path: Path) -> SigningKey:
    path.write_bytes(new_signing_key())
    return SigningKey.load(path)


@pytest.fixture
def seal(key: SigningKey) -> Seal:
    return Seal(
        format=1,
        archive="20261123T031500Z-ab12cd34",
        database="qparkin",
        sequence=7,
        previous="00" * 32,
        created=datetime(2026, 11, 23, 3, 15, tzinfo=UTC),
        purpose="manual",
        content=("database",),
        recipients=("1234567890abcdef",),
        signer=key.public,
        members=(Member("README.txt", 3, "aa" * 32), Member("manifest.json.age", 9, "bb" * 32)),
    )


def test_every_changed_byte_is_refused(seal: Seal, key: SigningKey) -> None:
    text = write(seal, key)
    for position in range(len(text)):
        changed = bytearray(text)
        changed[position] ^= 1
        with pytest.raises((SealBroken, SignerUnknown, FormatUnknown)):
            read(bytes(changed), archive=seal.archive, trusted=(key.public,))


def test_every_truncation_is_refused(seal: Seal, key: SigningKey) -> None:
    text = write(seal, key)
    for length in range(len(text)):
        with pytest.raises(SealBroken):
            read(text[:length], archive=seal.archive, trusted=(key.public,))


def test_a_foreign_signer_is_named(seal: Seal, key: SigningKey, tmp_path: Path) -> None:
    other = _key(tmp_path / "other.pem")
    text = write(replace(seal, signer=other.public), other)
    with pytest.raises(SignerUnknown):
        read(text, archive=seal.archive, trusted=(key.public,))


def test_a_signer_cannot_borrow_a_trusted_name(seal: Seal, key: SigningKey, tmp_path: Path) -> None:
    text = write(seal, _key(tmp_path / "other.pem"))
    with pytest.raises(SealBroken):
        read(text, archive=seal.archive, trusted=(key.public,))


ODD = (
    None,
    5,
    -1,
    1.5,
    True,
    [],
    {},
    [[]],
    "",
    "x",
    [{"name": 1, "size": "x", "sha256": None}],
    "\ud800",
    "\n<b>",
)


def test_whatever_somebody_puts_there_is_refused_and_nothing_else_happens(
    seal: Seal, key: SigningKey
) -> None:
    """Whoever may write to a storage must not be able to stop its listing."""
    good = json.loads(write(seal, key))
    for name in good:
        for odd in ODD:
            if odd == good[name]:
                continue
            for trusted in ((key.public,), (key.public, "x")):
                with pytest.raises((SealBroken, SignerUnknown, FormatUnknown)):
                    read(canonical({**good, name: odd}), archive=seal.archive, trusted=trusted)


def test_a_seal_nested_however_deep_is_refused(key: SigningKey) -> None:
    for depth in (*range(850, 1001), 100_000):
        for text in (b'{"a":' * depth + b"1" + b"}" * depth, b'{"a":' + b"[" * depth + b"]" * depth + b"}"):
            with pytest.raises((SealBroken, FormatUnknown)):
                read(text, archive="a", trusted=(key.public,))


@pytest.mark.parametrize("signed", [b"", b',"signature":"AAAA","signer":"%s"'])
def test_a_seal_that_swells_when_it_is_read_is_refused_before(signed: bytes, key: SigningKey) -> None:
    bomb = b'{"archive":[' + b"{}," * 3_000_000 + b"{}]" + signed.replace(b"%s", key.public.encode()) + b"}"
    tracemalloc.start()
    try:
        with pytest.raises(SealBroken):
            read(bomb, archive="a", trusted=(key.public,))
        assert tracemalloc.get_traced_memory()[1] < 3 * len(bomb)
    finally:
        tracemalloc.stop()


def test_a_large_seal_is_read_like_any_other(seal: Seal, key: SigningKey, tmp_path: Path) -> None:
    members = tuple(Member(f"data/{number:05}.age", number, "aa" * 32) for number in range(15_000))
    large = replace(seal, members=members)
    text = write(large, key)
    assert len(text) > 1_500_000
    assert read(text, archive=seal.archive, trusted=(key.public,)) == large
    other = _key(tmp_path / "other.pem")
    with pytest.raises(SignerUnknown):
        read(text, archive=seal.archive, trusted=(other.public,))
    with pytest.raises(SealBroken):
        read(text.replace(b"00007.age", b"00008.age", 1), archive=seal.archive, trusted=(key.public,))


def test_the_seal_of_another_archive_is_refused(seal: Seal, key: SigningKey) -> None:
    with pytest.raises(SealBroken, match=seal.archive):
        read(write(seal, key), archive="20261124T000000Z-ffffffff", trusted=(key.public,))


def test_another_spelling_of_the_same_statement_is_refused(seal: Seal, key: SigningKey) -> None:
    text = json.dumps(json.loads(write(seal, key)), indent=1).encode()
    with pytest.raises(SealBroken):
        read(text, archive=seal.archive, trusted=(key.public,))


def test_a_newer_format_is_told_so(seal: Seal, key: SigningKey) -> None:
    with pytest.raises(FormatUnknown):
        read(write(replace(seal, format=2), key), archive=seal.archive, trusted=(key.public,))


def test_what_was_written_is_read(seal: Seal, key: SigningKey) -> None:
    found = read(write(seal, key), archive=seal.archive, trusted=(key.public,))
    assert found == seal
    assert len(found.digest) == 64


def test_no_repr_shows_the_signing_key(key: SigningKey) -> None:
    assert "PRIVATE" not in repr(key).upper()


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nnope\n-----END PRIVATE KEY-----\n"])
def test_a_broken_key_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "signing.pem"
    path.write_bytes(content)
    with pytest.raises(KeyUnreadable, match=r"signing\.pem"):
        SigningKey.load(path)


def test_a_signature_has_one_spelling(seal: Seal, key: SigningKey) -> None:
    """The last letter before the padding says two bits and has room for six."""
    text = write(seal, key)
    at = text.index(b'==","signer"') - 1
    for letter in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/":
        other = text[:at] + bytes([letter]) + text[at + 1 :]
        if other != text:
            with pytest.raises(SealBroken):
                read(other, archive=seal.archive, trusted=(key.public,))
