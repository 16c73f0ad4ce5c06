"""What is printed and locked away: with it and one archive, a fresh machine brings everything back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from backups.models import KeyEvent, User
from qparkin_backup import env, revocations, storages
from qparkin_backup.buckets import Bucket

from . import approvals, audit, folders, held_keys, keys, kit_sheet
from .acts import Act
from .connections import protected_database
from .init import KIT_SETTINGS
from .key_files import RECOVERY, SIGNERS, sync, write_once
from .refusals import OutputFailed, SettingMissing
from .storages import every

README = "README.txt"
STEPS = """\
QParkIn Backup: perangkat pemulihan / recovery kit
==================================================
Database: {database}
Cadangan disimpan di / archives are kept at:
{places}
Kunci publik / public keys the archives are encrypted for:
{recipients}

SIMPAN DI BRANKAS, JAUH DARI SERVER. Siapa pun yang memegang recovery.identity bisa membuka semua cadangan.
KEEP IT IN A SAFE, AWAY FROM THE SERVER. Whoever holds recovery.identity can open every backup.

{held}

Server hilang? / Is the server lost?
1. Siapkan Debian 12 dengan MariaDB, lalu salin ke sana: QParkIn Backup dan folder ini.
   Take a Debian 12 with MariaDB, and copy to it: QParkIn Backup and this folder.
2. Sebutkan servernya / name the server:
       export QPARKIN_DB_SOCKET=/run/mysqld/mysqld.sock QPARKIN_DB_USERNAME=root
       read -rsp 'Password: ' QPARKIN_DB_PASSWORD && export QPARKIN_DB_PASSWORD
{keys}3. Pasang panelnya; daftar cadangan dibaca dan langkah berikutnya dicetak, lalu pulihkan di browser:
   Set up the panel; it reads the list of archives and prints what comes next, then restore in the browser:
       bin/restore-from-kit THIS-FOLDER --panel
   Tanpa browser / without a browser (latest, ARCHIVE.zip):
       bin/restore-from-kit THIS-FOLDER latest --all --yes
   --all: berkas juga / the files too. --database {database}__periksa: dicoba dulu / to try it out first.
4. Tanpa QParkIn Backup pun bisa: README.txt di dalam cadangan menjelaskan caranya.
   It works without QParkIn Backup too: README.txt inside the archive says how.
"""
KEYS = """\
   dan kunci penyimpanan {name}, tidak ada di sini / and the keys of the storage {name}, not in here:
       export {access}=...
       read -rsp 'Secret key: ' {secret} && export {secret}
"""
WITH_IDENTITY = "Kunci pemulihan ada di folder ini. / The recovery identity is in this folder."
WITHOUT_IDENTITY = (
    "Kunci pemulihan TIDAK ada di sini: sudah diserahkan sebelumnya, dan panel tidak menyimpannya.\n"
    "The recovery identity is NOT here: it was handed out before, and the panel does not keep it."
)


@dataclass(frozen=True, slots=True)
class RecoveryKit:
    """`recovery_identity`: whether the key is in this kit. It is in one kit only."""

    folder: Path
    files: tuple[str, ...]
    recovery_identity: bool


def make_recovery_kit(folder: Path, *, by: User | None) -> RecoveryKit:
    """Write the kit into an empty folder; the recovery identity moves there, away from the panel's keys."""
    if not settings.BACKUP_RECIPIENTS:
        raise SettingMissing(name="BACKUP_RECIPIENTS")
    with approvals.used(Act("recovery_kit"), by=by):
        return _make(folder, by)


def _make(folder: Path, by: User | None) -> RecoveryKit:
    _empty(folder)
    identity = held_keys.waiting_recovery()
    write_once(folder / README, _steps(with_identity=identity is not None).encode())
    write_once(folder / KIT_SETTINGS, _settings().encode())
    write_once(folder / SIGNERS, "".join(f"{signer}\n" for signer in keys.trusted()).encode())
    for name, page in kit_sheet.files(identity.read_bytes() if identity else b"").items():
        write_once(folder / name, page)
    if identity:
        _move(identity, folder / RECOVERY)
    fingerprint = held_keys.of_the_kit()
    what, host = KeyEvent.What.KIT, settings.WORKER_NAME
    KeyEvent.objects.create(what=what, kind="recovery", fingerprint=fingerprint, host=host)
    told = {"recovery_identity": identity is not None, "key": fingerprint}
    audit.record("recovery_kit", actor=by, details=told)
    files = tuple(sorted(path.name for path in folder.iterdir()))
    return RecoveryKit(folder.absolute(), files, identity is not None)


def _empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise OutputFailed(path=str(folder), reason="the folder is not empty")
        folder.chmod(0o700)
    except OSError as error:
        raise OutputFailed(path=str(folder), reason=error.strerror or "no reason given") from None


def _move(identity: Path, target: Path) -> None:
    content = identity.read_bytes()
    write_once(target, content)
    # The file, and that it stands in its folder, which may be new itself.
    for path in (target, target.parent, target.parent.absolute().parent):
        sync(path)
    # Only what was read back may go: it is the last key.
    if target.read_bytes() != content:
        raise OutputFailed(path=str(target), reason="it was not written as it is")
    identity.unlink()


def _steps(*, with_identity: bool) -> str:
    return STEPS.format(
        database=protected_database(),
        places="\n".join(f"    {storage.location('ARCHIVE.zip')}" for storage in every()),
        recipients="\n".join(f"    {recipient}" for recipient in settings.BACKUP_RECIPIENTS),
        keys="".join(_keys_of(place.name) for place in settings.BACKUP_STORAGES if isinstance(place, Bucket)),
        held=WITH_IDENTITY if with_identity else WITHOUT_IDENTITY,
    )


def _keys_of(name: str) -> str:
    access, secret = storages.variable(name, "ACCESS_KEY"), storages.variable(name, "SECRET_KEY")
    return KEYS.format(name=name, access=access, secret=secret)


def _settings() -> str:
    """What a fresh machine cannot guess, and nothing that is secret: no password, no key."""
    places = settings.BACKUP_STORAGES
    known = {"QPARKIN_DB_DATABASE": protected_database(), "QPARKIN_FILES": ":".join(folders.configured())}
    # Or a fresh machine would believe the key of a thief.
    known["BACKUP_REVOKED_SIGNERS"] = revocations.written(settings.BACKUP_REVOKED_SIGNERS)
    known["BACKUP_STORAGES"] = ",".join(place.name for place in places)
    for place in places:
        known |= {storages.variable(place.name, part): value for part, value in _whereabouts(place)}
    return "".join(f"{name}={env.quote(value)}\n" for name, value in known.items() if value)


def _whereabouts(place: storages.Place) -> tuple[tuple[str, str], ...]:
    if isinstance(place, Bucket):
        parts = (("BUCKET", place.bucket), ("ENDPOINT", place.endpoint), ("REGION", place.region))
        return (*parts, ("PREFIX", place.prefix))
    # The folder that every panel has lies where the new one has it.
    return () if place.name == storages.LOCAL else (("ROOT", place.root),)
