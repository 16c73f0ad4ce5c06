"""A signing key that was stolen: what it sealed before holds, what it seals after is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backups.engine.errors import SignerRevoked
from backups.engine.seal import Member, Seal, SigningKey, new_signing_key, read, write
from backups.engine.trust import Revocation, Signers

STOLEN = datetime(2026, 11, 20, 8, tzinfo=UTC)
KEY = SigningKey.read(new_signing_key(), path="")
OTHER = SigningKey.read(new_signing_key(), path="")
SEAL = Seal(
    format=1, archive="a", database="qparkin", sequence=7, previous="", created=STOLEN, purpose="manual",
    content=("database",), recipients=(), signer=KEY.public, members=(Member("README.txt", 3, "aa" * 32),),
)  # fmt: skip


def sealed(key: SigningKey = KEY, after: timedelta = timedelta(0)) -> bytes:
    return write(replace(SEAL, created=STOLEN + after, signer=key.public), key)


def seen(text: bytes, known: frozenset[str] | None = None) -> Seal:
    trusted = Signers((OTHER.public, KEY.public), (Revocation(KEY.public, STOLEN, known),))
    return read(text, archive="a", trusted=trusted)


@pytest.mark.parametrize("after", [timedelta(0), timedelta(microseconds=1), timedelta(days=300)])
def test_from_that_moment_on_it_is_refused_by_name(after: timedelta) -> None:
    with pytest.raises(SignerRevoked) as refused:
        seen(sealed(after=after))
    assert "2026-11-20T08:00" in str(refused.value)


def test_what_was_sealed_before_holds_where_nobody_remembers_more() -> None:
    assert seen(sealed(after=-timedelta(microseconds=1))).archive == "a"


def test_an_older_date_alone_does_not_help_where_the_index_reaches_back() -> None:
    """Whoever has the key writes any date."""
    text = sealed(after=-timedelta(days=1))
    with pytest.raises(SignerRevoked):
        seen(text, frozenset())
    digest = read(text, archive="a", trusted=(KEY.public,)).digest
    assert seen(text, frozenset({digest})).digest == digest


def test_other_signers_are_not_touched(tmp_path: Path) -> None:
    assert seen(sealed(OTHER, timedelta(days=3)), frozenset()).signer == OTHER.public


def test_what_has_no_date_is_believed_of_no_revoked_key() -> None:
    trusted = Signers((OTHER.public, KEY.public), (Revocation(KEY.public, STOLEN),))
    assert trusted.of_now() == (OTHER.public,)
    assert set(trusted) == {OTHER.public, KEY.public}
    assert len(trusted) == 2
