"""The same on the Bitcoin family: coins, deposits, and withdrawals that wait for their block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.utxo.answers import read_amount
from config.amount import format_decimal
from tests.cli.exchange import wif
from tests.examples import wallet
from tests.examples.at_scale.wallets import LITE, by_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.examples.at_scale.wallets import Wallet
    from tests.nodes.litecoind import Litecoind

DEPTH = 2
"""Confirmations that the declaration asks for; the second block comes while the reading waits."""
FEE = 50_000
DEPOSITS = ((3, 7 * LITE // 10), (4, 12 * LITE // 10))
"""Index of the deposit address, and what comes to it before the pinned block."""
WITHDRAWALS = (("coin hot 1", LITE), ("coin hot 2", 2 * LITE), ("coin hot 2", LITE // 2))
"""Who pays after the pinned block, and how much."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A transaction that is signed and not sent yet."""

    label: str
    units: int
    txid: str
    raw: str


def fund(node: Litecoind, everything: Sequence[Wallet]) -> None:
    """Pay every address; an account that pays twice gets two coins."""
    node.mine(180)
    held = [pair for one in everything if one.chain != "anvil" for pair in one.held]
    halves = {by_label(label).address for label, _ in WITHDRAWALS}
    for share in (1, 2):
        chosen = {
            address: format_decimal(units["ltc"] // 2 if address in halves else units["ltc"], 8)
            for address, units in held
            if share == 1 or address in halves
        }
        node.rpc("sendmany", "", chosen)
        node.mine(1)


def before(node: Litecoind) -> tuple[str, ...]:
    """Let strangers pay deposits before the pinned block; give the transactions."""
    rows = by_label("coin deposits").held
    found = tuple(
        str(node.rpc("sendtoaddress", rows[index][0], format_decimal(units, 8)))
        for index, units in DEPOSITS
    )
    node.mine(2)
    return found


def withdrawals(node: Litecoind) -> tuple[Withdrawal, ...]:
    """Sign the withdrawals, each of a coin of its own; the rest goes back."""
    spent: set[tuple[str, int]] = set()
    found = []
    for label, units in WITHDRAWALS:
        one = by_label(label)
        scanned = node.rpc("scantxoutset", "start", [f"addr({one.address})"])["unspents"]
        coin = next(coin for coin in scanned if (coin["txid"], coin["vout"]) not in spent)
        spent.add((coin["txid"], coin["vout"]))
        back = read_amount(coin["amount"]) - units - FEE
        paid = {node.address(): format_decimal(units, 8), one.address: format_decimal(back, 8)}
        raw = node.rpc("createrawtransaction", [{"txid": coin["txid"], "vout": coin["vout"]}], paid)
        signed = node.rpc("signrawtransactionwithkey", raw, [wif(wallet.key(one.number))])["hex"]
        txid = str(node.rpc("decoderawtransaction", signed)["txid"])
        found.append(Withdrawal(label, units, txid, signed))
    return tuple(found)


def send(nodes: tuple[Litecoind, Litecoind], waiting: Sequence[Withdrawal]) -> None:
    """Mine the withdrawals, and past them."""
    for one in waiting:
        nodes[0].rpc("sendrawtransaction", one.raw)
    nodes[0].mine(DEPTH)
    nodes[1].wait_for_tip(nodes[0].rpc("getbestblockhash"))


def spoken(node: Litecoind, everything: Sequence[Wallet]) -> dict[tuple[str, str], int]:
    """Ask the node itself what every declared address holds now, by address and symbol."""
    addresses = [address for one in everything if one.chain != "anvil" for address, _ in one.held]
    scanned = node.rpc("scantxoutset", "start", [f"addr({one})" for one in addresses])
    scripts = {
        str(node.rpc("validateaddress", address)["scriptPubKey"]): address for address in addresses
    }
    found = dict.fromkeys(((address, "ltc") for address in addresses), 0)
    for coin in scanned["unspents"]:
        found[scripts[coin["scriptPubKey"]], "ltc"] += read_amount(coin["amount"])
    return found
