"""An incident from its beginning to its end: what was written down stays, and the clock is the law's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backups.models import AuditEvent, Incident, IncidentEntry, User
from backups.services import audit, incident_timeline, incidents, personal_data
from backups.services.refusals import IncidentClosed
from tests.web import factories

LOST = {"kind": "rows_lost", "table": "pembayaran", "value": 9000, "usual": 20911}

pytestmark = pytest.mark.django_db


@pytest.fixture
def rani(db: None) -> User:
    return factories.superadmin()


@pytest.fixture
def theft(rani: User) -> Incident:
    opening = incidents.Opening("Laptop hilang", timezone.now() - timedelta(hours=3), "stolen")
    return incidents.begin(opening, by=rani, address="10.20.1.14")


def test_what_was_written_down_is_never_changed(theft: Incident, rani: User) -> None:
    entry = incidents.note(theft, "Kaca belakang pecah", at=theft.noticed_at, by=rani)
    entry.text = "lain"
    for harm in (
        entry.save,
        entry.delete,
        IncidentEntry.objects.all().delete,
        lambda: IncidentEntry.objects.update(text="lain"),
    ):
        with pytest.raises(TypeError):
            harm()
    assert IncidentEntry.objects.get().text == "Kaca belakang pecah"


def test_a_closed_incident_takes_nothing_more(theft: Incident, rani: User) -> None:
    incidents.close(theft, "Kunci disimpan di kantor", by=rani)
    incidents.close(theft, "Sekali lagi", by=rani)
    for late in (
        lambda: incidents.note(theft, "x", at=timezone.now(), by=rani),
        lambda: incidents.mark_step(theft, "restored", "done", by=rani),
        lambda: incidents.state_facts(theft, {"how": "x"}, by=rani),
        lambda: incidents.tell_malls(theft, on=True, do="x", call="", by=rani),
    ):
        with pytest.raises(IncidentClosed):
            late()
    assert [entry.text for entry in IncidentEntry.objects.all()] == ["Kunci disimpan di kantor"]
    theft.refresh_from_db()
    assert not theft.tells_malls
    assert incidents.lessons(theft).author == rani  # type: ignore[union-attr]


def test_the_newest_mark_of_a_step_counts_and_the_earlier_ones_stay(theft: Incident, rani: User) -> None:
    for state in ("done", "done", "open", "skipped"):
        incidents.mark_step(theft, "restored", state, by=rani)
    assert incidents.states(theft) == {"restored": "skipped"}
    assert theft.entries.filter(kind="step").count() == 3


def test_a_fact_is_written_only_when_it_changes(theft: Incident, rani: User) -> None:
    incidents.state_facts(theft, {"how": "Dicuri", "people": ""}, by=rani)
    incidents.state_facts(theft, {"how": "Dicuri", "people": ""}, by=rani)
    incidents.state_facts(theft, {"how": "Dicuri dari mobil"}, by=rani)
    assert incidents.facts(theft) == {"how": "Dicuri dari mobil"}
    assert theft.entries.filter(kind="fact").count() == 2


def test_all_of_it_is_on_the_record(theft: Incident, rani: User) -> None:
    incidents.mark_step(theft, "restored", "done", by=rani)
    incidents.note(theft, "Rahasia keluarga", at=timezone.now(), by=rani)
    incidents.state_facts(theft, {"how": "Dicuri"}, by=rani)
    incidents.tell_malls(theft, on=True, do="Tunggu", call="Rani", by=rani)
    incidents.close(theft, "Selesai", by=rani)
    told = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert told == [
        "open_incident", "incident_step", "incident_note", "incident_facts", "incident_malls",
        "close_incident",
    ]  # fmt: skip
    assert "Rahasia" not in str(list(AuditEvent.objects.values_list("details", flat=True)))
    assert audit.verify_chain().holds


@pytest.mark.parametrize(
    ("hours", "tone", "over"),
    [(1, "calm", False), (47, "calm", False), (49, "wait", False), (67, "harm", False), (73, "harm", True)],
)
def test_the_clock_runs_from_when_it_was_noticed(theft: Incident, hours: int, tone: str, over: bool) -> None:
    clock = incidents.clock(theft, theft.noticed_at + timedelta(hours=hours))
    assert (clock.tone, clock.is_over) == (tone, over)
    assert clock.deadline == theft.noticed_at + timedelta(hours=72)


def test_it_stops_when_people_and_agency_were_told(theft: Incident, rani: User) -> None:
    incidents.mark_step(theft, "people_told", "done", by=rani)
    assert incidents.clock(theft).told is None
    incidents.mark_step(theft, "agency_told", "skipped", by=rani)
    assert incidents.clock(theft).told is None
    incidents.mark_step(theft, "agency_told", "done", by=rani)
    assert incidents.clock(theft).in_time
    late = incidents.clock(Incident(pk=theft.pk, noticed_at=theft.noticed_at - timedelta(days=5)))
    assert (late.in_time, late.tone) == (False, "wait")


def test_the_timeline_has_what_the_panel_and_people_know_newest_first(theft: Incident, rani: User) -> None:
    strange = factories.archive(theft.noticed_at - timedelta(hours=2), anomalies=[LOST])
    audit.record("sign_in", actor=None, outcome="refused", address="203.0.113.9")
    audit.record("download", actor=rani, about=strange)
    audit.record("verify", actor=None)
    incidents.note(theft, "Ditemukan", at=theft.noticed_at - timedelta(hours=1), by=rani)
    whole = incident_timeline.timeline(theft)
    told = [one.event.action if one.event else one.entry or one.archive for one in whole]
    assert told == ["download", "sign_in", IncidentEntry.objects.get(), strange]
    assert len(whole) == 4
    assert whole[1:3] == list(whole)[1:3]
    assert [one.at for one in whole] == sorted((one.at for one in whole), reverse=True)


@pytest.mark.parametrize(
    ("family", "count"),
    [("signed_in", 1), ("given_out", 1), ("strange", 0), ("written", 0), ("changed", 2), ("", 4)],
)
def test_it_is_looked_at_by_families_and_none_is_forgotten(
    theft: Incident, rani: User, family: str, count: int
) -> None:
    for action in ("sign_in", "export", "change_schedule", "something_of_a_later_version"):
        audit.record(action, actor=rani)
    assert len(incident_timeline.timeline(theft, family)) == count


def test_it_ends_where_the_incident_ended(theft: Incident, rani: User) -> None:
    incidents.close(theft, "Selesai", by=rani)
    audit.record("sign_in", actor=rani)
    assert [one.entry.kind for one in incident_timeline.timeline(theft) if one.entry] == ["closed"]
    assert len(incident_timeline.timeline(theft)) == 1


def test_the_last_good_backup_is_from_before_proven_and_not_strange(theft: Incident) -> None:
    before = theft.noticed_at
    assert incident_timeline.known(theft).before is None
    unproven = factories.archive(before - timedelta(hours=50))
    assert incident_timeline.known(theft).before == unproven
    proven = factories.archive(before - timedelta(hours=40))
    factories.proof(proven)
    strange = factories.archive(before - timedelta(hours=1), anomalies=[LOST])
    factories.proof(strange)
    factories.proof(factories.archive(before + timedelta(hours=1)))
    assert incident_timeline.known(theft).before == proven


def test_personal_data_is_counted_by_the_proof_and_named_by_its_kind(settings: object) -> None:
    archive = factories.archive()
    found = personal_data.touched(archive)
    assert found is not None
    assert found.people == factories.TABLES["user"]
    assert "plate" in found.kinds
    assert {"mall", "parkiran"}.isdisjoint(holding.table for holding in found.holdings)
    factories.proof(archive, table_rows=[["USER", 7], ["peserta", 3], ["mall", 2]])
    settings.PERSONAL_DATA_TABLES = ("user=name+nonsense",)  # type: ignore[attr-defined]
    found = personal_data.touched(archive)
    assert found is not None
    assert (found.people, found.unknown) == (7, ("peserta",))
    assert [(one.table, one.kinds) for one in found.holdings] == [("USER", ("name",))]


def test_without_a_backup_nothing_is_claimed() -> None:
    assert personal_data.touched(None) is None
    assert personal_data.touched(factories.archive(content=["files"], table_rows=[])) is None


def test_every_table_of_qparkin_is_known() -> None:
    schema = (Path(__file__).parents[2] / "backups" / "demo" / "schema.sql").read_text()
    tables = {line.split()[2].strip("`") for line in schema.splitlines() if line.startswith("CREATE TABLE")}
    assert tables
    assert tables <= set(personal_data.known_tables())
