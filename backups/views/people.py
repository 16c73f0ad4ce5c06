"""Pengguna: who may come in, as what, and since when they were not here."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from backups import people_queries
from backups.mall_queries import mall_names
from backups.models import Invitation, User
from backups.person_forms import InviteForm, RoleForm
from backups.services import invitations, people, visits
from backups.services.connections import protected_database
from backups.services.notices import letter
from backups.services.refusals import BackupError
from backups.services.unapproved import SecondPersonWanted
from backups.services.wording import sentence_of
from backups.templatetags.people import mall_words
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.approval import second_person
from backups.views.personal import shows_people
from backups.views.step_up import surely_you

ON_A_PAGE = 50


@superadmin_required
@shows_people
@require_GET
def people_list(request: SignedInRequest) -> HttpResponse:
    everybody = people_queries.everybody(visits.open_visits())
    page = Paginator(everybody, ON_A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "invitations": people_queries.invitations(),
        "secured": people_queries.with_second_factor(page),
        "malls": mall_names(protected_database()),
    }
    return render(request, "people/list.html", shown)


@superadmin_required
@surely_you
@second_person
@require_http_methods(["GET", "POST"])
def invite(request: SignedInRequest) -> HttpResponse:
    first = {"role": User.Role.ADMIN_MALL, "language": request.user.language}
    form = InviteForm(request.POST or None, initial=first, malls=_malls())
    if form.is_valid():
        told = form.cleaned_data
        guest = invitations.Guest(told["email"], told["name"], told["role"], told["mall"], told["language"])
        try:
            issued = invitations.invite(guest, by=request.user, at=address_of(request))
        except SecondPersonWanted:
            raise
        except BackupError as refused:
            form.add_error("email", sentence_of(refused))
        else:
            return _hand_over(request, issued)
    return render(request, "people/invite.html", {"form": form}, status=422 if form.is_bound else 200)


@superadmin_required
@surely_you
@second_person
@require_http_methods(["GET", "POST"])
def invitation(request: SignedInRequest, invitation_id: int) -> HttpResponse:
    """An invitation that waits: a new link for it, or none at all."""
    found = get_object_or_404(Invitation, pk=invitation_id, person=None, used_at=None, revoked_at=None)
    if request.method == "GET":
        return render(request, "people/invitation.html", {"invitation": found, "malls": dict(_malls())})
    if "renew" in request.POST:
        return _hand_over(request, invitations.renew(found, by=request.user, at=address_of(request)))
    invitations.revoke(found, by=request.user, at=address_of(request))
    messages.success(request, _("Taken back. The link no longer opens anything."))
    return redirect("people")


@superadmin_required
@surely_you
@second_person
@shows_people
@require_http_methods(["GET", "POST"])
def person(request: SignedInRequest, person_id: int) -> HttpResponse:
    found = get_object_or_404(User, pk=person_id)
    if request.method == "GET":
        return _shown(request, found, RoleForm(initial=_role_of(found), malls=_malls(found.mall_id)))
    act = ACTS.get(request.POST.get("do", ""))
    return act(request, found) if act else HttpResponseBadRequest()


def _change(request: SignedInRequest, found: User) -> HttpResponse:
    form = RoleForm(request.POST, malls=_malls(found.mall_id))
    if not form.is_valid():
        return _shown(request, found, form)
    told = form.cleaned_data
    people.change_role(
        found, role=told["role"], mall_id=told["mall"], by=request.user, at=address_of(request)
    )
    messages.success(request, _("Saved. It counts from the next sign-in, and open sessions were ended."))
    return redirect("person", found.pk)


def _switch_off(request: SignedInRequest, found: User) -> HttpResponse:
    people.switch_off(found, by=request.user, at=address_of(request))
    messages.success(request, _("Switched off. Whoever was signed in is out."))
    return redirect("person", found.pk)


def _switch_on(request: SignedInRequest, found: User) -> HttpResponse:
    people.switch_on(found, by=request.user, at=address_of(request))
    messages.success(request, _("Switched on. The same password counts as before."))
    return redirect("person", found.pk)


def _sign_out(request: SignedInRequest, found: User) -> HttpResponse:
    count = people.sign_out(found, by=request.user, at=address_of(request))
    told = ngettext("%(n)d session was ended.", "%(n)d sessions were ended.", count)
    messages.success(request, told % {"n": count})
    return redirect("person", found.pk)


def _offer_password(request: SignedInRequest, found: User) -> HttpResponse:
    return _hand_over(request, invitations.offer_password(found, by=request.user, at=address_of(request)))


ACTS: dict[str, Callable[[SignedInRequest, User], HttpResponse]] = {
    "change": _change,
    "switch-off": _switch_off,
    "switch-on": _switch_on,
    "sign-out": _sign_out,
    "password": _offer_password,
}


def _shown(request: SignedInRequest, found: User, form: RoleForm) -> HttpResponse:
    shown = {
        "person": found,
        "form": form,
        "sessions": visits.open_visits().filter(person=found),
        "secured": people_queries.with_second_factor([found]),
        "malls": dict(_malls(found.mall_id)),
        "link": people_queries.links_for(found).first(),
    }
    return render(request, "people/person.html", shown, status=422 if form.is_bound else 200)


def _role_of(found: User) -> dict[str, object]:
    return {"role": found.role, "mall": found.mall_id}


def _malls(own: int | None = None) -> list[tuple[int, str]]:
    """To choose from; the one that somebody has is among them, known or not."""
    known = mall_names(protected_database())
    if known and own:
        known.setdefault(own, "")
    return sorted(((mall, mall_words(mall, known)) for mall in known), key=lambda pair: pair[1].casefold())


def _hand_over(request: SignedInRequest, issued: invitations.Issued) -> HttpResponse:
    """The one page that ever shows the link; it is not kept, so neither is the page."""
    link = _link(request, issued.token)
    mailed = letter.can_be_sent() and letter.send_link(issued.invitation, link)
    shown = {
        "invitation": issued.invitation,
        "link": link,
        "mailed": mailed,
        "not_mailed": letter.can_be_sent() and not mailed,
    }
    return render(request, "people/link.html", shown)


def _link(request: SignedInRequest, token: str) -> str:
    path = reverse("invitation-link", args=[token])
    return settings.PANEL_URL.rstrip("/") + path if settings.PANEL_URL else request.build_absolute_uri(path)
