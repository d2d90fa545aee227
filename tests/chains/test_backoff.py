from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.backoff import LONGEST_PAUSE, LONGEST_WISH, pause_before, retry_after

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


def test_the_pause_doubles_up_to_a_limit() -> None:
    expected = [0.5, 1, 2, 4, 8, 8, 8]
    assert expected == [pause_before(attempt, None) for attempt in range(1, 8)]


@pytest.mark.parametrize(("wish", "expected"), [(0.0, 0.0), (3.0, 3.0), (1e9, LONGEST_WISH)])
def test_a_wish_is_obeyed_up_to_a_limit(wish: float, expected: float) -> None:
    assert expected == pause_before(4, wish)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": " 7 "}, 7.0),
        ({"Retry-After": "-7"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "9" * 5000}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:09 GMT", "Date": DATE}, 9.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:27:00 GMT", "Date": DATE}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:09 GMT"}, None),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:09", "Date": DATE}, None),
        ({"Retry-After": "Wed, 99 Oct 2026 07:28:09 GMT", "Date": DATE}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    headers: dict[str, str], expected: float | None
) -> None:
    assert expected == retry_after(headers)


@given(st.text(), st.text())
def test_any_header_gives_a_pause_within_the_limits(wish: str, date: str) -> None:
    pause = pause_before(9, retry_after({"Retry-After": wish, "Date": date}))
    assert 0 <= pause <= max(LONGEST_PAUSE, LONGEST_WISH)
