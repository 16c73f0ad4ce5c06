"""Saya: how the panel speaks to you, your password, where you are signed in, and what you did."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backups import people_queries
from backups.mall_queries import mall_names
from backups.models import AuditEvent, Visit
from backups.models.visit import Ended
from backups.person_forms import ChangePasswordForm, ProfileForm
from backups.services import audit, profile, sign_in, visits
from backups.services.connections import protected_database
from backups.templatetags.schedules import zone_name
from backups.views.access import SignedInRequest, address_of, signed_in
from backups.views.errors import too_often
from backups.views.preferences import YEAR
from backups.views.step_up import surely_you
from backups.views.visits import VISIT

ON_A_PAGE = 50
# Sessions are looked through by eye: more than this nobody has, and nobody reads.
MOST_SESSIONS = 50


@signed_in
@require_http_methods(["GET", "POST"])
def me(request: SignedInRequest) -> HttpResponse:
    person = request.user
    first = {name: getattr(person, name) for name in ("name", "language", "time_zone")}
    form = ProfileForm(
        request.POST or None, initial={**first, "theme": person.theme or "auto"}, panel_zone=zone_name()
    )
    if person.source:
        # At each sign-in they are called as in QParkIn.
        form.fields["name"].disabled = True
    if form.is_valid():
        profile.set_ways(person, form.ways)
        messages.success(request, _saved_in(form.ways.language))
        return _with_cookies(redirect("me"), form.ways, secure=request.is_secure())
    here = visits.open_visits().filter(person=person).order_by("-seen_at")
    shown = {
        "form": form,
        "sessions": here[:MOST_SESSIONS],
        "this": request.session.get(VISIT),
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "max_hours": settings.SESSION_MAX_HOURS,
        "second_factor": _second_factor(),
        "secured": person.pk in people_queries.with_second_factor([person]),
        "malls": mall_names(protected_database()) if person.mall_id else {},
    }
    return render(request, "me/page.html", shown, status=422 if form.is_bound else 200)


@sensitive_post_parameters()
@signed_in
@require_http_methods(["GET", "POST"])
def own_password(request: SignedInRequest) -> HttpResponse:
    person, address = request.user, address_of(request)
    if person.source:
        return render(request, "me/password_elsewhere.html")
    if request.method == "POST" and (seconds := sign_in.reserve(sign_in.inside(person))):
        return too_often(request, seconds=seconds)
    form = ChangePasswordForm(request.POST or None, person=person)
    if form.is_valid():
        profile.change_password(
            person, form.cleaned_data["password"], visit=request.session.get(VISIT), at=address
        )
        update_session_auth_hash(request, person)
        sign_in.forget_failures(sign_in.inside(person))
        sign_in.forget_failures(person.email)
        messages.success(request, _("The new password counts. Everywhere else you were signed out."))
        return redirect("me")
    if "old" in form.errors:
        refused = AuditEvent.Outcome.REFUSED
        audit.record("change_password", actor=person, about=person, outcome=refused, address=address)
    elif form.is_bound:
        # The old one was right; what is amiss is the new one.
        sign_in.give_back(sign_in.inside(person))
    return render(request, "me/password.html", {"form": form}, status=422 if form.is_bound else 200)


@signed_in
@require_POST
@surely_you
def session_end(request: SignedInRequest, visit_id: int) -> HttpResponse:
    own = Visit.objects.filter(person=request.user)
    visit = get_object_or_404(own, pk=visit_id)
    if visits.end(own.filter(pk=visit.pk), Ended.TAKEN_BACK):
        audit.record("end_session", actor=request.user, address=address_of(request))
    if visit.pk == request.session.get(VISIT):
        return redirect("home")
    messages.success(request, _("Ended. Whoever was there has to sign in again."))
    return redirect("me")


@signed_in
@require_POST
@surely_you
def sessions_end(request: SignedInRequest) -> HttpResponse:
    """All but this one: whoever presses it is here on purpose."""
    count = visits.end_all(request.user, Ended.TAKEN_BACK, but=request.session.get(VISIT))
    audit.record("end_sessions", actor=request.user, address=address_of(request), details={"count": count})
    told = ngettext("%(n)d other session was ended.", "%(n)d other sessions were ended.", count)
    messages.success(request, told % {"n": count} if count else _("You were signed in nowhere else."))
    return redirect("me")


@signed_in
@require_GET
def activity(request: SignedInRequest) -> HttpResponse:
    page = Paginator(people_queries.own_events(request.user), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "me/activity.html", {"page": page})


def _saved_in(language: str) -> str:
    with translation.override(language):
        return _("Saved. It goes with you to every device.")


def _with_cookies(answer: HttpResponse, ways: profile.Ways, *, secure: bool) -> HttpResponse:
    """The door of this machine speaks as the person does."""
    chosen = {settings.LANGUAGE_COOKIE_NAME: ways.language, settings.THEME_COOKIE_NAME: ways.theme}
    for cookie, value in chosen.items():
        answer.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=secure)
    return answer


def _second_factor() -> str:
    """Its page, where the panel has one."""
    try:
        return reverse("second-factor")
    except NoReverseMatch:
        return ""
