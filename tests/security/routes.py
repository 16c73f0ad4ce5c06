"""Every address with the id of everything that there is: as somebody asks who has read the source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from django.apps import apps
from django.core.exceptions import FieldError
from django.db.models import Model
from django.urls import URLPattern

from backups.urls import urlpatterns

ARGUMENT = re.compile(r"<(\w+):(\w+)>")
# What is no id of a row: names that the settings or the source give.
KNOWN = {"storage": ("local",), "name": ("local",), "kind": ("mail", "webhook"), "key": ("none",)}
EACH = 1


def addresses() -> Iterator[tuple[str, str]]:
    """The name of each route, and each path that it has now."""
    for route in urlpatterns:
        assert isinstance(route, URLPattern)
        told = str(route.pattern)
        names = [name for _, name in ARGUMENT.findall(told)]
        for values in product(*map(_values, names)):
            path = told
            for value in values:
                path = ARGUMENT.sub(str(value), path, count=1)
            yield str(route.name), f"/{path}"


def _values(argument: str) -> tuple[object, ...]:
    if argument in KNOWN:
        return KNOWN[argument]
    model = _model(argument.removesuffix("_id"))
    if model is None:
        return ("none",)
    return tuple(model._base_manager.order_by("-pk").values_list("pk", flat=True)[:EACH]) or ("none",)


def _model(name: str) -> type[Model] | None:
    try:
        return apps.get_model("backups", name.replace("_", ""))
    except (LookupError, FieldError):
        return None
