"""Times: RFC 3339 with an offset in, whole Unix seconds inside, RFC 3339 with `Z` out.

A time without an offset is refused: `2026-11-30 24:00` means two different blocks in Tokyo and
London.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from config.errors import InputError

HINT = "write RFC 3339 with an offset, such as 2026-12-01T00:00:00+09:00"

_FORM = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def parse_time(value: str | datetime) -> int:
    """Turn RFC 3339 text, or the value TOML makes of it, into Unix seconds.

    Raises:
        InputError: no offset, fractions of a second, no such day, or before 1970.
    """
    moment = value if isinstance(value, datetime) else _from_text(value)
    if moment.tzinfo is None:
        raise InputError(f"time without an offset: {value}", HINT)
    if moment.microsecond:
        raise InputError(f"fraction of a second: {value}", "write whole seconds")
    seconds = int(moment.timestamp())
    if seconds < 0:
        raise InputError(f"time before 1970: {value}", HINT)
    return seconds


def _from_text(text: str) -> datetime:
    if not _FORM.fullmatch(text):
        raise InputError(f"time not understood: {text[:40]!r}", HINT)
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise InputError(f"no such time: {text!r}", HINT) from error


def format_time(seconds: int) -> str:
    """Write Unix seconds as `2026-11-30T15:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
