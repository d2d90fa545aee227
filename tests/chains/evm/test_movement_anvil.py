"""Movements on a real node: coins, tokens, failures and new contracts, on each side of the pin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from eth_utils.address import to_checksum_address

from chains.evidence import ChainPlan, Exchange, PlannedAccount
from chains.evm.effects import TRANSFER
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.recorded import recorded_sources
from chains.evm.rereading import compare_balances
from chains.movement import NOT_THERE, Entry, Movement, decode_movement
from chains.snapshot import Question
from chains.transport import Endpoint, HttpSource
from config.caip import AssetId
from tests.chains.evm.fakechain import ALICE, BOB, CAROL, CHAIN, World
from tests.chains.evm.receipts import word
from tests.nodes.anvil import anvil
from tests.nodes.token import TOKEN_A

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chains.evidence import Entry as LogEntry
    from tests.nodes.anvil import Anvil

pytestmark = pytest.mark.nodes

TOKEN = AssetId(f"{CHAIN.id}/erc20:{TOKEN_A}")
ETH = CHAIN.native
REVERTS = "0x" + "00" * 18 + "bEEF"
NEVER = "0x" + "ab" * 32


def emitter() -> str:
    """Code that says in a log that the caller moved the first word of the call to the second."""
    return (
        "0x"
        + "".join(
            (
                "600035 600052",  # CALLDATALOAD 0, MSTORE at 0: the units
                "602035",  # CALLDATALOAD 32: to, the third topic
                "33",  # CALLER: from, the second
                f"7f{TRANSFER[2:]}",  # PUSH32: the first
                "60206000 a3",  # LOG3 of the 32 bytes
                "00",  # STOP
            )
        ).replace(" ", "")
    )


@dataclass(frozen=True, slots=True)
class Life:
    node: Anvil
    as_of: int
    pinned: int
    sent: dict[str, str]
    """Transactions by what they are."""

    def receipt(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.node.ask("eth_getTransactionReceipt", self.sent[name])
        return found

    def fee(self, name: str) -> int:
        told = self.receipt(name)
        return int(told["gasUsed"], 16) * int(told["effectiveGasPrice"], 16)


def send(node: Anvil, *, mined: bool = True, **fields: str) -> str:
    gas = {"from": ALICE, "gas": hex(200_000), "maxFeePerGas": hex(5 * 10**9)}
    txid: str = node.ask("eth_sendTransaction", gas | fields)
    if mined:
        node.mine(1)
    return txid


@pytest.fixture(scope="module")
def life() -> Iterator[Life]:
    with anvil("--no-mining") as node:
        node.ask("anvil_setCode", TOKEN_A, emitter())
        node.ask("anvil_setCode", REVERTS, "0x60006000fd")
        node.mine(2)
        call = f"0x{500:064x}{word(BOB)[2:]}"
        sent = {
            "coin": send(node, to=BOB, value=hex(700)),
            "token": send(node, to=TOKEN_A, data=call, value="0x3"),
            "failed": send(node, to=REVERTS, value=hex(700)),
            "created": send(node, data="0x00", value=hex(9)),
        }
        pinned = node.height()
        as_of = int(node.block(pinned)["timestamp"], 16)
        node.ask("evm_increaseTime", 60)
        node.mine(1)
        sent["later"] = send(node, to=CAROL, value=hex(42))
        node.mine(3)
        sent["new"] = send(node, to=CAROL, value=hex(43))
        sent["waiting"] = send(node, mined=False, to=CAROL, value=hex(44))
        yield Life(node, as_of, pinned, sent)


def plan_of(life: Life, *names: str) -> ChainPlan:
    accounts = tuple(PlannedAccount(one, (ETH,)) for one in (ALICE, BOB))
    asked = tuple(
        Question(CHAIN.id, "movement", life.sent.get(name, NEVER)) for name in names or life.sent
    )
    return ChainPlan(CHAIN, life.as_of, 2, 3, accounts, asked, tokens=(TOKEN,))


def sources_of(life: Life) -> list[HttpSource]:
    return [
        HttpSource(Endpoint(f"node-{at}", operator, life.node.url), lambda _seconds: None)
        for at, operator in enumerate("ab", 1)
    ]


def test_each_is_read_as_the_node_itself_says_it(life: Life) -> None:
    names = ("coin", "token", "failed", "created", "later", "never", "waiting", "new")
    plan = plan_of(life, *names)
    sources = sources_of(life)
    evidence = read(plan, sources, World().around)
    found = recheck(plan, evidence)
    told = {one.question.subject: decode_movement(one.value) for one in found.answers}
    by_name = {name: told.get(life.sent.get(name, NEVER)) for name in names}

    def moved(name: str, units: int, to: str) -> Movement:
        fee, height = life.fee(name), int(life.receipt(name)["blockNumber"], 16)
        debits, received = (Entry(ALICE, ETH, units + fee),), (Entry(to, ETH, units),)
        return Movement("pin", "success", height, debits, received, fee, ALICE)

    token = moved("token", 3, TOKEN_A)
    failed = moved("failed", 0, REVERTS)
    created = to_checksum_address(life.receipt("created")["contractAddress"])
    assert life.pinned == found.pin.height
    assert {
        "coin": moved("coin", 700, BOB),
        "token": replace(
            token,
            debits=(Entry(ALICE, TOKEN, 500), *token.debits),
            credits=(Entry(BOB, TOKEN, 500), *token.credits),
        ),
        "failed": replace(failed, status="failed", credits=()),
        "created": moved("created", 9, created),
        "later": replace(moved("later", 42, CAROL), side="after", height=None),
        "never": NOT_THERE,
        "waiting": NOT_THERE,
        "new": None,  # Its block is not final.
    } == by_name
    assert found == recheck(plan, read(plan, recorded_sources(evidence), World().around))
    assert () == compare_balances(plan, found, sources[:1], World().around)
    for source in sources:
        source.close()


def test_a_movement_is_what_it_did_to_balances(life: Life) -> None:
    for name in ("coin", "token", "failed"):
        sources = sources_of(life)
        found = recheck(plan := plan_of(life, name), read(plan, sources, World().around))
        moved = decode_movement(found.answers[0].value)
        assert moved.height is not None
        for address in (ALICE, BOB, TOKEN_A):
            before, after = (
                int(life.node.ask("eth_getBalance", address, hex(height)), 16)
                for height in (moved.height - 1, moved.height)
            )
            out, into = (
                sum(one.units for one in side if (one.address, one.asset) == (address, ETH))
                for side in (moved.debits, moved.credits)
            )
            assert into - out == after - before
        for source in sources:
            source.close()


def test_sources_that_disagree_give_no_answer(life: Life) -> None:
    plan = plan_of(life, "coin", "later")
    sources = sources_of(life)
    evidence = read(plan, sources, World().around)
    first, second = evidence.logs

    def bent(entry: LogEntry) -> LogEntry:
        if not isinstance(entry, Exchange) or not isinstance(entry.result, dict):
            return entry
        if entry.call.method != "eth_getTransactionReceipt":
            return entry
        return replace(entry, result=entry.result | {"gasUsed": "0x5209"})

    entries = tuple(bent(entry) for entry in second.entries)
    lied = replace(evidence, logs=(first, replace(second, entries=entries)))
    assert 2 == len(recheck(plan, evidence).answers)
    assert () == recheck(plan, lied).answers
    for source in sources:
        source.close()
