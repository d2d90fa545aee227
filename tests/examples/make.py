"""Make `config/examples/exchange` and `faulty` from real nodes: anvil and two litecoinds.

Run from the repository's root:  python -m tests.examples.make

It funds the accounts of a pretended exchange, issues a challenge with an auditor's key, signs every
text, observes through the command line, and keeps the evidence. `faulty` is the same evidence with
five faults in the files around it. Making them again gives other blocks and times, so both folders
are replaced whole.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from attest.cli.app import call
from attest.observation import NODES
from chains.evm.proving import PROOF_METHOD
from chains.recording import decode_log, encode_log
from config.registry_files import load_registry
from config.times import format_time
from tests.examples import wallet
from tests.nodes.anvil import Anvil, anvil
from tests.nodes.litecoind import PASSWORD, USER, Litecoind, litecoind
from tests.nodes.token import TOKEN_A, TOKEN_B, install_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from config.registry import Chain, Registry

ROOT = Path(__file__).parents[2] / "config" / "examples"
LAST_INDEX = 4
ETHER = 10**18
TOKEN_UNIT = 10**6


@dataclass(frozen=True, slots=True)
class Holder:
    """An account with the way it signs."""

    account: str
    method: str
    scheme: str
    number: int
    """Number of its key; for the 2-of-3 the first of three; for the extended key its seed."""
    kind: str = ""
    assets: str = ""
    claimed: str = ""
    """What the claim names, where it is not the account."""


def evm_holders(chain: Chain) -> tuple[Holder, ...]:
    """Nine accounts on the EVM chain: one hot, six with tokens."""
    holders = []
    for number in range(9):
        address = wallet.evm_address(chain, wallet.key(number))
        holders.append(
            Holder(
                account=f"anvil:{address}",
                method="hot" if number == 0 else "cold",
                scheme="eip191",
                number=number,
                assets="eth usdt usdc" if number < 6 else "",
            )
        )
    return tuple(holders)


def utxo_holders(chain: Chain) -> tuple[Holder, ...]:
    """Single keys of three kinds, a 2-of-3 and an extended key on the Bitcoin-family chain."""
    kinds = [(wallet.P2WPKH, "bip322")] * 4 + [(wallet.P2PKH, "bip137"), (wallet.NESTED, "bip137")]
    singles = [
        Holder(
            f"{chain.name}:{wallet.utxo_address(chain, wallet.single_script(wallet.key(n), kind))}",
            "hot" if n == 20 else "cold",
            scheme,
            n,
            kind,
        )
        for n, (kind, scheme) in enumerate(kinds, 20)
    ]
    vault = wallet.utxo_address(chain, multisig(30).script)
    xpub = wallet.extended_key(1)[1]
    return (
        *singles,
        Holder(f"{chain.name}:{vault}", "cold", "multisig-signmessage", 30),
        Holder(
            f"{chain.name}:wpkh({xpub}/0/*)?last={LAST_INDEX}",
            "cold",
            "bip322",
            1,
            "extended",
            claimed=f"{chain.name}:wpkh({xpub}/0/*)",
        ),
    )


def multisig(number: int) -> wallet.Multisig:
    return wallet.Multisig((wallet.key(number), wallet.key(number + 1), wallet.key(number + 2)))


def derived_addresses(chain: Chain) -> tuple[str, ...]:
    xprv = wallet.extended_key(1)[0]
    keys = [wallet.child_key(xprv, f"0/{index}") for index in range(LAST_INDEX + 1)]
    return tuple(
        wallet.utxo_address(chain, wallet.single_script(one, wallet.P2WPKH)) for one in keys
    )


def fund_anvil(node: Anvil, holders: Sequence[Holder]) -> None:
    """Put coins and tokens into the head block, then mine past it."""
    addresses = [holder.account.partition(":")[2] for holder in holders]
    node.mine(3)
    for number, address in enumerate(addresses):
        node.ask("anvil_setBalance", address, hex(ETHER if number == 0 else (40 + number) * ETHER))
    tokens = addresses[:6]
    for token, unit in ((TOKEN_A, 25_000 * TOKEN_UNIT), (TOKEN_B, 10_000 * TOKEN_UNIT)):
        amounts = {one: unit // 25 if number == 0 else unit for number, one in enumerate(tokens)}
        install_token(node, token, 6, amounts)
    node.mine(4)


def fund_litecoin(node: Litecoind, addresses: Iterable[str]) -> None:
    """Pay every address, then spend and mine once more."""
    node.mine(120)
    for number, address in enumerate(addresses):
        node.rpc("sendtoaddress", address, "0.25" if number == 0 else f"{5 + number}.5")
    node.mine(2)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue()


def accounts_csv(holders: Sequence[Holder]) -> str:
    columns = ("account", "method", "holder", "owner", "assets", "label", "signing_domain")
    return table(
        columns,
        [
            # Who signs for what is cold is not said: nobody has to.
            (
                *(one.account, one.method, "self", "customer", one.assets, ""),
                "hot-1" if one.method == "hot" else "",
            )
            for one in holders
        ],
    )


def claims_csv(holders: Sequence[Holder], texts: dict[str, str], registry: Registry) -> str:
    rows = []
    for one in holders:
        claimed = one.claimed or one.account
        text = texts[canonical(claimed, registry)]
        script = multisig(one.number).witness_script.hex() if one.scheme.startswith("multi") else ""
        signer = "0/0" if one.kind == "extended" else ""
        rows.append((claimed, one.scheme, "@challenge", sign(one, text, registry), script, signer))
    columns = ("account", "scheme", "message", "signature", "script", "signer")
    return table(columns, rows)


def canonical(account: str, registry: Registry) -> str:
    head, _, rest = account.partition(":")
    return f"{registry.chain(head).id}:{rest}"


def sign(one: Holder, text: str, registry: Registry) -> str:
    chain, bitcoin = registry.chain("litecoin-regtest"), registry.chain("bitcoin")
    if one.scheme == "eip191":
        return wallet.sign_eip191(wallet.key(one.number), text)
    if one.scheme == "multisig-signmessage":
        return multisig(one.number).sign(chain, text)
    if one.kind == "extended":
        private = wallet.child_key(wallet.extended_key(one.number)[0], "0/0")
        return wallet.sign_bip322(private, bitcoin, wallet.P2WPKH, text)
    if one.scheme == "bip322":
        return wallet.sign_bip322(wallet.key(one.number), bitcoin, one.kind, text)
    return wallet.sign_message(chain, wallet.key(one.number), one.kind, text)


def declaration(as_of: str, sources: str) -> str:
    return f"""\
