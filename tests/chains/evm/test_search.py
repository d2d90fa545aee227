from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chains.evm.search import last_at_or_before


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(-1, 52))
def test_the_search_finds_what_a_walk_finds(steps: list[int], moment: int) -> None:
    times = sorted(steps)
    asked: list[int] = []

    def time_of(height: int) -> int:
        asked.append(height)
        return times[height]

    walked = [height for height, time in enumerate(times) if time <= moment]
    expected = walked[-1] if walked else None
    assert expected == last_at_or_before(moment, len(times) - 1, time_of)
    assert len(asked) <= len(times).bit_length() + 2
