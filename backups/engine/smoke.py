"""Does the application answer? One look at one address, as a visitor would."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE_SECONDS = 10.0
BROKEN = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """The status, or why there is none: `unreachable`, `slow`, `certificate` or `not_an_address`."""

    status: int | None
    why: str = ""

    @property
    def well(self) -> bool:
        return self.status is not None and self.status < BROKEN


def look(url: str, *, seconds: float = PATIENCE_SECONDS) -> Answered:
    """GET, without following anybody anywhere: a redirect to a sign-in page is an answer too."""
    try:
        connection, path = _call(url, seconds)
    except ValueError:
        return Answered(None, "not_an_address")
    try:
        connection.request("GET", path, headers={"User-Agent": "QParkIn Backup", "Accept": "text/html,*/*"})
        return Answered(connection.getresponse().status)
    except UnicodeError:
        # A letter that an address has to spell otherwise.
        return Answered(None, "not_an_address")
    except TimeoutError:
        return Answered(None, "slow")
    except ssl.SSLError:
        return Answered(None, "certificate")
    except (OSError, http.client.HTTPException):
        return Answered(None, "unreachable")
    finally:
        connection.close()


def _call(url: str, seconds: float) -> tuple[http.client.HTTPConnection, str]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return kind(parts.hostname, parts.port, timeout=seconds), path
