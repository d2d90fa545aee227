"""Reading a statement's coins again from a node whose tip has moved on since.

A node of the Bitcoin Core family knows what is unspent now, not what was at the pin. The difference
are the blocks since then, which are few if a statement is checked soon:

(1) Scan again, at today's tip.
(2) A coin of the scan that is not younger than the pin was unspent at the pin: it must be stated.
(3) A stated coin that the scan finds must be the same in script, amount and height.
(4) A stated coin that the scan does not find must be spent in a block after the pin, must not have
    been made in one, and the transaction that made it must give the stated script and amount at the
    height stated.
(5) A stated coin too young at the pin to be spent if it is of a coinbase must be of one, or not, as
    stated.

Coins of an address that the statement calls unread are compared with nothing.

Chosen over rolling the node back, which stops it for everyone else who uses it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chains.evidence import Call
from chains.utxo.answers import read_amount, read_first_txid, read_hash
from chains.utxo.calls import block_call, hash_call
from chains.utxo.differences import NAMED, name_of, outpoint_of, unread_scripts
from chains.utxo.pin import form_of
from chains.utxo.reader import read
from chains.utxo.recheck import recheck

if TYPE_CHECKING:
    from chains.evidence import ChainPlan, Json, Source, Surroundings
    from chains.snapshot import ChainSnapshot, Coin
    from chains.utxo.differences import Difference
    from config.registry import UtxoFormat

MAX_BLOCKS = 1008
"""Blocks walked after a pin: a week of Bitcoin. A statement older than that is not read again
here."""


@dataclass(frozen=True, slots=True)
class _Since:
    """What the blocks after the pin did."""

    made: frozenset[str]
    """Transactions in them."""
    spent: frozenset[tuple[str, int]]
    """Outputs spent in them."""


def compare_with_tip(
    plan: ChainPlan, stated: ChainSnapshot, node: Source, around: Surroundings
) -> tuple[Difference, ...]:
    """Compare the stated coins with the word of a node.

    Raises:
        ChainError: the node gives no pin.
    """
    now_plan = replace(plan, quorum=1, confirmations=1, window=None, margin=(), questions=())
    now = recheck(now_plan, read(now_plan, (node,), around))
    if now.failures:
        return tuple(("not_read_again", one.account) for one in now.failures[:NAMED])
    unread = unread_scripts(plan, stated)
    at_pin = {outpoint_of(coin): coin for coin in stated.coins}
    still = {
        outpoint_of(coin): coin
        for coin in now.coins
        if coin.height <= stated.pin.height and coin.script not in unread
    }
    return (
        *_unlike(at_pin, still),
        *_gone(stated, now, at_pin, still, node),
        *_miscalled(form_of(plan), stated, node),
    )


def _unlike(
    at_pin: dict[tuple[str, int], Coin], still: dict[tuple[str, int], Coin]
) -> list[Difference]:
    found: list[Difference] = []
    for outpoint, coin in still.items():
        own = at_pin.get(outpoint)
        if own is None:
            found.append(("balance_mismatch", f"coin {name_of(outpoint)} is not in the statement"))
        elif (own.script, own.units, own.height) != (coin.script, coin.units, coin.height):
            found.append(("balance_mismatch", f"coin {name_of(outpoint)} differs from the node's"))
    return found


def _gone(
    stated: ChainSnapshot,
    now: ChainSnapshot,
    at_pin: dict[tuple[str, int], Coin],
    still: dict[tuple[str, int], Coin],
    node: Source,
) -> list[Difference]:
    gone = [coin for outpoint, coin in at_pin.items() if outpoint not in still]
    if not gone:
        return []
    blocks = now.pin.height - stated.pin.height
    if blocks > MAX_BLOCKS:
        return [("not_read_again", f"{blocks} blocks since the pin, the limit is {MAX_BLOCKS}")]
    try:
        since = _since(node, stated.pin.height + 1, now.pin.height)
    except ValueError as error:
        return [("not_read_again", f"the node does not show the blocks since the pin: {error}")]
    judged = (_judge(coin, since, node) for coin in gone)
    return [item for item in judged if item is not None]


def _judge(coin: Coin, since: _Since, node: Source) -> Difference | None:
    """Judge a stated coin that is not unspent any more."""
    outpoint = outpoint_of(coin)
    if outpoint not in since.spent or coin.txid in since.made:
        return "balance_mismatch", f"coin {name_of(outpoint)} was not unspent at the pin"
    try:
        made = _outputs(node, coin)
    except ValueError as error:
        return "not_read_again", f"the node does not show how {name_of(outpoint)} was made: {error}"
    if made.get(coin.vout) == (coin.script, coin.units):
        return None
    return "balance_mismatch", f"coin {name_of(outpoint)} differs from the node's"


def _miscalled(form: UtxoFormat, stated: ChainSnapshot, node: Source) -> list[Difference]:
    """Find young coins that are of a coinbase and were not said to be, or the other way round."""
    young = [
        coin
        for coin in stated.coins
        if stated.pin.height + 1 - coin.height < form.coinbase_maturity
    ]
    try:
        first = {height: _first_txid(node, height) for height in {coin.height for coin in young}}
    except ValueError as error:
        return [("not_read_again", f"the node does not show the blocks of young coins: {error}")]
    return [
        (
            "balance_mismatch",
            f"coin {name_of(outpoint_of(coin))} is wrong about being of a coinbase",
        )
        for coin in young
        if coin.coinbase != (first[coin.height] == coin.txid)
    ]


def _first_txid(node: Source, height: int) -> str:
    block_hash = read_hash(_ask(node, hash_call(height)))
    return read_first_txid(_ask(node, block_call(block_hash)), block_hash, height)


def _since(node: Source, first: int, last: int) -> _Since:
    """Walk the blocks after the pin; raise ValueError if one is not shown whole."""
    made: set[str] = set()
    spent: set[tuple[str, int]] = set()
    for height in range(first, last + 1):
        block = _object(_ask(node, Call("getblock", (_ask(node, hash_call(height)), 2))))
        for transaction in _list(block.get("tx")):
            made.add(str(_object(transaction).get("txid")))
            for coin in _list(_object(transaction).get("vin")):
                match coin:
                    case {"txid": str(txid), "vout": int(vout)}:
                        spent.add((txid, vout))
    return _Since(frozenset(made), frozenset(spent))


def _outputs(node: Source, coin: Coin) -> dict[int, tuple[str, int]]:
    """Give script and amount of every output of the transaction that made a coin.

    The block is named, so the node needs no index of transactions, and the height is checked with
    it.
    """
    block = _ask(node, hash_call(coin.height))
    transaction = _object(_ask(node, Call("getrawtransaction", (coin.txid, True, block))))
    found: dict[int, tuple[str, int]] = {}
    for output in _list(transaction.get("vout")):
        match output:
            case {"n": int(number), "value": value, "scriptPubKey": {"hex": str(script)}}:
                found[number] = (script, read_amount(value))
    return found


def _ask(node: Source, call: Call) -> Json:
    exchange = node.ask((call,))[0]
    if exchange.error is not None:
        raise ValueError(f"{call.method}: {exchange.error}")
    return exchange.result


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise ValueError("object expected")  # noqa: TRY004 - a wrong answer, not a wrong caller
    return value


def _list(value: Json) -> tuple[Json, ...]:
    if not isinstance(value, tuple):
        raise ValueError("list expected")  # noqa: TRY004 - the same
    return value
