"""The door for whoever was invited: a link that works once."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from backups.models import Invitation, User
from backups.person_forms import ChosenPasswordForm, WelcomeForm
from backups.services import invitations, sign_in
from backups.services.people_refusals import InvitationVoid
from backups.views import entering
from backups.views.access import address_of
from backups.views.errors import too_often

OPENED = "invitation"


@never_cache
@require_GET
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Looked at only: a mail program that tries links out must not use this one up.

    The secret leaves the address at once, before anything else could note it down.
    """
    if seconds := sign_in.reserve(*_who(request)):
        return too_often(request, seconds=seconds)
    found = invitations.find(token)
    if found is None:
        return _void(request)
    sign_in.give_back(*_who(request))
    request.session[OPENED] = found.token_digest
    return redirect("invitation")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    found = invitations.find_followed(request.session.get(OPENED, ""))
    if found is None:
        return _void(request)
    if request.user.is_authenticated:
        return render(request, "people/somebody_else.html", {"invitation": found})
    with translation.override(_language(request, found)):
        return _chosen(request, found)


def _chosen(request: HttpRequest, found: Invitation) -> HttpResponse:
    form = _form(request, found)
    if form.is_valid():
        told = form.cleaned_data
        try:
            person = invitations.accept(
                found, name=told.get("name", "").strip(), password=told["password"], at=address_of(request)
            )
        except InvitationVoid:
            return _void(request)
        del request.session[OPENED]
        return _back_to_the_door(request) if found.person else _let_in(request, person)
    shown = {"form": form, "invitation": found}
    return render(request, "people/accept.html", shown, status=422 if form.is_bound else 200)


def _form(request: HttpRequest, found: Invitation) -> ChosenPasswordForm:
    if found.person:
        return ChosenPasswordForm(request.POST or None, person=found.person)
    newcomer = User(email=found.email, name=request.POST.get("name", found.name)[:150])
    return WelcomeForm(request.POST or None, person=newcomer, initial={"name": found.name})


def _let_in(request: HttpRequest, person: User) -> HttpResponse:
    """Whoever must have a second factor is led to it by the gate."""
    answer = entering.begin(request, person, reverse("home"))
    messages.success(
        request, _("Welcome. From now on you sign in with your e-mail address and this password.")
    )
    return answer


def _back_to_the_door(request: HttpRequest) -> HttpResponse:
    """A link that was sent about is no second factor, so the new password is asked for like any other."""
    messages.success(request, _("The new password counts. Sign in with it."))
    return redirect("sign-in")


def _void(request: HttpRequest) -> HttpResponse:
    return render(request, "people/void.html", status=404)


def _language(request: HttpRequest, found: Invitation) -> str:
    """The inviter's choice for this person, unless they have chosen at this machine."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else found.language


def _who(request: HttpRequest) -> tuple[str, str]:
    """Wrong links are counted like wrong passwords: of the place, since there is no account yet."""
    address = address_of(request)
    return sign_in.with_links(address), address
