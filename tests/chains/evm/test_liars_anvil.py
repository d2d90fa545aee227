"""A real node with a liar in front of it: about balances, proofs and headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chains.errors import ChainError
from chains.snapshot import Remark
from tests.chains.evm.provingnode import (
    BEHIND,
    FEW,
    HOLDERS,
    NATIVE,
    PROXY,
    Proving,
    plan_of,
    proving,
    reading,
    word,
)
from tests.chains.evm.statechain import classes, no_proofs, on, spoil
from tests.nodes.anvil import anvil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chains.evm.forwarding import Change
    from tests.misbehaving import Json

pytestmark = pytest.mark.nodes


@pytest.fixture(scope="module")
def chain() -> Iterator[Proving]:
    with proving() as found:
        yield found


def of(holder: str, change: Json) -> Change:
    """Lie about one holder's native balance."""
    return on("eth_getBalance", lambda params, result: change if params[0] == holder else result)


@pytest.mark.parametrize("others", [(), (None,), (no_proofs,)], ids=["alone", "proves", "does not"])
def test_a_liar_that_proves_the_truth_is_named_beside_it(
    chain: Proving, others: tuple[Change | None, ...]
) -> None:
    snapshot = reading(chain, plan_of(), of(FEW[2], "0x5"), *others)
    (failure,) = snapshot.failures
    truth = str(2 * 10**18 + 7)
    honest = [(f"node-{at}", truth) for at in range(2, len(others) + 2)]
    assert failure.reason == "proof_contradicts"
    assert failure.answers == (("node-1", "5"), *honest, ("state proof", truth))
    assert len(snapshot.balances) == 11


def test_a_liar_about_a_token_is_named_too(chain: Proving) -> None:
    mine = FEW[3][2:].lower()
    lie = on("eth_call", lambda p, result: word(1) if p[0]["data"].endswith(mine) else result)
    (failure,) = reading(chain, plan_of(), lie, None).failures
    truth = str((1 << 255) - 4)
    assert failure.answers == (("node-1", "1"), ("node-2", truth), ("state proof", truth))


@pytest.fixture(scope="module")
def past() -> dict[str, dict[str, Json]]:
    """Proofs of the same accounts in another state."""
    with anvil() as other:
        other.ask("anvil_setBalance", FEW[0], "0x5")
        other.mine(1)
        return {one: other.ask("eth_getProof", one, [], "0x1") for one in (*FEW, BEHIND)}


def proof_lies(past: dict[str, dict[str, Json]], chain: Proving) -> dict[str, Change]:
    def get(one: str) -> dict[str, Json]:
        proof: dict[str, Json] = chain.node.ask("eth_getProof", one, [], hex(chain.pin))
        return proof

    def flip(reply: Json) -> Json:
        node = reply["accountProof"][-1]
        return {**reply, "accountProof": [*reply["accountProof"][:-1], node[:-1] + "e"]}

    changes: dict[str, Any] = {
        "of another block": lambda p, r: past.get(p[0], r) if not p[1] else {**r, **past[BEHIND]},
        "of another account": lambda p, r: {**r, **get(HOLDERS[9]), "address": p[0]},
        "with a node more": lambda _p, r: {
            **r,
            "accountProof": [*r["accountProof"], get(HOLDERS[9])["accountProof"][-1]],
        },
        "with a node twice": lambda _p, r: {
            **r,
            "accountProof": [*r["accountProof"], r["accountProof"][-1]],
        },
        "with a node less": lambda _p, r: {**r, "accountProof": r["accountProof"][:-1]},
        "with no nodes": lambda _p, r: {**r, "accountProof": []},
        "with a changed byte": lambda _p, r: flip(r),
        "of zero": lambda _p, r: {**r, "balance": "0x0", "nonce": "0x0"},
        "of more": lambda _p, r: {**r, "balance": "0x" + "ff" * 20},
        "null": lambda _p, _r: None,
        "a text": lambda _p, _r: "0x",
        "spoiled": lambda _p, r: spoil(r),
    }
    return {name: on("eth_getProof", change) for name, change in changes.items()}


