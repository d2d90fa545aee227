from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.utxo.answers import Unspent
from chains.utxo.history.replay import (
    BIP30_DUPLICATES,
    ContradictionError,
    Flow,
    confirmed,
    flows,
    overlooked,
    replay,
)
from chains.utxo.history.transaction import Transaction, read_transaction
from tests.chains.utxo.history.minting import MINER, SCRIPTS, Held, Minted, small_chain

if TYPE_CHECKING:
    from chains.utxo.history.replay import History

OWN, OTHER = SCRIPTS[0], SCRIPTS[1]


def name(number: int) -> str:
    return f"{number:064x}"


def made(
    number: int, *outputs: tuple[str, int], spends: tuple[tuple[int, int], ...] = ()
) -> Transaction:
    inputs = tuple((name(txid), vout) for txid, vout in spends)
    return Transaction(name(number), inputs, outputs, coinbase=False)


def by_txid(*transactions: Transaction) -> dict[str, Transaction]:
    return {one.txid: one for one in transactions}


def held(unspents: tuple[Unspent, ...]) -> dict[tuple[str, int], Held]:
    return {(u.txid, u.vout): Held(u.script, u.units, u.height, bool(u.coinbase)) for u in unspents}


def state(chain: Minted, script: str, height: int) -> dict[tuple[str, int], Held]:
    return {at: one for at, one in chain.states[height].items() if one.script == script}


def transactions(chain: Minted, height: int) -> dict[str, Transaction]:
    names = {txid for _, txid, at in chain.touched if at <= height}
    return {txid: read_transaction(chain.raw[txid]) for txid in names}


def test_coins_at_every_height() -> None:
    chain = small_chain()
    for height in range(chain.height + 1):
        known = transactions(chain, height)
        for script in SCRIPTS:
            unspents = replay(script, height, chain.history(script), known)
            assert state(chain, script, height) == held(unspents)


def test_coins_are_in_order_and_say_where_they_are_from() -> None:
    chain = Minted()
    chain.grow(2)
    chain.add(reward=OWN)
    chain.add(reward=OWN)
    (coin, later) = replay(OWN, 3, chain.history(OWN), transactions(chain, 3))
    assert Unspent(chain.blocks[2].txids[0], 0, OWN, 5_000_000_000, 2, coinbase=True) == coin
    assert 3 == later.height


def test_an_empty_history_has_no_coins() -> None:
    assert () == replay(OWN, 5, (), {})
    assert Flow(0, 0, 0) == flows(OWN, 0, 5, (), {})


def test_the_mempool_later_blocks_and_block_zero_do_not_count() -> None:
    history = ((name(1), 0), (name(2), -1), (name(3), 6), (name(4), 5))
    assert ((name(4), 5),) == confirmed(history, 5)
    known = by_txid(made(4, (OWN, 7)))
    assert [7] == [one.units for one in replay(OWN, 5, history, known)]


def test_a_transaction_may_stand_in_the_mempool_and_in_a_block() -> None:
    # Servers read their two lists one after the other.
    assert ((name(1), 5),) == confirmed(((name(1), 5), (name(1), 0)), 5)


def test_a_transaction_that_is_not_given_is_a_fault() -> None:
    with pytest.raises(ValueError, match=f"transaction {name(1)} is listed and not given"):
        replay(OWN, 5, ((name(1), 1),), {})


PAY = made(1, (OTHER, 5), (OWN, 7))
CONTRADICTIONS: list[tuple[str, History, dict[str, Transaction]]] = [
    ("listed_twice", ((name(1), 1), (name(1), 1)), by_txid(PAY)),
    ("two_heights", ((name(1), 1), (name(1), 2)), by_txid(PAY)),
    *[("bip30_duplicate", ((txid, 91842),), {}) for txid in sorted(BIP30_DUPLICATES)],
    ("unrelated", ((name(2), 1),), by_txid(made(2, (OTHER, 1)))),
    # It spends the other output of a transaction that pays the script.
    (
        "unrelated",
        ((name(1), 1), (name(2), 2)),
        by_txid(PAY, made(2, (OTHER, 5), spends=((1, 0),))),
    ),
    (
        "no_such_output",
        ((name(1), 1), (name(2), 2)),
        by_txid(PAY, made(2, (OWN, 5), spends=((1, 2),))),
    ),
    # The first transaction is known from another history, and left out here.
    ("hidden_receipt", ((name(2), 2),), by_txid(PAY, made(2, (OTHER, 7), spends=((1, 1),)))),
    (
        "double_spend",
        ((name(1), 1), (name(2), 2), (name(3), 3)),
        by_txid(PAY, made(2, (OTHER, 7), spends=((1, 1),)), made(3, (OTHER, 7), spends=((1, 1),))),
    ),
    (
        "double_spend",
        ((name(1), 1), (name(2), 2)),
        by_txid(PAY, made(2, (OTHER, 14), spends=((1, 1), (1, 1)))),
    ),
    (
        "spent_before_created",
        ((name(1), 3), (name(2), 2)),
        by_txid(PAY, made(2, (OTHER, 7), spends=((1, 1),))),
    ),
]


@pytest.mark.parametrize(("reason", "history", "known"), CONTRADICTIONS)
def test_a_history_that_contradicts_itself(
    reason: str, history: History, known: dict[str, Transaction]
) -> None:
    with pytest.raises(ContradictionError, match=f"^{reason}: ") as caught:
        replay(OWN, 10**6, history, known)
    assert reason == caught.value.reason
    with pytest.raises(ContradictionError, match=f"^{reason}: "):
        flows(OWN, 0, 10**6, history, known)


