"""Comparing stated coins with a node that has moved on since, or does not show enough."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.evidence import Exchange
from chains.rereading import REREADERS
from chains.snapshot import FailedRead
from chains.utxo.differences import NAMED
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from chains.utxo.rereading import compare_coins
from chains.utxo.undoing import MAX_BLOCKS
from config.caip import AssetId, account_id
from tests.chains.utxo.fake_node import (
    ADDRESSES,
    CHAIN,
    OUTPUTS,
    SCRIPTS,
    FakeNode,
    Output,
    answering,
    plan,
    surroundings,
    txid,
)

if TYPE_CHECKING:
    from chains.evidence import Json
    from chains.snapshot import ChainSnapshot
    from chains.utxo.differences import Difference

SPENT = OUTPUTS[4]
"""The young coin that the later blocks spend."""


@pytest.fixture(scope="module")
def stated() -> ChainSnapshot:
    return recheck(plan(), read(plan(), [FakeNode()], surroundings()))


def later(
    spends: tuple[Output, ...] = (SPENT,),
    *,
    height: int = 203,
    changes: dict[str, Json] | None = None,
) -> FakeNode:
    """A node whose next block spent some coins, and which shows blocks and transactions.

    Args:
        spends: the coins.
        height: its best block.
        changes: methods, and what they give instead.
    """
    made = Output(txid(9), 0, SCRIPTS[2], "3.00000000", 201)
    left = tuple(out for out in OUTPUTS if out not in spends)
    node = FakeNode(height=height, outputs=(*left, made))

    def change(exchange: Exchange) -> Exchange:
        call = exchange.call
        if changes and call.method in changes and call.params != ("status",):
            return Exchange(call, changes[call.method])
        match call.method, call.params:
            case "getblock", (str(block_hash), 2):
                return Exchange(call, whole(node, block_hash, spends))
            case "getrawtransaction", (str(name), True, str(block_hash)):
                return shown(exchange, node, name, block_hash)
        return exchange

    node.change = change
    return node


def whole(node: FakeNode, block_hash: str, spends: tuple[Output, ...]) -> Json:
    """Give a block with its transactions; the one after the pin spends."""
    if block_hash != node.hash_at(201):
        return {"tx": ({"txid": txid(77), "vin": ({"coinbase": "00"},)},)}
    inputs: Json = tuple({"txid": out.txid, "vout": out.vout} for out in spends)
    return {"tx": ({"txid": txid(9), "vin": inputs},)}


def shown(exchange: Exchange, node: FakeNode, name: str, block_hash: str) -> Exchange:
    """Give a transaction if it is in the block."""
    outputs: tuple[Json, ...] = tuple(
        {"n": out.vout, "value": out.amount, "scriptPubKey": {"hex": out.script.hex()}}
        for out in OUTPUTS
        if out.txid == name and node.hash_at(out.height) == block_hash
    )
    if not outputs:
        return exchange
    return Exchange(exchange.call, {"txid": name, "vout": outputs})


def again(stated: ChainSnapshot, node: FakeNode) -> tuple[Difference, ...]:
    return compare_coins(plan(), stated, [node], surroundings())


def lying(stated: ChainSnapshot, place: int, **fields: int | str | bool) -> ChainSnapshot:
    """Change a stated coin."""
    coins = list(stated.coins)
    coins[place] = replace(coins[place], **fields)  # type: ignore[arg-type]  # fields by name
    return replace(stated, coins=tuple(coins))


def place_of(stated: ChainSnapshot, out: Output) -> int:
    return [(coin.txid, coin.vout) for coin in stated.coins].index((out.txid, out.vout))


def test_the_same_coins_are_no_difference(stated: ChainSnapshot) -> None:
    assert compare_coins is REREADERS["utxo"]
    assert len(OUTPUTS) == len(stated.coins)
    assert () == again(stated, FakeNode())
    assert () == again(stated, later(()))


def test_coins_spent_and_made_since_are_no_difference(stated: ChainSnapshot) -> None:
    assert () == again(stated, later())
    assert () == again(stated, later((SPENT, OUTPUTS[0], OUTPUTS[2])))


@pytest.mark.parametrize("fields", [{"units": 2}, {"script": SCRIPTS[2].hex()}, {"height": 9}])
@pytest.mark.parametrize("out", OUTPUTS[:2])
def test_a_coin_that_is_still_there_and_differs(
    stated: ChainSnapshot, fields: dict[str, int | str], out: Output
) -> None:
    met = again(lying(stated, place_of(stated, out), **fields), later())

    assert (("balance_mismatch", f"coin {out.txid}:{out.vout} differs from the node's"),) == met


@pytest.mark.parametrize("fields", [{"units": 1}, {"script": SCRIPTS[2].hex()}])
def test_a_coin_that_was_spent_since_and_differed(
    stated: ChainSnapshot, fields: dict[str, int | str]
) -> None:
    met = again(lying(stated, place_of(stated, SPENT), **fields), later())

    assert (("balance_mismatch", f"coin {txid(4)}:7 differs from the node's"),) == met


def test_a_coin_that_nobody_spent_since(stated: ChainSnapshot) -> None:
    def gone(node: FakeNode) -> FakeNode:
        return replace(node, outputs=tuple(out for out in node.outputs if out != SPENT))

    met = again(stated, gone(later(())))

    assert (("balance_mismatch", f"coin {txid(4)}:7 was not unspent at the pin"),) == met


def test_a_coin_made_and_spent_since(stated: ChainSnapshot) -> None:
    place = place_of(stated, OUTPUTS[0])
    made_since = lying(stated, place, txid=txid(9), vout=5)
    spent = Output(txid(9), 5, SCRIPTS[0], "1.50000000", 10)
    met = again(made_since, later((SPENT, spent, OUTPUTS[0])))

    assert (("balance_mismatch", f"coin {txid(9)}:5 was not unspent at the pin"),) == met


def test_a_coin_left_out(stated: ChainSnapshot) -> None:
    met = again(replace(stated, coins=stated.coins[1:]), later())
    coin = stated.coins[0]

    assert (("balance_mismatch", f"coin {coin.txid}:{coin.vout} is not in the statement"),) == met


def test_an_address_that_was_not_read_is_left_out(stated: ChainSnapshot) -> None:
    account = account_id(CHAIN.id, ADDRESSES[0])
    native = FailedRead(account, CHAIN.native, "sources_disagree", ())
    other = FailedRead(account, AssetId(f"{CHAIN.id}/other"), "not_read", ())
    script = SCRIPTS[0].hex()
    fewer = tuple(coin for coin in stated.coins if coin.script != script)

    assert () == again(replace(stated, coins=fewer, failures=(native,)), later())
    assert 2 == len(again(replace(stated, coins=fewer, failures=(other,)), later()))


@pytest.mark.parametrize(("out", "lie"), [(OUTPUTS[3], False), (OUTPUTS[4], True)])
def test_a_young_coin_that_is_wrong_about_its_coinbase(
    stated: ChainSnapshot, out: Output, *, lie: bool
) -> None:
    said = f"coin {out.txid}:{out.vout} is wrong about being of a coinbase"
    told = lying(stated, place_of(stated, out), coinbase=lie)

    assert (("balance_mismatch", said),) == again(told, later())
    # Long after, when it could be spent, it still could not at the pin.
    assert (("balance_mismatch", said),) == again(told, later(height=400))


@pytest.mark.parametrize(
    ("changes", "begin"),
    [
        ({"getblock": None}, "the node does not show"),
        ({"getblock": {"tx": None}}, "the node does not show the blocks since the pin"),
        ({"getrawtransaction": None}, "the node does not show how "),
        ({"getrawtransaction": {"vout": {}}}, "the node does not show how "),
    ],
)
def test_a_node_that_does_not_show_enough(
    stated: ChainSnapshot, changes: dict[str, Json], begin: str
) -> None:
    met = again(stated, later(changes=changes))

    assert {"not_read_again"} == {code for code, _ in met}
    assert met[0][1].startswith(begin)


def test_a_coin_stated_at_another_height_is_not_read(stated: ChainSnapshot) -> None:
    met = again(lying(stated, place_of(stated, SPENT), height=7), later())

    assert ["not_read_again"] == [code for code, _ in met]


def test_too_many_blocks_are_not_walked(stated: ChainSnapshot) -> None:
    met = again(stated, later(height=201 + MAX_BLOCKS))
    said = f"{MAX_BLOCKS + 1} blocks since the pin, the limit is {MAX_BLOCKS}"

    assert (("not_read_again", said),) == met


def test_a_node_whose_scan_is_worth_nothing(stated: ChainSnapshot) -> None:
    node = FakeNode(change=answering("scantxoutset", lambda _result: None))
    unsure = FakeNode(change=answering("gettxout", lambda _result: "x"))

    ((code, detail),) = again(stated, node)
    assert ("not_read_again", True) == (code, "no pin" in detail)
    assert {"not_read_again"} == {code for code, _ in again(stated, unsure)}


def test_differences_are_named_up_to_a_limit(stated: ChainSnapshot) -> None:
    coin = stated.coins[0]
    invented = tuple(replace(coin, txid=txid(500 + number)) for number in range(NAMED + 5))

    assert NAMED == len(again(replace(stated, coins=invented), later()))


def test_every_node_is_asked(stated: ChainSnapshot) -> None:
    def met(*nodes: FakeNode) -> tuple[Difference, ...]:
        return compare_coins(plan(), stated, nodes, surroundings())

    name = f"coin {OUTPUTS[0].txid}:{OUTPUTS[0].vout}"
    fewer = FakeNode("own-2", outputs=OUTPUTS[1:])
    silent = FakeNode("own-2", change=answering("scantxoutset", lambda _result: None))

    assert () == met(FakeNode(), FakeNode("own-2"))
    assert (("balance_mismatch", f"own-2: {name} was not unspent at the pin"),) == met(
        FakeNode(), fewer
    )
    ((code, detail),) = met(FakeNode(), silent)
    assert ("not_read_again", "own-2: ") == (code, detail[:7])
