"""L4: a verifier's own nodes find a bundle true after they have moved on, and find every lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from attest.disk import write_folder
from chains.evidence import Exchange
from chains.utxo.answers import read_amount
from chains.utxo.calls import output_call
from config.amount import format_decimal
from tests.cli import exchange
from tests.cli.command import Ran, attest, files_below
from tests.cli.dishonest import Files, Result, answered, rescanned, resign, retold
from tests.examples import wallet
from tests.nodes.litecoind import litecoind

if TYPE_CHECKING:
    from pathlib import Path

    from attest.keys import SigningKey
    from tests.cli.conftest import Attested
    from tests.nodes.anvil import Anvil
    from tests.nodes.litecoind import Litecoind

pytestmark = pytest.mark.nodes

EVM, UTXO = exchange.EVM.id, exchange.UTXO.id
Told: TypeAlias = tuple[int, str, dict[str, str], list[str]]
"""Exit code, authenticity, level of each chain, and the codes of the reasons."""

Lie: TypeAlias = Callable[[Files], tuple[Ran, Ran]]
BELIEVED: Told = (0, "valid", {EVM: "L3", UTXO: "L3"}, [])


@pytest.fixture(scope="module")
def moved_on(attested: Attested) -> Attested:
    """The same nodes, after recorded coins were spent, new ones made, and balances changed."""
    node, address = attested.utxo, exchange.single_address(2000, wallet.P2PKH)
    exchange.spend_coin(node, exchange.SPENDER)
    node.mine(1, address)
    exchange.spend_coin(node, exchange.SPENDER + 1)
    node.rpc("sendtoaddress", address, "0.75")
    node.mine(2)
    drain(attested.evm)
    return attested


def drain(node: Anvil) -> None:
    """Take everything from the first accounts, long after the pin."""
    node.mine(2)
    for holder in exchange.evm_holders(3):
        node.ask("anvil_setBalance", exchange.address_of(holder), "0x0")
    node.mine(3)


@pytest.fixture
def honest(moved_on: Attested) -> Files:
    """The files of the bundle."""
    return files_below(moved_on.bundle)


@pytest.fixture
def lie(moved_on: Attested, signer: SigningKey, tmp_path: Path) -> Lie:
    """Sign changed files with a key of the liar; verify them offline, then with the nodes."""
    key = tmp_path / "liar.pub"
    key.write_bytes(signer.public.pem)

    def judge(changed: Files) -> tuple[Ran, Ran]:
        write_folder(tmp_path / "bundle", resign(changed, signer))
        options = ("verify", tmp_path / "bundle", "--key", key, "--allow-test", "--json")
        return attest(*options), attest(*options, "--sources", moved_on.sources)

    return judge


def told(ran: Ran) -> Told:
    """Give what a verdict is worth."""
    document = ran.document
    codes = [reason["code"] for reason in document["reasons"]]
    return ran.code, document["authenticity"], document["levels"], codes


def exposed(chain: str, lies: int = 1) -> Told:
    """What remains of lies about one chain once the nodes were asked; the other chain is true."""
    levels = {EVM: "L4", UTXO: "L4"} | {chain: "L3"}
    # Both nodes of the UTXO chain see every lie.
    seen = lies * (2 if chain == UTXO else 1)
    return 2, "valid", levels, ["balance_mismatch"] * seen + ["level_not_reached"]


def details(ran: Ran) -> list[str]:
    """Give what is said of each balance that differs."""
    reasons = ran.document["reasons"]
    return [one["detail"] for one in reasons if one["code"] == "balance_mismatch"]


def test_what_happens_after_the_pin_changes_nothing(moved_on: Attested) -> None:
    options = ("--key", moved_on.public, "--allow-test", "--json")
    ran = attest("verify", moved_on.bundle, *options, "--sources", moved_on.sources)

    assert (0, "valid", {EVM: "L4", UTXO: "L4"}, []) == told(ran)
    assert {EVM: "confirmed", UTXO: "confirmed"} == ran.document["anchors"]


def test_a_larger_balance(moved_on: Attested, honest: Files, lie: Lie) -> None:
    account = exchange.address_of(exchange.evm_holders(6)[5])

    def richer(one: Exchange) -> Exchange:
        asked = one.call.method == "eth_getBalance" and one.call.params[0] == account
        return replace(one, result=hex(int(str(one.result), 16) + 1)) if asked else one

    offline, asked = lie(retold(honest, EVM, richer))
    units = moved_on.spoken[f"{EVM}:{account}", exchange.ETH][0]
    said = f"{EVM}:{account} {exchange.ETH}: statement {units + 1}, node {units}"

    assert BELIEVED == told(offline)
    assert exposed(EVM) == told(asked)
    assert [said] == details(asked)


def test_a_balance_that_was_there_only_later(moved_on: Attested, honest: Files, lie: Lie) -> None:
    account = exchange.address_of(exchange.evm_holders(1)[0])
    assert moved_on.evm.ask("eth_getBalance", account, "latest") == "0x0"

    def emptied(one: Exchange) -> Exchange:
        asked = one.call.method == "eth_getBalance" and one.call.params[0] == account
        return replace(one, result="0x0") if asked else one

    offline, asked = lie(retold(honest, EVM, emptied))

    assert BELIEVED == told(offline)
    assert exposed(EVM) == told(asked)


def test_a_larger_token_balance(honest: Files, lie: Lie) -> None:
    account = exchange.address_of(exchange.evm_holders(1)[0])

    def richer(one: Exchange) -> Exchange:
        call: Any = one.call.params[0] if one.call.method == "eth_call" else {}
        mine = account[2:].lower() in call.get("data", "") and call["to"] in exchange.USDT
        return replace(one, result=f"0x{10**15:064x}") if mine else one

    offline, asked = lie(retold(honest, EVM, richer))

    assert BELIEVED == told(offline)
    assert exposed(EVM) == told(asked)


def script_of(number: int) -> str:
    """Give the script of a native single-key address."""
    return wallet.single_script(wallet.key(number), wallet.P2WPKH).hex()


def more(amount: str) -> str:
    return format_decimal(read_amount(amount) + 1, 8)


def about_outputs(files: Files, script: str, change: Callable[[Result], Result]) -> Files:
    """Change what `gettxout` is said to have answered about the young coins of a script."""

    def changed(one: Exchange) -> Exchange:
        result: Result = one.result
        if one.call.method != "gettxout" or result["scriptPubKey"]["hex"] != script:
            return one
        return replace(one, result={**result, **change(result)})

    return retold(files, UTXO, changed)


def test_larger_coins(honest: Files, lie: Lie) -> None:
    script = script_of(2022)

    def larger(coins: list[Result]) -> list[Result]:
        for coin in coins:
            if coin["scriptPubKey"] == script:
                coin["amount"] = more(coin["amount"])
        return coins

    files = about_outputs(honest, script, lambda output: {"value": more(output["value"])})
    offline, asked = lie(rescanned(files, UTXO, larger))

    assert BELIEVED == told(offline)
    assert exposed(UTXO, exchange.COINS_EACH) == told(asked)
    assert all(text.endswith("differs from the node's") for text in details(asked))


def coin_of(script: str, outpoint: tuple[str, int], amount: str, height: int) -> Result:
    txid, vout = outpoint
    return {
        "txid": txid,
        "vout": vout,
        "scriptPubKey": script,
        "desc": "",
        "amount": amount,
        "height": height,
    }


def claiming(files: Files, *coins: Result) -> Files:
    """Add coins to every scan."""
    return rescanned(files, UTXO, lambda scanned: [*scanned, *coins])


OLD = 5
"""Height of a block whose coins nobody asks about: they could be spent whoever made them."""


def test_a_coin_that_never_was(honest: Files, lie: Lie) -> None:
    coin = coin_of(script_of(2022), ("ab" * 32, 0), "1000", OLD)
    offline, asked = lie(claiming(honest, coin))

    assert BELIEVED == told(offline)
    assert exposed(UTXO) == told(asked)
    said = f"coin {'ab' * 32}:0 was not unspent at the pin"
    assert [f"node-1: {said}", f"node-2: {said}"] == details(asked)


def test_a_coin_that_was_spent_before_the_pin(moved_on: Attested, honest: Files, lie: Lie) -> None:
    outpoint = moved_on.spend.spent
    script = script_of(exchange.SPENDER)
    # A young coin, so that the liar also has an answer to whether it is of a coinbase.
    height = moved_on.utxo.rpc("getblock", moved_on.tip)["height"] - 2
    answer: Result = {"coinbase": False, "scriptPubKey": {"hex": script}, "value": "1"}
    told_so = answered(honest, UTXO, Exchange(output_call(*outpoint), answer))
    offline, asked = lie(claiming(told_so, coin_of(script, outpoint, "1", height)))

    assert BELIEVED == told(offline)
    assert exposed(UTXO) == told(asked)
    assert details(asked)[0].endswith("was not unspent at the pin")


def test_a_coin_that_was_made_after_the_pin(moved_on: Attested, honest: Files, lie: Lie) -> None:
    address = exchange.single_address(2000, wallet.P2PKH)
    found = moved_on.utxo.rpc("scantxoutset", "start", [f"addr({address})"])["unspents"]
    tip = moved_on.utxo.rpc("getblock", moved_on.tip)["height"]
    later = next(coin for coin in found if coin["height"] > tip)
    outpoint = (later["txid"], later["vout"])
    coin = coin_of(later["scriptPubKey"], outpoint, later["amount"], OLD)
    offline, asked = lie(claiming(honest, coin))

    assert BELIEVED == told(offline)
    assert exposed(UTXO) == told(asked)


def spend_wallets_oldest(node: Litecoind) -> Result:
    """Spend a coin of the node's own wallet that is old enough; give it as the wallet lists it."""
    coin: Result = max(node.rpc("listunspent"), key=lambda one: int(one["confirmations"]))
    outputs = {node.address(): format_decimal(read_amount(coin["amount"]) - exchange.FEE, 8)}
    inputs = [{"txid": coin["txid"], "vout": coin["vout"]}]
    raw = node.rpc("createrawtransaction", inputs, outputs)
    node.rpc("sendrawtransaction", node.rpc("signrawtransactionwithwallet", raw)["hex"])
    node.mine(1)
    return coin


