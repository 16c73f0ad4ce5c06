"""Two superadmins: what one wishes, the other agrees to, and nothing else is done with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from backups.checks import there_is_a_second_person
from backups.forms import RetentionForm
from backups.models import (
    Approval,
    AuditEvent,
    Channel,
    Invitation,
    Job,
    Notice,
    Restore,
    RetentionPolicy,
    User,
)
from backups.models.approval import State
from backups.services import approval_mark, approvals, approving, notices, work
from backups.services.acts import TICKET
from backups.services.notices import deliver
from backups.services.notices.tidings import tidings
from backups.services.refusals import Usage
from backups.services.restore_request import request_restore
from backups.services.retention import PRESET
from backups.services.unapproved import SecondPersonMissing, SecondPersonWanted
from backups.services.undo import request_undo
from backups.views.certainty import WHEN
from tests.web import factories

pytestmark = pytest.mark.django_db
WHY = "Kasir menutup shift dengan data yang salah."


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.SECOND_PERSON = True


@pytest.fixture
def dewi(db: None) -> User:
    return factories.superadmin("dewi@qparkin.id", "Dewi Anggraini")


@pytest.fixture
def second(dewi: User) -> Client:
    client = Client()
    factories.sign_in(client, dewi)
    return client


@pytest.fixture(autouse=True)
def _no_queue() -> Iterator[None]:
    """The worker is elsewhere."""
    with patch("backups.services.queue.knock"):
        yield


@pytest.fixture
def restore(db: None) -> Restore:
    return factories.restore(factories.archive(seal_digest="5e" * 32), swapped_at=timezone.now())


def undo(client: Client, restore: Restore, **sent: str) -> Any:
    return client.post(f"/restore/{restore.pk}/undo/", sent)


def wish() -> Approval:
    return Approval.objects.get()


def page(wish: Approval, what: str = "") -> str:
    return f"/approvals/{wish.pk}/{what}"


@pytest.fixture
def asked(superadmin: Client, dewi: User, restore: Restore) -> Approval:
    undo(superadmin, restore)
    return wish()


@pytest.fixture
def agreed(asked: Approval, second: Client) -> Approval:
    second.post(page(asked, "approve/"))
    return wish()


def test_it_is_off_until_somebody_wants_it(superadmin: Client, restore: Restore, settings: Any) -> None:
    settings.SECOND_PERSON = False
    undo(superadmin, restore)
    assert Job.objects.filter(kind="undo").exists()
    assert not Approval.objects.exists()


def test_nothing_is_done_before_somebody_agrees(superadmin: Client, asked: Approval) -> None:
    assert not Job.objects.filter(kind="undo").exists()
    assert asked.state == State.WANTED
    shown = superadmin.get(page(asked)).content.decode()
    assert "Dewi Anggraini" in shown
    assert f'action="{asked.path}"' not in shown


def test_asked_twice_it_is_one_wish(superadmin: Client, asked: Approval, restore: Restore) -> None:
    undo(superadmin, restore)
    assert wish() == asked


def test_a_look_asks_nothing(superadmin: Client, restore: Restore) -> None:
    superadmin.get(f"/restore/{restore.pk}/undo/")
    assert not Approval.objects.exists()


def test_after_consent_one_button_does_it(superadmin: Client, agreed: Approval, restore: Restore) -> None:
    shown = superadmin.get(page(agreed)).content.decode()
    assert f'action="{agreed.path}"' in shown
    assert f'name="wish" value="{agreed.pk}"' in shown
    undo(superadmin, restore, wish=str(agreed.pk))
    job = Job.objects.get(kind="undo")
    assert job.options[TICKET] == str(agreed.pk)
    assert wish().state == State.USED
    assert AuditEvent.objects.filter(action="use_approval").exists()


def test_it_can_be_done_once(superadmin: Client, agreed: Approval, restore: Restore) -> None:
    undo(superadmin, restore, wish=str(agreed.pk))
    Job.objects.filter(kind="undo").update(state="failed")
    answer = undo(superadmin, restore, wish=str(agreed.pk))
    assert answer.headers["Location"] == page(agreed)
    assert Job.objects.filter(kind="undo").count() == 1
    undo(superadmin, restore)
    assert Approval.objects.filter(state=State.WANTED).count() == 1


def test_what_fails_has_used_nothing_up(superadmin: Client, agreed: Approval, restore: Restore) -> None:
    factories.job(kind="backup")
    assert undo(superadmin, restore).status_code == 409
    assert wish().state == State.APPROVED


def test_another_act_needs_consent_of_its_own(superadmin: Client, agreed: Approval, restore: Restore) -> None:
    superadmin.post(f"/restore/{restore.pk}/let-go/", {"sure": "on"})
    restore.refresh_from_db()
    assert restore.can_undo
    assert Approval.objects.filter(kind="let_go", state=State.WANTED).exists()


def test_another_archive_under_the_same_id_is_not_it(
    superadmin: Client, agreed: Approval, restore: Restore
) -> None:
    archive = restore.archive
    assert archive is not None
    archive.seal_digest = "0f" * 32
    archive.save()
    undo(superadmin, restore)
    assert not Job.objects.filter(kind="undo").exists()


def test_consent_is_for_whoever_asked(second: Client, agreed: Approval, restore: Restore) -> None:
    undo(second, restore)
    assert not Job.objects.filter(kind="undo").exists()


def test_nobody_agrees_to_their_own_wish(superadmin: Client, rani: User, asked: Approval) -> None:
    assert superadmin.post(page(asked, "approve/")).status_code == 409
    other_session = Client()
    factories.sign_in(other_session, rani)
    assert other_session.post(page(asked, "approve/")).status_code == 409
    assert wish().state == State.WANTED
    assert "approve/" not in superadmin.get(page(asked)).content.decode()


def test_an_account_made_for_it_agrees_to_nothing(asked: Approval) -> None:
    third = factories.superadmin("baru@qparkin.id", "Baru")
    client = Client()
    factories.sign_in(client, third)
    assert client.post(page(asked, "approve/")).status_code == 409
    assert wish().state == State.WANTED


@pytest.mark.parametrize("changed", [{"is_active": False}, {"role": User.Role.ADMIN_MALL}])
def test_whoever_is_no_superadmin_any_more_has_agreed_to_nothing(
    changed: dict[str, Any], superadmin: Client, agreed: Approval, dewi: User, restore: Restore
) -> None:
    User.objects.filter(pk=dewi.pk).update(**changed)
    undo(superadmin, restore)
    assert not Job.objects.filter(kind="undo").exists()


@pytest.mark.parametrize("who", ["asker", "approver"])
def test_also_between_pressing_and_doing(
    who: str, superadmin: Client, rani: User, dewi: User, agreed: Approval, restore: Restore
) -> None:
    undo(superadmin, restore)
    User.objects.filter(pk=(rani if who == "asker" else dewi).pk).update(is_active=False)
    with pytest.raises(SecondPersonMissing):
        approvals.confirm(Job.objects.get(kind="undo"))


def test_a_queued_job_that_was_altered_is_not_begun(
    superadmin: Client, agreed: Approval, restore: Restore
) -> None:
    undo(superadmin, restore)
    job = Job.objects.get(kind="undo")
    job.options["safety_backup"] = False
    with pytest.raises(SecondPersonMissing, match="not what was agreed to"):
        approvals.confirm(job)


def test_a_queued_job_runs_once(superadmin: Client, agreed: Approval, restore: Restore) -> None:
    undo(superadmin, restore)
    job = Job.objects.get(kind="undo")
    approvals.confirm(job)
    again = factories.job(
        "undo", "queued", archive=job.archive, options=job.options, requested_by=job.requested_by
    )
    with pytest.raises(SecondPersonMissing, match="once already"):
        approvals.confirm(again)


@pytest.mark.parametrize("ticket", ["", "none", "00000000-0000-0000-0000-000000000007"])
def test_a_job_without_consent_is_not_begun(ticket: str, rani: User, restore: Restore) -> None:
    options = {"restore": str(restore.pk), "safety_backup": True, "scope": "database", TICKET: ticket}
    job = factories.job("undo", "queued", archive=restore.archive, options=options, requested_by=rani)
    with pytest.raises(SecondPersonMissing):
        approvals.confirm(job)


@pytest.mark.parametrize(("hours", "good"), [(3.9, True), (4.1, False), (-1, False)])
def test_nobody_agrees_too_late_or_by_a_clock_set_back(
    hours: float, good: bool, second: Client, dewi: User, asked: Approval
) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        factories.sign_in(second, dewi)
        second.post(page(asked, "approve/"))
    assert (wish().state == State.APPROVED) is good


@pytest.mark.parametrize(("minutes", "good"), [(55, True), (65, False)])
def test_it_is_done_soon_after_or_not_at_all(
    minutes: int, good: bool, superadmin: Client, rani: User, agreed: Approval, restore: Restore
) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        factories.sign_in(superadmin, rani)
        undo(superadmin, restore)
    assert Job.objects.filter(kind="undo").exists() is good


def test_what_nobody_came_for_is_over_and_forgotten(asked: Approval) -> None:
    approving.lapse(timezone.now() + timedelta(hours=5))
    assert (wish().state, wish().locked_sent) == (State.LAPSED, "")
    assert AuditEvent.objects.filter(action="approval_lapsed").exists()


def test_refusing_says_why(superadmin: Client, second: Client, asked: Approval, restore: Restore) -> None:
    assert second.post(page(asked, "refuse/"), {"reason": ""}).status_code == 422
    second.post(page(asked, "refuse/"), {"reason": "Tunggu, datanya masih dipakai."})
    assert wish().state == State.REFUSED
    assert "Tunggu, datanya masih dipakai." in superadmin.get(page(asked)).content.decode()
    undo(superadmin, restore, wish=str(asked.pk))
    assert not Job.objects.filter(kind="undo").exists()


def test_the_asker_may_take_it_back(superadmin: Client, second: Client, asked: Approval) -> None:
    assert second.post(page(asked, "withdraw/")).status_code == 409
    superadmin.post(page(asked, "withdraw/"))
    assert second.post(page(asked, "approve/")).status_code == 409
    assert wish().state == State.WITHDRAWN


def test_what_was_sent_is_the_askers_alone(superadmin: Client, second: Client, agreed: Approval) -> None:
    assert 'name="wish"' not in second.get(page(agreed)).content.decode()
    assert 'name="wish"' in superadmin.get(page(agreed)).content.decode()


def test_going_on_alone_needs_a_reason_and_rings_everywhere(
    superadmin: Client, second: Client, asked: Approval, restore: Restore
) -> None:
    for sent in ({"reason": WHY}, {"reason": "cepat", "sure": "on"}):
        assert superadmin.post(page(asked, "alone/"), sent).status_code == 422
    assert second.post(page(asked, "alone/"), {"reason": WHY, "sure": "on"}).status_code == 409
    superadmin.post(page(asked, "alone/"), {"reason": WHY, "sure": "on"})
    assert wish().state == State.ALONE
    assert AuditEvent.objects.filter(action="break_glass").exists()
    undo(superadmin, restore, wish=str(asked.pk))
    job = Job.objects.get(kind="undo")
    approvals.confirm(job)
    assert wish().job == job
    assert AuditEvent.objects.filter(action="use_alone").exists()
    assert not AuditEvent.objects.filter(action="use_approval").exists()


def test_what_was_done_alone_stays_until_another_one_looks(
    superadmin: Client, second: Client, asked: Approval
) -> None:
    superadmin.post(page(asked, "alone/"), {"reason": WHY, "sure": "on"})
    assert WHY in second.get("/").content.decode()
    assert superadmin.post(page(asked, "noted/")).status_code == 409
    assert WHY in superadmin.get("/").content.decode()
    second.post(page(asked, "noted/"))
    assert WHY not in superadmin.get("/").content.decode()
    assert AuditEvent.objects.filter(action="note_break_glass").exists()


@pytest.mark.parametrize("what", ["approve/", "alone/"])
def test_an_open_session_is_not_enough(
    what: str, second: Client, superadmin: Client, asked: Approval
) -> None:
    client = second if what == "approve/" else superadmin
    session = client.session
    session["was_sure_at"] = 0
    session.save()
    answer = client.post(page(asked, what), {"reason": WHY, "sure": "on"})
    assert answer.headers["Location"].startswith("/still-you/")
    assert wish().state == State.WANTED


def test_whoever_agrees_reads_which_backup_it_is_and_what_it_overwrites(
    second: Client, rani: User, dewi: User, client: Client
) -> None:

    archive = factories.archive(seal_digest="ab" * 32)
    with pytest.raises(SecondPersonWanted) as wanted:
        request_restore(archive, requested_by=rani, trigger="person", safety_backup=False, tables=["booking"])
    approving.ask(wanted.value.act, by=rani, path="/restore/check/", sent=[])
    shown = second.get(page(wish())).content.decode()
    for told in ("abab abab", "booking", "qparkin", "hanya sampai batas waktu untuk mengurungkan"):
        assert told in shown


def test_what_replaces_nothing_live_asks_nobody(rani: User) -> None:

    archive = factories.archive(seal_digest="ab" * 32)
    request_restore(archive, requested_by=rani, trigger="person", target="qparkin__look")
    assert not Approval.objects.exists()


def test_the_host_goes_on_without_and_says_so(restore: Restore) -> None:

    request_undo(restore, requested_by=None, trigger="command")
    assert AuditEvent.objects.get(action="operator_alone").details["kind"] == "undo"


def test_a_download_is_handed_out_by_two(superadmin: Client, second: Client) -> None:
    archive = factories.archive(seal_digest="cd" * 32)
    answer = superadmin.post(f"/archives/{archive.pk}/download/")
    assert answer.headers["Location"] == page(wish())
    second.post(page(wish(), "approve/"))
    assert superadmin.post(f"/archives/{archive.pk}/export/").headers["Location"].startswith("/approvals/")
    answer = superadmin.post(f"/archives/{archive.pk}/download/")
    assert answer.headers["Location"].startswith(f"/archives/{archive.pk}/download/")


def test_a_pin_comes_off_by_two_and_goes_on_by_one(superadmin: Client) -> None:
    archive = factories.archive(pinned_until=timezone.now() + timedelta(days=30))
    superadmin.post(f"/archives/{archive.pk}/unpin/")
    days = {"until": f"{timezone.localdate() + timedelta(days=3)}", "reason": WHY}
    superadmin.post(f"/archives/{archive.pk}/pin/", days)
    assert {one.kind for one in Approval.objects.all()} == {"unpin", "pin"}
    later = {"until": f"{timezone.localdate() + timedelta(days=60)}", "reason": WHY}
    superadmin.post(f"/archives/{archive.pk}/pin/", later)
    archive.refresh_from_db()
    assert archive.pin_reason == WHY


@pytest.mark.parametrize(("changed", "asks"), [({"daily": 1}, True), ({"yearly": 9}, False)])
def test_shorter_is_for_two_and_longer_for_one(
    changed: dict[str, int], asks: bool, superadmin: Client
) -> None:
    sent = {**RetentionForm.values_of(PRESET), **changed, "max_gb": "", "storage": "local"}
    superadmin.post("/retention/save/", sent)
    assert Approval.objects.exists() is asks
    assert RetentionPolicy.objects.exists() is not asks


def test_the_check_counts_people(rani: User, settings: Any) -> None:
    assert [one.id for one in there_is_a_second_person()] == ["backups.W006"]
    factories.superadmin("dewi@qparkin.id")
    assert there_is_a_second_person() == []


def test_nobody_makes_the_second_person_by_themselves(superadmin: Client, bima: User, dewi: User) -> None:
    guest = {"email": "palsu@qparkin.id", "name": "Palsu", "role": "superadmin", "language": "id"}
    superadmin.post("/people/invite/", guest)
    superadmin.post(f"/people/{bima.pk}/", {"do": "change", "role": "superadmin"})
    superadmin.post(f"/people/{dewi.pk}/", {"do": "password"})
    User.objects.filter(pk=dewi.pk).update(is_active=False)
    superadmin.post(f"/people/{dewi.pk}/", {"do": "switch-on"})
    bima.refresh_from_db()
    dewi.refresh_from_db()
    assert (bima.role, dewi.is_active) == (User.Role.ADMIN_MALL, False)
    assert not Invitation.objects.exists()
    asked = Approval.objects.filter(kind="empower", state=State.WANTED)
    assert {one.about["how"] for one in asked} == {"invite", "role", "password", "switch_on"}


def test_the_worker_refuses_what_nobody_agreed_to(rani: User, restore: Restore) -> None:
    """A row that somebody wrote into the queue: nothing of it is begun, whatever it says of itself."""
    options = {"restore": str(restore.pk), "safety_backup": False, "scope": "database"}
    for trigger in ("person", "command", "schedule"):
        forged = factories.job("undo", "queued", options=options, requested_by=rani, trigger=trigger)
        work.run_from_queue(str(forged.pk))
        forged.refresh_from_db()
        assert (forged.state, forged.error_code) == ("failed", SecondPersonMissing.code)
    restore.refresh_from_db()
    assert restore.state == Restore.State.SWAPPED


def test_who_is_told_and_when(superadmin: Client, asked: Approval, monkeypatch: pytest.MonkeyPatch) -> None:
    """In quiet hours, on a channel that nothing urgent may wake: only what is done alone rings."""
    rung: list[str] = []
    monkeypatch.setattr(deliver, "push", lambda _, told: bool(rung.extend(one.kind for one in told) or True))
    always = {"quiet_from": time(0), "quiet_until": time(23, 59, 59), "urgent_rings": False}
    Channel.objects.create(name="Malam", kind="telegram", locked_address="x", **always)
    now = timezone.localtime().replace(hour=3) + timedelta(days=1)
    notices.write_down(tidings(timezone.now()))
    superadmin.post(page(asked, "alone/"), {"reason": WHY, "sure": "on"})
    notices.write_down(tidings(timezone.now()))
    deliver.send_due(now)
    assert rung == ["break_glass"]
    assert set(Notice.objects.values_list("kind", flat=True)) >= {"approval_wanted", "break_glass"}


@pytest.mark.parametrize("scope", ["files", "everything"])
def test_a_new_database_is_no_excuse_for_files_that_go_live(scope: str, rani: User) -> None:
    """Folders go live whatever database is named beside them: refused when asked, and by the worker."""
    archive = factories.archive(seal_digest="ab" * 32, content=["database", "files"])
    with pytest.raises(Usage):
        request_restore(archive, requested_by=rani, trigger="person", scope=scope, target="baru")
    options = {"scope": scope, "target": "baru"}
    forged = factories.job("restore", "queued", archive=archive, options=options, requested_by=rani)
    work.run_from_queue(str(forged.pk))
    forged.refresh_from_db()
    assert forged.error_code == SecondPersonMissing.code


def test_going_alone_is_told_however_long_somebody_was_waited_for(
    superadmin: Client, asked: Approval, settings: Any
) -> None:
    settings.SECOND_PERSON_HOURS = 72
    asked_at = timezone.now() - timedelta(hours=60)
    Approval.objects.update(
        **approval_mark.marked(asked, asked_at=asked_at, until=asked_at + timedelta(hours=72))
    )
    superadmin.post(page(asked, "alone/"), {"reason": WHY, "sure": "on"})
    assert "break_glass" in [one.kind for one in tidings(timezone.now())]


def test_an_older_link_for_a_password_opens_no_account_that_has_risen_since(
    superadmin: Client, second: Client, bima: User
) -> None:
    """Alone somebody takes a link for a mall admin's password, and then has the mall admin promoted."""
    shown = superadmin.post(f"/people/{bima.pk}/", {"do": "password"}).content.decode()
    link = re.search(r"/invitation/[\w-]{43}/", shown)
    assert link
    sent = {"do": "change", "role": "superadmin"}
    superadmin.post(f"/people/{bima.pk}/", sent)
    second.post(page(wish(), "approve/"))
    superadmin.post(f"/people/{bima.pk}/", sent)
    bima.refresh_from_db()
    assert bima.is_superadmin
    assert Client().get(link[0]).status_code == 404


@pytest.mark.parametrize("what", ["refuse", "alone"])
@pytest.mark.parametrize("with_mistake", [False, True])
def test_whoever_is_asked_who_they_are_finds_their_reason_again(
    what: str, with_mistake: bool, superadmin: Client, second: Client, asked: Approval
) -> None:
    """Also from the page that a mistake had led to, whose address takes nothing but a form."""
    client = second if what == "refuse" else superadmin
    session = client.session
    session[WHEN] = 0
    session.save()
    came_from = "http://testserver" + page(asked, f"{what}/" if with_mistake else "")
    why = "Malam ini tidak ada yang menjaga <b>server</b>"
    to_ask = client.post(
        page(asked, f"{what}/"), {"reason": why, "sure": "on"}, headers={"Referer": came_from}
    )
    onward = client.post(to_ask["Location"], {"password": factories.PASSWORD})["Location"]
    answer = client.get(onward, follow=True)
    assert answer.status_code == 200
    assert "Malam ini tidak ada yang menjaga &lt;b&gt;server" in answer.content.decode()
    assert wish().state == State.WANTED
    assert "Malam ini" not in client.get(page(asked)).content.decode()
