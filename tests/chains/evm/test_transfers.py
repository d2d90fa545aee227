"""Answers to a question for transfers: every part that has not its form makes it none."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.evidence import Call, ChainPlan, Exchange
from chains.evm import transfer_search
from chains.evm.calls import Header, MalformedAnswer
from chains.evm.counterparties import agree_on_flows
from chains.evm.effects import TRANSFER
from chains.evm.transfer_search import Search, ask_flows
from chains.evm.transfers import Filter, Logged, decode_transfers, topic_of, transfers_call
from chains.recording import Recorder
from chains.snapshot import CounterpartyFlow
from config.caip import account_id
from tests.chains.evm.fakechain import ALICE, BOB, CAROL, CHAIN, COIN, COIN_ASSET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chains.evidence import Column, Json, ProtocolName, Sweep

HASH = f"0x{'ab' * 32}"
WANTED = Filter((COIN.lower(),), (topic_of(ALICE),), (topic_of(BOB), topic_of(CAROL)))
LOG: Mapping[str, Json] = {
    "address": COIN.lower(),
    "topics": (TRANSFER, topic_of(ALICE), topic_of(BOB)),
    "data": f"0x{77:064x}",
    "blockNumber": "0x7",
    "blockHash": HASH,
    "transactionHash": f"0x{'cd' * 32}",
    "transactionIndex": "0x0",
    "logIndex": "0x2",
    "removed": False,
}


def log(**change: Json) -> dict[str, Json]:
    return {**LOG, **change}


def decode(*logs: Json) -> tuple[Logged, ...]:
    return decode_transfers(logs, WANTED, 5, 9)


def test_a_log_is_read() -> None:
    expected = Logged(7, HASH, COIN.lower(), topic_of(ALICE), topic_of(BOB), 77)

    assert (expected,) == decode(log())
    assert (expected,) == decode(log(removed=None))
    # Nodes differ in the case of addresses.
    assert (expected,) == decode(log(address=COIN))
    others = (log(logIndex="0x1"), log(blockNumber="0x5", blockHash=f"0x{'01' * 32}"))
    assert 3 == len(decode(log(), *others))
    assert () == decode()


def test_the_question_is_as_the_standard_writes_it() -> None:
    asked: dict[str, Json] = {
        "address": (COIN.lower(),),
        "fromBlock": "0x5",
        "toBlock": "0x9",
        "topics": (TRANSFER, (topic_of(ALICE),), (topic_of(BOB), topic_of(CAROL))),
    }

    assert Call("eth_getLogs", (asked,)) == transfers_call(WANTED, 5, 9)
    anyone = transfers_call(replace(WANTED, recipients=None), 5, 9)
    topics: Json = (TRANSFER, (topic_of(ALICE),), None)
    assert Call("eth_getLogs", (asked | {"topics": topics},)) == anyone


ODD: tuple[Json, ...] = (None, "", "0x", "0x0", 7, True, (), {}, "0x" + "g" * 64, HASH + "0")


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("address", (*ODD, ALICE, HASH, COIN[:-1])),
        ("topics", (
            *ODD,
            (TRANSFER,),
            (TRANSFER, topic_of(ALICE)),
            (TRANSFER, topic_of(ALICE), topic_of(BOB), HASH),
            (HASH, topic_of(ALICE), topic_of(BOB)),
            (TRANSFER, topic_of(BOB), topic_of(BOB)),
            (TRANSFER, topic_of(ALICE), topic_of(ALICE)),
            (TRANSFER, ALICE, topic_of(BOB)),
            (TRANSFER, topic_of(ALICE), None),
            (TRANSFER, topic_of(ALICE).upper(), topic_of(BOB)),
            (TRANSFER, topic_of(ALICE), f"0x01{topic_of(BOB)[4:]}"),
        )),
        ("data", (*ODD, HASH[:-1], HASH[2:])),
        ("blockNumber", (*(one for one in ODD if one != "0x"), "0x4", "0xa", "0x07", "7")),
        ("blockHash", (*ODD, HASH[2:], HASH.upper())),
        ("transactionHash", (*ODD, HASH[2:])),
        ("logIndex", (None, "", "0x", "0x02", 2, True, (), {}, f"0x1{'0' * 64}")),
        ("removed", (True, "", 0, 1, "false", (), {})),
    ],
)  # fmt: skip
def test_a_log_with_a_part_of_another_form_is_no_answer(part: str, values: Sequence[Json]) -> None:
    for value in values:
        with pytest.raises(MalformedAnswer):
            decode(log(logIndex="0x1"), log(**{part: value}))
    without = {name: value for name, value in LOG.items() if name != part}
    if part != "removed":
        with pytest.raises(MalformedAnswer):
            decode(without)


def test_a_log_that_comes_twice_is_no_answer() -> None:
    for again in (log(), log(data=f"0x{1:064x}"), log(logIndex="0x3", blockHash=f"0x{'01' * 32}")):
        with pytest.raises(MalformedAnswer):
            decode(log(), again)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([HASH, TRANSFER, topic_of(ALICE), COIN, "0x7", "0x0"]),
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.sampled_from(list(LOG)), inner, max_size=9)
    ),
    max_leaves=20,
)


@given(
    JSON
    | st.lists(
        st.dictionaries(st.sampled_from(list(LOG)), JSON).map(lambda change: log(**change)),
        max_size=3,
    ).map(tuple)
)
def test_nothing_else_comes_out_of_any_answer(result: Json) -> None:
    with contextlib.suppress(MalformedAnswer):
        for one in decode_transfers(result, WANTED, 5, 9):
            assert one == replace(one, contract=COIN.lower(), sender=topic_of(ALICE))


class Ledger:
    """A node that keeps transfers: sender, recipient, units and height of each, in their order."""

    name, operator = "node-1", "acme"
    protocol: ProtocolName = "json-rpc"

    def __init__(self, kept: Sequence[tuple[str, str, int, int]], longest: int) -> None:
        self.kept, self.longest = kept, longest
        self.widest = 0

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        return tuple(self._told(call) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        raise NotImplementedError

    def _told(self, call: Call) -> Exchange:
        (asked, *_) = call.params
        if not isinstance(asked, dict):
            return Exchange(call, {
                "number": "0x64", "hash": name_of(100), "parentHash": HASH, "timestamp": "0x1",
            })  # fmt: skip
        low, high = (int(str(asked[name]), 16) for name in ("fromBlock", "toBlock"))
        assert isinstance(asked["topics"], tuple)
        _, senders, recipients = asked["topics"]
        self.widest = max(self.widest, *(len(side or ()) for side in (senders, recipients)))  # type: ignore[arg-type]
        found = tuple(
            log(
                topics=(TRANSFER, topic_of(sender), topic_of(recipient)),
                data=f"0x{units:064x}",
                blockNumber=hex(height),
                blockHash=name_of(height),
                logIndex=hex(at),
            )
            for at, (sender, recipient, units, height) in enumerate(self.kept)
            if low <= height <= high
            and (senders is None or topic_of(sender) in senders)  # type: ignore[operator]
            and (recipients is None or topic_of(recipient) in recipients)  # type: ignore[operator]
        )
        # A run of one block is always given.
        if len(found) > self.longest and low < high:
            return Exchange(call, error="rpc_error")
        return Exchange(call, found)


def name_of(height: int) -> str:
    return f"0x{height:064x}"


HOLDERS = tuple(f"0x{number:040x}" for number in range(1, 9))
OWN, OTHERS = HOLDERS[:3], HOLDERS[3:7]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(HOLDERS),
            st.sampled_from(HOLDERS),
            st.integers(0, 9),
            st.integers(1, 120),
        ),
        max_size=40,
    ),
    st.integers(0, 9),
    st.sampled_from([1, 2, 3, 500]),
    st.sampled_from([1, 7, 10_000]),
)
def test_however_it_is_cut_it_adds_up(
    kept: list[tuple[str, str, int, int]], longest: int, topics: int, blocks: int
) -> None:
    search = Search(
        {COIN.lower(): COIN_ASSET},
        {topic_of(one): (one, frozenset({COIN_ASSET})) for one in OWN},
        {topic_of(one): one for one in OTHERS},
        11,
        Header(100, name_of(100), HASH, 1),
        frozenset({"node-1"}),
    )
    expected: dict[tuple[str, str], list[int]] = {}
    for sender, recipient, units, height in kept:
        if not 11 <= height <= 100 or not units:
            continue
        if sender in OWN and recipient in OTHERS:
            expected.setdefault((sender, recipient), [0, 0])[0] += units
        if sender in OTHERS and recipient in OWN:
            expected.setdefault((recipient, sender), [0, 0])[1] += units
    node = Ledger(kept, longest)
    recorder = Recorder(node)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfer_search, "MAX_TOPICS", topics)
        patch.setattr(transfer_search, "MAX_BLOCKS", blocks)
        ask_flows(search, recorder)
        plan = ChainPlan(CHAIN, None, 1, 3, ())
        found = agree_on_flows(plan, search, (recorder.log(),))
    assert frozenset({COIN_ASSET}) == found.known
    assert node.widest <= topics
    assert [
        CounterpartyFlow(
            account_id(CHAIN.id, own), COIN_ASSET, account_id(CHAIN.id, other), sent, received
        )
        for (own, other), (sent, received) in sorted(expected.items())
    ] == list(found.flows)
