"""Keeping to a source's rate: a token bucket. Pure; clock and waiting are handed in.

Providers bill and limit by call, not by request, so a request of a thousand calls takes a thousand
tokens. A bucket holds one second's worth, and a request larger than that waits until its last call
is due; nothing is ever refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pace:
    """Holds one source to a number of calls a second."""

    def __init__(
        self, rate: int, clock: Callable[[], float], pause: Callable[[float], None]
    ) -> None:
        """Start with a full bucket.

        Args:
            rate: calls a second, 1 or more.
            clock: gives seconds that never go back.
            pause: waits for some seconds.

        Raises:
            ValueError: the rate is less than 1, which would wait for ever.
        """
        if rate < 1:
            raise ValueError(f"rate of {rate} calls a second: at least 1 is needed")
        self._rate = rate
        self._clock = clock
        self._pause = pause
        self._due = clock() - 1.0
        """When the next call is due, were calls sent one by one."""

    def __call__(self, calls: int) -> None:
        """Wait until so many calls may be sent."""
        now = self._clock()
        self._due = max(self._due, now - 1.0) + calls / self._rate
        if self._due > now:
            self._pause(self._due - now)


def unpaced(calls: int) -> None:
    """Let any number of calls go at once."""
    del calls
