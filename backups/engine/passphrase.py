"""A key file under a passphrase, as age has it (scrypt): what `age -p -a` writes, and what it reads."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INTRO = b"age-encryption.org/v1\n"
BEGIN, END = b"-----BEGIN AGE ENCRYPTED FILE-----", b"-----END AGE ENCRYPTED FILE-----"
LETTER = rb"[A-Za-z0-9+/]"
HEADER = re.compile(
    rb"(age-encryption\.org/v1\n-> scrypt (%b{22}) ([1-9][0-9]?)\n(%b{43})\n---) (%b{43})\n"
    % (LETTER, LETTER, LETTER)
)
# As age itself: about a second and 256 MiB. The library would choose by how busy the machine is just then.
WORK = 18
# A gibibyte and a few seconds. A file that asks for more is a bomb, whoever made it.
MOST_WORK = 20
LONGEST_LINE = 64
# One piece of age's stream; a file of keys is far smaller.
MOST_BYTES = 64 * 1024
LABEL = b"age-encryption.org/v1/scrypt"
LAST_PIECE = b"\0" * 11 + b"\1"


class NotThePassphrase(ValueError):
    """It opens with another one, or was changed."""


class NotLocked(ValueError):
    """It is no file under a passphrase, or one that would take too much work to open."""


def is_locked(text: bytes) -> bool:
    return text.startswith((INTRO, BEGIN))


def lock(plain: bytes, passphrase: str, *, work: int = WORK) -> bytes:
    """`plain` under a passphrase, in letters that can be printed and typed."""
    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    wrapped = ChaCha20Poly1305(_stretched(passphrase, salt, work)).encrypt(b"\0" * 12, file_key, None)
    header = INTRO + b"-> scrypt %s %d\n%s\n---" % (_letters(salt), work, _letters(wrapped))
    mac = _mac(file_key, header)
    sealed = ChaCha20Poly1305(_derived(file_key, nonce, b"payload")).encrypt(LAST_PIECE, plain, None)
    return _armoured(header + b" " + _letters(mac) + b"\n" + nonce + sealed)


def unlock(text: bytes, passphrase: str) -> bytes:
    """The inverse of `lock`, also of what age wrote, with letters or without."""
    cipher = _bare(text)
    found = HEADER.match(cipher)
    if found is None or int(found[3]) > MOST_WORK:
        raise NotLocked
    header, salt, work, wrapped, mac = found.groups()
    payload = cipher[found.end() :]
    try:
        # Not by the library: on a busy machine it takes the work for too much, and refuses our own keys.
        stretched = _stretched(passphrase, _content(salt), int(work))
        file_key = ChaCha20Poly1305(stretched).decrypt(b"\0" * 12, _content(wrapped), None)
        # By the letters, which have one spelling.
        if not hmac.compare_digest(_letters(_mac(file_key, header)), mac):
            raise NotThePassphrase
        opened = ChaCha20Poly1305(_derived(file_key, payload[:16], b"payload"))
        return opened.decrypt(LAST_PIECE, payload[16:], None)
    except InvalidTag:
        raise NotThePassphrase from None


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), header, "sha256")


def _stretched(passphrase: str, salt: bytes, work: int) -> bytes:
    memory = 128 * 8 * 2**work
    return hashlib.scrypt(
        passphrase.encode(), salt=LABEL + salt, n=2**work, r=8, p=1, maxmem=memory + 2**24, dklen=32
    )


def _derived(file_key: bytes, salt: bytes, what: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=what).derive(file_key)


def _letters(content: bytes) -> bytes:
    return base64.b64encode(content).rstrip(b"=")


def _content(letters: bytes) -> bytes:
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


def _armoured(cipher: bytes) -> bytes:
    letters = base64.b64encode(cipher)
    lines = [letters[at : at + LONGEST_LINE] for at in range(0, len(letters), LONGEST_LINE)]
    return b"\n".join([BEGIN, *lines, END]) + b"\n"


def _bare(text: bytes) -> bytes:
    if not text.startswith(BEGIN):
        return text
    body = b"".join(text.split()).removeprefix(b"".join(BEGIN.split())).removesuffix(b"".join(END.split()))
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        raise NotLocked from None
