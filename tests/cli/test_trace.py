"""attest trace on live nodes: payments that go by declared wallets, and those that do not."""

from __future__ import annotations

import csv
import hashlib
import io
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from config.times import format_time
from tests.cli import exchange
from tests.cli.command import Ran, attest
from tests.examples import wallet
from tests.nodes.anvil import anvil
from tests.nodes.litecoind import PASSWORD, USER, litecoind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.nodes.anvil import Anvil
    from tests.nodes.litecoind import Litecoind

pytestmark = pytest.mark.nodes

ETHER = 10**18
HEADER = "kind,instrument,amount,txid,chain,account,booked_at,reference"
FORWARDER = "0x00000000000000000000000000000000000f0f0f"
FORWARDS = "0x6000600060006000346000355af100"
"""Sends what it is called with to the address in its input."""
NUMBERS = (3100, 3101)
"""Keys of the declared addresses of the Bitcoin family."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Nodes on which customers paid and were paid, and the rows of the ledger."""

    evm: Anvil
    utxo: Litecoind
    hot: str
    other: str
    coins: tuple[str, str]
    """Declared addresses of the Bitcoin family."""
    rows: dict[str, str]
    """Rows of the sample by what they must come to."""


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with (
        pytest.MonkeyPatch.context() as world,
        anvil("--timestamp", str(int(time.time()) - 3600)) as evm,
        litecoind("-txindex=1") as utxo,
    ):
        world.setenv("LTC_USER", USER)
        world.setenv("LTC_PASSWORD", PASSWORD)
        hot, other, customer, elsewhere = evm.ask("eth_accounts")[:4]
        first, second = (exchange.single_address(one, wallet.P2WPKH) for one in NUMBERS)
        rows = evm_rows(evm, hot, other, customer, elsewhere)
        rows |= utxo_rows(utxo, first, second)
        evm.mine(5)
        yield Ledger(evm, utxo, hot, other, (first, second), rows)


def evm_rows(evm: Anvil, hot: str, other: str, customer: str, elsewhere: str) -> dict[str, str]:
    evm.ask("anvil_setCode", FORWARDER, FORWARDS)
    evm.mine(2)
    evm.ask("evm_increaseTime", 600)

    def pay(sender: str, to: str, ether: int, data: str = "0x") -> str:
        asked = {"from": sender, "to": to, "value": hex(ether * ETHER), "data": data}
        txid = str(evm.ask("eth_sendTransaction", asked))
        evm.mine(1)
        return txid

    hidden = pay(customer, FORWARDER, 6, "0x" + hot[2:].lower().rjust(64, "0"))
    assert int(evm.ask("eth_getBalance", FORWARDER, "latest"), 16) == 0
    return {
        "touches, a deposit": f"deposit,eth,3,{pay(customer, hot, 3)},anvil,,,D-1",
        "touches, a withdrawal": f"withdrawal,eth,2,{pay(hot, customer, 2)},anvil,,,W-1",
        "not_ours, a deposit": f"deposit,eth,4,{pay(customer, elsewhere, 4)},anvil,,,D-2",
        "not_ours, as the ledger says": f"deposit,eth,1,{pay(customer, elsewhere, 1)}"
        f",,anvil:{elsewhere},,D-3",
        "own_accounts_alone": f"deposit,eth,5,{pay(hot, other, 5)},,anvil:{other},,D-4",
        "amount_differs": f"deposit,eth,7.5,{pay(customer, hot, 7)},anvil,,,D-5",
        "not_visible": f"deposit,eth,6.5,{hidden},anvil,,,D-6",
        "not_in_a_block": f"deposit,eth,1,0x{'ab' * 32},anvil,,,D-7",
    }