# A pretended exchange on test networks. Made by tests/examples/make.py from real nodes; the keys
# are test keys and nothing here has value.

[entity]
name = "Example Exchange"
jurisdiction = "JP"

[attestation]
series = "example-exchange"
sequence = 1
as_of = "{as_of}"
network = "test"
margin = 20

[inputs]
accounts = "accounts.csv"
claims = "claims.csv"
challenges = "challenges.json"
liabilities = "liabilities.csv"
prices = "prices.csv"

[policies]
packs = ["core"]

{sources}"""


RECORDED = """\
# The evidence was recorded from real nodes; it is read as if it were them.
[sources.anvil]
recorded = "recording"

[sources.litecoin-regtest]
recorded = "recording"
quorum = 2
"""


def live_sources(evm: Anvil, nodes: Sequence[Litecoind]) -> str:
    urls = ", ".join(
        f'"http://${{LTC_USER}}:${{LTC_PASSWORD}}@127.0.0.1:{one.port}"' for one in nodes
    )
    return f"""\
[sources.anvil]
endpoints = ["{evm.url}"]
operators = ["example-a"]

[sources.litecoin-regtest]
endpoints = [{urls}]
operators = ["example-a", "example-b"]
quorum = 2
"""


def liabilities_csv(as_of: str) -> str:
    rows = [("eth", "300", as_of), ("usdt", "120000", as_of), ("usdc", "45000.5", as_of)]
    return table(("instrument", "amount", "as_of"), [*rows, ("ltc", "120", as_of)])


def prices_csv(as_of: str, stale: str) -> str:
    prices = {"eth": "412000.5", "usdt": "155.21", "usdc": "155.2", "ltc": "13100"}
    return table(
        ("instrument", "currency", "price", "as_of", "source"),
        [
            (one, "jpy", price, stale if one == "ltc" else as_of, "example figures")
            for one, price in prices.items()
        ],
    )


def make_exchange(folder: Path) -> None:
    """Write the passing example."""
    registry = load_registry()
    evm_chain, ltc_chain = registry.chain("anvil"), registry.chain("litecoin-regtest")
    evm, utxo = evm_holders(evm_chain), utxo_holders(ltc_chain)
    singles = [one.account.partition(":")[2] for one in utxo if one.kind != "extended"]
    with anvil() as node, litecoind() as first, litecoind() as second:
        first.connect(second)
        fund_anvil(node, evm)
        fund_litecoin(first, [*singles, *derived_addresses(ltc_chain)])
        second.wait_for_tip(first.rpc("getbestblockhash"))
        time.sleep(1)
        as_of = format_time(int(time.time()))
        sources = live_sources(node, (first, second))
        (folder / "declaration.toml").write_text(declaration(as_of, sources))
        (folder / "accounts.csv").write_text(accounts_csv((*evm, *utxo)))
        (folder / "liabilities.csv").write_text(liabilities_csv(as_of))
        (folder / "prices.csv").write_text(prices_csv(as_of, as_of))
        issue_and_sign(folder, (*evm, *utxo), registry)
        run("observe", str(folder / "declaration.toml"), "-o", str(folder / "recording"))
    (folder / "declaration.toml").write_text(declaration(as_of, RECORDED))


def issue_and_sign(folder: Path, holders: Sequence[Holder], registry: Registry) -> None:
    """Issue the challenge with an auditor's key, and sign every text."""
    with tempfile.TemporaryDirectory() as keys:
        auditor = f"{keys}/auditor.pem"
        run("keys", "new", auditor, "--unencrypted")
        shutil.copy(f"{auditor}.pub", folder / "auditor.pub")
        run(
            "challenge",
            str(folder / "declaration.toml"),
            *("--key", auditor, "--issuer", "Example Reviewer", "--days", "14"),
            *("-o", str(folder / "challenges.json")),
        )
    texts = json.loads((folder / "challenges.json").read_text())["texts"]
    (folder / "claims.csv").write_text(claims_csv(holders, texts, registry))


