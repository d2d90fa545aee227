"""A fake chain whose accounts move: at block h ALICE holds 1000 + h, 5000 + h of the token, and has
sent h // 2 transactions; BOB holds 7, has no tokens and never sent. Asked without a network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chains.evidence import ChainPlan, PlannedAccount
from chains.evm.calls import NONCE_METHOD, STATE_METHODS
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.snapshot import Remark, WindowBlock
from tests.chains.evm.fakechain import ALICE, BOB, CHAIN, COIN, COIN_ASSET, FakeChain, World
from tests.chains.evm.statechain import GONE, Direct

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ChainEvidence, Source
    from chains.snapshot import ChainSnapshot
    from config.caip import AssetId
    from config.registry import Chain
    from tests.misbehaving import Json

FINAL = 18
"""The last final block."""
ANY = FakeChain()
ASSETS = (CHAIN.native, COIN_ASSET)
PRUNED = {"error": {"code": -32000, "message": "missing trie node"}}
UNKNOWN = (None,) * 5

Row = tuple[int | None, ...]
"""Before, after, and the nonces before, at and after."""


def rows_at(before: int | None, at: int, after: int | None) -> list[Row]:
    """What is true of ALICE and BOB; None for a block that is not known."""

    def told(height: int | None, units: int) -> int | None:
        return None if height is None else units

    def grown(height: int | None, by: int) -> int | None:
        return None if height is None else by + height

    def sent(height: int | None) -> int | None:
        return None if height is None else height // 2

    alice = (sent(before), sent(at), sent(after))
    bob = (told(before, 0), 0, told(after, 0))
    return [
        (grown(before, 1000), grown(after, 1000), *alice),
        (grown(before, 5000), grown(after, 5000), *alice),
        (told(before, 7), told(after, 7), *bob),
        (told(before, 0), told(after, 0), *bob),
    ]


def rows(snapshot: ChainSnapshot) -> list[Row]:
    assert all(one.received is one.spent is one.transactions is None for one in snapshot.window)
    return [
        (one.before, one.after, one.nonce_before, one.nonce_at, one.nonce_after)
        for one in snapshot.window
    ]


def block(moment: int, height: int) -> WindowBlock:
    return WindowBlock(moment, height, ANY.block_hash(height), ANY.time(height))


@dataclass(slots=True)
class Lived:
    """Answers as a node does that has the state of each block."""

    chain: FakeChain = field(default_factory=FakeChain)
    oldest: int = 0
    """The first block whose state is kept."""
    lie: Callable[[str, list[Json], dict[str, Json]], dict[str, Json]] = lambda _m, _p, reply: reply
    """Changes a reply."""
    asked: list[tuple[str, list[Json]]] = field(default_factory=list)

    def answer(self, method: str, params: list[Json]) -> dict[str, Json]:
        self.asked.append((method, params))
        return self.lie(method, params, self._truth(method, params))

    def _truth(self, method: str, params: list[Json]) -> dict[str, Json]:
        if method not in STATE_METHODS:
            return self.chain.answer(method, params)
        height = self.height_of(params[-1])
        if height is not None and height < self.oldest:
            return PRUNED
        at = height or 0
        self.chain.balances = {ALICE: 1000 + at, BOB: 7}
        self.chain.tokens = {COIN: {ALICE: 5000 + at}}
        if method != NONCE_METHOD:
            return self.chain.answer(method, params)
        reply = self.chain.answer("eth_getBalance", params)
        return reply if "error" in reply else {"result": hex(at // 2 if params[0] == ALICE else 0)}

    def height_of_state(self, params: list[Json]) -> int | None:
        """Give the block whose state a call asks for, None if it is none for state."""
        named = params[-1] if params else None
        is_state = isinstance(named, dict) or (isinstance(named, str) and named.startswith("0x"))
        return self.height_of(named) if is_state else None

    def height_of(self, named: Json) -> int | None:
        if isinstance(named, str):
            return int(named, 16)
        heights = range(self.chain.height + 1)
        return next((at for at in heights if self.chain.block_hash(at) == named["blockHash"]), None)


def at_height(chain: Lived, height: int, reply: dict[str, Json], *methods: str) -> Lived:
    """Let a chain give another reply about the state of one block, to some methods."""

    def lie(method: str, params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        if method not in (methods or STATE_METHODS) or chain.height_of(params[-1]) != height:
            return truth
        return reply

    chain.lie = lie
    return chain


def dying(chain: Lived, left: int) -> Lived:
    """Let a chain answer so many calls about its window, and then none."""
    counted = [0]

    def lie(method: str, _params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        counted[0] += bool(counted[0]) or method == NONCE_METHOD
        return {"error": GONE} if counted[0] > left else truth

    chain.lie = lie
    return chain


def plan_of(
    pin: int | None = 10,
    window: tuple[int, int] | None = None,
    *,
    quorum: int = 1,
    addresses: tuple[str, ...] = (ALICE, BOB),
    assets: tuple[AssetId, ...] = ASSETS,
    chain: Chain = CHAIN,
) -> ChainPlan:
    """Plan to read at a block, and around it."""
    as_of = None if pin is None else ANY.time(pin)
    planned = tuple(PlannedAccount(one, assets) for one in addresses)
    return ChainPlan(chain, as_of, quorum, 3, planned, window=window)


def around(before: int, after: int) -> tuple[int, int]:
    """Give moments between two blocks and those after them."""
    return ANY.time(before) + 5, ANY.time(after) + 11


def sources_of(*chains: Lived, operators: str = "abcdef") -> list[Source]:
    return [
        Direct(f"node-{number}", operator, chain.answer)
        for number, (chain, operator) in enumerate(zip(chains, operators, strict=False), 1)
    ]


def evidence_of(plan: ChainPlan, *chains: Lived, world: World | None = None) -> ChainEvidence:
    return read(plan, sources_of(*chains), (world or World()).around)


def snapshot_of(plan: ChainPlan, *chains: Lived, world: World | None = None) -> ChainSnapshot:
    return recheck(plan, evidence_of(plan, *chains, world=world))


WINDOW = around(5, 14)
TRUTH = rows_at(5, 10, 14)
FLOWS = Remark("flows_not_read", "", 4, "on EVM chains balances and nonces alone are read")
HEADER = Remark("header_not_recomputed", "", 1)


def unread(count: int, detail: str) -> Remark:
    return Remark("window_not_read", "", count, detail)


def remarks_of(snapshot: ChainSnapshot) -> list[Remark]:
    return [one for one in snapshot.remarks if one != HEADER]


def assert_pin(plan: ChainPlan, found: ChainSnapshot, sources: int = 1) -> None:
    """The pin is what it is without a window."""
    alone = replace(plan, window=None)
    expected = snapshot_of(alone, *(Lived() for _ in range(sources)))
    assert (expected.pin, expected.balances) == (found.pin, found.balances)
    assert found.failures == ()
