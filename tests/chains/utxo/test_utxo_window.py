"""What accounts held and did around the pin, held against the chain's own states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.snapshot import WindowBlock, WindowReading
from config.caip import AssetId, account_id
from tests.chains.utxo.fake_server import (
    FakeCore,
    FakeServer,
    address_in,
    failing,
    lived,
    median_at,
    plan_of,
)
from tests.chains.utxo.history.minting import SCRIPTS, START, Minted
from tests.chains.utxo.history.readings import names
from tests.chains.utxo.minted_readings import World, held, shifted, snapshot_of

if TYPE_CHECKING:
    from chains.evidence import ChainPlan, Exchange, ProtocolName
    from chains.snapshot import ChainSnapshot

BOTH: tuple[ProtocolName, ...] = ("electrum", "esplora")
UNKNOWN = (None, None, None, None, None)


@pytest.fixture(params=BOTH)
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    found: ProtocolName = request.param
    return found


def numbers(found: ChainSnapshot) -> list[tuple[int | None, ...]]:
    return [(o.before, o.after, o.received, o.spent, o.transactions) for o in found.window]


def block(chain: Minted, moment: int, height: int) -> WindowBlock:
    return WindowBlock(moment, height, chain.blocks[height].name, median_at(height))


def moved(chain: Minted, low: int, high: int) -> list[tuple[int, int, int]]:
    """What each script received and spent in the blocks after one up to another, from states."""
    found = []
    for script in SCRIPTS:
        received = spent = 0
        for height in range(low + 1, high + 1):
            before, after = chain.states[height - 1], chain.states[height]
            own = {at for at, one in before.items() if one.script == script}
            left = {at for at, one in after.items() if one.script == script}
            received += sum(after[at].units for at in left - own)
            spent += sum(before[at].units for at in own - left)
        txids = {txid for name, txid, at in chain.touched if name == script and low < at <= high}
        found.append((received, spent, len(txids)))
    return found


def test_balances_and_flows_of_a_window(protocol: ProtocolName) -> None:
    chain = lived()
    # The window begins below the first transaction, on one, between two, and above them all.
    for low in (1, 2, 4, 6, 8, 12):
        for pin, high in ((8, 8), (5, 20), (20, 26)):
            if low > high:
                continue
            window = (median_at(low) + 1, median_at(high) + 1)
            first, last = (max(at for at in range(31) if median_at(at) <= m) for m in window)
            plan = plan_of(chain, as_of=median_at(pin), window=window)
            found = snapshot_of(plan, FakeServer(chain, protocol=protocol))
            outer = block(chain, window[0], first), block(chain, window[1], last)
            assert outer == found.window_blocks
            expected = [
                (before, after, *flow)
                for before, after, flow in zip(
                    held(chain, first), held(chain, last), moved(chain, first, last), strict=True
                )
            ]
            assert expected == numbers(found)
            assert "flows_not_read" not in {remark.code for remark in found.remarks}


def test_without_a_window_nothing_is_asked_or_said(protocol: ProtocolName) -> None:
    chain = lived()
    plain, wide = (FakeServer(chain, protocol=protocol) for _ in range(2))
    found = snapshot_of(plan_of(chain), plain)
    assert ((), ()) == (found.window, found.window_blocks)
    snapshot_of(plan_of(chain, window=(median_at(4), median_at(20))), wide)
    assert len(plain.asked) < len(wide.asked)


def test_a_window_that_is_not_over_ends_at_the_pin(protocol: ProtocolName) -> None:
    chain = lived()
    for last in (median_at(30), median_at(29), START + 10**6):
        plan = plan_of(chain, window=(median_at(6), last))
        found = snapshot_of(plan, FakeServer(chain, protocol=protocol))
        first = max(at for at in range(31) if median_at(at) <= median_at(6))
        assert (block(chain, median_at(6), first),) == found.window_blocks
        flows = moved(chain, first, 28)
        assert [(one, None, *f) for one, f in zip(held(chain, first), flows, strict=True)] == (
            numbers(found)
        )


def test_a_window_that_begins_before_the_chain_is_not_known(protocol: ProtocolName) -> None:
    chain = lived()
    plan = plan_of(chain, window=(START - 1, median_at(20)))
    found = snapshot_of(plan, FakeServer(chain, protocol=protocol))
    assert [None] * 3 == [one.before for one in found.window]
    assert [None] * 3 == [one.received for one in found.window]
    assert held(chain, 20) == [one.after for one in found.window]
    assert {3} == {one.count for one in found.remarks if one.code == "flows_not_read"}


def test_a_window_after_the_pin_that_is_not_over_has_no_flows() -> None:
    chain = lived()
    plan = plan_of(chain, as_of=median_at(8), window=(median_at(20), START + 10**6))
    found = snapshot_of(plan, FakeServer(chain))
    assert held(chain, 20) == [one.before for one in found.window]
    assert [None] * 3 == [one.transactions for one in found.window]


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ChainError, match="window begins at 7 and ends at 6"):
        snapshot_of(plan_of(lived(), window=(7, 6)), FakeServer(lived()))


def test_only_planned_coins_have_a_reading() -> None:
    chain = lived()
    plan = plan_of(chain, window=(median_at(4), median_at(20)))
    token = AssetId(f"{plan.chain.id}/slip44:9")
    accounts = (replace(plan.accounts[0], assets=(token,)), plan.accounts[1])
    found = snapshot_of(replace(plan, accounts=accounts), FakeServer(chain))
    account = account_id(plan.chain.id, address_in(plan.chain, SCRIPTS[1]))
    assert [(account, plan.chain.native)] == [(one.account, one.asset) for one in found.window]


def test_a_node_alone_knows_no_flows() -> None:
    chain = lived()
    plan = plan_of(chain, confirmations=1, window=(median_at(4), median_at(20)))
    found = snapshot_of(plan, FakeCore(chain))
    accounts = [account_id(plan.chain.id, one.address) for one in plan.accounts]
    assert tuple(WindowReading(one, plan.chain.native) for one in accounts) == found.window
    assert ((), [("flows_not_read", "", 3)]) == (
        found.window_blocks,
        [(one.code, one.source, one.count) for one in found.remarks],
    )


def test_flows_need_as_many_operators_as_balances() -> None:
    chain = lived()
    plan = plan_of(chain, quorum=2, confirmations=1, window=(median_at(4), median_at(20)))
    found = snapshot_of(plan, FakeCore(chain), FakeServer(chain))
    assert {"quorum"} == {one.evidence for one in found.balances}
    assert [UNKNOWN] * 3 == numbers(found)
    both = FakeServer(chain), FakeServer(chain, "server-2", "zenith", "esplora")
    found = snapshot_of(plan, FakeCore(chain), *both)
    assert held(chain, 20) == [one.after for one in found.window]
    one_voice = FakeServer(chain), FakeServer(chain, "server-2")
    found = snapshot_of(plan, FakeCore(chain), *one_voice)
    assert [UNKNOWN] * 3 == numbers(found)


def hiding(chain: Minted, script: str, height: int) -> Minted:
    """The same chain for a server that leaves out a script's transactions of one block."""
    gone = {txid for name, txid, at in chain.touched if (name, at) == (script, height)}
    return replace(chain, touched=[one for one in chain.touched if one[1] not in gone])