def make_faulty(exchange: Path, folder: Path) -> None:
    """Copy the passing example and put five faults into it."""
    shutil.copytree(exchange, folder, dirs_exist_ok=True)
    without_proofs(folder / "recording")
    accounts = (folder / "accounts.csv").read_text().splitlines(keepends=True)
    twice = accounts[4].split(",", 1)
    absent = wallet.evm_address(load_registry().chain("anvil"), wallet.key(999))
    extra = [f"{twice[0].lower()},{twice[1]}", f"anvil:{absent},cold,self,customer,eth,,\n"]
    (folder / "accounts.csv").write_text("".join([*accounts, *extra]))
    claims = (folder / "claims.csv").read_text().splitlines(keepends=True)
    claims[9] = forge(claims[9])
    (folder / "claims.csv").write_text("".join(claims))
    liabilities = (folder / "liabilities.csv").read_text()
    (folder / "liabilities.csv").write_text(liabilities.replace("ltc,120,", "ltc,127.75,"))
    as_of = liabilities.splitlines()[1].rpartition(",")[2]
    (folder / "prices.csv").write_text(prices_csv(as_of, "2026-10-01T00:00:00Z"))


def without_proofs(recording: Path) -> None:
    """Leave out of a recording what proves its balances, as most nodes prove no past state."""
    for store in recording.rglob(NODES):
        path = store.with_name("node-1.jsonl")
        chain, log = decode_log(path.read_bytes(), path.name)
        kept = tuple(entry for entry in log.entries if entry.call.method != PROOF_METHOD)
        path.write_bytes(encode_log(chain, replace(log, entries=kept)))
        store.unlink()


def forge(row: str) -> str:
    """Change one digit of a hex signature."""
    place = row.rindex("0x") + 10
    return row[:place] + ("1" if row[place] != "1" else "2") + row[place + 1 :]


def run(*arguments: str) -> None:
    """Run a command of ours; end with its code if it fails."""
    code = call(list(arguments))
    if code:
        sys.exit(f"attest {' '.join(arguments)}: exit code {code}")


def main() -> None:
    """Replace both folders."""
    os.environ.update(LTC_USER=USER, LTC_PASSWORD=PASSWORD)
    exchange, faulty = ROOT / "exchange", ROOT / "faulty"
    for folder in (exchange, faulty):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    make_exchange(exchange)
    make_faulty(exchange, faulty)


if __name__ == "__main__":
    main()
