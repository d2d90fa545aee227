from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.pace import Pace, unpaced


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def test_a_second_of_calls_goes_at_once_and_the_rest_waits() -> None:
    clock = Clock()
    pace = Pace(10, clock, clock.pause)
    pace(10)
    assert clock.now == 1000.0
    pace(5)
    assert clock.now == 1000.5
    clock.now += 60
    pace(10)
    assert clock.now == 1060.5
    pace(1)
    assert clock.now == pytest.approx(1060.6)


def test_a_large_request_waits_for_its_last_call() -> None:
    clock = Clock()
    Pace(10, clock, clock.pause)(1000)
    assert clock.now == 1099.0


@given(
    st.integers(1, 1000),
    st.lists(st.tuples(st.integers(1, 2000), st.floats(0, 5)), min_size=1, max_size=30),
)
def test_no_stretch_of_time_sees_more_than_the_rate_and_one_second(
    rate: int, requests: list[tuple[int, float]]
) -> None:
    clock = Clock()
    pace = Pace(rate, clock, clock.pause)
    sent: list[tuple[float, int]] = []
    for calls, idle in requests:
        pace(calls)
        sent.append((clock.now, calls))
        clock.now += idle
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            span = sent[last][0] - sent[first][0]
            # The first request of a stretch may have been waited for before the stretch began.
            calls = sum(calls for _, calls in sent[first + 1 : last + 1])
            assert calls <= rate * (span + 1) * (1 + 1e-9) + 1e-6


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="rate of 0"):
        Pace(0, lambda: 0.0, lambda _seconds: None)


def test_unpaced_lets_everything_go() -> None:
    unpaced(10**9)
