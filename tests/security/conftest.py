"""People of both roles, and a panel whose processes are real, for whoever attacks it."""

from __future__ import annotations

from tests.small_parking import installed_once, small_parking
from tests.web.conftest import _forget, bima, mall_admin, protected, rani, superadmin

__all__ = [
    "_forget", "bima", "installed_once", "mall_admin", "protected", "rani", "small_parking", "superadmin",
]  # fmt: skip