def utxo_rows(node: Litecoind, first: str, second: str) -> dict[str, str]:
    node.mine(110)
    funded = str(node.rpc("sendtoaddress", first, "10"))
    stray = str(node.rpc("sendtoaddress", node.address(), "0.7"))
    node.mine(1)
    customers = [node.address(kind) for kind in ("bech32", "legacy", "p2sh-segwit")]
    paid = dict(zip(customers, ("1", "2.5", "0.125"), strict=True))
    batch = spend(node, funded, first, {**paid, first: "6.374"})
    node.mine(1)
    inside = spend(node, batch, first, {second: "6.373"})
    node.mine(1)
    return {
        "touches": f"deposit,ltc,10,{funded},,litecoin-regtest:{first},,D-10",
        "touches, of a batch": f"withdrawal,ltc,2.5,{batch},litecoin-regtest,,,W-10",
        "touches, of the same batch": f"withdrawal,ltc,0.125,{batch},litecoin-regtest,,,W-11",
        "touches, all of it": f"withdrawal,ltc,3.625,{batch},,litecoin-regtest:{first},,W-12",
        "amount_differs, in a batch": f"withdrawal,ltc,2,{batch},litecoin-regtest,,,W-13",
        "not_ours, a withdrawal": f"withdrawal,ltc,0.7,{stray},litecoin-regtest,,,W-14",
        "own_accounts_alone, a withdrawal": f"withdrawal,ltc,6.373,{inside}"
        ",litecoin-regtest,,,W-15",
        "not_answered": f"deposit,ltc,1,{'cd' * 32},litecoin-regtest,,,D-11",
    }


def spend(node: Litecoind, txid: str, address: str, outputs: dict[str, str]) -> str:
    """Spend the coin that a transaction paid to the first declared address."""
    made = node.rpc("getrawtransaction", txid, True)["vout"]
    vout = next(one["n"] for one in made if one["scriptPubKey"]["addresses"] == [address])
    raw = node.rpc("createrawtransaction", [{"txid": txid, "vout": vout}], outputs)
    key = exchange.wif(wallet.key(NUMBERS[0]))
    signed = node.rpc("signrawtransactionwithkey", raw, [key])
    return str(node.rpc("sendrawtransaction", signed["hex"]))


def declared(
    folder: Path, ledger: Ledger, *, coins: bool = True, trace: str = "", sources: str = ""
) -> Path:
    """Write a declaration of holdings; without coins no account of that chain is declared."""
    folder.mkdir(parents=True)
    accounts = [f"anvil:{one}" for one in (ledger.hot, ledger.other)]
    accounts += [f"litecoin-regtest:{one}" for one in ledger.coins if coins]
    rows = "".join(f"{one},hot,self,customer\n" for one in accounts)
    (folder / "accounts.csv").write_text(f"account,method,holder,owner\n{rows}")
    path = folder / "declaration.toml"
    url = f"http://${{LTC_USER}}:${{LTC_PASSWORD}}@127.0.0.1:{ledger.utxo.port}"
    live = (
        f'[sources.anvil]\nendpoints = ["{ledger.evm.url}"]\n'
        f'[sources.litecoin-regtest]\nendpoints = ["{url}"]\n'
    )
    path.write_text(
        '[entity]\nname = "Example"\n[attestation]\nseries = "trace"\nnetwork = "test"\n'
        f'as_of = "{format_time(int(time.time()))}"\nscope = ["holdings"]\n'
        f'[inputs]\naccounts = "accounts.csv"\n{trace}[policies]\npacks = ["core"]\n'
        f"{sources or live}"
    )
    return path


def sample_file(folder: Path, rows: Sequence[str]) -> Path:
    path = folder / "sample.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n")
    return path


def verdicts(ran: Ran) -> list[str]:
    assert ran.complaint == ()
    return [row["verdict"] for row in ran.document["rows"]]


def test_every_payment_comes_to_what_it_is(ledger: Ledger, tmp_path: Path) -> None:
    declaration = declared(tmp_path / "mine", ledger)
    sample = sample_file(tmp_path, tuple(ledger.rows.values()))

    ran = attest("trace", sample, declaration, "--json")
    assert [name.partition(",")[0] for name in ledger.rows] == verdicts(ran)
    assert (1, "test") == (ran.code, ran.document["network"])
    assert {
        "file": "sample.csv",
        "sha256": hashlib.sha256(sample.read_bytes()).hexdigest(),
        "rows": len(ledger.rows),
        "traced": len(ledger.rows),
        "seed": None,
        "seedFrom": None,
    } == ran.document["sample"]
    sides = {row["verdict"]: row["side"] for row in ran.document["rows"]}
    assert ("absent", "") == (sides["not_in_a_block"], sides["not_answered"])
    assert "pin" == sides["not_visible"]
    assert 2 == len(ran.document["pins"])
    shown = attest("trace", sample, declaration).out
    assert shown.startswith("TEST NETWORK\n")
    assert "\nnot_ours 3: it goes by wallets that are not declared\n" in shown


