"""A verifier's own nodes that fail, lie or differ: they confirm nothing that they did not say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from tests.cli.command import Ran, attest
from tests.cli.replayed import ACCOUNTS, asks, changed, core, every, table, told
from tests.misbehaving import Reply, always, honest, serve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.misbehaving import Answer, Script

EVM, UTXO = "eip155:31337", "bip122:530827f38f93b43ed12af0b3ad25a288"
VICTIM = ACCOUNTS[2].split(",")[0].partition(":")[2]
Verify: TypeAlias = "Callable[..., Ran]"


@pytest.fixture
def verify(signed_folder: tuple[Path, Path], tmp_path: Path, waited: list[float]) -> Verify:
    """Verify the example's bundle with running nodes of one chain."""
    del waited

    def verdict(*scripts: Script, chain: str = "anvil") -> Ran:
        return under(list(scripts), [], chain)

    def under(scripts: list[Script], urls: list[str], chain: str) -> Ran:
        if scripts:
            with serve(scripts[0]) as node:
                return under(scripts[1:], [*urls, node.url], chain)
        own = tmp_path / "own.toml"
        own.write_text(table(chain, urls))
        options = ("--key", signed_folder[1], "--allow-test", "--json", "--sources", own)
        return attest("verify", signed_folder[0], *options)

    return verdict


def seen(ran: Ran, chain: str) -> tuple[str, str, list[str]]:
    """Give a chain's level and anchor, and the codes of the reasons."""
    document = ran.document
    codes = [one["code"] for one in document["reasons"]]
    assert (2, "valid", "L3") == (ran.code, document["authenticity"], document["level"])
    return document["levels"][chain], document["anchors"][chain], codes


def block_is(change: dict[str, Any]) -> Answer:
    """Answer honestly, but for some fields of numbered blocks."""
    answer = told("anvil")

    def answered(method: str, params: list[Any]) -> dict[str, Any]:
        given = answer(method, params)
        if method != "eth_getBlockByNumber" or "result" not in given:
            return given
        return {"result": {**given["result"], **change}}

    return answered


OTHER = honest(block_is({"hash": "0x" + "ab" * 32}))
POORER = honest(
    changed(
        told("anvil"), lambda _, params: bool(params) and params[0] == VICTIM, {"result": "0x7"}
    )
)
CONFIRMED = ("L4", "confirmed", ["level_not_reached"])


def test_an_honest_node_confirms_its_chain_alone(verify: Verify) -> None:
    ran = verify(honest(told("anvil")))

    assert CONFIRMED == seen(ran, EVM)
    assert ("L3", "unconfirmed") == (ran.document["levels"][UTXO], ran.document["anchors"][UTXO])


@pytest.mark.parametrize(
    "script",
    [
        always(Reply(b"", 500)),
        always(Reply(b"<html>")),
        always(Reply(drop=True)),
        honest(changed(told("anvil"), every, {"result": None})),
        honest(changed(told("anvil"), every, {"error": {"code": -32000, "message": ""}})),
        honest(block_is({"number": "0x1"})),
        honest(block_is({"number": "0xzz"})),
        honest(block_is({"number": 5})),
        honest(block_is({"hash": None})),
        honest(block_is({"hash": "0xAB"})),
    ],
    ids=[
        "500",
        "HTML",
        "hangs up",
        "null",
        "errors",
        "height",
        "no height",
        "number",
        "no hash",
        "a hash cut",
    ],
)
def test_what_is_no_word_confirms_nothing(script: Script, verify: Verify) -> None:
    met = ("L3", "unconfirmed", ["anchor_unknown", "level_not_reached"])

    assert met == seen(verify(script), EVM)
    assert met == seen(verify(honest(told("anvil")), script), EVM)


def test_another_block_contradicts_whatever_the_others_say(verify: Verify) -> None:
    met = ("L3", "unconfirmed", ["anchor_mismatch", "level_not_reached"])

    assert met == seen(verify(OTHER), EVM)
    assert met == seen(verify(honest(told("anvil")), OTHER), EVM)
    assert met == seen(verify(always(Reply(b"", 500)), OTHER), EVM)
    assert "node 0xabab" in verify(honest(told("anvil")), OTHER).document["reasons"][0]["detail"]


def test_one_node_that_reads_another_balance(verify: Verify) -> None:
    ran = verify(honest(told("anvil")), POORER)
    met = ("L3", "confirmed", ["balance_mismatch", "level_not_reached"])

    assert met == seen(ran, EVM)
    assert f"{VICTIM} {EVM}/slip44:60: statement {41 * 10**18}, node 7" in json.dumps(ran.document)


def test_a_node_without_the_old_state(verify: Verify) -> None:
    lost = {"error": {"code": -32000, "message": "missing trie node"}}
    pruned = honest(changed(told("anvil"), asks("eth_getBalance"), lost))
    level, anchor, codes = seen(verify(pruned), EVM)

    assert ("L3", "confirmed") == (level, anchor)
    assert {"not_read_again", "level_not_reached"} == set(codes)


def test_a_node_of_the_other_family_that_cannot_scan(
    signed_folder: tuple[Path, Path], verify: Verify
) -> None:
    payload = json.loads((signed_folder[0] / "att/0001.payload.json").read_text())
    pin = next(one for one in payload["predicate"]["asOf"]["anchors"] if one["chain"] == UTXO)
    height = int(pin["height"])
    busy = changed(told("litecoin-regtest"), asks("scantxoutset"), {"result": None})
    at_pin = changed(busy, lambda _, params: params == [height], {"result": pin["blockHash"]})
    ran = verify(core(at_pin), chain="litecoin-regtest")
    met = ("L3", "confirmed", ["not_read_again", "level_not_reached"])

    assert met == seen(ran, UTXO)
    assert "no pin" in ran.document["reasons"][0]["detail"]


def test_a_node_of_the_other_family_with_another_word(verify: Verify) -> None:
    other, none = "anchor_mismatch", "anchor_unknown"
    for result, code in (("ab" * 32, other), ("ab", none), (7, none), (None, none)):
        script = core(changed(told("litecoin-regtest"), asks("getblockhash"), {"result": result}))
        met = ("L3", "unconfirmed", [code, "level_not_reached"])

        assert met == seen(verify(script, chain="litecoin-regtest"), UTXO)
