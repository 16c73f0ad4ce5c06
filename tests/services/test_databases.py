"""Where the panel's own data may lie, and where never."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from qparkin_backup import databases


@pytest.mark.parametrize(
    ("url", "engine", "name"),
    [
        ("sqlite:///var/c.sqlite3", "sqlite3", "/base/var/c.sqlite3"),
        ("sqlite:////abs/c.sqlite3", "sqlite3", "/abs/c.sqlite3"),
        ("mysql://u:p%40ss@h:3307/panel", "mariadb", "panel"),
        ("postgres://u@h/panel", "postgresql", "panel"),
    ],
)
def test_control_database_urls(url: str, engine: str, name: str) -> None:
    found = databases.control_database(url, base=Path("/base"))
    assert str(found["ENGINE"]).endswith(engine)
    assert found["NAME"] == name
    assert found.get("PASSWORD", "") in ("", "p@ss")


@pytest.mark.parametrize("url", ["oracle://h/n", "mysql://h", "nonsense"])
def test_a_wrong_control_database_url_is_named(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CONTROL_DATABASE_URL"):
        databases.control_database(url, base=Path("/base"))


@pytest.mark.parametrize("name", ["qparkin", "QParkin", "qparkin__before_0123456789ab"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", ""])
def test_the_panels_data_never_lies_in_the_protected_database(name: str, host: str) -> None:
    control = databases.control_database(f"mysql://u@{host}/{name}", base=Path("/"))
    with pytest.raises(ImproperlyConfigured, match="CONTROL_DATABASE_URL"):
        databases.refuse_shared_database(control, database="qparkin", host="")
    databases.refuse_shared_database(control, database="parking", host="")


def test_the_driver_gets_numbers_and_files() -> None:
    url = "mysql://u@h/panel?connect_timeout=3&ssl_ca=%2Fetc%2Fca.pem"
    options = databases.control_database(url, base=Path("/"))["OPTIONS"]
    assert isinstance(options, dict)
    assert (options["connect_timeout"], options["ssl_ca"]) == (3, "/etc/ca.pem")
    assert options["isolation_level"] == "read committed"
