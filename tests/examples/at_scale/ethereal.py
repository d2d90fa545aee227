"""The EVM chain's life: what is there, what comes and goes before the pinned block and after it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from eth_account import Account

from chains.evm.calls import token_balance_call
from tests.examples import wallet
from tests.examples.at_scale.wallets import (
    ETHER,
    EVM,
    POINT,
    POOL,
    TOKEN,
    TOKENS,
    by_label,
    deposit_address,
    drawn,
)
from tests.nodes.forwarder import COLLECTOR, install
from tests.nodes.token import install_token, moving, transfer_call

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.examples.at_scale.wallets import Wallet
    from tests.nodes.anvil import Anvil

DECIMALS: Mapping[str, int] = {"usdt": 6, "usdc": 6, "gp": 18, "debt-usdt": 6}
POOLED = 480_000 * TOKEN
"""What lies at the custodian's address, most of it other clients'."""
STRANGER, OTHER, VIA = (drawn(10**6, 10**9, one) for one in ("stranger", "other", "via"))
"""Numbers of keys that no file declares; the last one's is proved in an earlier statement."""


def address_of(number: int) -> str:
    """Give the address of a key."""
    return wallet.evm_address(EVM, wallet.key(number))


def mine_at(node: Anvil, time: int, blocks: int = 1) -> None:
    """Mine what waits into a block of a time, and blocks after it, a second apart."""
    node.ask("evm_setNextBlockTimestamp", time)
    node.mine(1)
    if blocks > 1:
        node.ask("anvil_mine", hex(blocks - 1), hex(1))


def fund(node: Anvil, everything: Sequence[Wallet]) -> None:
    """Put all holdings into the head block, then mine past it."""
    node.mine(3)
    here = [one for one in everything if one.chain == "anvil"]
    held = [pair for one in here for pair in one.held]
    coins = [(address, units["eth"]) for address, units in held if units.get("eth")]
    coins += [(address_of(one), 30 * ETHER) for one in (STRANGER, OTHER, VIA)]
    for start in range(0, len(coins), 500):
        node.ask_all(
            [("anvil_setBalance", [one, hex(units)]) for one, units in coins[start : start + 500]]
        )
    for symbol, token in TOKENS.items():
        amounts = {address: units[symbol] for address, units in held if units.get(symbol)}
        if symbol == "usdt":
            amounts[address_of(STRANGER)] = 10_000 * TOKEN
        if symbol == "usdc":
            amounts[POOL] = POOLED
        install_token(node, token, DECIMALS[symbol], amounts)
    for one in here:
        if one.parent:
            install(node, one.address, COLLECTOR, one.parent.partition(":")[2])
    node.mine(4)


def send(node: Anvil, number: int, to: str, value: int = 0, data: bytes = b"") -> tuple[str, str]:
    """Sign a transaction with a key and leave it to be mined; give its hash and itself."""
    nonce = int(node.ask("eth_getTransactionCount", address_of(number), "pending"), 16)
    call = {"nonce": nonce, "gas": 300_000, "to": to, "value": value, "data": data}
    fees = {"type": 2, "maxFeePerGas": 3 * 10**9, "maxPriorityFeePerGas": 10**9}
    made = Account.sign_transaction(
        call | fees | {"chainId": 31337}, wallet.key(number).secret
    ).raw_transaction
    raw = f"0x{bytes(made).hex()}"
    return str(node.ask("eth_sendRawTransaction", raw)), raw


def pay(node: Anvil, number: int, to: str, symbol: str, units: int) -> str:
    """Pay coins or a token; give the transaction's hash."""
    if symbol == "eth":
        return send(node, number, to, units)[0]
    return send(node, number, TOKENS[symbol], data=transfer_call(to, units))[0]


