"""Nodes that answer from the shipped example's recording, over real sockets, and may lie.

    answer = told("anvil")                          what the recorded node answered
    changed, moving                                 the same with a lie in it
    with serve(honest(answer)) as node:             `tests.misbehaving`, for JSON-RPC 2.0
    with serve(core(told("litecoin-regtest"))):     the same for the Bitcoin Core family

A declaration about a few of the example's accounts is read from them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attest.observation import log_name, nodes_name
from chains.evidence import Call, ChainEvidence
from chains.evm.recorded import recorded_sources
from chains.recording import decode_log
from chains.wire import decode_json
from config.registry_files import load_registry
from tests.chains.columns import flat
from tests.conftest import EXAMPLES
from tests.misbehaving import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.misbehaving import Answer, Script

RECORDING = EXAMPLES / "exchange" / "recording"
ACCOUNTS = (EXAMPLES / "exchange" / "accounts.csv").read_text().splitlines()
EVM_ACCOUNTS = 3


def told(chain: str, source: str = "node-1", *, proofs: bool = False) -> Answer:
    """Answer as the recorded node did; it has nothing to say to any other question.

    Most nodes in use prove no past state, so proofs are given only where a test asks for them.
    """
    known = load_registry().chain(chain).id
    path = RECORDING / log_name(known, source)
    log = decode_log(path.read_bytes(), path.name)[1]
    singles = replace(log, entries=tuple(flat(log)))
    store = RECORDING / nodes_name(known)
    nodes = store.read_bytes() if store.exists() else b""
    (recorded,) = recorded_sources(ChainEvidence(known, (singles,), nodes))

    def answer(method: str, params: list[Any]) -> dict[str, Any]:
        frozen = decode_json(json.dumps(params).encode())
        assert isinstance(frozen, tuple)
        exchange = recorded.ask([Call(method, frozen)])[0]
        if method == "eth_getProof" and not proofs:
            return {"error": {"code": -32601, "message": "the method does not exist"}}
        if exchange.error is not None:
            return {"error": {"code": -32000, "message": exchange.error}}
        return {"result": exchange.result}

    return answer


def changed(answer: Answer, about: Callable[[str, list[Any]], bool], given: Any) -> Answer:  # noqa: ANN401 - JSON
    """Answer some calls otherwise."""
    return lambda method, params: given if about(method, params) else answer(method, params)


def every(method: str, _params: list[Any]) -> bool:
    return method != ""


def asks(wanted: str) -> Callable[[str, list[Any]], bool]:
    return lambda method, _params: method == wanted


def moving(answer: Answer, times: int) -> Answer:
    """Give another block at the pin's height after the balances were read, so many times."""
    state = {"read": False, "left": times}

    def answered(method: str, params: list[Any]) -> dict[str, Any]:
        given = answer(method, params)
        if method == "eth_getBalance":
            state["read"] = True
        numbered = method == "eth_getBlockByNumber" and params[0].startswith("0x")
        if not (numbered and state["read"] and state["left"]):
            return given
        state["read"], state["left"] = False, state["left"] - 1
        return {"result": {**given["result"], "hash": "0x" + "ab" * 32}}

    return answered


def core(answer: Answer) -> Script:
    """Answer every call as nodes of the Bitcoin Core family do."""

    def script(request: Any, _number: int) -> Reply:  # noqa: ANN401 - whatever JSON holds
        calls = request if isinstance(request, list) else [request]
        items = [
            {"result": None, "error": None, "id": call["id"]}
            | answer(call["method"], call["params"])
            for call in calls
        ]
        return Reply(json.dumps(items if isinstance(request, list) else items[0]).encode())

    return script


def declare(folder: Path, sources: str, chain: str = "anvil") -> Path:
    """Write a declaration of holdings alone: three accounts of anvil, or all of the other chain.

    Args:
        folder: where; must exist.
        sources: the `[sources]` tables.
        chain: whose accounts.
    """
    rows = [row for row in ACCOUNTS if row.startswith(f"{chain}:")]
    chosen = rows[:EVM_ACCOUNTS] if chain == "anvil" else rows
    (folder / "accounts.csv").write_text("\n".join([ACCOUNTS[0], *chosen]))
    stated = (EXAMPLES / "exchange" / "declaration.toml").read_text()
    as_of = next(line for line in stated.splitlines() if line.startswith("as_of"))
    path = folder / "declaration.toml"
    path.write_text(
        '[entity]\nname = "Example Exchange"\n'
        f'[attestation]\nseries = "example"\n{as_of}\nnetwork = "test"\nmargin = 20\n'
        'scope = ["holdings"]\n'
        f'[inputs]\naccounts = "accounts.csv"\n{sources}'
    )
    return path


def table(chain: str, urls: Sequence[str], quorum: int | None = None) -> str:
    """Write the `[sources]` table of a chain, each node of an operator of its own."""
    operators = [f"operator-{number}" for number, _ in enumerate(urls, 1)]
    rows = [f"endpoints = {json.dumps(list(urls))}", f"operators = {json.dumps(operators)}"]
    rows += [f"quorum = {quorum}"] if quorum is not None else []
    return "\n".join([f"[sources.{chain}]", *rows, ""])
