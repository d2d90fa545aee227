"""Periods of a series: how soon after one statement the next is due, by the calendar.

    P1D  P7D  P2W  P1M  P3M  P1Y        a number and one unit; no other ISO 8601 duration

Arithmetic is by the calendar in UTC: a day and a week are whole days, a month keeps the day of the
month and the time of day, and where that month has no such day its last one is taken (31 January
and P1M: 28 or 29 February; 29 February and P1Y: 28 February). It is done from one statement to the
next, so that after 28 February P1M is 28 March: whoever states month ends is given that much grace.

Refused: combinations (P1M2D) and times of day (PT1H), which nobody needs and readers disagree on;
leading zeros; a period of more than ten years, since what is due then is never overdue.

Source: ISO 8601-1, durations.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias, cast

from config.errors import InputError, shown
from config.times import MAX_TIME

Unit: TypeAlias = Literal["D", "W", "M", "Y"]

_FORM = re.compile(r"P([1-9][0-9]{0,3})([DWMY])", re.ASCII)
_MOST = {"D": 3660, "W": 520, "M": 120, "Y": 10}
"""Ten years of each unit."""
_MONTHS = 12
_LAST_YEAR = 9999


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the calendar."""

    count: int
    unit: Unit


def parse_period(text: str) -> Period:
    """Read a period such as `P1M`.

    Raises:
        InputError: another form, or more than ten years.
    """
    match = _FORM.fullmatch(text)
    if match is None or int(match[1]) > _MOST[match[2]]:
        hint = "write P and a number of D, W, M or Y, such as P1M; at most ten years"
        raise InputError(f"not a period: {shown(text)}", hint)
    return Period(int(match[1]), cast("Unit", match[2]))


def add_period(time: int, period: Period) -> int:
    """Give the time one period later.

    Args:
        time: Unix seconds, up to the year 9999.
        period: what is added.

    Returns:
        Unix seconds; the last second of the year 9999 if it would be later.
    """
    moment = datetime.fromtimestamp(time, UTC)
    if period.unit in {"D", "W"}:
        days = period.count * (7 if period.unit == "W" else 1)
        return min(time + int(timedelta(days=days).total_seconds()), MAX_TIME)
    months = period.count * (_MONTHS if period.unit == "Y" else 1)
    years, month = divmod(moment.month - 1 + months, _MONTHS)
    year = moment.year + years
    if year > _LAST_YEAR:
        return MAX_TIME
    day = min(moment.day, monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())