def before(node: Anvil, time: int) -> dict[str, str]:
    """Let happen what lies before the pinned block; give the transactions by name."""
    hot, other = by_label("hot 1").number, by_label("hot 2").number
    with moving(node, TOKENS["usdt"]):
        found = {
            "deposit 1": pay(node, STRANGER, deposit_address(17), "eth", 125 * ETHER // 100),
            "deposit 2": pay(node, STRANGER, deposit_address(18), "usdt", 800 * TOKEN),
            "deposit 3": pay(node, STRANGER, deposit_address(19), "eth", 4 * ETHER // 10),
            "deposit false": pay(node, STRANGER, deposit_address(20), "eth", 75 * ETHER // 100),
            "out 1": pay(node, hot, address_of(VIA), "eth", 2 * ETHER),
            "out 2": pay(node, hot, address_of(VIA), "usdt", 5_000 * TOKEN),
            "out false": pay(node, other, address_of(OTHER), "eth", ETHER),
            "withdrawal false": pay(node, other, address_of(STRANGER), "eth", ETHER // 2),
            "fee 1": pay(node, by_label("house 1").number, address_of(OTHER), "eth", ETHER // 10),
            "fee 2": pay(node, by_label("house 2").number, address_of(OTHER), "eth", ETHER // 5),
        }
        mine_at(node, time)
    node.ask("anvil_mine", hex(4), hex(12))
    return found


def prove(node: Anvil, time: int, texts: Mapping[str, str]) -> str:
    """Send the transaction that carries a text, and mine past it; give it signed."""
    one = by_label("cold transfer")
    text = texts[f"{EVM.id}:{one.address}"]
    _, raw = send(node, one.number, one.address, data=text.encode())
    mine_at(node, time, 3)
    return raw


def after(node: Anvil, time: int) -> dict[str, str]:
    """Let happen what lies after the pinned block; give the transactions by name."""
    hot, other = by_label("hot 1").number, by_label("hot 2").number
    cold, second = by_label("cold 1").address, by_label("cold 2").address
    mine_at(node, time, 3)
    with ExitStack() as stack:
        for symbol in ("usdt", "usdc", "gp"):
            stack.enter_context(moving(node, TOKENS[symbol]))
        found = {
            "withdrawal 1": pay(node, hot, address_of(STRANGER), "eth", 3 * ETHER),
            "withdrawal 2": pay(node, other, address_of(STRANGER), "eth", 15 * ETHER // 10),
            "withdrawal 3": pay(node, hot, address_of(STRANGER), "usdt", 2_500 * TOKEN),
            "withdrawal 4": pay(node, other, address_of(STRANGER), "usdc", 1_000 * TOKEN),
            "withdrawal 5": pay(node, hot, address_of(STRANGER), "gp", 1_200 * POINT),
            "back 1": pay(node, VIA, cold, "eth", 2 * ETHER),
            "back 2": pay(node, VIA, cold, "usdt", 5_000 * TOKEN),
            "back false": pay(node, OTHER, second, "eth", ETHER),
        }
        mine_at(node, time + 60)
    node.ask("anvil_mine", hex(4), hex(12))
    mine_at(node, time + 1500, 4)
    return found


def spoken(node: Anvil, height: int, everything: Sequence[Wallet]) -> dict[tuple[str, str], int]:
    """Ask the node itself what every declared address holds at a block, by address and symbol."""
    asked = [
        (address, symbol)
        for one in everything
        if one.chain == "anvil"
        for address, _ in one.held
        for symbol in one.assets.split()
    ]
    calls: list[tuple[str, list[object]]] = []
    for address, symbol in asked:
        if symbol == "eth":
            calls.append(("eth_getBalance", [address, hex(height)]))
        else:
            call = token_balance_call(TOKENS[symbol], address, hex(height))
            calls.append((call.method, list(call.params)))
    found: list[str] = []
    for start in range(0, len(calls), 500):
        found += node.ask_all(calls[start : start + 500])
    return {key: int(text, 16) for key, text in zip(asked, found, strict=True)}
