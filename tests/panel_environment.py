"""The suite's own settings: fresh keys and a control database in a temp folder, nothing of the developer."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PREFIXES = (
    "QPARKIN_",
    "BACKUP_",
    "CONTROL_DATABASE",
    "DRILL_",
    "DUMP_",
    "HEARTBEAT_",
    "PROOF_",
    "WORKER",
    "QUEUE_URL",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "REQUIRE_MFA",
    "SECOND_PERSON",
)
FOLDER_VARIABLE = "QPARKIN_SUITE_FOLDER"
# The suite on another control database than SQLite: its URL.
CONTROL_VARIABLE = "QPARKIN_SUITE_CONTROL"


def prepare() -> None:
    """Point the panel's settings at a folder of this run, before Django reads them."""
    if FOLDER_VARIABLE in os.environ:
        # A worker of a parallel run: its starter has done this, and cleans up.
        return
    control = os.environ.get(CONTROL_VARIABLE, "")
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="qparkin-suite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[FOLDER_VARIABLE] = str(folder)
    os.environ["QPARKIN_ENV_FILE"] = str(_write_environment(folder, control))
    os.environ["DJANGO_SETTINGS_MODULE"] = "qparkin_backup.settings"


def _write_environment(folder: Path, control: str) -> Path:
    identity = pyrage.x25519.Identity.generate()
    recovery = pyrage.x25519.Identity.generate()
    identity_file = _secret(folder / "panel.key", str(identity).encode())
    _secret(folder / "recovery.key", str(recovery).encode())
    signing_file = _secret(folder / "signing.pem", _signing_key())
    # WhiteNoise warns of a folder that is not there, and here warnings are errors.
    (folder / "static").mkdir()
    values = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "CONTROL_DATABASE_URL": control or f"sqlite:///{folder / 'control.sqlite3'}",
        "CACHE_FOLDER": str(folder / "cache"),
        "STATIC_ROOT": str(folder / "static"),
        "BACKUP_LOCAL_ROOT": str(folder / "archives"),
        "BACKUP_RECIPIENTS": f"{identity.to_public()},{recovery.to_public()}",
        "BACKUP_IDENTITY_FILE": str(identity_file),
        "BACKUP_SIGNING_KEY_FILE": str(signing_file),
        "QPARKIN_DB_SOCKET": str(folder / "no-server-here.sock"),
        "QPARKIN_DB_DATABASE": "qparkin",
        "QPARKIN_DB_USERNAME": "nobody",
        "QPARKIN_DB_PASSWORD": secrets.token_urlsafe(12),
        "QPARKIN_INSECURE_HTTP": "1",
        "REQUIRE_MFA": "0",
    }
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    return _secret(folder / "env", text.encode())


def _signing_key() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _secret(path: Path, content: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
