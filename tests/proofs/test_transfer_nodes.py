"""Transfers on real nodes: signed, mined, asked for at the pin, and judged."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from eth_account import Account

from chains.electrum.source import ElectrumSource
from chains.evidence import ChainPlan, PlannedAccount, Surroundings
from chains.evm.reader import read as read_evm
from chains.evm.recheck import recheck as recheck_evm
from chains.families import ChainAddresses
from chains.snapshot import Snapshot
from chains.transport import Endpoint, HttpSource
from chains.utxo.reader import read as read_utxo
from chains.utxo.recheck import recheck as recheck_utxo
from config.caip import account_id
from config.challenges import Challenges
from config.claims import parse_claims
from config.registry_files import load_registry
from proofs.challenge import accounts_digest, build_text
from proofs.check import check, scheme_questions
from proofs.facts import gather
from proofs.schemes import SCHEMES
from proofs.utxo.transfer import carrier_script
from tests.nodes.anvil import anvil
from tests.nodes.electrumx import electrumx
from tests.nodes.litecoind import litecoind

if TYPE_CHECKING:
    from chains.evidence import Source
    from chains.snapshot import ChainSnapshot
    from config.claims import Claim
    from config.registry import Chain
    from proofs.control import Control
    from tests.nodes.anvil import Anvil
    from tests.nodes.litecoind import Litecoind

pytestmark = pytest.mark.nodes

REGISTRY = load_registry()
ANVIL, LITECOIN = REGISTRY.chain("anvil"), REGISTRY.chain("litecoin-regtest")
AROUND = Surroundings(lambda _: None, lambda _stage, _done, _all: None)
KEY = hashlib.sha256(b"a key for a test").digest()
SENDER: str = Account.from_key(KEY).address
REVERTS = "0x" + "00" * 18 + "bEEF"


def issued(account: str) -> Challenges:
    bare = Challenges(
        version="v1",
        entity="Example",
        issuer="Reviewer",
        nonce="ab" * 32,
        anchors=(),
        issuedAt="2026-01-01T00:00:00Z",
        expiresAt="2099-01-01T00:00:00Z",  # The nodes go by the real time.
        accountsSha256=accounts_digest((account,)),
        texts={},
    )
    return replace(bare, texts={account: build_text(bare, account)})


def claims(chain: Chain, address: str, *signatures: str) -> tuple[Claim, ...]:
    rows = (f"{chain.name}:{address},onchain-transfer,@challenge,{one}" for one in signatures)
    text = "\n".join(("account,scheme,message,signature", *rows)) + "\n"
    return parse_claims(text.encode(), "claims.csv", REGISTRY, ChainAddresses(), SCHEMES)


def plan_of(chain: Chain, address: str, rows: tuple[Claim, ...], issue: Challenges) -> ChainPlan:
    asked = scheme_questions(rows, REGISTRY, issue, None, {})
    assert len(asked) == len({one.signature for one in rows})
    accounts = (PlannedAccount(address, (chain.native,)),)
    # A node scans at its tip; on anvil the last block is left above the pin.
    depth = 1 if chain.family == "utxo" else 2
    return ChainPlan(chain, None, 1, depth, accounts, asked)


def judge(
    rows: tuple[Claim, ...], issue: Challenges, *snapshots: ChainSnapshot
) -> tuple[Control, ...]:
    return check(rows, REGISTRY, issue, None, gather((), Snapshot(snapshots)))


def send(node: Anvil, data: bytes, to: str = SENDER, nonce: int = 0) -> str:
    tx = {"nonce": nonce, "gas": 100_000, "to": to, "value": 0, "data": data, "chainId": 31337}
    fees = {"type": 2, "maxFeePerGas": 3 * 10**9, "maxPriorityFeePerGas": 10**9}
    raw = f"0x{bytes(Account.sign_transaction(tx | fees, KEY).raw_transaction).hex()}"
    node.ask("eth_sendRawTransaction", raw)
    return raw


def test_on_anvil_at_the_pin() -> None:
    account = account_id(ANVIL.id, SENDER)
    issue = issued(account)
    text = issue.texts[account].encode()
    with anvil() as node:
        node.ask("anvil_setBalance", SENDER, hex(10**20))
        node.ask("anvil_setCode", REVERTS, "0x60006000fd")
        node.mine(2)
        good = send(node, text)
        digest = send(node, hashlib.sha256(text).digest(), to="0x" + "11" * 20, nonce=1)
        reverted = send(node, text, to=REVERTS, nonce=2)
        node.mine(5)
        late = send(node, hashlib.sha256(text).digest(), nonce=3)
        rows = claims(ANVIL, SENDER, good, digest, reverted, late)
        source = HttpSource(Endpoint("node-1", "a", node.url), lambda _: None)
        plan = plan_of(ANVIL, SENDER, rows, issue)
        snapshot = recheck_evm(plan, read_evm(plan, [source], AROUND))
        source.close()
    found = judge(rows, issue, snapshot)

    assert [(one.outcome, one.grade, one.reason) for one in found] == [
        ("proved", "B", None),
        ("proved", "B", None),
        ("refuted", None, "transfer_failed"),
        ("unproved", None, "transfer_not_included"),
    ]
    assert found[0].subjects == (account,)
    unasked = judge(rows[:1], issue, replace(snapshot, answers=()))
    assert unasked[0].reason == "transfer_not_checked"
    alone = check(rows[:1], REGISTRY, issue, None, None)
    assert alone[0].reason == "transfer_not_checked"


def carrying(node: Litecoind, owner: str, data: bytes) -> str:
    """Spend an address's coin to itself, beside an output that carries data."""
    coin = next(one for one in node.rpc("listunspent") if one["address"] == owner)
    raw = node.rpc(
        "createrawtransaction",
        [{"txid": coin["txid"], "vout": coin["vout"]}],
        [{owner: "0.999"}, {"data": data.hex()}],
    )
    signed: str = node.rpc("signrawtransactionwithwallet", raw)["hex"]
    node.rpc("sendrawtransaction", signed)
    return signed


@pytest.mark.parametrize("kind", ["legacy", "p2sh-segwit", "bech32"])
def test_on_litecoind_with_an_index_and_on_an_index_server(kind: str) -> None:
    with litecoind("-txindex=1") as node, electrumx(node) as server:
        node.mine(101)
        owner = ChainAddresses().canonical(LITECOIN, node.address(kind))
        node.rpc("sendtoaddress", owner, "1")
        node.mine(1)
        account = account_id(LITECOIN.id, owner)
        issue = issued(account)
        text = issue.texts[account].encode()
        signed = carrying(node, owner, hashlib.sha256(text).digest())
        assert carrier_script(hashlib.sha256(text).digest()).hex() in signed
        node.mine(2)
        server.wait_for(node)
        rows = claims(LITECOIN, owner, signed)
        plan = plan_of(LITECOIN, owner, rows, issue)
        core = HttpSource(Endpoint("node-1", "a", node.url, "core"), lambda _: None)
        electrum = ElectrumSource(Endpoint("server-1", "b", server.url), lambda _: None)
        found = []
        for sources in ((core,), (electrum,), (core, electrum)):
            asked: tuple[Source, ...] = sources
            wanted = replace(plan, quorum=len(sources))
            found.append(recheck_utxo(wanted, read_utxo(wanted, asked, AROUND)))
        core.close()
        electrum.close()
    assert len({one.answers[0].value for one in found}) == 1
    for snapshot in found:
        (control,) = judge(rows, issue, snapshot)
        assert (control.outcome, control.grade, control.reason) == ("proved", "B", None)
