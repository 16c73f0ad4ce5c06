"""People of both roles, signed in, and nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from backups.models import User
from tests.scratch import ScratchDatabase
from tests.web import factories
from tests.web.protected import protect


@pytest.fixture(autouse=True)
def _forget() -> None:
    """What was counted or remembered for one test says nothing about the next."""
    cache.clear()


@pytest.fixture
def rani(db: None) -> User:
    return factories.superadmin()


@pytest.fixture
def bima(db: None) -> User:
    return factories.mall_admin()


@pytest.fixture
def superadmin(rani: User) -> Client:
    return _signed_in(rani)


@pytest.fixture
def mall_admin(bima: User) -> Client:
    return _signed_in(bima)


def _signed_in(person: User) -> Client:
    client = Client()
    factories.sign_in(client, person)
    return client


@pytest.fixture
def protected(database: ScratchDatabase, settings: Any) -> None:
    """The database that the panel protects is there."""
    protect(database, settings)
