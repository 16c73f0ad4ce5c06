"""Reading slowly and giving way, by a clock of the test's own: never faster, never for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.engine.errors import Cancelled
from backups.engine.pace import CREDIT_SECONDS, LOOK_SECONDS, STEP_SECONDS, Limits, Pacer, is_busy
from backups.engine.vitals import Replica, Vitals

CALM, BUSY = Vitals(running=1), Vitals(running=9)


@dataclass
class Bench:
    """A server that fares as the test says at each look, and a clock that only waiting turns."""

    vitals: list[Vitals] = field(default_factory=lambda: [CALM])
    now: float = 100.0
    looks: int = 0
    cancelled_at: float = float("inf")

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        assert 0 < seconds <= STEP_SECONDS, "a cancel is noticed soon"
        self.now += seconds

    def look(self) -> Vitals:
        """One after another; the last one stays."""
        self.looks += 1
        return self.vitals.pop(0) if len(self.vitals) > 1 else self.vitals[0]

    def check(self) -> None:
        if self.now >= self.cancelled_at:
            raise Cancelled

    def pacer(self, limits: Limits) -> Pacer:
        return Pacer(limits, self.look, self.check, clock=self.clock, wait=self.wait)


@given(st.lists(st.integers(0, 100_000), max_size=20), st.integers(10_000, 10_000_000))
def test_blocks_come_whole_and_never_faster_than_the_rate(sizes: list[int], rate: int) -> None:
    bench = Bench()
    blocks = [bytes(size) for size in sizes]
    assert list(bench.pacer(Limits(bytes_per_second=rate)).through(blocks)) == blocks
    assert bench.now - 100 >= sum(sizes) / rate * 0.999


def test_without_limits_nobody_waits() -> None:
    bench = Bench([Vitals(running=10_000, replica=Replica(behind=99_999, broken=False))])
    pacer = bench.pacer(Limits())
    assert list(pacer.through([b"x" * 1000] * 50)) == [b"x" * 1000] * 50
    assert bench.now == 100
    assert (pacer.waited.paused_seconds, pacer.waited.held_seconds) == (0, 0)
    assert bench.looks == 1


def test_two_connections_share_one_rate() -> None:
    bench = Bench()
    pacer = bench.pacer(Limits(bytes_per_second=1000))
    lanes = [pacer.through([bytes(500)] * 4), pacer.through([bytes(500)] * 4)]
    for _ in range(4):
        for lane in lanes:
            next(lane)
    for lane in lanes:
        assert next(lane, None) is None
    assert bench.now - 100 == pytest.approx(4.0)
    assert pacer.waited.held_seconds == pytest.approx(4.0)


def test_time_spent_elsewhere_is_not_saved_up_for_a_rush() -> None:
    bench = Bench()
    lane = bench.pacer(Limits(bytes_per_second=1000)).through([bytes(1000)] * 5)
    next(lane)
    bench.now += 3600
    before = bench.now
    assert len(list(lane)) == 4
    assert bench.now - before == pytest.approx(5 - CREDIT_SECONDS)


def test_a_busy_server_is_given_way_to_and_read_on_when_calm() -> None:
    bench = Bench([CALM, BUSY, BUSY, BUSY, CALM])
    pacer = bench.pacer(Limits(running=8))
    lane = pacer.through(iter([b"a", b"b", b"c"]))
    assert (next(lane), next(lane)) == (b"a", b"b")
    assert bench.now == 100, "calm at first"
    bench.now += LOOK_SECONDS
    assert next(lane) == b"c"
    assert bench.now - 101 == pytest.approx(3 * LOOK_SECONDS, abs=0.01)
    waited = pacer.waited
    assert waited.paused_seconds == pytest.approx(3 * LOOK_SECONDS, abs=0.01)
    assert (waited.most_running, waited.patience_ended) == (9, False)
    assert waited.most_running_at is not None


def test_patience_has_an_end_and_is_one_for_the_whole_backup() -> None:
    bench = Bench([BUSY])
    pacer = bench.pacer(Limits(running=8, patience=30))
    assert len(list(pacer.through([b"x"] * 100))) == 100
    assert bench.now - 100 == pytest.approx(30, abs=STEP_SECONDS)
    pacer.take_up()
    assert len(list(pacer.through([b"x"] * 100))) == 100
    assert bench.now - 100 == pytest.approx(30, abs=STEP_SECONDS)
    assert pacer.waited.patience_ended


def test_without_patience_nobody_waits_and_it_is_said() -> None:
    bench = Bench([BUSY])
    pacer = bench.pacer(Limits(running=8, patience=0))
    pacer.give_way()
    assert bench.now == 100
    assert pacer.waited.patience_ended


@pytest.mark.parametrize("limits", [Limits(running=8), Limits(bytes_per_second=1)])
def test_a_cancel_strikes_in_the_middle_of_a_pause(limits: Limits) -> None:
    bench = Bench([BUSY], cancelled_at=105.0)
    with pytest.raises(Cancelled):
        list(bench.pacer(limits).through([bytes(50)] * 3))
    assert bench.now - 105 <= STEP_SECONDS


@pytest.mark.parametrize("limits", [Limits(running=8), Limits(bytes_per_second=1)])
def test_who_waits_is_let_go_when_the_work_is_over(limits: Limits) -> None:
    """With the real wait: a second session must not hold up the end of a backup that failed in the first."""
    waiting = threading.Event()
    pacer = Pacer(limits, lambda: BUSY, waiting.set)
    lane = threading.Thread(target=lambda: list(pacer.through([bytes(5000)] * 2)))
    lane.start()
    assert waiting.wait(120)
    pacer.let_go()
    lane.join(120)
    assert not lane.is_alive()


def test_what_the_server_does_not_tell_is_not_guessed() -> None:
    bench = Bench([Vitals()])
    pacer = bench.pacer(Limits(running=1, lag=1))
    pacer.give_way()
    assert (bench.now, pacer.waited.most_running, pacer.replica) == (100, None, None)


@pytest.mark.parametrize(
    ("replica", "busy"),
    [
        (Replica(behind=0, broken=False), False),
        (Replica(behind=60, broken=False), False),
        (Replica(behind=61, broken=False), True),
        (Replica(behind=None, broken=True), False),
        (Replica(behind=5000, broken=True), False),
        (Replica(behind=3630, broken=False, wanted_delay=3600), False),
        (Replica(behind=3700, broken=False, wanted_delay=3600), True),
    ],
)
def test_a_replica_is_waited_for_where_it_catches_up(replica: Replica, busy: bool) -> None:
    assert is_busy(Vitals(running=0, replica=replica), Limits(lag=60)) is busy
    assert not is_busy(Vitals(running=0, replica=replica), Limits())


def test_pauses_of_two_connections_at_once_count_once() -> None:
    bench = Bench([BUSY, BUSY, BUSY, CALM])
    lanes: list[Iterator[bytes]] = []

    def check() -> None:
        if lanes:
            # The second one comes to its pause while the first one is in its own.
            assert list(lanes.pop()) == [b"x", b"y"]

    pacer = Pacer(Limits(running=8), bench.look, check, clock=bench.clock, wait=bench.wait)
    lanes.append(pacer.through(iter([b"x", b"y"])))
    assert list(pacer.through(iter([b"a", b"b"]))) == [b"a", b"b"]
    assert pacer.waited.paused_seconds == bench.now - 100 >= 3 * LOOK_SECONDS
