from __future__ import annotations

import contextlib
import zoneinfo
from datetime import date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import calendar
from config.calendar import (
    Calendar,
    FiscalYear,
    business_days_between,
    check_calendar,
    fiscal_year,
    fiscal_year_named,
    is_business_day,
    local_date,
)
from config.errors import InputError
from config.policy import Pack, assemble, parse_pack, shipped_pack
from config.times import MAX_TIME, parse_time
from tests.config.known import example, refusal

if TYPE_CHECKING:
    from pathlib import Path

PACK = """
id = "jp"
version = "1"
title = "Japan"
block = "in_force"
[[rule]]
id = "coverage"
kind = "coverage/1"
title = "t"
severity = "fail"
"""
TOKYO = Calendar("Asia/Tokyo", ("saturday", "sunday"), ("2026-11-03", "2026-11-23"), "04-01")
NEW_YORK = Calendar("America/New_York")
LONDON = Calendar("Europe/London", fiscal_year_start="04-06")


def pack(text: str) -> Pack:
    return parse_pack((PACK + text).encode(), "jp.toml")


def in_table(line: str) -> str:
    return f'[calendar]\ntime_zone = "Asia/Tokyo"\n{line}\n'


def test_reads_the_example() -> None:
    assert TOKYO == pack(example(calendar)).calendar
    unquoted = example(calendar).replace('"2026-11-03", "2026-11-23"', "2026-11-03, 2026-11-23")
    assert TOKYO == pack(unquoted).calendar


def test_a_pack_needs_no_calendar() -> None:
    assert None is pack("").calendar
    assert None is parse_pack(shipped_pack("core"), "core.toml").calendar


def test_a_pack_keeps_its_calendar_when_parameters_are_put_in() -> None:
    (found,) = assemble((("jp", (PACK + example(calendar)).encode()),), {}).packs
    assert TOKYO == found.calendar


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[calendar]\n", "calendar.time_zone: missing"),
        ('[calendar]\ntime_zone = "JST+9"\n', "calendar.time_zone: unknown: 'JST+9'"),
        ('[calendar]\ntime_zone = "asia/tokyo"\n', "calendar.time_zone: unknown: 'asia/tokyo'"),
        ('[calendar]\ntime_zone = ""\n', "calendar.time_zone: unknown: ''"),
        ('[calendar]\ntime_zone = "../zones"\n', "calendar.time_zone: unknown: '../zones'"),
        (in_table("zone = 1"), "calendar.zone: unknown key"),
        (
            in_table('weekend = ["sun"]'),
            (
                "calendar.weekend.0: input should be 'monday', 'tuesday', 'wednesday', 'thursday', "
                "'friday', 'saturday' or 'sunday', met 'sun'"
            ),
        ),
        (in_table('weekend = ["sunday", "sunday"]'), "calendar.weekend: a day is given twice"),
        (
            in_table(f"weekend = {list(calendar.WEEKDAYS)}"),
            "calendar.weekend: every day",
        ),
        (
            in_table('holidays = ["2026-02-30"]'),
            "calendar.holidays.0: no such day: '2026-02-30'",
        ),
        (
            in_table('holidays = ["26-02-03"]'),
            (
                "calendar.holidays.0: string should match pattern "
                "'^[0-9]{4}-[0-9]{2}-[0-9]{2}$', met '26-02-03'"
            ),
        ),
        (
            in_table('holidays = ["2026-11-03", "2026-11-03"]'),
            "calendar.holidays: a day is given twice",
        ),
        (in_table("holidays = [0.5]"), "calendar.holidays.0: float not allowed: 0.5"),
        (
            in_table('fiscal_year_start = "02-29"'),
            "calendar.fiscal_year_start: no such day: '2001-02-29'",
        ),
        (
            in_table('fiscal_year_start = "april"'),
            (
                "calendar.fiscal_year_start: string should match pattern "
                "'^[0-9]{2}-[0-9]{2}$', met 'april'"
            ),
        ),
    ],
)
def test_a_calendar_that_could_not_be_followed_is_refused(text: str, what: str) -> None:
    assert f"jp.toml: {what}" == str(refusal(pack, text))


