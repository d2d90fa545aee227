"""Fake chains behind real HTTP servers, the sources that ask them, and what is read of them."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.snapshot import Balance, FailedRead
from chains.transport import Endpoint, HttpSource, Limits
from config.caip import account_id
from tests.chains.evm.fakechain import CHAIN, FakeChain, World
from tests.misbehaving import honest, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chains.evidence import ChainPlan
    from chains.snapshot import ChainSnapshot, EvidenceClass, FailureReason
    from config.caip import AssetId
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


def reading(
    plan: ChainPlan,
    *behaviours: FakeChain | Script,
    operators: str = "abcdef",
    world: World | None = None,
) -> ChainSnapshot:
    with nodes(*behaviours, operators=operators) as sources:
        evidence = read(plan, sources, (world or World()).around)
    return recheck(plan, evidence)


def balance(address: str, asset: AssetId, units: int, *sources: str) -> Balance:
    evidence: EvidenceClass = "quorum" if len(sources) > 1 else "single"
    return Balance(account_id(CHAIN.id, address), asset, units, 0, evidence, sources)


def units_of(snapshot: ChainSnapshot) -> list[int]:
    return [balance.units for balance in snapshot.balances]


def failed(address: str, asset: AssetId, reason: FailureReason, *answers: str) -> FailedRead:
    named = tuple((f"node-{number}", text) for number, text in enumerate(answers, 1))
    return FailedRead(account_id(CHAIN.id, address), asset, reason, named)


def at_call(number: int, change: Callable[[FakeChain], None]) -> FakeChain:
    """Change a chain once, before its nth call."""

    def before(chain: FakeChain, _method: str, count: int) -> None:
        if count == number:
            change(chain)

    return FakeChain(before=before)


def fork(chain: FakeChain) -> None:
    chain.fork = "b"
