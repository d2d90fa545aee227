"""Whether a transaction is in a block: what nodes say, contradict, and leave out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.evidence import Exchange
from chains.evm.calls import MalformedAnswer, block_hash_call
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.rereading import compare_balances
from chains.evm.transactions import decode_receipt, receipt_call
from chains.inclusion import ABSENT, Inclusion, decode_inclusion
from chains.recording import RecordedSource, decode_log, encode_log
from chains.snapshot import Question
from tests.chains.evm.fakechain import CHAIN, FakeChain, World, plan_of
from tests.chains.evm.fakenodes import nodes, reading

if TYPE_CHECKING:
    from chains.snapshot import ChainSnapshot
    from tests.misbehaving import Json

TXID = "0x" + "7a" * 32
ASKED = Question(CHAIN.id, "inclusion", TXID)
PLAN = plan_of(questions=(ASKED,))
PIN = 18


def receipt(height: int = 5, **change: Json) -> dict[str, Json]:
    right: dict[str, Json] = {
        "transactionHash": TXID,
        "blockHash": FakeChain().block_hash(height),
        "blockNumber": hex(height),
        "status": "0x1",
        "logs": [],
    }
    return right | change


def saying(result: Json, **change: object) -> FakeChain:
    chain = FakeChain(overrides={"eth_getTransactionReceipt": result})
    return replace(chain, **change)  # type: ignore[arg-type]  # each by its own name


def said(snapshot: ChainSnapshot) -> Inclusion | None:
    assert snapshot.pin.height == PIN
    if not snapshot.answers:
        return None
    (answer,) = snapshot.answers
    assert answer.question == ASKED
    return decode_inclusion(answer.value)


def test_a_transaction_is_placed_at_or_below_the_pin() -> None:
    for height in (0, 5, PIN):
        found = said(reading(PLAN, saying(receipt(height))))
        assert found == Inclusion("success", height, FakeChain().block_hash(height))


def test_a_reverted_transaction_is_told_from_one_that_was_not() -> None:
    found = said(reading(PLAN, saying(receipt(status="0x0"))))
    assert found == Inclusion("failed", 5, FakeChain().block_hash(5))


def test_none_and_one_above_the_pin_are_absent() -> None:
    for result in (None, receipt(PIN + 1), receipt(10_000)):
        assert said(reading(PLAN, saying(result))) == ABSENT


@pytest.mark.parametrize(
    "result",
    [
        receipt(blockHash=FakeChain().block_hash(6)),
        receipt(blockHash=FakeChain(fork="b").block_hash(5)),
        receipt(blockHash="0x00"),
        receipt(blockHash=None),
        receipt(blockNumber=5),
        receipt(blockNumber="0x05"),
        receipt(transactionHash="0x" + "7b" * 32),
        receipt(status=None),
        receipt(status="0x2"),
        receipt(status=1),
        {},
        [],
        "0x1",
        {key: value for key, value in receipt().items() if key != "status"},
    ],
)
def test_what_contradicts_itself_is_no_answer(result: Json) -> None:
    assert said(reading(PLAN, saying(result))) is None


def test_a_node_that_does_not_answer_says_nothing() -> None:
    assert said(reading(PLAN, FakeChain())) is None


def test_sources_must_agree() -> None:
    plan = replace(PLAN, quorum=2)
    right = saying(receipt())
    assert said(reading(plan, right, right)) == Inclusion("success", 5, FakeChain().block_hash(5))
    for other in (None, receipt(status="0x0"), receipt(6)):
        assert said(reading(plan, right, saying(other))) is None
        assert said(reading(plan, right, right, saying(other))) is None
    assert said(reading(plan, right, FakeChain())) is None


def test_questions_of_another_chain_are_not_asked() -> None:
    other = replace(ASKED, chain=replace(CHAIN, id="eip155:1").id)  # type: ignore[arg-type]
    found = reading(plan_of(questions=(other,)), saying(receipt()))
    assert found.answers == ()


def test_a_recording_gives_the_same_and_a_shortened_one_gives_nothing() -> None:
    with nodes(saying(receipt())) as sources:
        evidence = read(PLAN, sources, World().around)
    stated = recheck(PLAN, evidence)
    (log,) = evidence.logs
    again = read(PLAN, [RecordedSource(log)], World().around)
    assert recheck(PLAN, again) == stated
    assert decode_log(encode_log(CHAIN.id, log), "log")[1] == log
    entries = tuple(one for one in log.entries if one.call != receipt_call(TXID))
    cut = replace(evidence, logs=(replace(log, entries=entries),))
    assert recheck(PLAN, cut).answers == ()
    twice = (*log.entries[:-1], Exchange(receipt_call(TXID), None), log.entries[-1])
    bent = replace(evidence, logs=(replace(log, entries=twice),))
    assert recheck(PLAN, bent).answers == ()


def test_two_blocks_at_its_height_make_a_source_contradict_itself() -> None:
    with nodes(saying(receipt())) as sources:
        evidence = read(PLAN, sources, World().around)
    (log,) = evidence.logs
    call = block_hash_call(5)
    other = next(one.result for one in log.exchanges if one.call == call)
    assert isinstance(other, dict)
    changed = Exchange(call, other | {"hash": FakeChain(fork="b").block_hash(5)})
    for entries in ((*log.entries[:-1], changed, log.entries[-1]),):
        bent = replace(evidence, logs=(replace(log, entries=entries),))
        assert said(recheck(PLAN, bent)) is None
    none = tuple(one for one in log.entries if one.call != call)
    assert said(recheck(PLAN, replace(evidence, logs=(replace(log, entries=none),)))) is None


def test_a_verifiers_node_is_asked_again() -> None:
    stated = reading(PLAN, saying(receipt()))
    name = f"inclusion of {TXID}"

    def again(chain: FakeChain) -> tuple[tuple[str, str], ...]:
        with nodes(chain) as sources:
            return compare_balances(PLAN, stated, sources, World().around)

    assert again(saying(receipt(), height=50, finalized=48)) == ()
    assert [(code, text.startswith(name)) for code, text in again(saying(None))] == [
        ("answer_mismatch", True)
    ]
    assert again(FakeChain()) == (("not_read_again", f"{name}: rpc_error"),)


def test_an_absent_one_stays_absent_when_it_is_mined_later() -> None:
    stated = reading(PLAN, saying(None))
    late = saying(receipt(30), height=50, finalized=48)
    with nodes(late) as sources:
        assert compare_balances(PLAN, stated, sources, World().around) == ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    )
)
def test_only_malformed_answers_come_out(value: Json) -> None:
    for result in (value, receipt(status=value), receipt(blockNumber=value)):
        try:
            decode_receipt(result, TXID)
        except MalformedAnswer:
            continue
