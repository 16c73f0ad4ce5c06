"""People and their sessions in words."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext

from backups.models import User, Visit

register = template.Library()

PHONES = {"Android", "iPhone"}


@register.filter
def mall_words(mall: int | None, names: Mapping[int, str]) -> str:
    """By its name where the last drill saw it, by its number otherwise."""
    if mall is None:
        return ""
    return names.get(mall) or gettext("Mall number %(number)d") % {"number": mall}


@register.filter
def account_words(person: User) -> str:
    """By what they sign in. Whoever comes from QParkIn has no address here."""
    return gettext("account of QParkIn") if person.source else person.email


@register.filter
def device_words(visit: Visit) -> str:
    if visit.browser and visit.system:
        return gettext("%(browser)s on %(system)s") % {"browser": visit.browser, "system": visit.system}
    return visit.browser or visit.system or gettext("Unknown device")


@register.filter
def device_icon(visit: Visit) -> str:
    return "device-mobile" if visit.system in PHONES else "device-desktop"


@register.filter
def address_words(visit: Visit) -> str:
    return visit.address or gettext("address unknown")


@register.filter
def state_words(person: User) -> tuple[str, str, str]:
    if person.is_active:
        return "safe", "circle-check", gettext("Active")
    return "calm", "circle-x", gettext("Not active")


@register.filter
def role_icon(role: str) -> str:
    return "shield-check" if role == User.Role.SUPERADMIN else "user"
