"""A batch of calls on its way: what is to be written, and what each line settles. Pure.

A flight outlives the connections it is carried over, so that after a break only what has no answer
is asked again, under new ids. Ids are unique over a source's life. What a line is worth is decided
by its id, as in `chains.jsonrpc`:

- an id that is on its way settles that call;
- an id that has settled its call already makes it `no_reply`: of two answers neither is right;
- an id that was never given, a reply without one, or a line that is no JSON object: nothing more of
  this connection can be matched, and it is dropped;
- what a server says unasked is counted and passed over.

Calls that were on their way when a connection broke are asked after all others, and after a line
over the limit in narrower flights, down to one at a time. So the call whose answer is too large is
found, and hinders the others least. After any other break the flight stays wide, since narrow ones
are slow where a server holds small answers back.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from chains.backoff import AGAIN
from chains.electrum.replies import is_notification, read_item, read_line
from chains.evidence import Exchange
from chains.jsonrpc import encode_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chains.electrum.limits import Limits
    from chains.evidence import Call, ErrorCode, Json


NARROWER = 3
"""Bits by which a flight gets narrower: 256 calls, 32, 4, and then one at a time."""


class Broken(Exception):  # noqa: N818 - it is an event of a connection and never leaves the package
    """A connection is of no more use. The code alone says why: a library's text may name a host."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code = code


class Flight:
    """Calls, and what has become of them."""

    def __init__(self, calls: Sequence[Call], ids: Iterator[int], limits: Limits) -> None:
        self._calls = calls
        self._ids = ids
        self._limits = limits
        self._width = limits.flight
        self._found = [Exchange(call, error="no_reply") for call in calls]
        self._queue = deque(range(len(calls)))
        self._again: dict[int, None] = {}
        self._sent: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._flying: dict[int, int] = {}
        self._throttled = False
        self._strays = 0
        self._bytes = 0

    @property
    def under_way(self) -> bool:
        """Whether anything is still to be written or read over this connection."""
        return bool(self._queue or self._flying)

    @property
    def landed(self) -> bool:
        """Whether nothing is left to ask."""
        return not (self._queue or self._flying or self._again)

    def exchanges(self) -> tuple[Exchange, ...]:
        """Give one exchange a call, in the order of the calls."""
        return tuple(self._found)

    def known(self, call: Call, result: Json) -> None:
        """Settle every queued call that is equal to one whose answer is known already."""
        for place in [place for place in self._queue if self._calls[place] == call]:
            self._queue.remove(place)
            self._found[place] = Exchange(call, result)

    def due(self) -> tuple[bytes, ...]:
        """Give the lines to write now, as many as there is room for."""
        lines = []
        out = sum(self._flying.values())
        while self._queue and len(self._flying) < self._width:
            number, place = next(self._ids), self._queue[0]
            line = encode_request([self._calls[place]], [number], "2.0") + b"\n"
            if self._flying and out + len(line) > self._limits.flight_bytes:
                break
            self._queue.popleft()
            self._sent[number] = place
            self._last[place] = number
            self._flying[number] = len(line)
            out += len(line)
            lines.append(line)
        return tuple(lines)

    def take(self, line: bytes) -> None:
        """Settle what a line settles; raise Broken if nothing more can be matched."""
        self._bytes += len(line)
        if self._bytes > self._limits.reply_bytes:
            raise Broken("bad_reply")
        item = read_line(line)
        if item is None:
            raise Broken("bad_reply")
        if is_notification(item):
            self._stray()
            return
        number = item.get("id")
        # `True == 1` in Python: only a real int is an id of ours.
        if type(number) is not int or number not in self._sent:
            raise Broken("bad_reply")
        place = self._sent[number]
        if self._flying.pop(number, None) is not None:
            self._settle(place, read_item(self._calls[place], item))
        elif self._last[place] == number:
            self._settle(place, Exchange(self._calls[place], error="no_reply"))
        else:
            self._stray()

    def broken(self, code: ErrorCode) -> None:
        """Note that the connection broke, and why, for every call that has no answer.

        A line over the limit is one call's own fault, if that call was alone on its way. A server
        that hangs up, or falls silent, after it has throttled one call has throttled them all.
        """
        if code == "unreachable" and self._throttled:
            code = "throttled"
        if code == "too_large" and len(self._flying) != 1:
            self._width = max(1, self._width >> NARROWER)
            code = "bad_reply"
        for number in self._flying:
            place = self._sent[number]
            self._settle(place, Exchange(self._calls[place], error=code))
        self._flying.clear()
        self._throttled = False
        rest: ErrorCode = "no_reply" if code == "too_large" else code
        for place in self._queue:
            self._found[place] = Exchange(self._calls[place], error=rest)

    def repeat(self) -> None:
        """Queue again what failed in a way that may pass."""
        self._queue.extend(self._again)
        self._again.clear()

    def _settle(self, place: int, exchange: Exchange) -> None:
        self._found[place] = exchange
        self._throttled |= exchange.error == "throttled"
        if exchange.error in AGAIN:
            self._again[place] = None

    def _stray(self) -> None:
        self._strays += 1
        if self._strays > self._limits.strays:
            raise Broken("bad_reply")
