"""What a transaction moved: what nodes say, contradict, and leave out, and which side it is on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.evidence import Exchange
from chains.evm.calls import MalformedAnswer, block_hash_call
from chains.evm.movement import Reach, movement_vote
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.rereading import compare_balances
from chains.evm.transactions import decode_transaction, receipt_call, transaction_call
from chains.evm.voices import Voice
from chains.index import index_log
from chains.movement import NOT_THERE, Entry, Movement, decode_movement
from chains.recording import RecordedSource, decode_log, encode_log
from chains.snapshot import Question
from tests.chains.evm.fakechain import (
    ALICE,
    BOB,
    CAROL,
    CHAIN,
    COIN_ASSET,
    FakeChain,
    World,
    plan_of,
)
from tests.chains.evm.fakenodes import nodes, reading
from tests.chains.evm.receipts import (
    FEE,
    MOST,
    TXID,
    receipt,
    transaction,
    transfer_log,
    without,
)

if TYPE_CHECKING:
    from chains.snapshot import ChainSnapshot
    from tests.misbehaving import Json

ASKED = Question(CHAIN.id, "movement", TXID)
PIN, FINAL = 15, 18
AS_OF = FakeChain().time(PIN)
PLAN = replace(plan_of(questions=(ASKED,), as_of=AS_OF), tokens=(COIN_ASSET,))
ETH = CHAIN.native
NOTHING = without(transaction(), "blockHash", "blockNumber")


def saying(sent: Json, placed: Json, **change: object) -> FakeChain:
    answers = {"eth_getTransactionByHash": sent, "eth_getTransactionReceipt": placed}
    return replace(FakeChain(overrides=answers), **change)  # type: ignore[arg-type]  # by name


def at(height: int, *logs: Json, **change: Json) -> FakeChain:
    return saying(transaction(height), receipt(height, *logs, **change))


def said(snapshot: ChainSnapshot) -> Movement | None:
    assert PIN == snapshot.pin.height
    if not snapshot.answers:
        return None
    (answer,) = snapshot.answers
    assert ASKED == answer.question
    return decode_movement(answer.value)


def told(*chains: FakeChain, quorum: int = 1) -> Movement | None:
    return said(reading(replace(PLAN, quorum=quorum), *chains))


MOVED = Movement(
    "pin",
    "success",
    5,
    (Entry(ALICE, ETH, 700 + FEE),),
    (Entry(BOB, ETH, 700),),
    FEE,
    ALICE,
)


def test_value_and_fee_leave_the_sender() -> None:
    assert MOVED == told(at(5))


def test_each_side_of_the_pin() -> None:
    for height in (0, PIN):
        assert replace(MOVED, height=height) == told(at(height))
    for height in (PIN + 1, FINAL):
        assert replace(MOVED, side="after", height=None) == told(at(height))
    # What is not final may be mined again at another price.
    for height in (FINAL + 1, 20, 10_000):
        assert None is told(at(height))


def test_in_no_block_is_absent() -> None:
    assert NOT_THERE == told(saying(None, None))
    assert NOT_THERE == told(saying(NOTHING | {"blockHash": None, "blockNumber": None}, None))


def test_tokens_move_beside_the_coin() -> None:
    logs = (transfer_log(MOST), transfer_log(30, BOB, CAROL, 1), transfer_log(MOST, index=2))
    expected = replace(
        MOVED,
        debits=(
            Entry(BOB, COIN_ASSET, 30),
            Entry(ALICE, COIN_ASSET, 2 * MOST),
            Entry(ALICE, ETH, 700 + FEE),
        ),
        credits=(
            Entry(BOB, COIN_ASSET, 2 * MOST),
            Entry(BOB, ETH, 700),
            Entry(CAROL, COIN_ASSET, 30),
        ),
    )

    assert expected == told(at(5, *logs))


def test_a_token_that_is_not_planned_is_not_seen() -> None:
    assert MOVED == said(reading(replace(PLAN, tokens=()), at(5, transfer_log(30))))


def test_failing_moves_the_fee_alone() -> None:
    expected = replace(MOVED, status="failed", debits=(Entry(ALICE, ETH, FEE),), credits=())

    assert expected == told(at(5, status="0x0"))
    assert None is told(at(5, transfer_log(1), status="0x0"))


def test_what_pays_itself_is_on_both_sides() -> None:
    found = told(saying(transaction(to=ALICE.lower()), receipt()))

    assert replace(MOVED, credits=(Entry(ALICE, ETH, 700),)) == found


def test_a_new_contract_receives_the_value() -> None:
    created = saying(transaction(to=None), receipt(contractAddress=CAROL.lower()))

    assert replace(MOVED, credits=(Entry(CAROL, ETH, 700),)) == told(created)
    assert None is told(saying(transaction(to=None), receipt()))


def test_a_fee_that_is_not_known_is_in_no_debit() -> None:
    expected = replace(MOVED, debits=(Entry(ALICE, ETH, 700),), fee_units=None)

    assert expected == told(at(5, effectiveGasPrice=None))


def test_debits_less_credits_of_the_coin_are_the_fee() -> None:
    for chain in (at(5), at(5, status="0x0"), at(5, transfer_log(9), l1Fee="0x10")):
        found = told(chain)
        assert found is not None
        out, into = (
            sum(one.units for one in side if one.asset == ETH)
            for side in (found.debits, found.credits)
        )
        assert out - into == found.fee_units


@pytest.mark.parametrize("height", [5, FINAL])
@pytest.mark.parametrize(
    "change",
    [
        {"blockHash": FakeChain(fork="b").block_hash(5)},
        {"blockHash": FakeChain().block_hash(6)},
        {"blockHash": "0x00"},
        {"blockHash": None},
        {"blockHash": 5},
        {"hash": "0x" + "7b" * 32},
        {"hash": None},
        {"from": None},
        {"from": "0x"},
        {"from": ALICE[:-1]},
        {"to": "0x"},
        {"to": 0},
        {"value": None},
        {"value": 700},
        {"value": "0x0700"},
        {"value": hex(2**256)},
        {"type": None},
        {"type": "0x5"},
        {"type": "0x7e"},
        {"type": 2},
    ],
)
def test_a_transaction_that_is_not_whole_gives_no_answer(
    change: dict[str, Json], height: int
) -> None:
    assert None is told(saying(transaction(height) | change, receipt(height)))


def test_what_is_missing_gives_no_answer() -> None:
    right = transaction(), receipt()
    for name in without(right[0], "blockNumber"):
        assert None is told(saying(without(right[0], name), right[1]))
    for name in without(right[1], "effectiveGasPrice", "contractAddress"):
        assert None is told(saying(right[0], without(right[1], name)))
    pairs: tuple[tuple[Json, Json], ...] = ((None, right[1]), (right[0], None), ({}, {}), ("", ""))
    for sent, placed in pairs:
        assert None is told(saying(sent, placed))


def test_a_receipt_of_another_block_gives_no_answer() -> None:
    for other in (FakeChain(fork="b").block_hash(5), FakeChain().block_hash(6)):
        both = saying(transaction(blockHash=other), receipt(blockHash=other))
        assert None is told(both)


def test_a_node_that_does_not_know_a_method_says_nothing() -> None:
    assert None is told(FakeChain())
    for method in ("eth_getTransactionByHash", "eth_getTransactionReceipt"):
        whole = at(5)
        assert None is told(replace(whole, overrides=without(whole.overrides, method)))


def test_a_huge_answer_is_not_kept() -> None:
    logs = (transfer_log(1, index=at, more="x" * 1000) for at in range(3000))

    assert None is told(at(5, *logs))


def test_sources_must_agree() -> None:
    right = at(5)

    assert MOVED == told(right, right, quorum=2)
    for other in (
        saying(None, None),
        at(6),
        at(5, status="0x0"),
        at(5, gasUsed="0x1"),
        at(5, transfer_log(1)),
        saying(transaction(value=701), receipt()),
    ):
        assert None is told(right, other, quorum=2)
        assert None is told(right, right, other, quorum=2)
    assert None is told(right, FakeChain(), quorum=2)


def test_only_what_is_final_for_all_sources_is_after_the_pin() -> None:
    behind = replace(at(FINAL), finalized=FINAL - 1)

    assert None is told(at(FINAL), behind)
    assert "after" == getattr(told(at(FINAL - 1), replace(at(FINAL - 1), finalized=17)), "side", 0)


def test_a_source_that_never_gave_the_pins_block_says_nothing() -> None:
    with nodes(at(5)) as sources:
        (log,) = read(PLAN, sources, World().around).logs
    voice = Voice(index_log(log), ({"blockHash": FakeChain().block_hash(PIN)},), {}, {})
    reach = Reach(PIN, FINAL)

    assert MOVED == decode_movement(movement_vote(PLAN, voice, reach, TXID).value or "")
    other = movement_vote(PLAN, replace(voice, blocks=()), reach, TXID)
    assert (None, "not_read") == (other.value, other.said)


def test_questions_of_another_chain_are_not_asked() -> None:
    other = replace(ASKED, chain=replace(CHAIN, id="eip155:1").id)  # type: ignore[arg-type]
    found = reading(replace(PLAN, questions=(other,)), at(5))

    assert () == found.answers


def test_both_kinds_are_answered_of_one_transaction() -> None:
    both = replace(PLAN, questions=(ASKED, replace(ASKED, kind="inclusion")))
    found = reading(both, at(5))

    assert ["movement", "inclusion"] == [one.question.kind for one in found.answers]


def test_a_recording_gives_the_same_and_a_shortened_one_gives_nothing() -> None:
    for height in (5, FINAL):
        with nodes(at(height, transfer_log(4))) as sources:
            evidence = read(PLAN, sources, World().around)
        stated = recheck(PLAN, evidence)
        (log,) = evidence.logs
        again = read(PLAN, [RecordedSource(log)], World().around)
        assert 1 == len(stated.answers)
        assert stated == recheck(PLAN, again)
        assert log == decode_log(encode_log(CHAIN.id, log), "log")[1]
        for call in (receipt_call(TXID), transaction_call(TXID)):
            entries = tuple(one for one in log.entries if one.call != call)
            cut = replace(evidence, logs=(replace(log, entries=entries),))
            assert () == recheck(PLAN, cut).answers
            twice = (*log.entries[:-1], Exchange(call, None), log.entries[-1])
            bent = replace(evidence, logs=(replace(log, entries=twice),))
            assert () == recheck(PLAN, bent).answers
    blind = tuple(one for one in log.entries if one.call != block_hash_call(FINAL))
    assert () == recheck(PLAN, replace(evidence, logs=(replace(log, entries=blind),))).answers


def again(stated: ChainSnapshot, chain: FakeChain) -> tuple[tuple[str, str], ...]:
    with nodes(chain) as sources:
        return compare_balances(PLAN, stated, sources, World().around)


def later(chain: FakeChain) -> FakeChain:
    return replace(chain, height=50, finalized=48)


NAME = f"movement of {TXID}"


@pytest.mark.parametrize("height", [5, FINAL])
def test_a_verifiers_node_is_asked_again(height: int) -> None:
    stated = reading(PLAN, at(height))

    assert () == again(stated, later(at(height)))
    for other in (saying(None, None), at(height, transfer_log(1))):
        (met,) = again(stated, later(other))
        assert ("answer_mismatch", True) == (met[0], met[1].startswith(NAME))
    assert (("not_read_again", f"{NAME}: rpc_error"),) == again(stated, FakeChain())


def test_a_verifiers_node_may_have_it_in_another_block_above_the_pin() -> None:
    stated = reading(PLAN, at(FINAL))

    assert () == again(stated, later(at(40)))
    (met,) = again(stated, at(20))
    assert ("not_read_again", f"{NAME}: not_final") == met


def test_an_absent_one_may_be_mined_after_the_pin_and_not_before() -> None:
    stated = reading(PLAN, saying(None, None))

    assert () == again(stated, later(at(30)))
    assert () == again(stated, later(saying(None, None)))
    (met,) = again(stated, later(at(5)))
    assert "answer_mismatch" == met[0]


def test_a_token_that_could_not_be_read_is_seen_again_all_the_same() -> None:
    chain = at(5, transfer_log(30))
    stated = reading(PLAN, chain)
    coins = tuple(one for one in stated.balances if one.asset == ETH)

    assert () == again(replace(stated, balances=coins), later(chain))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    )
)
def test_only_malformed_answers_come_out_of_a_transaction(value: Json) -> None:
    for result in (value, *(transaction() | {name: value} for name in transaction())):
        try:
            decode_transaction(result, TXID)
        except MalformedAnswer:
            continue
