"""The reader against a real node: 220 accounts, two tokens, a real reorganisation."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from eth_hash.backends.pysha3 import keccak256

from chains.errors import ChainError
from chains.evidence import ChainPlan, PlannedAccount
from chains.evm.address import checksummed
from chains.evm.calls import token_balance_call
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.recorded import recorded_sources
from chains.recording import decode_log, encode_log
from chains.snapshot import Question
from chains.transport import Endpoint, HttpSource
from config.caip import AssetId, address_of
from tests.chains.between import Between
from tests.chains.evm.fakechain import CHAIN, World
from tests.nodes.anvil import Anvil, anvil
from tests.nodes.token import TOKEN_A, TOKEN_B, install_token, token_runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chains.snapshot import ChainSnapshot

pytestmark = pytest.mark.nodes

COUNT = 220
ASSETS = (
    CHAIN.native,
    AssetId(f"{CHAIN.id}/erc20:{TOKEN_A}"),
    AssetId(f"{CHAIN.id}/erc20:{TOKEN_B}"),
)
NOBODY = "0x" + "00" * 18 + "dEaD"


def holder(number: int) -> str:
    return checksummed(keccak256(f"holder {number}".encode())[12:])


HOLDERS = tuple(holder(number) for number in range(COUNT))


@dataclass(frozen=True, slots=True)
class Funded:
    """A node with accounts funded in a block well below its head."""

    node: Anvil
    head: int

    def sources(self, operators: str = "ab") -> list[HttpSource]:
        return [
            HttpSource(Endpoint(f"node-{at}", operator, self.node.url), lambda _seconds: None)
            for at, operator in enumerate(operators, 1)
        ]

    def snapshot(self, plan: ChainPlan, world: World | None = None) -> ChainSnapshot:
        sources = self.sources()
        evidence = read(plan, sources, (world or World()).around)
        for source in sources:
            source.close()
        return recheck(plan, evidence)


def plan_of(
    *addresses: str, as_of: int | None = None, questions: tuple[Question, ...] = ()
) -> ChainPlan:
    accounts = tuple(PlannedAccount(address, ASSETS) for address in addresses)
    return ChainPlan(CHAIN, as_of, 2, CHAIN.confirmations, accounts, questions)


@contextmanager
def funded() -> Iterator[Funded]:
    with anvil() as node:
        node.mine(5)
        node.ask_all(
            [
                ("anvil_setBalance", [address, hex(10**18 * number + number)])
                for number, address in enumerate(HOLDERS)
            ]
        )
        install_token(node, TOKEN_A, 6, {address: 10**6 + at for at, address in enumerate(HOLDERS)})
        install_token(node, TOKEN_B, 18, {HOLDERS[7]: 2**256 - 1})
        node.ask("anvil_mine", hex(10), hex(12))
        yield Funded(node, node.height())


@pytest.fixture(scope="module")
def chain() -> Iterator[Funded]:
    with funded() as found:
        yield found


def nodes_own_word(node: Anvil, asset: AssetId, height: int) -> list[int]:
    """Ask the node by number, by another client than the one under test."""
    block = hex(height)
    if asset == CHAIN.native:
        return [
            int(text, 16)
            for text in node.ask_all([("eth_getBalance", [address, block]) for address in HOLDERS])
        ]
    token = asset.rpartition(":")[2]
    calls = [token_balance_call(token, address, block) for address in HOLDERS]
    return [int(text, 16) for text in node.ask_all([(c.method, list(c.params)) for c in calls])]


def test_every_balance_is_the_nodes_own(chain: Funded) -> None:
    world = World()
    snapshot = chain.snapshot(plan_of(*HOLDERS), world)
    assert snapshot.failures == ()
    assert len(snapshot.balances) == COUNT * len(ASSETS)
    shown = {balance.asset: balance.evidence for balance in snapshot.balances}
    assert shown == dict(zip(ASSETS, ("state_proof", "quorum", "quorum"), strict=True))
    assert (snapshot.pin.height, snapshot.pin.depth) == (chain.head - 2, 3)
    assert chain.node.block(snapshot.pin.height)["hash"] == snapshot.pin.block_hash
    for asset in ASSETS:
        read_units = [item.units for item in snapshot.balances if item.asset == asset]
        assert nodes_own_word(chain.node, asset, snapshot.pin.height) == read_units
    assert [item.units for item in snapshot.balances if item.asset == CHAIN.native] == [
        10**18 * number + number for number in range(COUNT)
    ]
    # One sweep an asset, then the proofs of accounts.
    assert world.progress[1:] == [
        *(("anvil: reading balances", done, 660) for done in (220, 440, 660)),
        *(("anvil: proving balances", done, 220) for done in (100, 200, 220)),
    ]


def test_balances_come_in_the_order_of_the_plan(chain: Funded) -> None:
    plan = plan_of(*HOLDERS[::-1])
    snapshot = chain.snapshot(plan)
    assert [(address_of(item.account), item.asset) for item in snapshot.balances] == [
        (account.address, asset) for account in plan.accounts for asset in account.assets
    ]


def test_an_absent_account_holds_a_proper_zero(chain: Funded) -> None:
    snapshot = chain.snapshot(plan_of(NOBODY))
    assert [item.units for item in snapshot.balances] == [0, 0, 0]


def test_a_token_where_there_is_none_is_not_zero(chain: Funded) -> None:
    asset = AssetId(f"{CHAIN.id}/erc20:{HOLDERS[0]}")
    plan = ChainPlan(CHAIN, None, 2, 3, (PlannedAccount(HOLDERS[1], (asset,)),))
    snapshot = chain.snapshot(plan)
    assert snapshot.balances == ()
    (failure,) = snapshot.failures
    assert failure.answers == (("node-1", "no_code"), ("node-2", "no_code"))


def test_the_test_token_tells_its_decimals(chain: Funded) -> None:
    for token, decimals in ((TOKEN_A, 6), (TOKEN_B, 18)):
        call = {"to": token, "data": "0x313ce567"}
        assert decimals == int(chain.node.ask("eth_call", call, "latest"), 16)


def test_code_is_read_for_questions(chain: Funded) -> None:
    asked = tuple(Question(CHAIN.id, "code", address) for address in (TOKEN_A, HOLDERS[0]))
    snapshot = chain.snapshot(plan_of(HOLDERS[0], questions=asked))
    assert [answer.value for answer in snapshot.answers] == [token_runtime(6), "0x"]


@pytest.mark.parametrize("seconds", [0, 11])
def test_a_moment_finds_its_block(chain: Funded, seconds: int) -> None:
    height = chain.head - 5
    time = int(chain.node.block(height)["timestamp"], 16)
    snapshot = chain.snapshot(plan_of(HOLDERS[3], as_of=time + seconds))
    assert (snapshot.pin.height, snapshot.pin.block_time) == (height, time)
    assert snapshot.balances[0].units == 3 * 10**18 + 3


def test_of_blocks_with_one_time_the_last_is_the_pin(chain: Funded) -> None:
    times = [int(chain.node.block(height)["timestamp"], 16) for height in range(8)]
    assert times[1] == times[5] < times[7]
    snapshot = chain.snapshot(plan_of(NOBODY, as_of=times[1]))
    assert snapshot.pin.height == max(height for height in range(8) if times[height] <= times[1])


def test_a_recorded_reading_is_the_same_reading(chain: Funded) -> None:
    plan = plan_of(*HOLDERS[:20], as_of=int(chain.node.block(9)["timestamp"], 16))
    evidence = read(plan, chain.sources(), World().around)
    files = [encode_log(evidence.chain, log) for log in evidence.logs]
    logs = tuple(decode_log(file, "f")[1] for file in files)
    again = read(plan, recorded_sources(replace(evidence, logs=logs)), World().around)
    assert evidence.nodes
    assert evidence == again
    assert recheck(plan, evidence) == recheck(plan, again)


def test_another_chain_id_is_refused() -> None:
    with anvil("--chain-id", "5") as node:
        node.mine(5)
        found = Funded(node, 5)
        with pytest.raises(ChainError, match="it says eip155:5, eip155:31337 is declared"):
            found.snapshot(plan_of(NOBODY))


def once(action: Callable[[], object]) -> Callable[[str, int, int], None]:
    """Act when the first chunk of state was read."""
    left = [action]

    def progress(_stage: str, _done: int, of: int) -> None:
        if of and left:
            left.pop()()

    return progress


def test_a_reorganisation_during_the_reading_starts_it_over() -> None:
    with funded() as found:
        before = found.node.block(found.head - 2)["hash"]
        world = World()
        around = world.around
        progress = once(lambda: found.node.ask("anvil_reorg", 5, []))
        plan = plan_of(*HOLDERS[:3])
        evidence = read(plan, found.sources(), type(around)(around.pause, progress))
        snapshot = recheck(plan, evidence)
        after = found.node.block(snapshot.pin.height)["hash"]
    assert world.pauses == [3.0]
    assert after == snapshot.pin.block_hash != before
    assert snapshot.failures == ()


def test_nodes_at_different_tips_are_read_at_their_common_block() -> None:
    with funded() as found:
        plan = plan_of(HOLDERS[1])
        first, second = found.sources()
        growing = Between(second, lambda _sweep: found.node.mine(1))
        evidence = read(plan, [first, growing], World().around)
        snapshot = recheck(plan, evidence)
    assert (snapshot.pin.height, snapshot.pin.depth) == (found.head - 2, 3)
    assert snapshot.failures == ()
