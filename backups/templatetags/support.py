"""Whom to call, for pages that ask somebody to: also for those that must ask no database."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.template.context import RequestContext

from backups.models import User
from backups.support import whom_to_call

register = template.Library()


@register.simple_tag(takes_context=True)
def support_contact(context: RequestContext) -> str:
    """Only if it is known already who it is: a stranger learns no name, and no error asks who they are."""
    known = getattr(context.get("request"), "_cached_user", None)
    return whom_to_call() if isinstance(known, User) else str(settings.SUPPORT_CONTACT)


@register.simple_tag
def support_setting() -> str:
    """Where no database may be asked."""
    return str(settings.SUPPORT_CONTACT)
