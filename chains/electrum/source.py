"""An Electrum server as a source: many questions at once over one connection.

    Call("blockchain.scripthash.get_history", ("8b01…",))  ->  Exchange(call, result=(…))

The first exchange on each connection is `server.version`; nothing else is written before its answer
shows a protocol from 1.4 to 1.6. A caller who asks the same gets that answer. Everything else is
always pipelined: sequential calls cost a second each on e-x, which holds small answers back.

- whatever the server does, `ask` gives one exchange a call and raises nothing;
- after a break the connection is opened again, and only what has no answer is asked again, up to a
  number of attempts;
- a server that settled nothing of a whole batch is not asked for the next;
- an answer over the server's limit or over ours is `too_large`, never an empty history.

JSON-RPC batches were refused: servers cap them at different lengths (electrs at 20), and one answer
over the limit fails the whole batch.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from chains.backoff import AGAIN, pause_before
from chains.electrum.connection import connect
from chains.electrum.flight import Broken, Flight
from chains.electrum.limits import DEFAULT_LIMITS
from chains.electrum.place import parse_place
from chains.evidence import Call
from chains.jsonrpc import all_failed
from chains.pace import unpaced
from chains.sweep import swept

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.electrum.connection import Connection
    from chains.electrum.limits import Limits
    from chains.evidence import Column, Exchange, Json, ProtocolName, Sweep
    from chains.transport import Endpoint

CLIENT = "custody-attest"
"""What we call ourselves; servers may turn away a client that has no name."""

PROTOCOLS = ("1.4", "1.6")
"""Oldest and newest protocol that is understood; 1.6 changed how headers are given."""

Version: TypeAlias = tuple[int, int]

_VERSION = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?:\.[0-9]{1,3}){0,2}", re.ASCII)


def version_call(protocols: tuple[str, str] = PROTOCOLS) -> Call:
    """Give the call that begins every connection."""
    return Call("server.version", (CLIENT, protocols))


class ElectrumSource:
    """A `Source` over the Electrum protocol; it keeps one connection open."""

    protocol: ProtocolName = "electrum"

    def __init__(
        self,
        endpoint: Endpoint,
        pause: Callable[[float], None],
        limits: Limits = DEFAULT_LIMITS,
        protocols: tuple[str, str] = PROTOCOLS,
        pace: Callable[[int], None] = unpaced,
    ) -> None:
        """Prepare a source without connecting.

        Args:
            endpoint: where to ask; the URL is of a form of `chains.electrum.place`.
            pause: waits for some seconds.
            limits: named limits.
            protocols: oldest and newest protocol to agree on.
            pace: called with the number of calls before they are written; waits until they may go.

        Raises:
            InputError: the URL is not of such a form; the message does not show it.
        """
        self.name = endpoint.name
        self.operator = endpoint.operator
        self._place = parse_place(endpoint)
        self._pause = pause
        self._pace = pace
        self._limits = limits
        self._hello = version_call(protocols)
        self._range = _version(protocols[0]), _version(protocols[1])
        self._ids = count(1)
        self._connection: Connection | None = None
        self._greeting: Json = None

    def __repr__(self) -> str:
        return f"ElectrumSource(name={self.name!r}, operator={self.operator!r})"

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give one exchange a call, in the order of the calls; no server's doing makes it raise."""
        found: list[Exchange] = []
        size = self._limits.batch
        for start in range(0, len(calls), size):
            batch = self._ask_batch(calls[start : start + size])
            found += batch
            code = batch[-1].error
            if code is not None and all(exchange.error in AGAIN for exchange in batch):
                found += all_failed(calls[start + size :], code)
                break
        return tuple(found)

    def sweep(self, sweep: Sweep) -> Column:
        """Ask one question about many subjects, likewise."""
        return swept(self, sweep)

    def close(self) -> None:
        """Close the connection; asking again opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask_batch(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        flight = Flight(calls, self._ids, self._limits)
        for attempt in range(1, self._limits.attempts + 1):
            self._carry(flight)
            if flight.landed or attempt == self._limits.attempts:
                break
            self._pause(pause_before(attempt, None))
            flight.repeat()
        return flight.exchanges()

    def _carry(self, flight: Flight) -> None:
        """Carry a flight over one connection, as far as that goes."""
        try:
            connection = self._connection or self._open()
            flight.known(self._hello, self._greeting)
            self._exchange(connection, flight)
        except Broken as broken:
            self.close()
            flight.broken(broken.code)

    def _open(self) -> Connection:
        """Connect and agree on a protocol; raise Broken."""
        self._connection = connect(self._place, self._limits)
        flight = Flight((self._hello,), self._ids, self._limits)
        self._exchange(self._connection, flight)
        (told,) = flight.exchanges()
        if told.error is not None:
            raise Broken(told.error)
        if not _agreed(told.result, *self._range):
            raise Broken("bad_reply")
        self._greeting = told.result
        return self._connection

    def _exchange(self, connection: Connection, flight: Flight) -> None:
        """Write and read until nothing of the flight is under way; raise Broken."""
        while flight.under_way:
            lines = flight.due()
            if lines:
                self._pace(len(lines))
                connection.send(b"".join(lines))
            for line in connection.lines():
                flight.take(line)


def _agreed(greeting: Json, oldest: Version, newest: Version) -> bool:
    """Tell whether a server named its software and a protocol that was offered."""
    match greeting:
        case (str(), str(text)):
            try:
                return oldest <= _version(text) <= newest
            except ValueError:
                return False
        case _:
            return False


def _version(text: str) -> Version:
    """Read the first two numbers of a protocol's version; the others change no answer."""
    match = _VERSION.fullmatch(text)
    if match is None:
        raise ValueError(f"not the version of a protocol: {text!r}")
    return int(match[1]), int(match[2])