def test_a_spend_in_the_block_of_its_receipt_is_sound() -> None:
    known = by_txid(PAY, made(2, (OTHER, 7), spends=((1, 1),)))
    assert () == replay(OWN, 4, ((name(2), 4), (name(1), 4)), known)


def test_a_contradiction_above_the_height_is_not_seen() -> None:
    known = by_txid(PAY, made(2, (OTHER, 7), spends=((1, 1),)))
    history = ((name(1), 3), (name(2), 2))
    assert () == replay(OWN, 1, history, known)


def test_flows_of_a_window() -> None:
    chain = small_chain()
    known = transactions(chain, chain.height)
    history = chain.history(OWN)
    subsidy = 5_000_000_000
    # Paid at 2; spent and paid back at 3; spent with change at 5; paid twice at 8, once from its
    # own.
    expected = {
        (0, 2): Flow(subsidy, 0, 1),
        (2, 3): Flow(700, subsidy, 1),
        (1, 3): Flow(subsidy + 700, subsidy, 2),
        (3, 4): Flow(0, 0, 0),
        (4, 5): Flow(250, 700, 1),
        (5, 9): Flow(800, 250, 2),
        (9, 9): Flow(0, 0, 0),
    }
    assert expected == {window: flows(OWN, *window, history, known) for window in expected}


def test_a_window_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(ValueError, match="window after 5 ends at 4"):
        flows(OWN, 5, 4, (), {})


def test_what_another_history_shows_is_held_against_one() -> None:
    spend = made(2, (SCRIPTS[2], 7), spends=((1, 1),))
    known = by_txid(PAY, spend)
    whole = {
        OWN: ((name(1), 1), (name(2), 2)),
        OTHER: ((name(1), 1),),
        SCRIPTS[2]: ((name(2), 2),),
    }
    assert {} == overlooked(whole, known)
    for script, history, reason in (
        (OWN, ((name(1), 1),), "hidden_spend"),
        (OWN, ((name(2), 2),), "hidden_receipt"),
        (OWN, (), "hidden_receipt"),
        (OTHER, (), "hidden_receipt"),
        (SCRIPTS[2], (), "hidden_receipt"),
    ):
        found = overlooked(whole | {script: history}, known)
        assert {script: reason} == {at: fault.reason for at, fault in found.items()}
    # A script that nobody asks about, and an output that there is not, accuse nobody.
    assert {} == overlooked({MINER: ()}, known)
    assert {} == overlooked(
        {OWN: ((name(1), 1),)}, by_txid(PAY, made(2, (OTHER, 1), spends=((1, 9),)))
    )


def test_a_transaction_that_does_not_touch_a_script_is_named() -> None:
    known = by_txid(PAY)
    found = overlooked({OWN: ((name(1), 1),), SCRIPTS[2]: ((name(1), 1), (name(9), 9))}, known)
    assert {SCRIPTS[2]: "unrelated"} == {at: fault.reason for at, fault in found.items()}
    assert name(1) in str(found[SCRIPTS[2]])


def test_a_large_transaction_in_every_history_costs_no_more_than_in_one() -> None:
    large = made(1, *((f"{number:044x}", 1) for number in range(10_000)))
    histories = {f"{number:044x}": ((name(1), 1),) for number in range(20_000, 25_000)}
    started = time.process_time()
    found = overlooked(histories, by_txid(large))
    assert {"unrelated"} == {fault.reason for fault in found.values()}
    assert len(histories) == len(found)
    assert 1 > time.process_time() - started


@st.composite
def chains(draw: st.DrawFn) -> Minted:
    """Blocks of random transactions among four scripts, each output spent once at most."""
    chain = Minted()
    everyone = (*SCRIPTS, MINER)
    for _ in range(draw(st.integers(1, 7))):
        free = sorted(chain.held)
        block = []
        for _ in range(draw(st.integers(0, 3))):
            if not free:
                break
            count = draw(st.integers(1, min(3, len(free))))
            inputs = [free.pop(draw(st.integers(0, len(free) - 1))) for _ in range(count)]
            outputs = draw(
                st.lists(
                    st.tuples(st.sampled_from(everyone), st.integers(0, 1000)),
                    min_size=1,
                    max_size=3,
                )
            )
            block.append((inputs, outputs))
        chain.add(*block, reward=draw(st.sampled_from(everyone)), witness=draw(st.booleans()))
    return chain


@settings(max_examples=150)
@given(chains())
def test_replay_equals_the_whole_set_of_outputs(chain: Minted) -> None:
    for height in range(chain.height + 1):
        known = transactions(chain, height)
        for script in SCRIPTS:
            unspents = replay(script, height, chain.history(script), known)
            assert state(chain, script, height) == held(unspents)


@settings(max_examples=60)
@given(chains(), st.data())
def test_flows_are_the_difference_of_two_states(chain: Minted, data: st.DataObject) -> None:
    later = data.draw(st.integers(0, chain.height))
    earlier = data.draw(st.integers(0, later))
    known = transactions(chain, later)
    for script in SCRIPTS:
        flow = flows(script, earlier, later, chain.history(script), known)
        before, after = (
            sum(one.units for one in replay(script, at, chain.history(script), known))
            for at in (earlier, later)
        )
        assert after - before == flow.received - flow.spent
