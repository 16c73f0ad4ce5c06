"""The files in which keys lie: made once, for their owner alone, never written over."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backups.engine import encrypt, passphrase
from backups.engine.seal import SigningKey, new_signing_key

from .refusals import KitEmpty, OutputFailed

PANEL, RECOVERY, SIGNING, SIGNERS = (
    "panel.identity",
    "recovery.identity",
    "signing.pem",
    "trusted-signers.txt",
)
TITLES = {
    PANEL: "the panel's identity",
    RECOVERY: "the recovery identity: keep it offline",
}
# The passphrase of an identity file by its name, '' for none. Asked for only where it is needed.
Secrets = Callable[[str, bool], str]


def no_secret(name: str, new: bool) -> str:
    del name, new
    return ""


@dataclass(frozen=True, slots=True)
class Keyring:
    recipients: tuple[str, ...]
    folder: Path
    signers: tuple[str, ...]


def make_keys(folder: Path, kit: Path | None, secret: Secrets) -> Keyring:
    """Those that are missing in `folder`; those of a recovery kit are taken over first."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    signers = _adopt(kit, folder) if kit else ()
    found = [*_recipients(folder / PANEL, secret), *_recipients(folder / RECOVERY, secret)]
    if not (folder / SIGNING).exists():
        write_once(folder / SIGNING, new_signing_key())
    own = SigningKey.load(folder / SIGNING).public
    if not (folder / SIGNERS).exists():
        write_once(folder / SIGNERS, f"{own}\n".encode())
    return Keyring(tuple(dict.fromkeys(found)), folder, tuple(signer for signer in signers if signer != own))


def _recipients(path: Path, secret: Secrets) -> list[str]:
    """Of the identities in a file, which is made where it is missing."""
    if not path.exists():
        return [new_identity(path, secret(path.name, True))]
    return recipients_in(path, lambda: secret(path.name, False))


def is_locked(path: Path) -> bool:
    return path.is_file() and passphrase.is_locked(encrypt.read_identity_file(path))


def recipients_in(path: Path, secret: Callable[[], str]) -> list[str]:
    text = encrypt.read_identity_file(path)
    given = secret() if passphrase.is_locked(text) else ""
    return [key.recipient for key in encrypt.read_identities(text, path=str(path), secret=given)]


def new_identity(path: Path, secret: str, *, older: str = "") -> str:
    """A file with a fresh identity, and those of before behind it; returns its recipient."""
    identity, recipient = encrypt.new_identity()
    title = TITLES[PANEL if path.name.startswith("panel") else RECOVERY]
    text = f"# QParkIn Backup, {title}\n# public key: {recipient}\n{identity}\n{older}".encode()
    write_once(path, passphrase.lock(text, secret) if secret else text)
    return recipient


def _adopt(kit: Path, folder: Path) -> tuple[str, ...]:
    """Take over the keys of a recovery kit; returns the signers that it trusts."""
    present = [name for name in (PANEL, RECOVERY, SIGNING) if (kit / name).is_file()]
    if not present:
        raise KitEmpty(folder=str(kit))
    for name in present:
        if not (folder / name).exists():
            write_once(folder / name, (kit / name).read_bytes())
    if PANEL not in present and RECOVERY in present and not (folder / PANEL).exists():
        # Without the old panel's key, the recovery key is what opens the archives that are there. Where that
        # is under a passphrase it stays so: whoever runs this panel gives it (BACKUP_IDENTITY_PASSPHRASE).
        write_once(folder / PANEL, (kit / RECOVERY).read_bytes())
    signers = kit / SIGNERS
    return tuple(signers.read_text(encoding="utf-8").split()) if signers.is_file() else ()


def write_once(path: Path, content: bytes) -> None:
    """For its owner alone, and on the disk when this returns: what names it may be written next."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        sync(path.parent)
    except OSError as error:
        raise OutputFailed(path=str(path), reason=error.strerror or "no reason given") from None


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def give_like(path: Path, like: Path) -> None:
    """Whoever is root may make keys for a panel that runs as another account, which has to read them."""
    if os.geteuid() == 0:
        found = like.stat()
        os.chown(path, found.st_uid, found.st_gid)
