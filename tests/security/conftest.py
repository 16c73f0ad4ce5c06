"""People of both roles, and a panel whose processes are real, for whoever attacks it."""

from __future__ import annotations

from tests.services.conftest import archives_in, parking
from tests.small_parking import installed_once, small_parking
from tests.web.conftest import _forget, bima, mall_admin, protected, rani, superadmin

__all__ = [
    "_forget",
    "archives_in",
    "bima",
    "installed_once",
    "mall_admin",
    "parking",
    "protected",
    "rani",
    "small_parking",
    "superadmin",
]
