"""Whether and how long to wait before a request is sent again. Pure: waiting is the transport's.

A server's wish (`Retry-After`, RFC 9110, section 10.2.3) is obeyed up to a limit; without one the
pause doubles from attempt to attempt. A wish given as a date is measured against the `Date` of the
same reply, so that no clock of ours is needed and a server's wrong clock does no harm.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

AGAIN = frozenset({"unreachable", "throttled", "bad_reply", "no_reply", "other_state"})
"""Errors after which a call is sent again; every other is the node's final word."""

FIRST_PAUSE = 0.5
"""Seconds before the second attempt; each later pause is twice as long."""

LONGEST_PAUSE = 8.0
"""Seconds; doubling stops here."""

LONGEST_WISH = 120.0
"""Seconds a server may ask for; a longer wish is cut to this, and the attempt after it may fail."""

_WISH_DIGITS = 9
"""More seconds than anyone waits; int() stays cheap on hostile text."""


def pause_before(attempt: int, wish: float | None) -> float:
    """Give the seconds to wait before an attempt.

    Args:
        attempt: the attempt to come, 1 for the first repetition.
        wish: what `retry_after` gave, in seconds.
    """
    if wish is not None:
        return min(wish, LONGEST_WISH)
    return float(min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read `Retry-After` in seconds, zero or more; None if it is absent or not understood."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit() and len(text) <= _WISH_DIGITS:
        return float(text)
    wanted, sent = _moment(text), _moment(headers.get("Date", ""))
    if wanted is None or sent is None:
        return None
    return max((wanted - sent).total_seconds(), 0.0)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # A date without a zone cannot be subtracted from one that has it.
    return moment if moment.tzinfo is not None else None
