"""What one superadmin wishes and another agrees to, in each state in which somebody may find it."""

from __future__ import annotations

from django.urls import reverse

from backups.models import Approval, User
from backups.services import acts, approvals, approving
from tests.browser.places.place import Place
from tests.web import factories

WHY = "Kasir menutup shift dengan data yang salah, dan tidak ada yang mengangkat telepon."
SENT = [("safety_backup", "on"), ("name", "qparkin")]


def _restore(by: User) -> Approval:
    archive = factories.a_good_week(by)[-1]
    archive.seal_digest = "5e1f90c27a44b81d" * 4
    archive.save()
    options = {"scope": "database", "safety_backup": True, "reason": "Tarif terhapus tadi pagi"}
    act = acts.restoring(archive, options)
    assert act is not None
    return approving.ask(act, by=by, path=reverse("restore-check"), sent=SENT)


def _dewi() -> User:
    return factories.superadmin("dewi@qparkin.id", "Dewi Anggraini")


def _page(wish: Approval) -> str:
    return reverse("approval", args=[wish.pk])


def asked(by: User) -> str:
    _dewi()
    return _page(_restore(by))


def to_decide(by: User) -> str:
    del by
    return _page(_restore(_dewi()))


def agreed(by: User) -> str:
    dewi, wish = _dewi(), _restore(by)
    approving.approve(wish, by=dewi)
    return _page(wish)


def alone(by: User) -> str:
    del by
    wish = _restore(_dewi())
    approving.go_alone(wish, by=wish.asked_by, reason=WHY)
    return _page(wish)


def listed(by: User) -> str:
    agreed(by)
    dewi = User.objects.get(email="dewi@qparkin.id")
    approving.ask(acts.Act("storage_seen", {"storage": "local", "count": 3}), by=dewi, path="/", sent=[])
    over = approving.ask(acts.Act("empower", {"email": "x@y.id", "how": "invite"}), by=by, path="/", sent=[])
    approving.withdraw(over, by=by)
    return reverse("approvals")


def at_home(by: User) -> str:
    """Something waits, something was done alone."""
    alone(by)
    dewi = User.objects.get(email="dewi@qparkin.id")
    approving.ask(acts.Act("storage_seen", {"storage": "local", "count": 3}), by=dewi, path="/", sent=[])
    assert approvals.superadmins().count() > 1
    return reverse("home")


PLACES = (
    Place("persetujuan", "superadmin", listed),
    Place("persetujuan-diminta", "superadmin", asked),
    Place("persetujuan-memutuskan", "superadmin", to_decide),
    Place("persetujuan-disetujui", "superadmin", agreed),
    Place("beranda-persetujuan", "superadmin", at_home),
)
