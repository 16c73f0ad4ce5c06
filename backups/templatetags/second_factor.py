"""What the pages about signing in must know of the panel itself."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.template.context import RequestContext

from backups.services.second_factor import passkeys

register = template.Library()


@register.simple_tag(takes_context=True)
def passkeys_possible(context: RequestContext) -> bool:
    return passkeys.is_possible(context["request"].get_host())


@register.simple_tag
def second_factor_is_off() -> bool:
    return not settings.REQUIRE_MFA


@register.filter
def as_json(told: Any) -> str:
    """For an attribute; the template escapes it."""
    return json.dumps(told, cls=DjangoJSONEncoder)


@register.filter
def as_text_file(codes: list[str]) -> str:
    """A link that the browser saves: no second request has to hold the codes."""
    return "data:text/plain;charset=utf-8," + quote("\n".join(codes))
