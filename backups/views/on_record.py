"""Whatever a request leaves in the record says where it came from."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from backups.services import audit_origin
from backups.views.access import address_of


class OnRecordMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit_origin.coming_from(address_of(request)):
            return self.get_response(request)
