"""The menu: what there is, in which order and for whom. A new page adds its line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from django import template
from django.http import HttpRequest
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

register = template.Library()


@dataclass(frozen=True, slots=True)
class Entry:
    route: str
    name: Promise
    icon: str
    # Mall admins see it too.
    for_all: bool = False
    # Other addresses that belong to it.
    also: str = ""


MENU: tuple[tuple[Promise | str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("home", gettext_lazy("Home"), "home", for_all=True),
            Entry("archives", gettext_lazy("Archives"), "archive", for_all=True, also="/trends/"),
            Entry("activity", gettext_lazy("Activity"), "activity", for_all=True, also="/jobs/"),
            Entry("restore", gettext_lazy("Restore"), "history"),
        ),
    ),
    (
        gettext_lazy("Configuration"),
        (
            Entry("schedules", gettext_lazy("Schedules"), "calendar-time"),
            Entry("retention", gettext_lazy("Retention"), "hourglass"),
            Entry("storages", gettext_lazy("Storages"), "server-2"),
            Entry("notices", gettext_lazy("Notices"), "bell"),
        ),
    ),
    (
        gettext_lazy("Security"),
        (
            Entry("incidents", gettext_lazy("Incidents"), "urgent"),
            Entry("keys", gettext_lazy("Keys"), "key"),
            Entry("approvals", gettext_lazy("Approvals"), "clipboard-check"),
            Entry("people", gettext_lazy("Users"), "users"),
            Entry("audit", gettext_lazy("Audit trail"), "list-details"),
            Entry("system", gettext_lazy("System"), "heartbeat"),
        ),
    ),
)


class Place(TypedDict):
    url: str
    name: str
    icon: str
    current: bool


class Group(TypedDict):
    name: str
    places: list[Place]


@register.simple_tag(takes_context=True)
def menu(context: RequestContext) -> list[Group]:
    request: HttpRequest = context["request"]
    sees_all = getattr(request.user, "is_superadmin", False)
    groups = [
        Group(name=str(name), places=[_place(request, it) for it in entries if sees_all or it.for_all])
        for name, entries in MENU
    ]
    return [group for group in groups if group["places"]]


def _place(request: HttpRequest, entry: Entry) -> Place:
    url = reverse(entry.route)
    below = entry.route != "home" and request.path.startswith(url)
    current = request.path == url or below or bool(entry.also and request.path.startswith(entry.also))
    return {"url": url, "name": str(entry.name), "icon": entry.icon, "current": current}
