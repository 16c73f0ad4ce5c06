"""A storage in a bucket of S3, as the environment describes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from . import addresses
from .env import Environment

SUFFIXES = (
    "ENDPOINT", "REGION", "PREFIX", "ACCESS_KEY", "SECRET_KEY", "RETAIN_DAYS", "RETAIN_MODE",
)  # fmt: skip
GOVERNANCE, COMPLIANCE = "governance", "compliance"
# Ten years: a wrong digit here could not be taken back.
MOST_DAYS = 3660
# Of AWS: one name of a bucket is one place, however its endpoint is written.
AWS = ".amazonaws.com"

Variable = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Without an endpoint, AWS; without keys, those that the machine itself has there."""

    name: str
    bucket: str
    endpoint: str = ""
    region: str = ""
    prefix: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    # For how long the bucket itself is to refuse any deletion; 0: not.
    retain_days: int = 0
    retain_mode: str = GOVERNANCE

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it is, however it is written: with a port or without, with TLS or without."""
        host = (urlsplit(self.endpoint).hostname or "").rstrip(".")
        if host.endswith(AWS):
            host = ""
        port = urlsplit(self.endpoint).port if host else None
        return f"{host}:{port}" if port not in (None, 80, 443) else host, self.bucket, self.prefix


def configured(env: Environment, name: str, bucket: str, *, variable: Variable) -> Bucket:
    made = Bucket(
        name=name,
        bucket=bucket,
        endpoint=env.text(variable("ENDPOINT"), "").rstrip("/"),
        region=env.text(variable("REGION"), ""),
        prefix=_prefix(env, variable),
        access_key=env.text(variable("ACCESS_KEY"), ""),
        secret_key=env.text(variable("SECRET_KEY"), ""),
        retain_days=env.limit(variable("RETAIN_DAYS"), 0, most=MOST_DAYS),
        retain_mode=env.text(variable("RETAIN_MODE"), GOVERNANCE).lower(),
    )
    if bool(made.access_key) != bool(made.secret_key):
        missing = variable("SECRET_KEY" if made.access_key else "ACCESS_KEY")
        raise ImproperlyConfigured(
            f"{missing} is not set, but its other half is; set both, or neither where the machine has a role."
        )
    if made.retain_mode not in (GOVERNANCE, COMPLIANCE):
        raise ImproperlyConfigured(f"{variable('RETAIN_MODE')} is neither governance nor compliance.")
    if made.endpoint:
        _refuse_endpoint(made.endpoint, variable("ENDPOINT"))
    return made


def _prefix(env: Environment, variable: Variable) -> str:
    text = env.text(variable("PREFIX"), "").strip("/")
    if any(part in ("", ".", "..") for part in text.split("/")) and text:
        raise ImproperlyConfigured(f"{variable('PREFIX')} is not a prefix; write e.g. qparkin/backups.")
    return f"{text}/" if text else ""


def _refuse_endpoint(endpoint: str, name: str) -> None:
    """The value is not repeated: an address may hold a password."""
    try:
        parts = urlsplit(endpoint)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not an address; write e.g. https://s3.example.id") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ImproperlyConfigured(f"{name} is not an address; write e.g. https://s3.example.id")
    if parts.username or parts.password or parts.query or parts.fragment or parts.path:
        raise ImproperlyConfigured(
            f"{name} holds more than https://host:port; bucket, prefix and keys have variables of their own."
        )
    if addresses.is_forbidden(host):
        raise ImproperlyConfigured(
            f"{name} is an address of this machine's own cloud (link-local or metadata), never of a storage."
        )