LIES = (
    "of another block",
    "of another account",
    "with a node more",
    "with a node twice",
    "with a node less",
    "with no nodes",
    "with a changed byte",
    "of zero",
    "of more",
    "null",
    "a text",
    "spoiled",
)


@pytest.mark.parametrize("name", LIES)
def test_a_proof_that_is_none_is_never_taken(
    chain: Proving, past: dict[str, dict[str, Json]], name: str
) -> None:
    lie = proof_lies(past, chain)[name]
    alone = reading(chain, plan_of(assets=(NATIVE,)), lie)
    assert {"proof_refused"} == classes(alone, NATIVE)
    both = reading(chain, plan_of(quorum=2), lie, None)
    assert {"state_proof"} == classes(both, NATIVE) == classes(both, PROXY)
    assert [(one.code, one.source) for one in both.remarks] == [("bad_proof", "node-1")]
    unknown = reading(chain, plan_of(assets=(NATIVE,), trie="unknown"), lie)
    assert {"single"} == classes(unknown, NATIVE)


@pytest.mark.parametrize("name", ["keys", "values", "proofs"])
def test_words_that_are_swapped_are_never_taken(chain: Proving, name: str) -> None:
    member = name[:-1]

    def swap(params: list[Json], reply: Json) -> Json:
        if len(params[1]) < 2:
            return reply
        first, second, *rest = reply["storageProof"]
        swapped = ({**first, member: second[member]}, {**second, member: first[member]})
        return {**reply, "storageProof": [*swapped, *rest]}

    plan = plan_of(assets=(PROXY,))
    snapshot = reading(chain, plan, on("eth_getProof", swap))
    assert {"proof_refused"} == classes(snapshot, PROXY)
    assert {"state_proof"} == classes(reading(chain, plan, on("eth_getProof", swap), None), PROXY)


def test_words_in_another_order_are_never_taken(chain: Proving) -> None:
    lie = on("eth_getProof", lambda _params, r: {**r, "storageProof": r["storageProof"][::-1]})
    assert {"proof_refused"} == classes(reading(chain, plan_of(assets=(PROXY,)), lie), PROXY)


def test_a_source_without_proofs_leaves_them_to_the_next(chain: Proving) -> None:
    snapshot = reading(chain, plan_of(quorum=2), no_proofs, None)
    assert {"state_proof"} == classes(snapshot, NATIVE) == classes(snapshot, PROXY)
    assert snapshot.remarks == (Remark("no_proofs", "node-1", 8),)
    none = reading(chain, plan_of(quorum=2), no_proofs, no_proofs)
    assert {"quorum"} == classes(none, NATIVE) == classes(none, PROXY)


def header_fields() -> tuple[str, ...]:
    return (
        "parentHash",
        "sha3Uncles",
        "miner",
        "stateRoot",
        "transactionsRoot",
        "receiptsRoot",
        "logsBloom",
        "difficulty",
        "gasLimit",
        "gasUsed",
        "timestamp",
        "extraData",
        "mixHash",
        "nonce",
        "baseFeePerGas",
        "withdrawalsRoot",
        "blobGasUsed",
        "excessBlobGas",
        "parentBeaconBlockRoot",
        "requestsHash",
    )


@pytest.mark.parametrize("field", header_fields())
def test_a_real_header_with_a_changed_field_is_no_pin(chain: Proving, field: str) -> None:
    def change(method: str, _params: list[Json], result: Json) -> Json:
        if "Block" not in method:
            return result
        text = result[field]
        last = "1" if text[-1] != "1" else "2"
        return {**result, field: text[:-1] + last if len(text) > 2 else "0x01"}

    with pytest.raises(ChainError, match="header_mismatch"):
        reading(chain, plan_of(), change)
    with pytest.raises(ChainError, match="too few sources"):
        reading(chain, plan_of(quorum=2), change, None)
