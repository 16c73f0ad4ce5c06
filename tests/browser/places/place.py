"""A page with the rows that it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from backups.models import User
from qparkin_backup.buckets import Bucket
from qparkin_backup.storages import Folder
from tests.web import factories


@dataclass(frozen=True, slots=True)
class Place:
    """`make` leaves the rows and says where the page is."""

    name: str
    role: str  # superadmin, mall or nobody; half: the password was given, newcomer: and no factor is set up
    make: Callable[[User], str]
    # Those that are set up, where it is not the one folder.
    storages: tuple[Folder | Bucket, ...] = ()
    # A second factor is, to superadmins.
    demanded: bool = False


def at(route: str) -> Callable[[User], str]:
    def make(by: User) -> str:
        factories.a_good_week(by)
        return reverse(route)

    return make
