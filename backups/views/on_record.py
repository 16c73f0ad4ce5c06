"""Whatever a request leaves in the record says where it came from; that it was refused is left there too."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from backups.services import audit_origin
from backups.views.access import address_of
from backups.views.denials import note_denied


class OnRecordMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit_origin.coming_from(address_of(request)):
            answer = self.get_response(request)
            note_denied(request, answer)
            return answer
