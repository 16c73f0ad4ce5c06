"""Beranda: one sentence that reassures or worries, and the next step."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from backups import checklist, days, queries
from backups.mall_queries import mall_home
from backups.services import incidents, storage_overview
from backups.services.connections import protected_database, protected_state
from backups.services.status import home_state
from backups.support import whom_to_call
from backups.views.access import SignedInRequest, signed_in
from backups.views.verdict import verdict


@signed_in
@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    protected, database = protected_state(), protected_database()
    state = home_state()
    newest, proof = queries.last_good_archive(database), queries.last_proven(database)
    shown: dict[str, object] = {
        "verdict": verdict(state, user=request.user, protected=protected),
        "protected": protected,
        "status": mall_home(request.user, database, state, (newest, proof)),
        "days": days.last_days(database),
    }
    if request.user.is_superadmin:
        restore = queries.active_restore(database)
        shown["newest"], shown["proof"] = newest, proof
        shown["incidents"] = incidents.clocks(list(incidents.open_ones()))
        shown["storages"] = storage_overview.every(timezone.now())
        shown["steps"] = checklist.steps(database)
        shown["drilling"] = queries.drilling()
        shown["running"] = queries.running_jobs()
        shown["recent"] = queries.recent_archives(database)
        undoable = restore and restore.can_undo and not queries.nothing_was_there(restore)
        shown["undoable"] = restore if undoable else None
    else:
        shown["call"] = whom_to_call()
    return render(request, "home.html", shown)
