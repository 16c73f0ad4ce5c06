"""What surrounds every page: light or dark, and whether the protected database is there."""

from __future__ import annotations

from typing import TypedDict

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from backups import queries
from backups.mall_news import mall_news
from backups.models import Job, User
from backups.services.connections import look_at_protected, protected_state
from backups.services.wording import sentence_for

register = template.Library()

# The server is not there at all; other refusals, of an account say, have their own way out.
SILENT = {"server_unreachable", "connection_lost"}

# The server is there: what stands in the way is said, since starting it again would not help.
HEADINGS = {
    "sign_in_refused": gettext_lazy("The QParkIn database refused the panel's account"),
    "grant_missing": gettext_lazy("The QParkIn database refused the panel's account"),
    "server_full": gettext_lazy("The QParkIn database has no connection free"),
    "setting_missing": gettext_lazy("The panel does not know how to reach the QParkIn database"),
}

# The request is of somebody whose second factor is still to come.
BEFORE = "before_second_factor"

THEMES = ("auto", "light", "dark")
# Each theme offers the next one: one button, three states.
OFFERS = {
    "auto": ("light", "sun", gettext_lazy("Light theme")),
    "light": ("dark", "moon", gettext_lazy("Dark theme")),
    "dark": ("auto", "device-desktop", gettext_lazy("Theme of this device")),
}


class Offer(TypedDict):
    value: str
    icon: str
    words: str


def chosen_theme(request: HttpRequest | None) -> str:
    if request is None:
        return "auto"
    # Only if it is known already who it is: the page of an error must ask no database.
    own = getattr(getattr(request, "_cached_user", None), "theme", "")
    choice = own or request.COOKIES.get(settings.THEME_COOKIE_NAME, "auto")
    return choice if choice in THEMES else "auto"


@register.simple_tag(takes_context=True)
def theme(context: RequestContext) -> str:
    return chosen_theme(context.get("request"))


@register.simple_tag(takes_context=True)
def theme_shown(context: RequestContext) -> str:
    """Before the script runs, and without it, `auto` is light."""
    return "dark" if chosen_theme(context.get("request")) == "dark" else "light"


@register.simple_tag(takes_context=True)
def theme_offer(context: RequestContext) -> Offer:
    value, icon, words = OFFERS[chosen_theme(context.get("request"))]
    return {"value": value, "icon": icon, "words": str(words)}


@register.inclusion_tag("_alarm.html", takes_context=True)
def protected_alarm(context: RequestContext) -> dict[str, object]:
    user = context["request"].user
    if not isinstance(user, User) or getattr(context["request"], BEFORE, False):
        return {"problem": ""}
    # The page of a job that has just ended does not go by what was seen before it.
    state = look_at_protected() if context.get("look_again") else protected_state()
    if state.is_up:
        return {"problem": ""}
    why = sentence_for(state.error_code, state.error_params) if user.is_superadmin else ""
    offer = state.state == "missing" and not _is_restoring(context["request"])
    silent = state.error_code in SILENT
    heading = HEADINGS.get(state.error_code, gettext("The QParkIn database does not answer"))
    shown = {"problem": state.state, "user": user, "why": why, "silent": silent, "offer": offer}
    return {**shown, "heading": heading, "refused": state.is_refused}


@register.inclusion_tag("_mall_news.html", takes_context=True)
def news_for_malls(context: RequestContext) -> dict[str, object]:
    user = context["request"].user
    return {"news": mall_news() if isinstance(user, User) and user.is_mall_admin else None}


def _is_restoring(request: HttpRequest) -> bool:
    """Then the alarm's button would lead to where the person already is."""
    on_its_page = request.path.startswith(reverse("restore"))
    return on_its_page or queries.running_jobs().filter(kind=Job.Kind.RESTORE).exists()
