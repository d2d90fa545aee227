"""A pretended exchange on real nodes: 200 accounts with two tokens, and coins over four scripts.

    fund_evm, fund_utxo     put the holdings there; the last block spends and leaves change
    write_files             declaration, accounts and books; then the challenge, signed text by text
    spoken                  what the nodes themselves say of every account

Keys and signatures are those of `tests.examples`; here are more accounts, and what a run on them is
compared with.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import base58

from chains.utxo.answers import read_amount
from config.amount import format_decimal
from config.registry_files import load_registry
from config.times import format_time
from tests.cli.command import attest
from tests.examples import make, wallet
from tests.examples.make import Holder
from tests.nodes.token import TOKEN_A, TOKEN_B, install_token

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coincurve import PrivateKey

    from tests.nodes.anvil import Anvil
    from tests.nodes.litecoind import Litecoind

REGISTRY = load_registry()
EVM, UTXO = REGISTRY.chain("anvil"), REGISTRY.chain("litecoin-regtest")
ETH, LTC = EVM.native, UTXO.native
USDT, USDC = f"{EVM.id}/erc20:{TOKEN_A}", f"{EVM.id}/erc20:{TOKEN_B}"
INSTRUMENTS = {ETH: "eth", USDT: "usdt", USDC: "usdc", LTC: "ltc"}

EVM_ACCOUNTS = 200
COINS_EACH = 5
ETHER, TOKEN_UNIT = 10**18, 10**6
FEE = 100_000

Spoken = dict[tuple[str, str], tuple[int, int]]
"""Account and asset to base units, and to those of coinbase outputs that cannot be spent yet."""


def evm_holders(count: int = EVM_ACCOUNTS) -> tuple[Holder, ...]:
    """Accounts of one key each; the first is hot."""
    return tuple(
        Holder(
            account=f"anvil:{wallet.evm_address(EVM, wallet.key(1000 + number))}",
            method="cold" if number else "hot",
            scheme="eip191",
            number=1000 + number,
        )
        for number in range(count)
    )


SINGLES = [
    *(("bip137", wallet.P2PKH, number) for number in range(2000, 2003)),
    *(("bip137", wallet.NESTED, number) for number in range(2010, 2013)),
    *(("bip322", wallet.P2WPKH, number) for number in range(2020, 2023)),
]


def utxo_holders() -> tuple[Holder, ...]:
    """Three addresses of each single-key script, and two of a 2-of-3."""
    singles = [
        Holder(f"{UTXO.name}:{single_address(number, kind)}", "cold", scheme, number, kind)
        for scheme, kind, number in SINGLES
    ]
    vaults = [
        Holder(
            f"{UTXO.name}:{wallet.utxo_address(UTXO, make.multisig(number).script)}",
            "cold",
            "multisig-signmessage",
            number,
        )
        for number in (2030, 2040)
    ]
    return (*singles, *vaults)


def single_address(number: int, kind: str) -> str:
    """Give the address of a single key."""
    return wallet.utxo_address(UTXO, wallet.single_script(wallet.key(number), kind))


def address_of(holder: Holder) -> str:
    """Give the address alone."""
    return holder.account.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Spend:
    """A transaction that spent one coin of a declared address."""

    txid: str
    spent: tuple[str, int]
    """Transaction and output of the coin that it spent."""
    change: int
    """What went back to the declared address, in satoshi."""


SPENDER = 2020
"""Number of the key whose coin is spent in the last block before a run."""


def fund_evm(node: Anvil, holders: Sequence[Holder]) -> None:
    """Give every account coins and two tokens, no two of them the same amount."""
    node.mine(3)
    addresses = [address_of(holder) for holder in holders]
    node.ask_all(
        [
            ("anvil_setBalance", [address, hex((20 + number) * ETHER + 7 * number)])
            for number, address in enumerate(addresses)
        ]
    )
    install_token(node, TOKEN_A, 6, token_holdings(addresses, 3_000 * TOKEN_UNIT + 1))
    install_token(node, TOKEN_B, 6, token_holdings(addresses, 1_000 * TOKEN_UNIT + 3))
    node.mine(4)


def token_holdings(addresses: Sequence[str], units: int) -> dict[str, int]:
    """Give every address an amount of its own."""
    return {address: units * (number + 1) for number, address in enumerate(addresses)}


def fund_utxo(node: Litecoind, holders: Sequence[Holder]) -> Spend:
    """Pay every address several times; then spend a coin in the last block.

    The last block's own coins go to a declared address, where they cannot be spent yet.
    """
    node.mine(120)
    addresses = [address_of(holder) for holder in holders]
    for turn in range(COINS_EACH):
        amounts = {address: f"1.{turn:02}0000{at:02}" for at, address in enumerate(addresses, 1)}
        node.rpc("sendmany", "", amounts)
    node.mine(2)
    spend = spend_coin(node, SPENDER)
    node.mine(1, addresses[0])
    return spend


def spend_coin(node: Litecoind, number: int) -> Spend:
    """Pay a third of the address's first coin to the node's wallet, the rest but a fee back."""
    address = single_address(number, wallet.P2WPKH)
    coin = node.rpc("scantxoutset", "start", [f"addr({address})"])["unspents"][0]
    units = read_amount(coin["amount"])
    change = units - units // 3 - FEE
    inputs = [{"txid": coin["txid"], "vout": coin["vout"]}]
    outputs = {
        node.address(): format_decimal(units // 3, 8),
        address: format_decimal(change, 8),
    }
    raw = node.rpc("createrawtransaction", inputs, outputs)
    signed = node.rpc("signrawtransactionwithkey", raw, [wif(wallet.key(number))])
    txid = str(node.rpc("sendrawtransaction", signed["hex"]))
    return Spend(txid, (coin["txid"], coin["vout"]), change)


def wif(private: PrivateKey) -> str:
    """Write a key as test networks of the Bitcoin family do."""
    return base58.b58encode_check(b"\xef" + private.secret + b"\x01").decode()


def spoken(
    evm: Anvil, utxo: Litecoind, height: int, holders: Sequence[Holder]
) -> tuple[Spoken, str]:
    """Ask the nodes themselves for every balance, and the second one for its best block.

    Args:
        evm: asked at `height`.
        utxo: asked at its tip, so nothing may be mined between a run and this.
        height: the pinned height of the EVM chain.
        holders: whose balances.
    """
    found: Spoken = {}
    for holder in holders:
        chain, _, address = holder.account.partition(":")
        if chain == UTXO.name:
            found[f"{UTXO.id}:{address}", LTC] = _coins(utxo, address)
    addresses = [address_of(one) for one in holders if one.account.startswith("anvil:")]
    found |= _balances(evm, addresses, height)
    return found, str(utxo.rpc("gettxoutsetinfo")["bestblock"])


def _coins(node: Litecoind, address: str) -> tuple[int, int]:
    units = immature = 0
    scanned = node.rpc("scantxoutset", "start", [f"addr({address})"])
    for coin in scanned["unspents"]:
        output = node.rpc("gettxout", coin["txid"], coin["vout"], False)
        if output["coinbase"] and output["confirmations"] < 100:
            immature += read_amount(coin["amount"])
        else:
            units += read_amount(coin["amount"])
    assert read_amount(scanned["total_amount"]) == units + immature
    return units, immature


def _balances(node: Anvil, addresses: Sequence[str], height: int) -> Spoken:
    calls: list[tuple[str, list[object]]] = []
    for address in addresses:
        data = "0x70a08231" + address[2:].lower().rjust(64, "0")
        calls.append(("eth_getBalance", [address, hex(height)]))
        calls += [
            ("eth_call", [{"to": token, "data": data}, hex(height)]) for token in (TOKEN_A, TOKEN_B)
        ]
    keys = [(f"{EVM.id}:{address}", asset) for address in addresses for asset in (ETH, USDT, USDC)]
    results = node.ask_all(calls)
    return {key: (int(result, 16), 0) for key, result in zip(keys, results, strict=True)}


def write_files(
    folder: Path, sources: str, holders: Sequence[Holder], owed: dict[str, str], key: Path
) -> None:
    """Write a declaration and all it names; the texts are issued and signed.

    Args:
        folder: where; must exist.
        sources: the `[sources]` tables.
        holders: whose accounts.
        owed: instrument to amount.
        key: signs the challenge.
    """
    as_of = format_time(int(time.time()))
    (folder / "declaration.toml").write_text(make.declaration(as_of, sources))
    (folder / "accounts.csv").write_text(make.accounts_csv(holders))
    rows = [(instrument, amount, as_of) for instrument, amount in owed.items()]
    columns = ("instrument", "amount", "as_of")
    (folder / "liabilities.csv").write_text(make.table(columns, rows))
    (folder / "prices.csv").write_text(make.prices_csv(as_of, as_of))
    issued = folder / "challenges.json"
    ran = attest("challenge", folder / "declaration.toml", "--key", key, "-o", issued)
    assert (ran.code, ran.complaint) == (0, ())
    texts = json.loads(issued.read_text())["texts"]
    (folder / "claims.csv").write_text(make.claims_csv(holders, texts, REGISTRY))


OWED = {"eth": "20000", "usdt": "50000000", "usdc": "15000000.5", "ltc": "50"}
"""Less than what `fund_evm` and `fund_utxo` put there."""