def test_a_coin_of_somebody_else(moved_on: Attested, honest: Files, lie: Lie) -> None:
    coin = spend_wallets_oldest(moved_on.utxo)
    height = moved_on.utxo.rpc("getblockcount") - coin["confirmations"]
    outpoint = (coin["txid"], coin["vout"])
    offline, asked = lie(claiming(honest, coin_of(script_of(2022), outpoint, "50", height)))

    assert BELIEVED == told(offline)
    assert exposed(UTXO) == told(asked)
    assert details(asked)[0].endswith("differs from the node's")


def test_larger_coins_of_which_one_was_spent_since(honest: Files, lie: Lie) -> None:
    script = script_of(exchange.SPENDER)

    def larger(coins: list[Result]) -> list[Result]:
        for coin in coins:
            if coin["scriptPubKey"] == script:
                coin["amount"] = more(coin["amount"])
        return coins

    files = about_outputs(honest, script, lambda output: {"value": more(output["value"])})
    offline, asked = lie(rescanned(files, UTXO, larger))

    assert BELIEVED == told(offline)
    assert exposed(UTXO, exchange.COINS_EACH) == told(asked)


def test_a_coin_left_out(honest: Files, lie: Lie) -> None:
    script = script_of(2022)
    left = [0]

    def fewer(coins: list[Result]) -> list[Result]:
        mine = [coin for coin in coins if coin["scriptPubKey"] == script]
        left[0] = len(mine)
        return [coin for coin in coins if coin not in mine[1:]]

    offline, asked = lie(rescanned(honest, UTXO, fewer))

    assert BELIEVED == told(offline)
    assert exposed(UTXO, left[0] - 1) == told(asked)
    assert all(text.endswith("is not in the statement") for text in details(asked))


