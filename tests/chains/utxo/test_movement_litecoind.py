"""Movements on a real node with an index: in, out, waiting and unknown, around a real pin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from chains.evidence import ChainPlan, Exchange, PlannedAccount
from chains.movement import NOT_THERE, Entry, Movement, decode_movement
from chains.recording import RecordedSource
from chains.rereading import REREADERS
from chains.snapshot import Question
from chains.transport import Endpoint, HttpSource
from chains.utxo.answers import read_amount
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from tests.chains.utxo.lived_node import CHAIN, SPACING, around
from tests.nodes.litecoind import litecoind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chains.evidence import Entry as LogEntry
    from chains.snapshot import ChainSnapshot
    from tests.nodes.litecoind import Litecoind

pytestmark = pytest.mark.nodes

DEPTH = 3
UNKNOWN = "ab" * 32


@dataclass(slots=True)
class Life:
    """A node, two accounts, and what they get and send; `out` is mined by the second pause."""

    node: Litecoind
    miner: str
    owners: tuple[str, str]
    deposit: str
    waiting: str
    out: str
    raw: str
    """Of the transaction out, signed."""
    pinned: int
    pauses: int = 0

    def pause(self, _seconds: float) -> None:
        self.pauses += 1
        mine(self.node, self.miner, *((self.raw,) if self.pauses == 1 else ()))


def mine(node: Litecoind, miner: str, *transactions: str) -> None:
    """Mine a block of these transactions alone, ten minutes after the one before."""
    time = node.rpc("getblockheader", node.rpc("getbestblockhash"))["time"]
    node.rpc("setmocktime", time + SPACING)
    node.rpc("generateblock", miner, list(transactions))


def pay(node: Litecoind, spent: list[dict[str, Any]], paid: list[dict[str, str]]) -> str:
    coins = [{"txid": one["txid"], "vout": one["vout"]} for one in spent]
    raw = node.rpc("createrawtransaction", coins, paid)
    signed: str = node.rpc("signrawtransactionwithwallet", raw)["hex"]
    return signed


def txid_of(node: Litecoind, raw: str) -> str:
    found: str = node.rpc("decoderawtransaction", raw)["txid"]
    return found


def live(node: Litecoind) -> Life:
    miner, first, second = node.address(), node.address("bech32"), node.address("legacy")
    node.mine(103, miner)
    for _ in range(11):  # As many as a median time is of.
        mine(node, miner)
    coins = node.rpc("listunspent")
    raw = pay(node, coins[:1], [{first: "3"}, {second: "2"}, {miner: "44.999"}])
    mine(node, miner, raw)
    deposit = txid_of(node, raw)
    own = [one for one in node.rpc("listunspent") if one["address"] in (first, second)]
    receivers = [{node.address("p2sh-segwit"): "1.25"}, {node.address(): "0.00000546"}]
    out = pay(node, own, [*receivers, {first: "3.7"}, {"data": "c0ffee"}])
    waiting = pay(node, coins[1:2], [{first: "49.999"}])
    node.rpc("sendrawtransaction", waiting)
    mine(node, miner)
    height = node.rpc("getblockcount")
    sent = txid_of(node, waiting), txid_of(node, out)
    return Life(node, miner, (first, second), deposit, *sent, out, height)


@pytest.fixture(scope="module")
def life() -> Iterator[Life]:
    with litecoind("-txindex=1") as node:
        yield live(node)


@pytest.fixture(scope="module")
def core(life: Life) -> Iterator[HttpSource]:
    source = HttpSource(Endpoint("node-1", "a", life.node.url, "core"), lambda _: None)
    yield source
    source.close()


@pytest.fixture(scope="module")
def plan(life: Life) -> ChainPlan:
    accounts = tuple(PlannedAccount(one, (CHAIN.native,)) for one in life.owners)
    txids = (life.deposit, life.out, life.waiting, UNKNOWN)
    asked = tuple(Question(CHAIN.id, "movement", txid) for txid in txids)
    return ChainPlan(CHAIN, None, 1, DEPTH, accounts, asked)


@pytest.fixture(scope="module")
def stated(life: Life, plan: ChainPlan, core: HttpSource) -> ChainSnapshot:
    """Read once, with the withdrawal mined during the wait for depth."""
    evidence = read(plan, (core,), around(life.pause))
    found = recheck(plan, evidence)
    (log,) = evidence.logs
    assert found == recheck(plan, read(plan, (RecordedSource(log),), around()))
    assert (life.pinned, DEPTH) == (found.pin.height, found.pin.depth)
    return found


def told(found: ChainSnapshot) -> dict[str, Movement]:
    return {one.question.subject: decode_movement(one.value) for one in found.answers}


def by_node(life: Life, txid: str, height: int | None) -> Movement:
    """Add a transaction up from the node's own words."""
    node = life.node
    tx = node.rpc("getrawtransaction", txid, True)
    spent = [
        node.rpc("getrawtransaction", one["txid"], True)["vout"][one["vout"]] for one in tx["vin"]
    ]
    fee = read_amount(node.rpc("gettransaction", txid)["fee"].removeprefix("-"))
    side = "after" if height is None else "pin"
    debits, received = added(spent), added(tx["vout"])
    return Movement(side, "success", height, debits, received, fee)  # type: ignore[arg-type]


