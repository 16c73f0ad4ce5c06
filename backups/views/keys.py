"""Kunci: what each key is for and opens. Nothing is changed from here: whoever takes over this page, or the
web server, shall not be able to lead new backups to a key of his own. The page says what to type instead.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backups.models.key_event import PROOF_COUNTS
from backups.services import kit_sheet as sheets
from backups.services.key_overview import overview
from backups.views.access import SignedInRequest, superadmin_required


@superadmin_required
@require_GET
def key_list(request: SignedInRequest) -> HttpResponse:
    return render(request, "keys/page.html", {"keys": overview(), "proof_days": PROOF_COUNTS.days})


@superadmin_required
@require_GET
def kit_sheet(request: SignedInRequest) -> HttpResponse:
    """To print: everything but what is secret."""
    return render(request, "keys/sheet.html", {"sheet": sheets.sheet()})