def test_a_list_of_too_many_holidays_is_refused() -> None:
    days = tuple((date(2026, 1, 1) + timedelta(n)).isoformat() for n in range(1001))
    error = refusal(check_calendar, Calendar("Asia/Tokyo", holidays=days))
    assert "calendar.holidays: 1001 days, the limit is 1000" == error.what


@pytest.mark.parametrize(
    ("where", "time", "day"),
    [
        # What Tokyo calls 24:00 of 30 November is the first second of December.
        (TOKYO, "2026-11-30T14:59:59Z", date(2026, 11, 30)),
        (TOKYO, "2026-11-30T15:00:00Z", date(2026, 12, 1)),
        (TOKYO, "2026-12-31T15:00:00Z", date(2027, 1, 1)),
        (TOKYO, "2027-03-31T14:59:59Z", date(2027, 3, 31)),
        # On 8 March 2026 clocks there go forward at 07:00Z, on 1 November back at 06:00Z.
        (NEW_YORK, "2026-03-08T04:59:59Z", date(2026, 3, 7)),
        (NEW_YORK, "2026-03-08T05:00:00Z", date(2026, 3, 8)),
        (NEW_YORK, "2026-03-09T03:59:59Z", date(2026, 3, 8)),
        (NEW_YORK, "2026-03-09T04:00:00Z", date(2026, 3, 9)),
        (NEW_YORK, "2026-11-01T03:59:59Z", date(2026, 10, 31)),
        (NEW_YORK, "2026-11-01T04:00:00Z", date(2026, 11, 1)),
        (NEW_YORK, "2026-11-02T04:59:59Z", date(2026, 11, 1)),
        (NEW_YORK, "2026-11-02T05:00:00Z", date(2026, 11, 2)),
        (LONDON, "2026-03-28T23:59:59Z", date(2026, 3, 28)),
        (LONDON, "2026-03-29T22:59:59Z", date(2026, 3, 29)),
        (LONDON, "2026-03-29T23:00:00Z", date(2026, 3, 30)),
        # A place that left out a day: Samoa had no 30 December 2011.
        (Calendar("Pacific/Apia"), "2011-12-30T09:59:59Z", date(2011, 12, 29)),
        (Calendar("Pacific/Apia"), "2011-12-30T10:00:00Z", date(2011, 12, 31)),
        (Calendar("UTC"), "1970-01-01T00:00:00Z", date(1970, 1, 1)),
        (NEW_YORK, "1970-01-01T00:00:00Z", date(1969, 12, 31)),
        (NEW_YORK, "9999-12-31T23:59:59Z", date(9999, 12, 31)),
    ],
)
def test_a_day_is_that_of_the_place(where: Calendar, time: str, day: date) -> None:
    assert day == local_date(where, parse_time(time))


def test_a_day_after_the_last_one_is_refused() -> None:
    error = refusal(local_date, TOKYO, MAX_TIME)
    assert f"no date in Asia/Tokyo at {MAX_TIME}" == error.what


def test_zones_are_not_the_machines(tmp_path: Path) -> None:
    # A machine on which the zone of that name is another one.
    (tmp_path / "Asia").mkdir()
    other = (resources.files("tzdata") / "zoneinfo/Pacific/Honolulu").read_bytes()
    (tmp_path / "Asia/Jakarta").write_bytes(other)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[tmp_path])
    try:
        misled = zoneinfo.ZoneInfo.no_cache("Asia/Jakarta")
        found = local_date(Calendar("Asia/Jakarta"), parse_time("2026-11-30T17:00:00Z"))
    finally:
        zoneinfo.reset_tzpath(to=before)

    assert timedelta(hours=-10) == misled.utcoffset(datetime(2026, 11, 30))  # noqa: DTZ001 - local
    assert date(2026, 12, 1) == found


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 11, 20), True),  # Friday
        (date(2026, 11, 21), False),  # Saturday
        (date(2026, 11, 22), False),  # Sunday
        (date(2026, 11, 23), False),  # Monday, a holiday
        (date(2026, 11, 24), True),
    ],
)
def test_weekends_and_holidays_are_not_worked(day: date, worked: bool) -> None:  # noqa: FBT001
    assert worked is is_business_day(TOKYO, day)


