"""Balances and nonces around the pin; nothing there takes anything from the pin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chains.errors import ChainError
from chains.evm.calls import NONCE_METHOD, NONCES
from chains.snapshot import WindowReading
from config.caip import AssetId, account_id
from tests.chains.evm import statechain
from tests.chains.evm.fakechain import (
    ALICE,
    BOB,
    CHAIN,
    COIN,
    COIN_ASSET,
    GENESIS_TIME,
    FakeChain,
    World,
)
from tests.chains.evm.lived import (
    ANY,
    FINAL,
    FLOWS,
    HEADER,
    TRUTH,
    WINDOW,
    Lived,
    assert_pin,
    at_height,
    block,
    evidence_of,
    plan_of,
    remarks_of,
    rows,
    rows_at,
    snapshot_of,
    unread,
)


@pytest.mark.parametrize("knows_hashes", [True, False])
def test_balances_and_nonces_of_a_window(*, knows_hashes: bool) -> None:
    chains = [Lived(FakeChain(knows_hashes=knows_hashes)) for _ in range(2)]
    plan = plan_of(window=WINDOW, quorum=2)
    found = snapshot_of(plan, *chains)
    assert (block(WINDOW[0], 5), block(WINDOW[1], 14)) == found.window_blocks
    assert TRUTH == rows(found)
    assert [FLOWS] == remarks_of(found)
    assert_pin(plan, found, 2)
    first = found.window[1]
    assert first == WindowReading(
        account_id(CHAIN.id, ALICE),
        COIN_ASSET,
        before=5005,
        after=5014,
        nonce_before=2,
        nonce_at=5,
        nonce_after=7,
    )


def test_each_blocks_state_is_asked_as_at_the_pin() -> None:
    for knows_hashes in (True, False):
        chain = Lived(FakeChain(knows_hashes=knows_hashes))
        evidence_of(plan_of(window=WINDOW), chain)
        asked = [params[-1] for method, params in chain.asked if method == NONCE_METHOD]
        names = [{"blockHash": ANY.block_hash(at), "requireCanonical": True} for at in (10, 5, 14)]
        expected = names if knows_hashes else [hex(at) for at in (10, 5, 14)]
        assert [name for name in expected for _ in (ALICE, BOB)] == asked


def test_the_window_is_of_the_last_blocks_at_or_before_its_moments() -> None:
    for low in (0, 3, 8, 9, 10, 11):
        for high in range(max(low, 9), FINAL + 2):
            for late in (0, 5, 11):
                moments = ANY.time(low), ANY.time(high) + late
                found = snapshot_of(plan_of(window=moments), Lived())
                last = high if high < FINAL else None
                assert rows_at(low, 10, last) == rows(found)
                blocks = [block(moments[0], low)]
                if last is not None:
                    blocks.append(block(moments[1], last))
                assert tuple(blocks) == found.window_blocks


def test_of_blocks_of_one_second_none_is_the_last_but_one() -> None:
    chain = FakeChain(seconds=0)
    plan = replace(plan_of(None), window=(GENESIS_TIME, GENESIS_TIME))
    found = snapshot_of(plan, Lived(chain))
    assert ((), {(None, None)}) == (found.window_blocks, {row[:2] for row in rows(found)})


def test_a_window_that_is_not_over_is_not_waited_for() -> None:
    world, chain = World(), Lived()
    moments = ANY.time(5), ANY.time(FINAL)
    plan = plan_of(window=moments)
    found = snapshot_of(plan, chain, world=world)
    assert [hex(FINAL + 1), False] not in [params for _, params in chain.asked]
    assert rows_at(5, 10, None) == rows(found)
    assert (block(moments[0], 5),) == found.window_blocks
    assert [FLOWS, unread(4, "the window's last block is not known")] == remarks_of(found)
    assert [] == world.pauses
    assert_pin(plan, found)


def test_a_window_that_begins_before_the_chain_is_not_known_there() -> None:
    moments = GENESIS_TIME - 1, ANY.time(14)
    plan = plan_of(window=moments)
    found = snapshot_of(plan, Lived())
    assert rows_at(None, 10, 14) == rows(found)
    assert (block(moments[1], 14),) == found.window_blocks
    assert [FLOWS, unread(4, "the window's first block is not known")] == remarks_of(found)
    assert_pin(plan, found)


def test_a_pin_at_the_last_final_block_has_no_block_after_it() -> None:
    for as_of in (None, 10**10):
        plan = replace(plan_of(window=(ANY.time(5), 10**10)), as_of=as_of)
        found = snapshot_of(plan, Lived())
        assert FINAL == found.pin.height
        assert rows_at(5, FINAL, None) == rows(found)


def test_a_window_that_ends_at_the_pin_asks_nothing_there_again() -> None:
    chain = Lived()
    moment = ANY.time(10)
    found = snapshot_of(plan_of(window=(moment, moment)), chain)
    assert (block(moment, 10),) * 2 == found.window_blocks
    assert rows_at(10, 10, 10) == rows(found)
    balances = [params for method, params in chain.asked if method == "eth_getBalance"]
    assert len(balances) == 1 + 2  # The probe, and both accounts.
    assert len([method for method, _ in chain.asked if method == NONCE_METHOD]) == 2


def test_at_the_pin_the_window_says_what_the_pin_does() -> None:
    """A balance that failed there, for whatever reason, is not known to the window either."""
    lie = statechain.on("eth_getBalance", lambda _params, _result: "0x1")
    chain = statechain.StateChain(lie=lie)
    plan = statechain.plan_of(statechain.HOLDERS[0])
    plan = replace(plan, as_of=ANY.time(10), window=(ANY.time(10), ANY.time(12)))
    found = statechain.reading(plan, chain)
    assert {"proof_contradicts"} == statechain.classes(found, CHAIN.native)
    assert [(None, 1), (500, 500)] == [row[:2] for row in rows(found)]


def test_without_a_window_nothing_more_is_asked() -> None:
    bare, wide = Lived(), Lived()
    found = snapshot_of(plan_of(), bare)
    assert ((), (), [HEADER]) == (found.window, found.window_blocks, list(found.remarks))
    snapshot_of(plan_of(window=WINDOW), wide)
    assert bare.asked == wide.asked[: len(bare.asked)]
    assert NONCE_METHOD not in {method for method, _ in bare.asked}


def test_a_window_costs_few_questions() -> None:
    bare, wide = Lived(), Lived()
    snapshot_of(plan_of(), bare)
    snapshot_of(plan_of(window=WINDOW), wide)
    looks = 3 * 1  # After the nonces at the pin, after the state of each block.
    blocks, counts = 2 * 3, 3 * (1 + 2)  # A control call ahead of two nonces.
    holdings, search = 2 * 2 * (1 + 2), 8
    assert looks + blocks + counts + holdings + search == len(wide.asked) - len(bare.asked)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    for chain in (Lived(),):
        with pytest.raises(ChainError, match="eip155:31337: window begins at 7 and ends at 6"):
            snapshot_of(plan_of(window=(7, 6)), chain)


def test_readings_are_in_the_order_of_the_plan_one_a_balance() -> None:
    strange = AssetId(f"{CHAIN.id}/erc721:{COIN}")
    plan = plan_of(window=WINDOW, addresses=(BOB, ALICE), assets=(COIN_ASSET, strange))
    found = snapshot_of(plan, Lived())
    bob, alice = TRUTH[3], TRUTH[1]
    assert [bob, (None, None, *bob[2:]), alice, (None, None, *alice[2:])] == rows(found)
    accounts = [account_id(CHAIN.id, one) for one in (BOB, BOB, ALICE, ALICE)]
    assert accounts == [one.account for one in found.window]
    assert [one.asset for one in found.window] == [COIN_ASSET, strange] * 2
    assert unread(2, "at the window's first block") in found.remarks


def test_the_largest_nonce_is_read() -> None:
    chain = at_height(Lived(), 14, {"result": hex(NONCES - 1)}, NONCE_METHOD)
    found = snapshot_of(plan_of(window=WINDOW), chain)
    assert {NONCES - 1} == {row[4] for row in rows(found)}


def test_where_the_state_cannot_be_asked_for_its_block_sweeps_go_alone() -> None:
    foreign = replace(CHAIN, block_opcodes="foreign")
    chain = Lived()
    found = snapshot_of(plan_of(window=WINDOW, chain=foreign), chain)
    assert TRUTH == rows(found)
    assert not [
        params for method, params in chain.asked if "to" not in str(params) and method == "eth_call"
    ]
    pruned = snapshot_of(plan_of(window=WINDOW, chain=foreign), Lived(oldest=6))
    assert [None] * 4 == [row[0] for row in rows(pruned)]


def test_a_reading_of_nobody_has_no_window() -> None:
    bare, wide = Lived(), Lived()
    snapshot_of(plan_of(addresses=()), bare)
    found = snapshot_of(plan_of(window=WINDOW, addresses=()), wide)
    assert ((), ()) == (found.window, found.window_blocks)
    assert bare.asked == wide.asked
    assert [] == remarks_of(found)
