"""age: what is for others stays closed, what is for us opens, and Debian's age agrees."""

import shutil
import subprocess
from pathlib import Path

import pytest

from backups.engine.encrypt import NotForUs, check_recipients, decrypt, encrypt, load_identities, new_identity
from backups.engine.errors import KeyUnreadable, RecipientInvalid


@pytest.fixture
def identity_file(tmp_path: Path) -> Path:
    identity, recipient = new_identity()
    path = tmp_path / "identity.txt"
    path.write_text(f"# created: today\n# public key: {recipient}\n{identity}\n")
    return path


def test_a_foreign_identity_opens_nothing(identity_file: Path) -> None:
    _, other = new_identity()
    with pytest.raises(NotForUs):
        decrypt(encrypt(b"rahasia", [other]), load_identities(identity_file))


def test_every_changed_byte_is_refused(identity_file: Path) -> None:
    identities = load_identities(identity_file)
    cipher = encrypt(b"rahasia", [identities[0].recipient])
    for position in range(len(cipher)):
        changed = bytearray(cipher)
        changed[position] ^= 1
        with pytest.raises(NotForUs):
            decrypt(bytes(changed), identities)


def test_every_truncation_is_refused(identity_file: Path) -> None:
    identities = load_identities(identity_file)
    cipher = encrypt(b"rahasia", [identities[0].recipient])
    for length in range(len(cipher)):
        with pytest.raises(NotForUs):
            decrypt(cipher[:length], identities)


@pytest.mark.parametrize("recipients", [[], ["bukan-kunci"], ["age1qqqq"]])
def test_what_is_no_recipient_is_refused(recipients: list[str]) -> None:
    with pytest.raises(RecipientInvalid):
        check_recipients(recipients)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "AGE-SECRET-KEY-1QQQ\n", "\x00"])
def test_a_broken_identity_file_is_named_without_its_content(tmp_path: Path, text: str) -> None:
    path = tmp_path / "identity.txt"
    path.write_text(text)
    with pytest.raises(KeyUnreadable) as refused:
        load_identities(path)
    assert "AGE-SECRET" not in str(refused.value)


def test_no_repr_shows_an_identity(identity_file: Path) -> None:
    assert "SECRET" not in repr(load_identities(identity_file)).upper()


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537])
def test_debians_age_opens_what_we_encrypt(identity_file: Path, size: int) -> None:
    plain = bytes(range(256)) * (size // 256) + bytes(size % 256)
    cipher = encrypt(plain, [load_identities(identity_file)[0].recipient, new_identity()[1]])
    command = [_age(), "-d", "-i", str(identity_file)]
    assert subprocess.run(command, input=cipher, capture_output=True, check=True).stdout == plain


def test_we_open_what_debians_age_encrypts(identity_file: Path) -> None:
    identities = load_identities(identity_file)
    command = [_age(), "-r", identities[0].recipient]
    cipher = subprocess.run(command, input=b"kunci", capture_output=True, check=True).stdout
    assert decrypt(cipher, identities) == b"kunci"


def _age() -> str:
    program = shutil.which("age")
    assert program
    return program
