"""State proofs of a real node, and of a real node with a liar in front of it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from eth_hash.backends.pycryptodome import keccak256

from chains.errors import ChainError
from chains.evidence import ChainPlan, PlannedAccount
from chains.evm import prover
from chains.evm.address import checksummed
from chains.evm.calls import token_balance_call
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.recorded import recorded_sources
from chains.evm.slots import storage_key
from chains.journal import Journal, JournaledSource
from chains.snapshot import Remark
from chains.transport import Endpoint, HttpSource
from config.caip import AssetId, address_of
from config.registry_files import load_registry
from config.slots import Guard, Slot
from tests.chains.evm.fakechain import World
from tests.chains.evm.forwarding import forwarded
from tests.chains.evm.statechain import classes, no_proofs, on, spoil
from tests.misbehaving import serve
from tests.nodes.anvil import Anvil, anvil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chains.snapshot import ChainSnapshot
    from tests.chains.evm.forwarding import Change
    from tests.misbehaving import Json

pytestmark = pytest.mark.nodes

CHAIN = load_registry().chain("anvil")
NATIVE = CHAIN.native
CODE: dict[str, str] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "slots" / "tokens.json").read_text()
)["code"]
EIP1967 = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"
NOBODY = "0x" + "00" * 18 + "dEaD"


def address(name: str) -> str:
    return checksummed(keccak256(name.encode())[12:])


def code_hash(name: str) -> str:
    return f"0x{keccak256(bytes.fromhex(CODE[name][2:])).hex()}"


def word(number: int) -> str:
    return f"0x{number:064x}"


def row(name: str, slot: int, layout: str = "solidity", bits: int = 256, **more: Any) -> Slot:  # noqa: ANN401 - fields
    return Slot(
        asset=AssetId(f"{CHAIN.id}/erc20:{address(name)}"),
        layout=layout,  # type: ignore[arg-type] # short for a test
        slot=slot,
        bits=bits,
        code_hash=code_hash(name),
        source="made for tests",
        checked="made for tests",
        **more,
    )


BEHIND = address("Flagged")
ROWS = (
    row(
        "Proxy1967",
        9,
        bits=255,
        implementation_slot=EIP1967,
        implementation=BEHIND,
        implementation_code_hash=code_hash("Flagged"),
    ),
    row(
        "Switched",
        2,
        guards=(Guard(word(3), word(0xFF << 160), word(0), "balances lie elsewhere"),),
    ),
    row("Plain", 5),
    row("VyperOrder", 3, layout="vyper"),
    row("Solady", 0x87A211A2, layout="solady"),
)
TOKENS = tuple(one.asset for one in ROWS)
PROXY, SWITCHED = TOKENS[:2]
HOLDERS = tuple(address(f"holder {number}") for number in range(200))
FEW = HOLDERS[:6]


@dataclass(frozen=True, slots=True)
class Proving:
    """A node with accounts and tokens, below its head."""

    node: Anvil
    pin: int
    """Height at which everything is as it was put there."""

    def put(self, contract: str, place: str, value: int) -> None:
        self.node.ask("anvil_setStorageAt", contract, place, word(value))

    def nodes_own(self, asset: AssetId, of: str) -> int:
        """Ask the node by number, by another client than the one under test."""
        block = hex(self.pin)
        if asset == NATIVE:
            return int(self.node.ask("eth_getBalance", of, block), 16)
        call = token_balance_call(asset.rpartition(":")[2], of, block)
        return int(self.node.ask(call.method, *call.params), 16)


@contextmanager
def proving() -> Iterator[Proving]:
    with anvil() as node:
        found = Proving(node, 3)
        node.ask_all(
            [
                ("anvil_setBalance", [one, hex(10**18 * number + 7)])
                for number, one in enumerate(HOLDERS)
            ]
        )
        for slot in ROWS:
            contract = slot.asset.rpartition(":")[2]
            name = next(name for name in CODE if address(name) == contract)
            node.ask("anvil_setCode", contract, CODE[name])
            words = {
                f"0x{storage_key(slot, one).hex()}": (1 << slot.bits) - 1 - number
                for number, one in enumerate(HOLDERS if slot.asset == PROXY else FEW)
            }
            node.ask_all(
                [
                    ("anvil_setStorageAt", [contract, place, word(value)])
                    for place, value in words.items()
                ]
            )
        node.ask("anvil_setCode", BEHIND, CODE["Flagged"])
        found.put(address("Proxy1967"), EIP1967, int(BEHIND, 16))
        found.put(address("Switched"), word(3), (1 << 168) | int(NOBODY, 16))
        # A holder whose word has the bit that is not of the balance.
        flagged = f"0x{storage_key(ROWS[0], HOLDERS[4]).hex()}"
        found.put(address("Proxy1967"), flagged, (1 << 255) | 44)
        node.mine(3)
        yield found


@pytest.fixture(scope="module")
def chain() -> Iterator[Proving]:
    with proving() as found:
        yield found


@pytest.fixture
def bench(chain: Proving) -> Iterator[Proving]:
    """The same, put back after a test that changes it."""
    before = chain.node.ask("evm_snapshot")
    yield chain
    chain.node.ask("evm_revert", before)


def plan_of(
    *addresses: str,
    assets: tuple[AssetId, ...] = (NATIVE, PROXY),
    quorum: int = 1,
    trie: str = "ethereum",
) -> ChainPlan:
    accounts = tuple(PlannedAccount(one, assets) for one in addresses or FEW)
    chain = replace(CHAIN, state_trie=trie)  # type: ignore[arg-type] # one of two
    return ChainPlan(chain, None, quorum, 1, accounts, slots=ROWS)


@contextmanager
def sources_of(chain: Proving, *changes: Change | None) -> Iterator[list[HttpSource]]:
    """Give a source for each change: the node itself for None, else with a liar before it."""
    found: list[HttpSource] = []
    if not changes:
        yield found
        return
    *others, last = changes
    with sources_of(chain, *others) as before:
        name, operator = f"node-{len(changes)}", "abcdef"[len(others)]
        if last is None:
            source = HttpSource(Endpoint(name, operator, chain.node.url), lambda _seconds: None)
            yield [*before, source]
            source.close()
            return
        with serve(forwarded(chain.node, last)) as server:
            source = HttpSource(Endpoint(name, operator, server.url), lambda _seconds: None)
            yield [*before, source]
            source.close()


def reading(chain: Proving, plan: ChainPlan, *changes: Change | None) -> ChainSnapshot:
    with sources_of(chain, *(changes or (None,))) as sources:
        evidence = read(plan, sources, World().around)
    return recheck(plan, evidence)


def test_every_balance_of_two_hundred_accounts_is_proved(chain: Proving) -> None:
    snapshot = reading(chain, plan_of(*HOLDERS, NOBODY, quorum=2), None, None)
    assert (snapshot.failures, snapshot.remarks) == ((), ())
    assert len(snapshot.balances) == 402
    assert {one.evidence for one in snapshot.balances} == {"state_proof"}
    assert {one.sources for one in snapshot.balances} == {("node-1", "node-2")}
    for found in snapshot.balances:
        assert found.units == chain.nodes_own(found.asset, address_of(found.account))
    assert [one.units for one in snapshot.balances[-2:]] == [0, 0]
    assert snapshot.balances[9].units == 44
    assert snapshot.pin.state_root == chain.node.block(chain.pin)["stateRoot"]


def test_every_layout_is_proved(chain: Proving) -> None:
    snapshot = reading(chain, plan_of(*FEW, NOBODY, assets=TOKENS))
    assert {one.evidence for one in snapshot.balances} == {"state_proof"}
    assert len(snapshot.balances) == 35
    for found in snapshot.balances:
        assert found.units == chain.nodes_own(found.asset, address_of(found.account))


ROW_CHANGES = {
    "another implementation": (PROXY, EIP1967, int(address("Plain"), 16)),
    "an implementation without code": (PROXY, EIP1967, int(NOBODY, 16)),
    "the switch is thrown": (SWITCHED, word(3), (1 << 160) | int(address("Plain"), 16)),
}


@pytest.mark.parametrize("name", ROW_CHANGES)
def test_a_row_that_does_not_hold_any_more_proves_nothing(bench: Proving, name: str) -> None:
    asset, place, value = ROW_CHANGES[name]
    bench.put(asset.rpartition(":")[2], place, value)
    bench.node.mine(1)
    snapshot = reading(bench, plan_of(assets=(NATIVE, PROXY, SWITCHED), quorum=2), None, None)
    assert {"state_proof"} == classes(snapshot, NATIVE)
    assert {"state_proof"} == classes(snapshot, SWITCHED if asset == PROXY else PROXY)
    # A call that the proxy can answer no more is no balance; it is not zero.
    assert classes(snapshot, asset) <= {"quorum", "malformed_answer", "source_failed"}
    assert [one.code for one in snapshot.remarks if not one.source] == ["not_proved"]
    assert {"single"} >= classes(reading(bench, plan_of(assets=(asset,))), asset) - {
        "malformed_answer",
        "source_failed",
    }


@pytest.mark.parametrize("changed", ["Proxy1967", "Flagged"])
def test_code_that_differs_by_a_byte_proves_nothing(bench: Proving, changed: str) -> None:
    bench.node.ask("anvil_setCode", address(changed), CODE[changed] + "00")
    bench.node.mine(1)
    snapshot = reading(bench, plan_of(quorum=2), None, None)
    assert {"state_proof"} == classes(snapshot, NATIVE)
    assert {"quorum"} == classes(snapshot, PROXY)
    assert {one.units for one in snapshot.balances if one.asset == PROXY} > {44}


def test_a_node_whose_state_is_not_its_headers_is_caught(bench: Proving) -> None:
    """The head's state is edited in place: the header stays, and no proof leads to it."""
    honest = reading(bench, plan_of(*HOLDERS, quorum=2), None, None)
    assert {"state_proof"} == classes(honest, NATIVE)
    bench.node.ask("anvil_setBalance", HOLDERS[150], hex(10**30))
    for sources in ((None,), (None, None)):
        plan = plan_of(*HOLDERS, quorum=len(sources))
        snapshot = reading(bench, plan, *sources)
        assert snapshot.pin.block_hash == honest.pin.block_hash
        assert snapshot.balances == ()
        assert {"proof_refused"} == classes(snapshot, NATIVE) == classes(snapshot, PROXY)
    told = {address_of(one.account): one.answers for one in snapshot.failures[::2]}
    assert told[HOLDERS[150]] == (("node-1", str(10**30)), ("node-2", str(10**30)))


