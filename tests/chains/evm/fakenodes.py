"""Fake chains behind real HTTP servers, and the sources that ask them."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from chains.transport import Endpoint, HttpSource, Limits
from tests.chains.evm.fakechain import FakeChain
from tests.misbehaving import honest, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.misbehaving import Script

LIMITS = Limits(connect_seconds=5, read_seconds=5, attempts=2)


@contextmanager
def nodes(*behaviours: FakeChain | Script, operators: str = "abcdef") -> Iterator[list[HttpSource]]:
    """Serve each chain or script; the sources are `node-1`, `node-2` and so on."""
    with ExitStack() as stack:
        sources = []
        for number, (behaviour, operator) in enumerate(zip(behaviours, operators, strict=False), 1):
            script = honest(behaviour.answer) if isinstance(behaviour, FakeChain) else behaviour
            server = stack.enter_context(serve(script))
            endpoint = Endpoint(f"node-{number}", operator, server.url)
            source = HttpSource(endpoint, lambda _seconds: None, LIMITS)
            stack.callback(source.close)
            sources.append(source)
        yield sources
