"""age: what is for others stays closed, what is for us opens, and Debian's age agrees."""

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