def test_on_a_chain_of_another_trie_such_a_node_is_believed_and_remarked(bench: Proving) -> None:
    bench.node.ask("anvil_setBalance", HOLDERS[0], hex(10**30))
    snapshot = reading(bench, plan_of(trie="unknown"))
    assert {"single"} == classes(snapshot, NATIVE) == classes(snapshot, PROXY)
    assert [one.code for one in snapshot.remarks] == ["bad_proof", "not_proved"]


def test_a_token_whose_word_was_edited_in_place_is_caught(bench: Proving) -> None:
    bench.put(address("Proxy1967"), f"0x{storage_key(ROWS[0], FEW[1]).hex()}", 5)
    snapshot = reading(bench, plan_of(assets=(PROXY,)))
    assert {"proof_refused"} == classes(snapshot, PROXY)


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


def test_a_reorganisation_during_the_proofs_starts_the_reading_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prover, "CHUNK", 2)
    with proving() as found:
        before = found.node.block(found.pin)["hash"]
        world, moved = World(), [False]

        def progress(stage: str, count: int, _of: int) -> None:
            if "proving" in stage and count == 2 and not moved[0]:
                moved[0] = True
                found.node.ask("anvil_reorg", 2, [])

        with sources_of(found, None, None) as sources:
            around = replace(world.around, progress=progress)
            plan = plan_of(quorum=2)
            snapshot = recheck(plan, read(plan, sources, around))
        after = found.node.block(snapshot.pin.height)["hash"]
    assert world.pauses == [3.0]
    assert after == snapshot.pin.block_hash != before
    assert {"state_proof"} == classes(snapshot, NATIVE) == classes(snapshot, PROXY)


def test_a_recording_and_a_journal_give_the_identical_evidence(chain: Proving) -> None:
    plan = plan_of(*HOLDERS[:30], quorum=2)
    with sources_of(chain, no_proofs, None) as sources:
        evidence = read(plan, sources, World().around)
        files = [BytesIO(), BytesIO()]
        for _ in range(2):
            for file in files:
                file.seek(0)
            journaled = [
                JournaledSource(source, Journal(file, "journal", lambda _file: None))
                for source, file in zip(sources, files, strict=True)
            ]
            assert read(plan, journaled, World().around) == evidence
    assert not any(source.live for source in journaled)
    assert read(plan, recorded_sources(evidence), World().around) == evidence
