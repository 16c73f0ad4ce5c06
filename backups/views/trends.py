"""Tren: how backups grew, how long they took, and what was unlike the rest."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backups.services.connections import protected_database
from backups.trend_queries import trends
from backups.views.access import SignedInRequest, superadmin_required


@superadmin_required
@require_GET
def trend_page(request: SignedInRequest) -> HttpResponse:
    return render(request, "trends.html", {"trends": trends(protected_database())})
