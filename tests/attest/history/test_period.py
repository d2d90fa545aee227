from __future__ import annotations

import calendar
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.history.period import Period, add_period, parse_period
from config.errors import InputError
from config.times import MAX_TIME, format_time, parse_time


@pytest.mark.parametrize(
    ("since", "period", "due"),
    [
        ("2026-11-30T23:59:59Z", "P1D", "2026-12-01T23:59:59Z"),
        ("2026-11-30T23:59:59Z", "P7D", "2026-12-07T23:59:59Z"),
        ("2026-12-28T00:00:00Z", "P2W", "2027-01-11T00:00:00Z"),
        ("2026-11-30T23:59:59Z", "P1M", "2026-12-30T23:59:59Z"),
        ("2026-12-31T23:59:59Z", "P1M", "2027-01-31T23:59:59Z"),
        ("2027-01-31T12:00:00Z", "P1M", "2027-02-28T12:00:00Z"),
        ("2028-01-31T12:00:00Z", "P1M", "2028-02-29T12:00:00Z"),
        ("2100-01-31T12:00:00Z", "P1M", "2100-02-28T12:00:00Z"),
        ("2027-08-31T12:00:00Z", "P3M", "2027-11-30T12:00:00Z"),
        ("2027-12-15T12:00:00Z", "P12M", "2028-12-15T12:00:00Z"),
        ("2028-02-29T12:00:00Z", "P1Y", "2029-02-28T12:00:00Z"),
        ("2028-02-29T12:00:00Z", "P4Y", "2032-02-29T12:00:00Z"),
        # Clocks of a place may change in that night; UTC has no such night.
        ("2027-03-27T12:00:00Z", "P1D", "2027-03-28T12:00:00Z"),
    ],
)
def test_periods_go_by_the_calendar(since: str, period: str, due: str) -> None:
    assert due == format_time(add_period(parse_time(since), parse_period(period)))


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "P1", "1M", "P0D", "P-1D", "P+1D", "P01M", "P1.5M", "p1m", "P1M2D", "PT1H"),
        *("P1m", " P1M", "P1M ", "P1M\n", "P٣M", "P3661D", "P521W", "P121M", "P11Y", "P99999D"),
    ],
)
def test_other_periods_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a period"):
        parse_period(text)


@given(
    time=st.integers(0, MAX_TIME),
    count=st.integers(1, 10),
    unit=st.sampled_from(["D", "W", "M", "Y"]),
)
def test_what_is_due_is_later_at_the_same_time_of_day(time: int, count: int, unit: str) -> None:
    period = parse_period(f"P{count}{unit}")
    due = add_period(time, period)

    if due == MAX_TIME:
        return
    then, later = (datetime.fromtimestamp(one, UTC) for one in (time, due))
    assert then.time() == later.time()
    if period.unit in {"M", "Y"}:
        months = count * (12 if unit == "Y" else 1)
        assert months == 12 * (later.year - then.year) + later.month - then.month
        last = calendar.monthrange(later.year, later.month)[1]
        assert later.day == min(then.day, last)
    else:
        assert count * (7 if unit == "W" else 1) == (later - then).days


@pytest.mark.parametrize("period", ["P1D", "P1W", "P1M", "P1Y"])
def test_nothing_is_due_after_the_year_9999(period: str) -> None:
    assert MAX_TIME == add_period(MAX_TIME, parse_period(period))
    assert Period(1, "M") == parse_period("P1M")


@given(st.text(max_size=8))
def test_nothing_but_our_own_error_comes_out_of_a_period(text: str) -> None:
    try:
        parse_period(text)
    except InputError:
        return
    assert text.startswith("P")