def test_new_coins_that_are_said_to_be_spendable(
    moved_on: Attested, honest: Files, lie: Lie
) -> None:
    script = wallet.single_script(wallet.key(2000), wallet.P2PKH).hex()
    account = (f"{UTXO}:{exchange.single_address(2000, wallet.P2PKH)}", exchange.LTC)
    offline, asked = lie(about_outputs(honest, script, lambda _output: {"coinbase": False}))

    assert moved_on.spoken[account][1] > 0
    assert BELIEVED == told(offline)
    assert exposed(UTXO) == told(asked)
    assert details(asked)[0].endswith("is wrong about being of a coinbase")


def test_an_address_that_the_statement_calls_unread_is_no_lie(honest: Files, lie: Lie) -> None:
    script = script_of(2022)
    second = next(name for name in honest if "bip122" in name and name.endswith("node-2.jsonl"))
    fewer = rescanned(
        honest, UTXO, lambda coins: [coin for coin in coins if coin["scriptPubKey"] != script]
    )
    offline, asked = lie({**honest, second: fewer[second]})
    levels = {EVM: "L4", UTXO: "L4"}

    assert (2, "valid", {EVM: "L3", UTXO: "L3"}, []) == told(offline)
    assert (2, "valid", levels, []) == told(asked)
    assert "unknown" == asked.document["outcome"]


@pytest.mark.parametrize(("blocks", "code"), [(1, "anchor_unknown"), (200, "anchor_mismatch")])
def test_a_node_that_does_not_have_the_block(
    attested: Attested, tmp_path: Path, blocks: int, code: str
) -> None:
    own = tmp_path / "own.toml"
    with litecoind() as node:
        node.mine(blocks)
        url = f"http://${{LTC_USER}}:${{LTC_PASSWORD}}@127.0.0.1:{node.port}"
        own.write_text(f'[sources.litecoin-regtest]\nendpoints = ["{url}"]\n')
        options = ("--key", attested.public, "--allow-test", "--json", "--sources", own)
        ran = attest("verify", attested.bundle, *options)

    assert (2, "valid", {EVM: "L3", UTXO: "L3"}, [code, "level_not_reached"]) == told(ran)
    assert {EVM: "unconfirmed", UTXO: "unconfirmed"} == ran.document["anchors"]
