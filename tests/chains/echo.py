"""A server that gives back what it is asked, and a source that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.evidence import Call, Exchange
from chains.transport import Endpoint, HttpSource, Limits
from tests.misbehaving import honest, serve

if TYPE_CHECKING:
    from chains.jsonrpc import Dialect
    from tests.misbehaving import Json, Script, Server

CALLS = tuple(Call("echo", (f"0x{number}",)) for number in range(5))

ALL = ["0x0", "0x1", "0x2", "0x3", "0x4"]

QUICK = Limits(connect_seconds=2, read_seconds=2, body_bytes=4000, batch=10, attempts=3)


def echo(_method: str, params: list[Json]) -> dict[str, Json]:
    return {"result": params[0]}


GOOD = honest(echo)


class Told:
    """What came of asking."""

    def __init__(
        self, exchanges: tuple[Exchange, ...], pauses: list[float], server: Server
    ) -> None:
        self.words = [f"<{item.error}>" if item.error else item.result for item in exchanges]
        self.pauses = pauses
        self.requests = server.requests
        self.headers = server.headers


def source_at(
    url: str, pauses: list[float] | None = None, limits: Limits = QUICK, dialect: Dialect = "2.0"
) -> HttpSource:
    waits = [] if pauses is None else pauses
    return HttpSource(Endpoint("node-1", "acme", url, dialect), waits.append, limits)


def ask(script: Script, calls: tuple[Call, ...] = CALLS, limits: Limits = QUICK) -> Told:
    pauses: list[float] = []
    with serve(script) as server:
        source = source_at(server.url, pauses, limits)
        exchanges = source.ask(calls)
        source.close()
    assert [exchange.call for exchange in exchanges] == list(calls)
    return Told(exchanges, pauses, server)
