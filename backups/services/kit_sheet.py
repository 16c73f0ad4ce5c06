"""What stands on the printed page of a recovery kit. The panel shows it without the secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from backups.engine.encrypt import recipient_fingerprint
from backups.engine.passphrase import is_locked
from backups.engine.trust import signer_fingerprint
from qparkin_backup import storages
from qparkin_backup.buckets import Bucket

from . import held_keys, keys
from .connections import protected_database
from .qr_code import drawing
from .storages import every

LANGUAGES = ("id", "en")


@dataclass(frozen=True, slots=True)
class Half:
    """A public key, and whether the kit's own identity belongs to it."""

    fingerprint: str
    public: str
    square: SafeString
    of_the_kit: bool


@dataclass(frozen=True, slots=True)
class BucketKeys:
    name: str
    access: str
    secret: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """`identity` is the recovery key itself: in the kit's own files only, and '' wherever else."""

    made_at: datetime
    database: str
    places: tuple[str, ...]
    buckets: tuple[BucketKeys, ...]
    halves: tuple[Half, ...]
    signers: tuple[tuple[str, str], ...]  # fingerprint, and the public key
    locked: bool
    identity: str = field(repr=False)
    square: SafeString = field(repr=False)


def sheet(identity: bytes = b"") -> Sheet:
    own = held_keys.of_the_kit()
    text = _printed(identity)
    return Sheet(
        made_at=timezone.now(),
        database=protected_database(),
        places=tuple(storage.location("ARCHIVE.zip") for storage in every()),
        buckets=tuple(_bucket(place.name) for place in settings.BACKUP_STORAGES if isinstance(place, Bucket)),
        halves=tuple(_half(public, own) for public in settings.BACKUP_RECIPIENTS),
        signers=tuple((signer_fingerprint(public), public) for public in keys.trusted()),
        locked=is_locked(identity),
        identity=text,
        square=drawing(text, gettext("The recovery key as a QR code")) if text else SafeString(""),
    )


def files(identity: bytes) -> dict[str, bytes]:
    """The page in each language, by the file's name, with nothing that has to be fetched."""
    made = {}
    for language in LANGUAGES:
        with translation.override(language):
            page = render_to_string("keys/kit_file.html", {"sheet": sheet(identity), "language": language})
        made[f"kit.{language}.html"] = page.encode()
    return made


def _printed(identity: bytes) -> str:
    """The key's own line; where it is under a passphrase, the whole file."""
    text = identity.decode("ascii", "replace").strip()
    if is_locked(identity):
        return text
    return "\n".join(line for line in text.splitlines() if line and not line.startswith("#"))


def _half(public: str, own: str) -> Half:
    fingerprint = recipient_fingerprint(public)
    square = drawing(public, gettext("Public key %(key)s") % {"key": fingerprint})
    return Half(fingerprint, public, square, fingerprint == own)


def _bucket(name: str) -> BucketKeys:
    return BucketKeys(name, storages.variable(name, "ACCESS_KEY"), storages.variable(name, "SECRET_KEY"))