def test_the_exit_code_is_that_of_the_worst_row(ledger: Ledger, tmp_path: Path) -> None:
    declaration = declared(tmp_path / "mine", ledger)

    def code(*starts: str) -> int:
        rows = [row for name, row in ledger.rows.items() if name.startswith(starts)]
        return attest("trace", sample_file(tmp_path, rows), declaration).code

    assert 0 == code("touches")
    assert 2 == code("touches", "not_visible")
    assert 2 == code("touches", "not_in_a_block")
    assert 2 == code("touches", "not_answered")
    assert 1 == code("touches", "not_answered", "not_ours")


def test_a_chain_without_a_declared_account_is_asked_all_the_same(
    ledger: Ledger, tmp_path: Path
) -> None:
    declaration = declared(tmp_path / "mine", ledger, coins=False)
    rows = [row for row in ledger.rows.values() if ",ltc," in row]
    ran = attest("trace", sample_file(tmp_path, rows), declaration, "--json")

    assert ["not_ours"] * 7 + ["not_answered"] == verdicts(ran)
    without = declaration.read_text().partition("[sources.litecoin-regtest]")[0]
    declaration.write_text(without)
    ran = attest("trace", tmp_path / "sample.csv", declaration)
    assert 3 == ran.code
    assert "line 2 is of litecoin-regtest, which has no sources" in ran.complaint[0]


def test_a_time_before_the_payments_puts_them_after_the_block(
    ledger: Ledger, tmp_path: Path
) -> None:
    declaration = declared(tmp_path / "mine", ledger)
    rows = [ledger.rows["touches, a deposit"]]
    before = format_time(int(ledger.evm.block(1)["timestamp"], 16))
    ran = attest("trace", sample_file(tmp_path, rows), declaration, "--at", before, "--json")

    assert (["touches"], "after") == (verdicts(ran), ran.document["rows"][0]["side"])


def test_a_drawn_sample_can_be_drawn_again_and_declared(ledger: Ledger, tmp_path: Path) -> None:
    declaration = declared(tmp_path / "mine", ledger)
    rows = tuple(row for name, row in ledger.rows.items() if name.startswith("touches"))
    sample, chosen = sample_file(tmp_path, rows), tmp_path / "trace.csv"
    words = ["--count", "3", "--seed", "drawn by the auditor"]

    ran = attest("trace", sample, declaration, *words, "-o", chosen, "--json")
    assert (0, ["touches"] * 3) == (ran.code, verdicts(ran))
    assert (6, 3) == (ran.document["sample"]["rows"], ran.document["sample"]["traced"])
    assert "given" == ran.document["sample"]["seedFrom"]
    sample_file(tmp_path, rows[::-1])
    again = attest("trace", sample, declaration, *words, "--json").document["rows"]
    asked = [{**row, "line": ""} for row in ran.document["rows"]]
    assert asked == [{**row, "line": ""} for row in again]
    declared_rows = attest("trace", chosen, declaration, "--json").document["rows"]
    assert asked == [{**row, "line": ""} for row in declared_rows]
    assert 3 == attest("trace", sample, declaration, *words, "-o", chosen).code
    assert "drawn by the seed (given)" in attest("trace", sample, declaration, *words).out


