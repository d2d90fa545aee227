"""Times: RFC 3339 with an offset in, whole Unix seconds inside, RFC 3339 with `Z` out.

A time without an offset is refused: `2026-11-30 24:00` means two different blocks in Tokyo and
London. A day without a time (`2026-11-30`) is a date, of the calendar of whoever reads it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from config.errors import InputError, shown

HINT = "write RFC 3339 with an offset, such as 2026-12-01T00:00:00+09:00"

MAX_TIME = 253_402_300_799
"""The last second of the year 9999 in UTC: the last that `format_time` can write."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FORM = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ](\d\d):\d\d:(\d\d)(\.\d{1,20})?(?:[Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


def parse_time(value: str | datetime) -> int:
    """Turn RFC 3339 text, or the value TOML makes of it, into Unix seconds.

    Raises:
        InputError: no offset, fractions of a second, no such day or time of day (24:00 and leap
            seconds among them), before 1970, or after 9999.
    """
    moment = value if isinstance(value, datetime) else _from_text(value)
    if moment.tzinfo is None:
        raise InputError(f"time without an offset: {value}", HINT)
    if moment.microsecond:
        raise InputError(f"fraction of a second: {value}", "write whole seconds")
    seconds = int(moment.timestamp())
    if seconds < 0:
        raise InputError(f"time before 1970: {value}", HINT)
    if seconds > MAX_TIME:
        raise InputError(f"time after 9999: {value}", HINT)
    return seconds


def _from_text(text: str) -> datetime:
    match = _FORM.fullmatch(text)
    if match is None:
        raise InputError(f"time not understood: {shown(text, 40)}", HINT)
    hour, second, fraction = match.groups()
    # What Python makes of 24:00, 23:59:60 and fractions has changed between its versions.
    if hour == "24":
        hint = "the midnight that ends a day is written 00:00:00 of the next day"
        raise InputError(f"no such time: {text!r}", hint)
    if second == "60":
        raise InputError(f"no such time: {text!r}", "write second 59 for a leap second")
    if fraction is not None:
        raise InputError(f"fraction of a second: {text[:40]}", "write whole seconds")
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise InputError(f"no such time: {text!r}", HINT) from error


def parse_date(text: str) -> date:
    """Turn `2026-11-30` into a date; raise InputError for another form, or no such day."""
    if _DATE.fullmatch(text) is None:
        raise InputError(f"date not understood: {shown(text, 40)}", "write it as 2026-11-30")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"no such day: {text!r}", "write it as 2026-11-30") from error


def format_time(seconds: int) -> str:
    """Write Unix seconds as `2026-11-30T15:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