def test_a_year_without_holidays_is_not_known() -> None:
    day = date(2027, 1, 4)
    expected = "holidays of 2027 are not known"
    assert expected == refusal(is_business_day, TOKYO, day).what
    assert expected == refusal(business_days_between, TOKYO, date(2026, 12, 31), day).what
    assert expected == refusal(business_days_between, TOKYO, date(2026, 1, 1), day).what
    assert 0 == business_days_between(TOKYO, date(2027, 1, 4), day)
    assert is_business_day(NEW_YORK, day)


def test_weekends_are_those_of_the_place() -> None:
    dubai = Calendar("Asia/Dubai", ("friday", "saturday"))
    assert not is_business_day(dubai, date(2026, 11, 20))
    assert is_business_day(dubai, date(2026, 11, 22))


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 11, 20), date(2026, 11, 20), 0),
        (date(2026, 11, 20), date(2026, 11, 21), 0),
        (date(2026, 11, 20), date(2026, 11, 23), 0),
        (date(2026, 11, 20), date(2026, 11, 24), 1),
        (date(2026, 11, 2), date(2026, 11, 9), 4),
        (date(2025, 12, 31), date(2026, 12, 31), 259),
    ],
)
def test_business_days_are_counted_after_the_first(first: date, last: date, days: int) -> None:
    assert days == business_days_between(TOKYO, first, last)


def test_days_are_not_counted_backwards() -> None:
    error = refusal(business_days_between, TOKYO, date(2026, 11, 2), date(2026, 11, 1))
    assert "days counted backwards: from 2026-11-02 to 2026-11-01" == error.what


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.integers(min_value=0, max_value=400),
    st.sets(st.sampled_from(calendar.WEEKDAYS), max_size=6),
)
def test_counting_is_counting_one_by_one(first: date, days: int, off: set[str]) -> None:
    weekend = tuple(day for day in calendar.WEEKDAYS if day in off)
    own = Calendar("Asia/Tokyo", weekend, ("2026-05-05", "2026-11-23", "2027-01-01", "2028-01-01"))
    each = (first + timedelta(n) for n in range(1, days + 1))
    expected = sum(is_business_day(own, day) for day in each)
    assert expected == business_days_between(own, first, first + timedelta(days))


@pytest.mark.parametrize(
    ("where", "day", "year"),
    [
        (TOKYO, date(2026, 4, 1), ("FY2026", date(2026, 4, 1), date(2027, 3, 31))),
        (TOKYO, date(2027, 3, 31), ("FY2026", date(2026, 4, 1), date(2027, 3, 31))),
        (TOKYO, date(2024, 2, 29), ("FY2023", date(2023, 4, 1), date(2024, 3, 31))),
        (NEW_YORK, date(2026, 12, 31), ("FY2026", date(2026, 1, 1), date(2026, 12, 31))),
        (NEW_YORK, date(2027, 1, 1), ("FY2027", date(2027, 1, 1), date(2027, 12, 31))),
        (LONDON, date(2026, 4, 5), ("FY2025", date(2025, 4, 6), date(2026, 4, 5))),
        (
            Calendar("UTC", fiscal_year_start="03-01"),
            date(2024, 2, 29),
            ("FY2023", date(2023, 3, 1), date(2024, 2, 29)),
        ),
    ],
)
def test_a_fiscal_year_is_called_by_its_beginning(
    where: Calendar, day: date, year: tuple[str, date, date]
) -> None:
    assert FiscalYear(*year) == fiscal_year(where, day)
    assert FiscalYear(*year) == fiscal_year_named(where, year[0])


@pytest.mark.parametrize("label", ["", "2026", "FY26", "FY2026 ", "FY0999", "FY3000", "FY２０２６"])
def test_what_is_no_label_is_refused(label: str) -> None:
    error = refusal(fiscal_year_named, TOKYO, label)
    assert f"fiscal year not understood: {label!r}" == error.what


@given(st.dates(date(1000, 4, 1), date(2999, 12, 31)))
def test_a_day_is_in_its_fiscal_year(day: date) -> None:
    found = fiscal_year(TOKYO, day)
    assert found.first <= day <= found.last


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=3), st.text(max_size=8))
def test_any_calendar_is_read_or_refused(zone: str, days: list[str], start: str) -> None:
    with contextlib.suppress(InputError):
        check_calendar(Calendar(zone))
    quoted = ", ".join(f'"{day}"' for day in days)
    with contextlib.suppress(InputError):
        pack(in_table(f'holidays = [{quoted}]\nfiscal_year_start = "{start}"'))