def added(outputs: list[dict[str, Any]]) -> tuple[Entry, ...]:
    sums: dict[str, int] = {}
    for one in outputs:
        if read_amount(one["value"]):
            (address,) = one["scriptPubKey"]["addresses"]
            sums[address] = sums.get(address, 0) + read_amount(one["value"])
    return tuple(Entry(at, CHAIN.native, sums[at]) for at in sorted(sums))


def test_each_is_read_as_the_node_itself_says_it(life: Life, stated: ChainSnapshot) -> None:
    assert {
        life.deposit: by_node(life, life.deposit, life.pinned - 1),
        life.out: by_node(life, life.out, None),
        life.waiting: NOT_THERE,
    } == told(stated)
    out = told(stated)[life.out]
    assert (5 * 10**8, 3, 4_999_454) == (
        sum(one.units for one in out.debits),
        len(out.credits),
        out.fee_units,
    )


def test_a_verifiers_node_says_the_same_later(
    life: Life, plan: ChainPlan, stated: ChainSnapshot, core: HttpSource
) -> None:
    assert () == REREADERS["utxo"](plan, stated, (core,), around())
    mine(life.node, life.miner, life.node.rpc("getrawtransaction", life.waiting))
    assert "after" == by_node(life, life.waiting, None).side
    assert () == REREADERS["utxo"](plan, stated, (core,), around())
    wrong = tuple(
        replace(one, value=stated.answers[0].value) if one.question.subject == life.out else one
        for one in stated.answers
    )
    (met,) = REREADERS["utxo"](plan, replace(stated, answers=wrong), (core,), around())
    assert "answer_mismatch" == met[0]


def test_a_source_that_disagrees_leaves_no_answer(
    life: Life, plan: ChainPlan, stated: ChainSnapshot, core: HttpSource
) -> None:
    quick = replace(plan, confirmations=1)
    evidence = read(quick, (core,), around())
    (log,) = evidence.logs

    def unplaced(entry: LogEntry) -> LogEntry:
        if not isinstance(entry, Exchange) or not isinstance(entry.result, dict):
            return entry
        if entry.call.params != (life.out, True):
            return entry
        bare = {key: value for key, value in entry.result.items() if key != "blockhash"}
        return replace(entry, result=bare)

    liar = replace(log, name="node-2", operator="b", entries=tuple(map(unplaced, log.entries)))
    both = recheck(quick, replace(evidence, logs=(log, liar)))
    assert {life.out} == told(recheck(quick, evidence)).keys() - told(both).keys()
    assert told(stated).keys() - {life.out} == told(both).keys()
