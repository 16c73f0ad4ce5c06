"""Key files under a passphrase: Debian's age and ours open each other's, and nothing opens by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from backups.engine import passphrase
from backups.engine.encrypt import load_identities, new_identity
from backups.engine.errors import KeyLocked, KeyUnreadable, PassphraseWrong
from tests.at_a_terminal import answered

SECRET = "kata 'sandi' \"$HOME\" #100% é"
# Little work, so that many can be tried.
QUICK = 4


@pytest.fixture(scope="module")
def identity() -> tuple[str, str]:
    return new_identity()


def test_a_wrong_passphrase_is_one_calm_sentence_without_it(
    tmp_path: Path, identity: tuple[str, str]
) -> None:
    path = _file(tmp_path, passphrase.lock(identity[0].encode(), SECRET, work=QUICK))
    with pytest.raises(PassphraseWrong) as refused:
        load_identities(path, "keliru-sekali")
    assert "keliru" not in str(refused.value)
    assert "AGE-SECRET" not in str(refused.value)
    with pytest.raises(KeyLocked):
        load_identities(path)


@pytest.mark.parametrize("work", ["21", "30", "63", "64", "99"])
@pytest.mark.parametrize("armoured", [True, False])
def test_a_bomb_is_refused_without_being_opened(tmp_path: Path, work: str, armoured: bool) -> None:
    """Work of 2^63 would end this machine, so coming back at all is the proof."""
    bare = passphrase._bare(passphrase.lock(b"x", SECRET, work=QUICK))
    bomb = bare.replace(b" 4\n", f" {work}\n".encode(), 1)
    path = _file(tmp_path, passphrase._armoured(bomb) if armoured else bomb)
    with pytest.raises(KeyUnreadable):
        load_identities(path, SECRET)


@pytest.mark.parametrize(
    "text", [b"age-encryption.org/v1\n", b"age-encryption.org/v1\n-> X25519 a\n", b"-" * 5]
)
def test_what_is_no_key_under_a_passphrase_is_refused(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(KeyUnreadable):
        load_identities(_file(tmp_path, text), SECRET)
    with pytest.raises(KeyUnreadable):
        load_identities(_file(tmp_path, passphrase.BEGIN + b"\n" + text + b"\n" + passphrase.END), SECRET)


def test_a_file_that_grew_is_not_read_whole(tmp_path: Path) -> None:
    with pytest.raises(KeyUnreadable):
        load_identities(_file(tmp_path, b"#" * 1_000_000))


def test_every_changed_byte_and_every_truncation_is_refused(identity: tuple[str, str]) -> None:
    cipher = passphrase._bare(passphrase.lock(identity[0].encode(), SECRET, work=QUICK))
    digit = cipher.index(b" 4\n") + 1
    for position in range(len(cipher)):
        changed = bytearray(cipher)
        # Of the work itself only a smaller one: a larger one would be worked through before it is refused.
        changed[position] = ord("3") if position == digit else changed[position] ^ 1
        with pytest.raises((passphrase.NotThePassphrase, passphrase.NotLocked)):
            passphrase.unlock(bytes(changed), SECRET)
        with pytest.raises((passphrase.NotThePassphrase, passphrase.NotLocked)):
            passphrase.unlock(cipher[:position], SECRET)


@pytest.mark.parametrize("secret", [SECRET, " spaces kept ", "日本", "x" * 500])
def test_there_and_back(tmp_path: Path, identity: tuple[str, str], secret: str) -> None:
    path = _file(tmp_path, passphrase.lock(f"# mine\n{identity[0]}\n".encode(), secret, work=QUICK))
    assert [key.recipient for key in load_identities(path, secret)] == [identity[1]]
    assert b"AGE-SECRET" not in path.read_bytes()


def test_debians_age_opens_ours(tmp_path: Path, identity: tuple[str, str]) -> None:
    path = _file(tmp_path, passphrase.lock(identity[0].encode(), SECRET, work=QUICK))
    status, screen = answered(
        [_age(), "-d", "-o", str(tmp_path / "plain"), str(path)], [("passphrase", SECRET)]
    )
    assert status == 0, screen
    assert (tmp_path / "plain").read_text() == identity[0]


@pytest.mark.parametrize("letters", [["-a"], []])
def test_we_open_debians(tmp_path: Path, identity: tuple[str, str], letters: list[str]) -> None:
    plain = tmp_path / "plain"
    plain.write_text(identity[0] + "\n")
    locked = tmp_path / "locked"
    asked = [("Enter passphrase", SECRET), ("Confirm", SECRET)]
    status, screen = answered([_age(), "-p", *letters, "-o", str(locked), str(plain)], asked)
    assert status == 0, screen
    assert [key.recipient for key in load_identities(locked, SECRET)] == [identity[1]]


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "identity"
    path.write_bytes(content)
    return path


def _age() -> str:
    program = shutil.which("age")
    assert program
    return program
