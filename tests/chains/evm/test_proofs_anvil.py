"""State proofs of a real node: everything proved, rows that do not hold, state that was edited."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from chains.evm import prover
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.recorded import recorded_sources
from chains.evm.slots import storage_key
from chains.journal import Journal, JournaledSource
from config.caip import address_of
from tests.chains.evm.fakechain import World
from tests.chains.evm.provingnode import (
    CODE,
    EIP1967,
    FEW,
    HOLDERS,
    NATIVE,
    NOBODY,
    PROXY,
    ROWS,
    SWITCHED,
    TOKENS,
    Proving,
    address,
    plan_of,
    proving,
    reading,
    sources_of,
    word,
)
from tests.chains.evm.statechain import classes, no_proofs

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.nodes


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
