"""Recordings read as if they were nodes, readings gone on with: the same evidence to the byte."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from chains.evidence import ChainEvidence, Exchange
from chains.evm import prover, selection
from chains.evm.calls import by_hash
from chains.evm.nodes import NodeStore, encode_nodes
from chains.evm.proving import PROOF_METHOD, proof_call
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.recorded import recorded_sources
from chains.journal import Journal, JournaledSource
from chains.recording import decode_log, encode_log
from tests.chains.between import kills_survived
from tests.chains.evm.fakechain import CHAIN, World
from tests.chains.evm.statechain import (
    BAD_PROOFS,
    GONE,
    HOLDERS,
    ROW,
    SWITCH,
    TOKEN_ASSET,
    TRUTH,
    StateChain,
    classes,
    evidence_of,
    no_proofs,
    on,
    plan_of,
    sources,
)

if TYPE_CHECKING:
    from chains.evidence import ChainPlan, Column, Entry, Source
    from tests.misbehaving import Json

UNKNOWN = replace(CHAIN, state_trie="unknown")
GUARD_OFF = replace(TRUTH, words={**TRUTH.words, SWITCH: 0})


def some_proofs(params: list[Json], reply: Json) -> Json:
    """Give one proof, refuse one, spoil one, and so on."""
    number = HOLDERS.index(params[0]) % 3 if params[0] in HOLDERS else 0
    return (reply, ..., {**reply, "accountProof": []})[number]


def without_a_field(method: str, _params: list[Json], result: Json) -> Json:
    """Show blocks as a client that leaves a field out."""
    return {**result, "miner": None} if "Block" in method else result


CASES: dict[str, tuple[ChainPlan, tuple[StateChain, ...]]] = {
    "one source": (plan_of(), (StateChain(),)),
    "two sources": (plan_of(quorum=2), (StateChain(), StateChain())),
    "no proofs": (plan_of(), (StateChain(lie=no_proofs),)),
    "no proofs of the first": (plan_of(), (StateChain(lie=no_proofs), StateChain())),
    "bad proofs": (plan_of(), (StateChain(lie=BAD_PROOFS),)),
    "bad proofs of the first": (plan_of(), (StateChain(lie=BAD_PROOFS), StateChain())),
    "some proofs": (plan_of(), (StateChain(lie=on(PROOF_METHOD, some_proofs)), StateChain())),
    "some proofs alone": (plan_of(), (StateChain(lie=on(PROOF_METHOD, some_proofs)),)),
    "a row that does not hold": (plan_of(), (StateChain(GUARD_OFF), StateChain(GUARD_OFF))),
    "no row": (plan_of(slots=()), (StateChain(),)),
    "by number": (plan_of(), (StateChain(knows_hashes=False), StateChain())),
    "another trie": (plan_of(chain=UNKNOWN), (StateChain(), StateChain(lie=without_a_field))),
    "another trie, first without a field": (
        plan_of(chain=UNKNOWN),
        (StateChain(lie=without_a_field), StateChain()),
    ),
    "a lying balance": (
        plan_of(),
        (StateChain(lie=on("eth_getBalance", lambda _params, _result: "0x1")), StateChain()),
    ),
}


def written(evidence: ChainEvidence) -> ChainEvidence:
    """Write evidence as files and read them back."""
    files = [encode_log(evidence.chain, log) for log in evidence.logs]
    logs = tuple(decode_log(file, "log")[1] for file in files)
    return ChainEvidence(evidence.chain, logs, bytes(evidence.nodes))


@pytest.mark.parametrize("few", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_a_recording_gives_the_identical_evidence(
    name: str,
    few: bool,  # noqa: FBT001 - a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if few:
        for module, constant, value in ((selection, "ALL", 4), (selection, "SAMPLE", 2)):
            monkeypatch.setattr(module, constant, value)
        monkeypatch.setattr(prover, "CHUNK", 5)
        monkeypatch.setattr(prover, "KEYS", 2)
    plan, chains = CASES[name]
    evidence = evidence_of(plan, *chains)
    again = read(plan, recorded_sources(written(evidence)), World().around)
    assert again == evidence
    assert recheck(plan, again) == recheck(plan, evidence)


def test_the_cases_are_what_they_are_named_for() -> None:
    found = {}
    for name, (plan, chains) in CASES.items():
        snapshot = recheck(plan, evidence_of(plan, *chains))
        found[name] = (classes(snapshot, CHAIN.native), classes(snapshot, TOKEN_ASSET))
    assert found["no proofs"] == ({"single"}, {"single"})
    assert found["some proofs"] == ({"state_proof"}, {"state_proof"})
    assert found["some proofs alone"] == ({"state_proof", "proof_refused"}, {"state_proof"})
    assert found["a row that does not hold"] == ({"state_proof"}, {"quorum"})
    assert found["another trie, first without a field"] == ({"state_proof"}, {"state_proof"})
    assert found["by number"] == ({"state_proof"}, {"state_proof"})


def taken_from(evidence: ChainEvidence) -> tuple[Exchange, Column]:
    """Ask a recording for the proofs of its first account, alone and in the sweep."""
    (source,) = recorded_sources(evidence)
    kept = [one for one in evidence.logs[0].entries if one.call.method == PROOF_METHOD]
    column, *exchanges = kept
    assert not hasattr(column, "result")
    return source.ask([exchanges[0].call])[0], source.sweep(column.sweep)


def test_what_the_store_lacks_is_not_recorded() -> None:
    evidence = evidence_of(plan_of(), StateChain())
    for nodes in (b"", encode_nodes(()), encode_nodes(list(NodeStore(evidence.nodes))[:1])):
        exchange, column = taken_from(replace(evidence, nodes=nodes))
        assert (exchange.result, exchange.error) == (None, "not_recorded")
        assert {code for _, code in column.errors} == {"not_recorded"}
        assert len(column.errors) == len(HOLDERS)


def test_a_changed_node_is_not_recorded() -> None:
    evidence = evidence_of(plan_of(), StateChain())
    for place in range(len(evidence.nodes) - 400, len(evidence.nodes), 13):
        changed = bytearray(evidence.nodes)
        changed[place] ^= 4
        (source,) = recorded_sources(replace(evidence, nodes=bytes(changed)))
        kept = [one for one in evidence.logs[0].entries if one.call.method == PROOF_METHOD]
        codes = {code for one in kept for code in _errors(source, one)}
        assert codes == {None, "not_recorded"}


def _errors(source: Source, entry: Entry) -> set[str | None]:
    if isinstance(entry, Exchange):
        return {one.error for one in source.ask([entry.call])}
    column = source.sweep(entry.sweep)
    return {dict(column.errors).get(at) for at in range(len(column.results))}


def test_a_reply_is_put_together_as_the_node_gave_it() -> None:
    chain = StateChain()
    exchange, column = taken_from(evidence_of(plan_of(), chain))
    address, keys, block = exchange.call.params
    reply = chain.answer(PROOF_METHOD, [address, list(keys), block])["result"]  # type: ignore[arg-type] # texts
    assert isinstance(exchange.result, dict)
    assert exchange.result["storageHash"] == reply["storageHash"]
    assert exchange.result["accountProof"] == tuple(reply["accountProof"])
    assert not column.errors


def test_a_question_that_was_not_recorded_has_no_answer() -> None:
    (source,) = recorded_sources(evidence_of(plan_of(HOLDERS[0]), StateChain()))
    for block in ("0x1", "latest", by_hash("0x" + "11" * 32)):
        exchange = source.ask([proof_call(HOLDERS[1], (), block)])[0]
        assert exchange.error == "not_recorded"


@pytest.mark.parametrize(
    "name", ["two sources", "some proofs", "no proofs of the first", "a row that does not hold"]
)
def test_a_reading_killed_anywhere_goes_on_to_the_identical_evidence(name: str) -> None:
    plan, chains = CASES[name]
    whole = evidence_of(plan, *chains)
    kills = kills_survived(plan, lambda: sources(*chains), whole, 40)
    assert 8 <= kills < 40


def test_a_reading_that_was_given_up_for_a_pause_goes_on_too() -> None:
    """What could not be answered is asked again; proofs that came are not."""
    plan, chain = plan_of(), StateChain()
    file = BytesIO()

    def tired(method: str, params: list[Json], result: Json) -> Json:
        return GONE if method == PROOF_METHOD and params[1] else result

    chain.lie = tired
    first = read_with(plan, chain, file)
    assert {"single"} == classes(recheck(plan, first), TOKEN_ASSET)
    chain.lie = lambda _method, _params, result: result
    chain.asked.clear()
    second = read_with(plan, chain, file)
    assert {"state_proof"} == classes(recheck(plan, second), TOKEN_ASSET)
    assert second == evidence_of(plan, StateChain())
    # The token's row and its balances alone.
    assert [len(params[1]) for _, params in chain.asked] == [2, 12]


def read_with(plan: ChainPlan, chain: StateChain, file: BytesIO) -> ChainEvidence:
    file.seek(0)
    journal = Journal(file, "journal", lambda _file: None)
    (source,) = sources(chain)
    return read(plan, [JournaledSource(source, journal)], World().around)


def test_rows_are_of_the_plan_and_not_of_the_recording() -> None:
    """A recording made with a row is read again without it, and the other way round."""
    with_row, without = plan_of(), plan_of(slots=())
    evidence = evidence_of(with_row, StateChain())
    bare = read(without, recorded_sources(evidence), World().around)
    assert {"single"} == classes(recheck(without, bare), TOKEN_ASSET)
    assert len(NodeStore(bare.nodes)) < len(NodeStore(evidence.nodes))
    back = read(with_row, recorded_sources(bare), World().around)
    assert {"single"} == classes(recheck(with_row, back), TOKEN_ASSET)
    other = replace(ROW, slot=8)
    moved = read(plan_of(slots=(other,)), recorded_sources(evidence), World().around)
    found = classes(recheck(plan_of(slots=(other,)), moved), TOKEN_ASSET)
    # Nodes of the right words may show that there is nothing at the wrong ones.
    assert found == {"single", "proof_contradicts"}
