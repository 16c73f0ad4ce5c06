"""Several storages: a copy may go here while one there stays, and never the last that somebody promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backups.services.retention import Held, Policy, Rules, Shelf, keep, plans

from .made_up import NOW, RULES, day_by_day, policies, rules, storages

NOTHING = Policy(0, 0, 0, 0, 0)


@st.composite
def shelves(draw: st.DrawFn) -> dict[str, Shelf]:
    """Two or three storages that hold parts of the same archives, some of them damaged there."""
    archives = draw(storages(most=20))
    found = {}
    for name in draw(st.sampled_from([("local", "s3"), ("local", "s3", "nas")])):
        ill = draw(st.sets(st.integers(0, 30), max_size=6))
        lacking = draw(st.sets(st.integers(0, 30), max_size=12))
        held = [
            replace(one, whole=one.whole and number not in ill)
            for number, one in enumerate(archives)
            if number not in lacking
        ]
        cap = draw(st.one_of(st.none(), st.integers(0, 4_000)))
        found[name] = Shelf(replace(draw(policies), max_bytes=cap), held)
    return found


@given(shelves(), rules)
def test_what_anyone_promises_is_whole_somewhere_afterwards(found: dict[str, Shelf], terms: Rules) -> None:
    made = plans(found, NOW, rules=terms)
    everything = {one.id: one for shelf in found.values() for one in shelf.held if one.whole}
    left = {
        one.id
        for name, shelf in found.items()
        for one in shelf.held
        if one.whole and one.id not in made[name].dropped
    }
    for shelf in found.values():
        free = [replace(one, retained_until=None) for one in everything.values()]
        assert set(keep(free, shelf.policy, NOW, rules=terms).kept) <= left


@given(shelves(), rules, st.integers(0, 4))
def test_no_more_than_so_many_go_from_each(found: dict[str, Shelf], terms: Rules, at_once: int) -> None:
    made = plans(found, NOW, rules=replace(terms, at_once=at_once))
    assert all(len(plan.dropped) <= at_once for plan in made.values())


def test_a_copy_goes_here_while_it_stays_there() -> None:
    archives = day_by_day(60)
    found = {"local": Shelf(Policy(7, 0, 0, 0, 0), archives), "s3": Shelf(Policy(400, 0, 0, 0, 0), archives)}
    made = plans(found, NOW, rules=RULES)
    assert "a40" in made["local"].dropped
    assert made["s3"].dropped == {}


def test_it_waits_until_the_other_has_it() -> None:
    archives = day_by_day(60)
    found = {
        "local": Shelf(Policy(7, 0, 0, 0, 0), archives),
        "s3": Shelf(Policy(400, 0, 0, 0, 0), [one for one in archives if one.id != "a40"]),
    }
    reason = plans(found, NOW, rules=RULES)["local"].kept["a40"]
    assert (reason.code, reason.params) == ("needed", {"storage": "s3"})


def test_a_storage_that_was_not_listed_lets_go_of_nothing_and_nothing_goes_for_its_sake() -> None:
    archives = day_by_day(60)
    found = {"local": Shelf(Policy(7, 0, 0, 0, 0), archives), "s3": Shelf(Policy(400, 0, 0, 0, 0))}
    made = plans(found, NOW, rules=RULES)
    assert (made["local"].dropped, made["s3"].dropped) == ({}, {})


def test_what_nobody_promises_goes_everywhere() -> None:
    archives = day_by_day(60)
    found = {name: Shelf(Policy(7, 0, 0, 0, 0), archives) for name in ("local", "s3")}
    assert all("a40" in plan.dropped for plan in plans(found, NOW, rules=RULES).values())


def test_two_storages_never_let_go_of_it_for_each_others_sake() -> None:
    """Each promises it to nobody; a third one does, and its copy is damaged."""
    archives: list[Held] = day_by_day(60)
    ill = [replace(one, whole=one.id != "a40") for one in archives]
    short, long = Policy(7, 0, 0, 0, 0), Policy(400, 0, 0, 0, 0)
    found = {"local": Shelf(short, archives), "nas": Shelf(short, archives), "s3": Shelf(long, ill)}
    made = plans(found, NOW, rules=RULES)
    assert "a40" in made["local"].dropped
    assert made["nas"].kept["a40"].code == "needed"
    assert made["s3"].kept["a40"].code == "not_whole"


def test_a_full_storage_still_waits() -> None:
    archives = day_by_day(20)
    found = {
        "local": Shelf(Policy(30, 0, 0, 0, 0, max_bytes=500), archives),
        "s3": Shelf(
            Policy(30, 0, 0, 0, 0), [one for one in archives if one.created < NOW - timedelta(days=8)]
        ),
    }
    plan = plans(found, NOW, rules=RULES)["local"]
    assert {plan.kept[f"a{age}"].code for age in range(1, 8)} <= {"needed", "all"}
    assert plan.over > 0
