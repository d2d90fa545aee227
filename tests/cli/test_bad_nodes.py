"""Nodes that fail, lie or move: either no statement at all, or one that says what was not read."""

from __future__ import annotations

import csv
import io
import json
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from chains.utxo.answers import read_amount
from config.amount import format_decimal
from tests.cli.command import Ran, attest
from tests.cli.replayed import (
    ACCOUNTS,
    EVM_ACCOUNTS,
    asks,
    changed,
    core,
    declare,
    every,
    moving,
    table,
    told,
)
from tests.misbehaving import Reply, always, faulty, first, honest, serve

if TYPE_CHECKING:
    from pathlib import Path

    from tests.misbehaving import Answer, Script

EVM, ETH = "eip155:31337", "eip155:31337/slip44:60"
VICTIM = ACCOUNTS[2].split(",")[0].partition(":")[2]
"""The second declared account."""

HTML = Reply(b"<html><body>Service</body></html>", headers=(("Content-Type", "text/html"),))
Run: TypeAlias = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, key: Path, waited: list[float]) -> Run:
    """Attest to three accounts of anvil, or all of the other chain, read from running nodes."""
    del waited
    (tmp_path / "declared").mkdir()

    def attested(*scripts: Script, chain: str = "anvil", quorum: int | None = None) -> Ran:
        return under(list(scripts), [], chain, quorum)

    def under(scripts: list[Script], urls: list[str], chain: str, quorum: int | None) -> Ran:
        if scripts:
            with serve(scripts[0]) as node:
                return under(scripts[1:], [*urls, node.url], chain, quorum)
        path = declare(tmp_path / "declared", table(chain, urls, quorum), chain)
        return attest("run", path, "--key", key, "-o", tmp_path / "bundle", "--json")

    return attested


def units(place: Path) -> dict[tuple[str, str], str]:
    """Read the table of accounts; a balance that is not known has no units."""
    rows = csv.DictReader(io.StringIO((place / "bundle/report/accounts.csv").read_text()))
    return {(row["account"], row["asset"]): row["units"] for row in rows}


def findings(ran: Ran, code: str) -> list[Any]:
    return [one for one in ran.document["findings"]["inForce"] if one["code"] == code]


def of_victim(method: str, params: list[Any]) -> bool:
    return method == "eth_getBalance" and params[0] == VICTIM


def spoiled(answer: Answer, change: Callable[[dict[str, Any]], list[Any]]) -> Script:
    """Change the items of a reply that are about the victim's balance."""

    def script(request: Any, _number: int) -> Reply:  # noqa: ANN401 - JSON
        items: list[Any] = []
        for call in request if isinstance(request, list) else [request]:
            method, params = call["method"], call["params"]
            item = {"jsonrpc": "2.0", "id": call["id"], **answer(method, params)}
            items += change(item) if of_victim(method, params) else [item]
        single = len(items) == 1 and not isinstance(request, list)
        return Reply(json.dumps(items[0] if single else items).encode())

    return script


def swapped(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the last two answers of the batch of balances each other's ids."""
    if len(items) > EVM_ACCOUNTS:
        items[-1]["id"], items[-2]["id"] = items[-2]["id"], items[-1]["id"]
    return items


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_honest_nodes_give_a_statement(run: Run, tmp_path: Path, waited: list[float]) -> None:
    ran = run(honest(told("anvil")), honest(told("anvil")), quorum=2)

    assert (0, "pass") == (ran.code, ran.document["outcome"])
    assert 9 == len(units(tmp_path))
    assert [] == waited
    assert {"quorum"} == {line["evidenceClass"] for line in ran.document["holdings"]}


NO_ANSWER = "error: no source of eip155:31337 answered"


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (always(HTML), NO_ANSWER),
        (always(Reply(b"", 500)), NO_ANSWER),
        (always(Reply(b"", 403)), NO_ANSWER),
        (always(Reply(b"", 429, (("Retry-After", "30"),))), NO_ANSWER),
        (always(Reply(b"null")), NO_ANSWER),
        (always(Reply(b"[]")), NO_ANSWER),
        (always(Reply(drop=True)), NO_ANSWER),
        (honest(changed(told("anvil"), every, {"result": None})), NO_ANSWER),
        (
            honest(changed(told("anvil"), every, {"error": {"code": -32601, "message": "<b>"}})),
            NO_ANSWER,
        ),
        (
            honest(changed(told("anvil"), asks("eth_chainId"), {"result": "0x1"})),
            "error: source node-1 is on another chain: it says eip155:1, eip155:31337 is declared",
        ),
        (faulty(told("anvil"), lambda items: [*items, *items]), NO_ANSWER),
        (honest(moving(told("anvil"), 100)), "error: block "),
    ],
    ids=[
        "HTML",
        "500",
        "403",
        "429",
        "null",
        "empty",
        "hangs up",
        "null results",
        "errors",
        "another chain",
        "all twice",
        "a block that moves for ever",
    ],
)
def test_without_a_pin_nothing_is_written(
    script: Script, error: str, run: Run, tmp_path: Path
) -> None:
    ran = run(script)

    assert (3, "") == (ran.code, ran.out)
    assert ran.complaint[0].startswith(error)
    assert "<" not in ran.err
    assert ["declared", "signer", "signer.pub"] == sorted(one.name for one in tmp_path.iterdir())


