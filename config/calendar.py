"""Calendars of policy packs: whose day it is, which days are worked, where a fiscal year begins.

    [calendar]
    time_zone = "Asia/Tokyo"
    weekend = ["saturday", "sunday"]
    holidays = ["2026-11-03", "2026-11-23"]
    fiscal_year_start = "04-01"

A law counts in days of its own place: the last second of November in Tokyo is 14:59:59 in UTC, and
what an exchange there calls 24:00 is 15:00:00Z, the first second of December. The rules of time
zones are read from the package tzdata and never from the machine, so that a statement replays the
same anywhere; a zone is a name of that package, exactly as it is written there.

A holiday list is of the years it names. A day of another year is not known to be worked, and asking
raises; with no holidays listed at all, weekends are all there is. A fiscal year is called by the
year in which it begins: `FY2026` from `04-01` is April 2026 to March 2027. Refused: a start on
29 February, which is not in every year, and computing holidays, which governments move.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from io import BytesIO
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from config.errors import InputError, shown
from config.strict import STRICT
from config.times import parse_date

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
"""In the order of `date.weekday`."""
MAX_HOLIDAYS = 1000
"""Thirty years of them."""
DAYS_IN_WEEK = 7
FISCAL_YEAR = re.compile(r"FY([12][0-9]{3})", re.ASCII)
"""The label of a fiscal year, of the years 1000 to 2999."""

IsoDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
MonthDay = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}-[0-9]{2}$")]


@dataclass(frozen=True, slots=True, config=STRICT)
class Calendar:
    """How a place counts days; the table `[calendar]` of a pack."""

    time_zone: str
    """A name of the IANA time zone database, such as `Asia/Tokyo`."""
    weekend: tuple[Weekday, ...] = ("saturday", "sunday")
    holidays: tuple[IsoDate, ...] = ()
    """Days that are not worked, besides weekends: whole years of them, or none."""
    fiscal_year_start: MonthDay = "01-01"
    """Month and day on which a fiscal year begins."""


PLAIN = Calendar("UTC")
"""How days are counted where a pack does not say."""


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """A fiscal year: its label, and its first and last day."""

    label: str
    first: date
    last: date


def check_calendar(calendar: Calendar) -> None:
    """Refuse a calendar that could not be followed.

    Raises:
        InputError: an unknown time zone, a weekend of every day, a word or day given twice, or a
            day that is in no year or not in every one.
    """
    _zone(calendar.time_zone)
    if len(set(calendar.weekend)) != len(calendar.weekend):
        raise InputError("calendar.weekend: a day is given twice")
    if len(calendar.weekend) == DAYS_IN_WEEK:
        raise InputError("calendar.weekend: every day", "leave a day that is worked")
    if len(calendar.holidays) > MAX_HOLIDAYS:
        met = len(calendar.holidays)
        raise InputError(f"calendar.holidays: {met} days, the limit is {MAX_HOLIDAYS}")
    if len(set(calendar.holidays)) != len(calendar.holidays):
        raise InputError("calendar.holidays: a day is given twice")
    for index, day in enumerate(calendar.holidays):
        _check_day(f"calendar.holidays.{index}", day)
    # A day that a common year has is in every year.
    _check_day("calendar.fiscal_year_start", f"2001-{calendar.fiscal_year_start}")


def _check_day(where: str, text: str) -> None:
    try:
        parse_date(text)
    except InputError as error:
        raise InputError(f"{where}: {error.what}", error.hint) from error


@lru_cache(maxsize=32)
def _zone(name: str) -> ZoneInfo:
    """Read a time zone from the package; raise InputError if it has none of that name."""
    package = resources.files("tzdata")
    # A disk may find `asia/tokyo` too, or a file outside; the package's list is exact.
    if name not in (package / "zones").read_text("ascii").split("\n") or not name:
        raise InputError(f"calendar.time_zone: unknown: {shown(name)}", "write it as Asia/Tokyo")
    data = package.joinpath("zoneinfo", *name.split("/")).read_bytes()
    return ZoneInfo.from_file(BytesIO(data), key=name)


def local_date(calendar: Calendar, seconds: int) -> date:
    """Give the date that it is at the place at a time in Unix seconds; raise InputError.

    The time is one that `config.times` reads; at an edge of the years 1 and 9999 there may be no
    local date.
    """
    moment = datetime.fromtimestamp(seconds, UTC)
    try:
        return moment.astimezone(_zone(calendar.time_zone)).date()
    except OverflowError as error:
        raise InputError(f"no date in {calendar.time_zone} at {seconds}") from error


def is_business_day(calendar: Calendar, day: date) -> bool:
    """Tell whether a day is worked; raise InputError if the holidays of its year are not known."""
    _require_known(calendar, day.year)
    return not _is_weekend(calendar, day) and day.isoformat() not in calendar.holidays


def business_days_between(calendar: Calendar, first: date, last: date) -> int:
    """Count the business days after the first day up to the last one, which is counted.

    From a day to itself there are none, so that what is due within two business days of a day is in
    time while the count is two or less.

    Raises:
        InputError: the last day is before the first, or the holidays of a year are not known.
    """
    if last < first:
        raise InputError(f"days counted backwards: from {first} to {last}")
    days = (last - first).days
    if not days:
        return 0
    for year in range((first + timedelta(1)).year, last.year + 1):
        _require_known(calendar, year)
    weeks, rest = divmod(days, DAYS_IN_WEEK)
    tail = (last - timedelta(after) for after in range(rest))
    worked = weeks * (DAYS_IN_WEEK - len(calendar.weekend))
    worked += sum(not _is_weekend(calendar, day) for day in tail)
    listed = (date.fromisoformat(day) for day in calendar.holidays)
    return worked - sum(first < day <= last and not _is_weekend(calendar, day) for day in listed)


def _is_weekend(calendar: Calendar, day: date) -> bool:
    return WEEKDAYS[day.weekday()] in calendar.weekend


def _require_known(calendar: Calendar, year: int) -> None:
    if calendar.holidays and not any(day.startswith(f"{year:04}-") for day in calendar.holidays):
        raise InputError(f"holidays of {year} are not known", "list them in the pack's calendar")


def fiscal_year(calendar: Calendar, day: date) -> FiscalYear:
    """Give the fiscal year that a day is in; raise InputError beyond the years 1000 to 2999."""
    begins = f"{day.month:02}-{day.day:02}" >= calendar.fiscal_year_start
    return fiscal_year_named(calendar, f"FY{day.year if begins else day.year - 1:04}")


def fiscal_year_named(calendar: Calendar, label: str) -> FiscalYear:
    """Give the fiscal year of a label, `FY2026`; raise InputError for another form."""
    match = FISCAL_YEAR.fullmatch(label)
    if match is None:
        raise InputError(f"fiscal year not understood: {shown(label)}", "write it as FY2026")
    first = _start_in(calendar, int(match[1]))
    return FiscalYear(label, first, _start_in(calendar, int(match[1]) + 1) - timedelta(1))


def _start_in(calendar: Calendar, year: int) -> date:
    return date.fromisoformat(f"{year:04}-{calendar.fiscal_year_start}")