def test_servers_that_differ_in_the_window_alone_agree_on_the_balance() -> None:
    chain = lived(15)
    chain.add(reward=SCRIPTS[0])
    chain.grow(14)
    plan = plan_of(chain, as_of=median_at(12), quorum=2, window=(median_at(4), median_at(25)))
    liar = FakeServer(hiding(chain, SCRIPTS[0], 16), "server-2", "zenith")
    found = snapshot_of(plan, FakeServer(chain), liar)
    assert {"quorum"} == {one.evidence for one in found.balances}
    assert (held(chain, 4)[0], None, None, None, None) == numbers(found)[0]
    assert held(chain, 25)[1:] == [one.after for one in found.window[1:]]
    assert {1} == {one.count for one in found.remarks if one.code == "flows_not_read"}


def test_a_history_that_is_not_given_has_no_numbers(protocol: ProtocolName) -> None:
    chain = lived()

    def busy(exchange: Exchange) -> Exchange:
        hit = any(name in str(exchange.call.params) for name in names(SCRIPTS[1]))
        return failing(exchange, "too_large") if hit else exchange

    plan = plan_of(chain, window=(median_at(4), median_at(20)))
    found = snapshot_of(plan, FakeServer(chain, protocol=protocol, change=busy))
    assert UNKNOWN == numbers(found)[1]
    assert None not in numbers(found)[0]


def test_servers_that_name_different_outer_blocks_know_none() -> None:
    chain = lived()
    plan: ChainPlan = plan_of(chain, as_of=median_at(12), window=(median_at(4), median_at(25)))

    def elsewhere(exchange: Exchange) -> Exchange:
        # Headers up to the window's last block, and not one further, are not given.
        match exchange.call.params:
            case (0, 27):
                return failing(exchange, "rpc_error")
        return exchange

    found = snapshot_of(plan, FakeServer(chain, change=elsewhere), world=World())
    assert [4] == [one.height for one in found.window_blocks]
    assert [None] * 3 == [one.after for one in found.window]
    # The flows end at the pin then.
    assert moved(chain, 4, 12) == [(r, s, t) for _, _, r, s, t in numbers(found)]


@pytest.mark.parametrize("seconds", [-6000, 6000])
def test_a_server_that_lies_about_times_gives_no_outer_blocks(seconds: int) -> None:
    chain = lived()
    plan = plan_of(chain, window=(median_at(15), median_at(20)))
    found = snapshot_of(plan, FakeServer(chain, change=shifted(chain, seconds)))
    assert ((), [UNKNOWN] * 3) == (found.window_blocks, numbers(found))
    assert held(chain, 28) == [one.units + one.immature for one in found.balances]