def test_an_endpoint_that_is_down(tmp_path: Path, key: Path, waited: list[float]) -> None:
    url = closed_port()
    path = declare(tmp_path, table("anvil", [url]))
    ran = attest("run", path, "--key", key, "-o", tmp_path / "bundle")

    assert (3, "") == (ran.code, ran.out)
    assert (NO_ANSWER, "hint: check the endpoints") == ran.complaint
    assert url not in ran.err
    assert 0 < len(waited) < 10
    assert not (tmp_path / "bundle").exists()


def test_a_second_source_that_is_down_is_missed(run: Run, tmp_path: Path) -> None:
    ran = run(honest(told("anvil")), always(Reply(b"", 503)), quorum=2)

    assert (3, "") == (ran.code, ran.out)
    assert ran.complaint[0].startswith("error: too few sources stand for block ")
    assert not (tmp_path / "bundle").exists()


def test_a_second_source_that_is_down_is_named_where_one_is_enough(run: Run) -> None:
    ran = run(honest(told("anvil")), always(Reply(b"", 503)), quorum=1)

    assert 0 == ran.code
    assert {"single"} == {line["evidenceClass"] for line in ran.document["holdings"]}
    assert ["node-1", "node-2"] == [one["name"] for one in ran.document["dataSources"]]


BUSY = Reply(b"", 429, (("Retry-After", "7"),))


@pytest.mark.parametrize(
    ("script", "pauses"),
    [
        (first(BUSY, honest(told("anvil"))), [7.0]),
        (first(BUSY, honest(told("anvil")), times=2), [7.0, 7.0]),
        (first(HTML, honest(told("anvil"))), [0.5]),
        (first(Reply(b"", 500), honest(told("anvil"))), [0.5]),
        (first(Reply(drop=True), honest(told("anvil"))), [0.5]),
        (first(faulty(told("anvil"), lambda items: items[:-1]), honest(told("anvil"))), [0.5]),
        (first(faulty(told("anvil"), lambda items: items * 2), honest(told("anvil"))), [0.5]),
        (faulty(told("anvil"), lambda items: items[::-1]), []),
        (honest(moving(told("anvil"), 1)), [3.0]),
        (honest(moving(told("anvil"), 2)), [3.0, 6.0]),
    ],
    ids=[
        "429",
        "429 twice",
        "HTML",
        "500",
        "hangs up",
        "an item less",
        "all twice",
        "in another order",
        "a block that moves",
        "a block that moves twice",
    ],
)
def test_what_passes_leaves_no_trace(
    script: Script, pauses: list[float], run: Run, tmp_path: Path, waited: list[float]
) -> None:
    ran = run(script)
    found = units(tmp_path)

    assert (0, "pass") == (ran.code, ran.document["outcome"])
    assert pauses == waited
    assert (9, str(41 * 10**18)) == (len(found), found[f"{EVM}:{VICTIM}", ETH])
    assert "" not in found.values()


def not_read(ran: Ran, place: Path) -> tuple[str, str]:
    """Check that one balance alone is not known, and give the reason and the answers."""
    found = units(place)
    (finding,) = findings(ran, "failed_read")
    lines = ran.document["holdings"]
    read = sum(int(line["accounts"]) for line in lines if line["asset"] == ETH)
    report = (place / "bundle/report/report.md").read_text()

    assert (2, "unknown") == (ran.code, ran.document["outcome"])
    assert [(f"{EVM}:{VICTIM}", ETH)] == [one for one, amount in found.items() if not amount]
    assert ("unknown", f"{EVM}:{VICTIM}") == (finding["status"], finding["subject"])
    assert 2 == read
    assert finding["text"] in report
    assert f"{EVM}:{VICTIM}" in report
    return finding["facts"]["reason"], finding["facts"]["answers"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"result": None}, "malformed_answer"),
        ({"result": "0x"}, "malformed_answer"),
        ({"result": "0x00"}, "malformed_answer"),
        ({"result": "41"}, "malformed_answer"),
        ({"result": 41}, "malformed_answer"),
        ({"result": "-0x1"}, "malformed_answer"),
        ({"result": "0x1" + "0" * 64}, "malformed_answer"),
        ({"result": {"balance": "0x1"}}, "malformed_answer"),
        ({"error": {"code": -32000, "message": "missing trie node"}}, "rpc_error"),
        ({"error": {"code": -32005, "message": "limit exceeded"}}, "throttled"),
        ({}, "bad_reply"),
        ({"result": "0x1", "error": {"code": 1, "message": ""}}, "bad_reply"),
    ],
)
def test_a_balance_that_cannot_be_read_is_not_zero(
    given: dict[str, Any], said: str, run: Run, tmp_path: Path
) -> None:
    ran = run(honest(changed(told("anvil"), of_victim, given)))
    reason = "malformed_answer" if said == "malformed_answer" else "source_failed"

    assert (reason, f"node-1: {said}") == not_read(ran, tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _item: [], "no_reply"),
        (lambda item: [item, item], "no_reply"),
        (lambda item: [{**item, "jsonrpc": "1.0"}], "bad_reply"),
        (lambda item: [{**item, "result": None}], "malformed_answer"),
    ],
    ids=["dropped", "twice", "another version", "null"],
)
def test_one_reply_that_never_comes_whole(
    change: Callable[[dict[str, Any]], list[Any]], said: str, run: Run, tmp_path: Path
) -> None:
    ran = run(spoiled(told("anvil"), change))

    assert f"node-1: {said}" == not_read(ran, tmp_path)[1]