def test_a_drawing_needs_a_seed_and_a_seed_a_drawing(ledger: Ledger, tmp_path: Path) -> None:
    declaration = declared(tmp_path / "mine", ledger)
    sample = sample_file(tmp_path, tuple(ledger.rows.values()))

    ran = attest("trace", sample, declaration, "--count", "3")
    assert (3, "there is no seed" in ran.complaint[0]) == (ran.code, True)
    assert "--seed TEXT" in ran.complaint[1]
    ran = attest("trace", sample, declaration, "--seed", "x")
    assert (3, "draws nothing" in ran.complaint[0]) == (ran.code, True)
    assert 3 == attest("trace", sample, declaration, "--count", "0", "--seed", "x").code


@pytest.mark.parametrize("coins", [True, False])
def test_a_statement_with_a_trace_is_replayed_from_its_bundle(
    ledger: Ledger, tmp_path: Path, key: Path, *, coins: bool
) -> None:
    live = declared(tmp_path / "live", ledger, coins=coins, trace='trace = "books/trace.csv"\n')
    (live.parent / "books").mkdir()
    rows = tuple(ledger.rows.values())
    sample_file(tmp_path, rows).rename(live.parent / "books/trace.csv")
    bundle, seen = tmp_path / "bundle", live.parent / "seen"

    ran = attest("run", live, "--key", key, "-o", bundle, "--json")
    assert (1, ()) == (ran.code, ran.complaint)
    traced = [one for one in findings(ran) if one["code"] == "traced"]
    assert {"fail", "unknown"} == {one["status"] for one in traced}
    listed = table_of(bundle)
    assert len(rows) == len(listed)
    if coins:
        expected = [name.partition(",")[0] for name in ledger.rows]
        assert expected == [row["verdict"] for row in listed]
        assert "3" == traced[0]["facts"]["not_ours"]
    assert_verified(bundle, key)

    assert attest("observe", live, "-o", seen).complaint == ()
    recorded = "".join(
        f'[sources.{one}]\nrecorded = "seen"\n' for one in ("anvil", "litecoin-regtest")
    )
    head = live.read_text().partition("[sources.")[0]
    live.write_text(head + recorded)
    again = tmp_path / "again"
    assert attest("run", live, "--key", key, "-o", again).complaint == ()
    assert listed == table_of(again)
    assert_verified(again, key)


def assert_verified(bundle: Path, key: Path) -> None:
    ran = attest("verify", bundle, "--key", f"{key}.pub", "--allow-test", "--json")
    assert ("valid", "L3", "fail") == tuple(
        ran.document[word] for word in ("authenticity", "level", "outcome")
    )


def test_a_verifiers_nodes_read_the_transactions_again(
    ledger: Ledger, tmp_path: Path, key: Path
) -> None:
    live = declared(tmp_path / "live", ledger, coins=False, trace='trace = "trace.csv"\n')
    rows = [row for name, row in ledger.rows.items() if name != "not_answered"]
    sample_file(tmp_path, rows).rename(live.parent / "trace.csv")
    bundle, sources = tmp_path / "bundle", tmp_path / "sources.toml"
    assert attest("run", live, "--key", key, "-o", bundle).complaint == ()
    sources.write_text("[sources." + live.read_text().partition("[sources.")[2])
    words = ["--key", f"{key}.pub", "--allow-test", "--json"]

    ran = attest("verify", bundle, "--sources", sources, *words)
    assert ("valid", "L4") == (ran.document["authenticity"], ran.document["level"])


def test_a_changed_verdict_in_a_bundle_is_found(ledger: Ledger, tmp_path: Path, key: Path) -> None:
    live = declared(tmp_path / "live", ledger, trace='trace = "trace.csv"\n')
    sample_file(tmp_path, tuple(ledger.rows.values())).rename(live.parent / "trace.csv")
    bundle = tmp_path / "bundle"
    assert attest("run", live, "--key", key, "-o", bundle).complaint == ()
    path = bundle / "report/trace.csv"
    path.write_text(path.read_text().replace("not_ours", "touches"))

    ran = attest("verify", bundle, "--key", f"{key}.pub", "--allow-test", "--json")
    assert (1, "invalid") == (ran.code, ran.document["authenticity"])


def findings(ran: Ran) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ran.document["findings"]["inForce"]
    return found


def table_of(bundle: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((bundle / "report/trace.csv").read_text())))
