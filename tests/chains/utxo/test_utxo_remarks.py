"""What is remarked on beside the balances: how much was checked, and what lies beyond."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chains.evidence import MarginAddress
from chains.snapshot import Remark
from config.caip import account_id
from tests.chains.utxo.fake_node import ADDRESSES, OUTPUTS, SCRIPTS, FakeNode, plan
from tests.chains.utxo.fake_server import (
    FakeCore,
    FakeServer,
    address_in,
    failing,
    lived,
    plan_of,
)
from tests.chains.utxo.history.minting import MINER
from tests.chains.utxo.history.minting import SCRIPTS as MINTED
from tests.chains.utxo.history.readings import names
from tests.chains.utxo.minted_readings import snapshot_of

if TYPE_CHECKING:
    from chains.evidence import ChainPlan, Exchange
    from chains.snapshot import ChainSnapshot


def codes(found: ChainSnapshot) -> list[tuple[str, str, int]]:
    return [(one.code, one.source, one.count) for one in found.remarks]


def test_a_node_alone_gives_no_cause_for_remarks() -> None:
    assert () == snapshot_of(plan(), FakeNode()).remarks


def test_what_was_not_checked_of_a_servers_blocks_is_said() -> None:
    chain = lived()
    both = FakeServer(chain), FakeServer(chain, "server-2", "zenith", "esplora")
    expected = [
        ("no_node", "", 3),
        ("targets_unchecked", "server-1", 3),
        ("headers_not_linked", "server-2", 3),
        ("targets_unchecked", "server-2", 3),
        ("known_block_not_met", "server-2", 3),
    ]
    assert expected == codes(snapshot_of(plan_of(chain), *both))
    known = plan_of(chain, checkpoint_height=25, checkpoint_hash=chain.blocks[25].name)
    left = {code for code, source, _ in codes(snapshot_of(known, *both)) if source == "server-2"}
    assert {"headers_not_linked", "targets_unchecked"} == left
    unworked = plan_of(chain, proof_of_work="unchecked", pow_limit=None)
    assert ("work_unchecked", "server-1", 3) in codes(snapshot_of(unworked, both[0]))
    retargeted = plan_of(chain, retarget="bitcoin")
    assert [("no_node", "", 3)] == codes(snapshot_of(retargeted, both[0]))


def test_a_remark_counts_the_balances_a_server_stands_for() -> None:
    chain = lived()

    def busy(exchange: Exchange) -> Exchange:
        hit = any(name in str(exchange.call.params) for name in names(MINTED[1]))
        return failing(exchange, "too_large") if hit else exchange

    found = snapshot_of(
        plan_of(chain, confirmations=1), FakeCore(chain), FakeServer(chain, change=busy)
    )
    assert [("targets_unchecked", "server-1", 2)] == codes(found)


# After the stated last index.


def with_margin(*places: int) -> ChainPlan:
    """Plan one account; the others of the fake node lie beyond an index."""
    beyond = tuple(MarginAddress(ADDRESSES[at], 1000 + at) for at in places)
    return replace(plan(), accounts=plan().accounts[:1], margin=beyond)


def test_what_lies_beyond_is_named_and_not_counted() -> None:
    wanted = with_margin(1, 2)
    node = FakeNode()
    found = snapshot_of(wanted, node)
    account = account_id(wanted.chain.id, ADDRESSES[1])
    held = 5_000_000_000 + 2_500_000_000 + 10_000_000
    detail = f"index 1001, {account}: {held} base units"
    assert (Remark("beyond_last_index", "", 1, detail),) == found.remarks
    assert [150_000_001] == [one.units for one in found.balances]
    assert {SCRIPTS[0].hex()} == {coin.script for coin in found.coins}
    scans = [call for call in node.asked if call.method == "scantxoutset"]
    assert [3] == [len(call.params[1]) for call in scans if isinstance(call.params[1], tuple)]


def test_an_address_beyond_that_is_declared_is_an_account() -> None:
    found = snapshot_of(replace(plan(), margin=with_margin(1).margin), FakeNode())
    assert () == found.remarks
    assert 3 == len(found.balances)


def test_addresses_beyond_that_are_not_read_are_counted() -> None:
    wanted = replace(with_margin(1, 2), quorum=2)
    liar = FakeNode("node-2", "zenith", outputs=OUTPUTS[:-1])
    found = snapshot_of(wanted, FakeNode(), liar)
    assert [("margin_not_read", "", 1)] == codes(found)
    assert () == found.failures


def test_index_servers_look_beyond_too() -> None:
    chain = lived()
    server = FakeServer(chain, scripts=(*MINTED, MINER))
    wanted = plan_of(chain, margin=(MINER,))
    found = snapshot_of(wanted, server)
    account = account_id(wanted.chain.id, address_in(wanted.chain, MINER))
    details = [one.detail for one in found.remarks if one.code == "beyond_last_index"]
    units = sum(one.units for one in chain.states[28].values() if one.script == MINER)
    assert [f"index 1000, {account}: {units} base units"] == details
    assert MINER not in {coin.script for coin in found.coins}

    def missing(exchange: Exchange) -> Exchange:
        hit = any(name in str(exchange.call.params) for name in names(MINER))
        return failing(exchange, "too_large") if hit else exchange

    server.change = missing
    assert ("margin_not_read", "", 1) in codes(snapshot_of(wanted, server))