def test_one_of_two_sources_lies(run: Run, tmp_path: Path) -> None:
    lie = changed(told("anvil"), of_victim, {"result": hex(99 * 10**18)})
    ran = run(honest(told("anvil")), honest(lie), quorum=2)
    said = f"node-1: {41 * 10**18}; node-2: {99 * 10**18}"

    assert ("sources_disagree", said) == not_read(ran, tmp_path)
    assert f"{ETH} was not read: sources_disagree ({said})" in (
        (tmp_path / "bundle/report/report.md").read_text()
    )


def test_a_lie_is_not_outvoted_and_does_not_win(run: Run, tmp_path: Path) -> None:
    lie = changed(told("anvil"), of_victim, {"result": hex(99 * 10**18)})
    ran = run(honest(told("anvil")), honest(lie), honest(told("anvil")), quorum=2)

    assert "sources_disagree" == not_read(ran, tmp_path)[0]


def test_a_statement_about_it_verifies_and_stays_unknown(
    run: Run, tmp_path: Path, key: Path
) -> None:
    lie = changed(told("anvil"), of_victim, {"result": hex(99 * 10**18)})
    run(honest(told("anvil")), honest(lie), quorum=2)
    options = ("--key", f"{key}.pub", "--allow-test", "--json")
    ran = attest("verify", tmp_path / "bundle", *options)

    assert 2 == ran.code
    assert ("valid", "unknown") == (ran.document["authenticity"], ran.document["outcome"])


def test_swapped_ids_are_seen_by_another_source(run: Run) -> None:
    ran = run(honest(told("anvil")), faulty(told("anvil"), swapped), quorum=2)
    found = findings(ran, "failed_read")

    assert 2 == ran.code
    assert 2 == len(found)
    assert {"sources_disagree"} == {one["facts"]["reason"] for one in found}


def scan_is(change: Callable[[Any], Any]) -> Script:
    """A node of the Bitcoin Core family with another scan."""
    answer = told("litecoin-regtest")

    def answered(method: str, params: list[Any]) -> dict[str, Any]:
        given = answer(method, params)
        return {"result": change(given["result"])} if method == "scantxoutset" else given

    return core(answered)


LTC = "litecoin-regtest"


@pytest.mark.parametrize(
    "script",
    [
        always(HTML),
        core(changed(told(LTC), every, {"result": None})),
        core(changed(told(LTC), asks("getblockhash"), {"result": "ab" * 32})),
        core(changed(told(LTC), asks("getblockheader"), {"result": None})),
        scan_is(lambda _result: None),
        scan_is(lambda result: {**result, "success": False}),
        scan_is(lambda result: {**result, "total_amount": "1"}),
        scan_is(lambda result: {**result, "unspents": result["unspents"] * 2}),
    ],
    ids=["HTML", "null", "another genesis", "no header", "no scan", "cut", "total", "twice"],
)
def test_a_bad_node_of_the_other_family(script: Script, run: Run, tmp_path: Path) -> None:
    ran = run(script, chain=LTC)

    assert (3, "") == (ran.code, ran.out)
    assert ran.complaint[0].startswith("error: ")
    assert not (tmp_path / "bundle").exists()


def test_one_of_two_nodes_hides_a_coin(run: Run) -> None:
    def hide(result: Any) -> Any:  # noqa: ANN401 - JSON
        *kept, last = result["unspents"]
        total = read_amount(result["total_amount"]) - read_amount(last["amount"])
        return {**result, "unspents": kept, "total_amount": format_decimal(total, 8)}

    ran = run(core(told(LTC)), scan_is(hide), chain=LTC, quorum=2)
    (finding,) = findings(ran, "failed_read")

    assert (2, "unknown") == (ran.code, ran.document["outcome"])
    assert "sources_disagree" == finding["facts"]["reason"]
    assert finding["facts"]["answers"].startswith("node-1: ")
    assert finding["facts"]["answers"].endswith("; node-2: 0")
