"""What somebody sets for themselves."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from backups.models import Channel, User
from backups.models.user import THEMES
from backups.models.visit import Ended

from . import audit, repeats, visits


@dataclass(frozen=True, slots=True)
class Ways:
    """How somebody is called, and how the panel speaks to them."""

    name: str
    language: str
    theme: str
    time_zone: str


def set_ways(person: User, ways: Ways) -> None:
    names = ("name", "language", "theme", "time_zone")
    changed = [name for name in names if getattr(person, name) != getattr(ways, name)]
    if not changed:
        return
    for name in changed:
        setattr(person, name, getattr(ways, name))
    with transaction.atomic():
        person.save(update_fields=changed)
        _tell_in(person.language, person)
        # Back and forth as often as anybody likes: the record only grows.
        repeats.note("change_profile", actor=person, details={"what": changed})


def set_language(person: User, language: str) -> None:
    """In what the panel speaks to them, on whatever machine."""
    if language in dict(settings.LANGUAGES) and person.language != language:
        person.language = language
        User.objects.filter(pk=person.pk).update(language=language)
        _tell_in(language, person)


def set_theme(person: User, theme: str) -> None:
    if theme in dict(THEMES) and person.theme != theme:
        person.theme = theme
        User.objects.filter(pk=person.pk).update(theme=theme)


def _tell_in(language: str, person: User) -> None:
    Channel.objects.filter(person=person).update(language=language)


def change_password(person: User, password: str, *, visit: int | None, at: str = "") -> None:
    """Every other session of theirs ends: whoever else knew the old one is out."""
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        visits.end_all(person, Ended.PASSWORD, but=visit)
        audit.record("change_password", actor=person, about=person, address=at)
