"""Evidence changed after the fact: another value is never proved, and nothing but ChainError."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.errors import ChainError
from chains.evidence import Call, ChainEvidence, Column, Exchange, Sweep
from chains.evm.nodes import NodeStore, encode_nodes
from chains.evm.proving import NODES, PROOF_METHOD
from chains.evm.recheck import recheck
from chains.recording import decode_log, encode_log
from tests.chains.evm.fakechain import CHAIN
from tests.chains.evm.statechain import (
    BAD_PROOFS,
    HOLDERS,
    TOKEN_ASSET,
    TRUTH,
    StateChain,
    classes,
    evidence_of,
    no_proofs,
    on,
    plan_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Entry, ErrorCode, Json
    from chains.snapshot import ChainSnapshot

NATIVE = CHAIN.native
PLAN = plan_of(*HOLDERS[:2])
VALUES = {
    (asset, f"{CHAIN.id}:{one}"): units
    for asset, held in ((NATIVE, TRUTH.balances), (TOKEN_ASSET, TRUTH.units))
    for one, units in held.items()
}


@pytest.fixture(scope="module")
def one() -> ChainEvidence:
    return evidence_of(PLAN, StateChain())


def is_true(snapshot: ChainSnapshot) -> bool:
    return all(VALUES[found.asset, found.account] == found.units for found in snapshot.balances)


def entries_of(evidence: ChainEvidence) -> tuple[Entry, ...]:
    return evidence.logs[0].entries


def with_entries(evidence: ChainEvidence, entries: tuple[Entry, ...]) -> ChainEvidence:
    return replace(evidence, logs=(replace(evidence.logs[0], entries=entries),))


def proofs_as(evidence: ChainEvidence, change: Callable[[Entry], Entry]) -> ChainEvidence:
    """Change what the log says of proofs."""
    changed = (
        change(entry) if entry.call.method == PROOF_METHOD else entry
        for entry in entries_of(evidence)
    )
    return with_entries(evidence, tuple(changed))


def as_bad(entry: Entry) -> Entry:
    if isinstance(entry, Exchange):
        return Exchange(entry.call, error="bad_proof")
    places = range(len(entry.results))
    return replace(
        entry, results=(None,) * len(places), errors=tuple((at, "bad_proof") for at in places)
    )


def test_the_truth_is_proved(one: ChainEvidence) -> None:
    snapshot = recheck(PLAN, one)
    assert is_true(snapshot)
    assert {"state_proof"} == classes(snapshot, NATIVE) == classes(snapshot, TOKEN_ASSET)


def test_every_byte_of_the_node_store_counts(one: ChainEvidence) -> None:
    for place in range(len(one.nodes)):
        changed = bytearray(one.nodes)
        changed[place] ^= 1 << place % 8
        with pytest.raises(ChainError):
            recheck(PLAN, replace(one, nodes=bytes(changed)))


def test_every_node_left_out_is_a_balance_that_is_not_proved(one: ChainEvidence) -> None:
    nodes = list(NodeStore(one.nodes))
    for place in range(len(nodes)):
        fewer = encode_nodes(nodes[:place] + nodes[place + 1 :])
        try:
            snapshot = recheck(PLAN, replace(one, nodes=fewer))
        except ChainError:
            continue  # What is left of the proof is of no use any more, and so does not belong.
        assert is_true(snapshot)
        assert any(found.evidence == "single" for found in snapshot.balances)
        assert [remark.code for remark in snapshot.remarks] == ["not_proved"]


def test_a_node_more_is_refused(one: ChainEvidence) -> None:
    nodes = list(NodeStore(one.nodes))
    others = NodeStore(evidence_of(plan_of(*HOLDERS), StateChain()).nodes)
    strange = [node for node in others if node not in nodes]
    assert strange
    for more in ([strange[0]], strange, [b"\xc0" * 32], [b"\0" * 532]):
        with pytest.raises(ChainError, match=f"has {len(more)} nodes of no proof"):
            recheck(PLAN, replace(one, nodes=encode_nodes([*nodes, *more])))


def test_nodes_of_another_state_are_refused(one: ChainEvidence) -> None:
    richer = replace(TRUTH, balances={**TRUTH.balances, HOLDERS[0]: 10**30})
    other = evidence_of(PLAN, StateChain(richer))
    with pytest.raises(ChainError, match="nodes of no proof"):
        recheck(PLAN, replace(one, nodes=other.nodes))
    both = encode_nodes([*NodeStore(one.nodes), *NodeStore(other.nodes)])
    with pytest.raises(ChainError, match="nodes of no proof"):
        recheck(PLAN, replace(one, nodes=both))


def test_a_log_that_says_nodes_proves_nothing_without_them(one: ChainEvidence) -> None:
    for nodes in (b"", encode_nodes(())):
        snapshot = recheck(PLAN, replace(one, nodes=nodes))
        assert {"single"} == classes(snapshot, NATIVE) == classes(snapshot, TOKEN_ASSET)
        assert [remark.code for remark in snapshot.remarks] == ["not_proved"]


def test_the_logs_word_makes_a_balance_weaker_at_most(one: ChainEvidence) -> None:
    """Nodes prove whatever the log says of them; without nodes `bad_proof` is a refusal."""
    bad = proofs_as(one, as_bad)
    snapshot = recheck(PLAN, bad)
    assert {"state_proof"} == classes(snapshot, NATIVE) == classes(snapshot, TOKEN_ASSET)
    assert [remark.code for remark in snapshot.remarks] == ["bad_proof"]
    without = recheck(PLAN, replace(bad, nodes=b""))
    assert {"proof_refused"} == classes(without, NATIVE) == classes(without, TOKEN_ASSET)
    made_up = proofs_as(
        evidence_of(PLAN, StateChain(lie=no_proofs)), lambda entry: replace_results(entry, NODES)
    )
    assert {"single"} == classes(recheck(PLAN, made_up), NATIVE)


def replace_results(entry: Entry, result: Json) -> Entry:
    if isinstance(entry, Exchange):
        return Exchange(entry.call, result)
    return replace(entry, results=(result,) * len(entry.results), errors=())


def test_a_balance_changed_in_the_log_contradicts_its_proof(one: ChainEvidence) -> None:
    raised = with_entries(
        one,
        tuple(
            replace_results(entry, "0x5") if entry.call.method == "eth_getBalance" else entry
            for entry in entries_of(one)
        ),
    )
    snapshot = recheck(PLAN, raised)
    assert {"proof_contradicts"} == classes(snapshot, NATIVE)
    assert {"state_proof"} == classes(snapshot, TOKEN_ASSET)


def test_the_pins_block_cannot_be_given_another_state_root(one: ChainEvidence) -> None:
    richer = replace(TRUTH, balances={**TRUTH.balances, HOLDERS[0]: 10**30})
    other = StateChain(richer)

    def forge(entry: Entry) -> Entry:
        if isinstance(entry, Exchange) and isinstance(entry.result, dict):
            return replace(entry, result={**entry.result, "stateRoot": other.root})
        return entry

    forged = with_entries(one, tuple(map(forge, entries_of(one))))
    forged = replace(forged, nodes=evidence_of(PLAN, other).nodes)
    with pytest.raises(ChainError, match="node-1 says header_mismatch"):
        recheck(PLAN, forged)
    unknown = replace(PLAN, chain=replace(PLAN.chain, state_trie="unknown"))
    with pytest.raises(ChainError, match="has proofs, and its pin no state root"):
        recheck(unknown, forged)


STRANGE: tuple[tuple[Json, ...], ...] = (
    (),
    (HOLDERS[0],),
    (HOLDERS[0], ()),
    (HOLDERS[0], "0x", "0x12"),
    (None, (None,), None),
    ((), {}, 7),
    ("0x", ("0x",), {"blockHash": 5}),
)


@pytest.mark.parametrize("params", STRANGE)
def test_strange_proof_calls_in_a_log_are_no_crash(
    one: ChainEvidence, params: tuple[Json, ...]
) -> None:
    call = Call(PROOF_METHOD, params)
    for entry in (Exchange(call, NODES), Exchange(call, error="bad_proof"), Exchange(call, None)):
        snapshot = recheck(PLAN, with_entries(one, (*entries_of(one), entry)))
        assert is_true(snapshot)


def test_a_column_with_one_subject_twice_is_no_value() -> None:
    def double(entry: Entry) -> Entry:
        if not isinstance(entry, Column) or entry.call.method != "eth_getBalance":
            return entry
        subject = entry.sweep.subjects[0]
        sweep = replace(entry.sweep, subjects=(subject, subject))
        return Column(sweep, entry.lead, (entry.results[0], "0x5"))

    bare = evidence_of(PLAN, StateChain(lie=no_proofs))
    snapshot = recheck(PLAN, with_entries(bare, tuple(map(double, entries_of(bare)))))
    reasons = [found.reason for found in snapshot.failures]
    assert reasons == ["malformed_answer", "not_read"]


def test_every_entry_left_out_or_put_elsewhere_leaves_no_other_value(one: ChainEvidence) -> None:
    entries = entries_of(one)
    pick = random.Random(5)  # noqa: S311 - the same choice each time
    changed = [entries[:at] + entries[at + 1 :] for at in range(len(entries))]
    changed += [tuple(pick.sample(entries, len(entries))) for _ in range(60)]
    changed += [(*entries, entries[at]) for at in range(len(entries))]
    for some in changed:
        try:
            snapshot = recheck(PLAN, with_entries(one, some))
        except ChainError:
            continue
        assert is_true(snapshot)


def test_every_changed_byte_of_a_written_log_is_refused_or_harmless() -> None:
    """A flip may make another file that is well formed; it never makes a proved other value."""
    plan = plan_of(HOLDERS[0])
    evidence = evidence_of(plan, StateChain())
    text = encode_log(evidence.chain, evidence.logs[0])
    for place in range(0, len(text), 7):
        changed = text[:place] + bytes((text[place] ^ 1,)) + text[place + 1 :]
        try:
            log = decode_log(changed, "log")[1]
            snapshot = recheck(plan, replace(evidence, logs=(log,)))
        except ChainError:
            continue
        for found in snapshot.balances:
            assert (
                found.evidence != "state_proof" or VALUES[found.asset, found.account] == found.units
            )


SOME: tuple[Json, ...] = (None, "0x", "0x0", "0x1", NODES, "", 7, (), {}, "0x" + "00" * 32)
NONE: tuple[ErrorCode | None, ...] = (None, "rpc_error", "bad_proof", "malformed_answer")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_answers_give_a_snapshot_or_a_chain_error(pick: st.DataObject) -> None:
    entries = list(entries_of(EVIDENCE))
    for _ in range(pick.draw(st.integers(1, 4))):
        at = pick.draw(st.integers(0, len(entries) - 1))
        result, error = pick.draw(st.sampled_from(SOME)), pick.draw(st.sampled_from(NONE))
        entry = entries[at]
        if isinstance(entry, Exchange):
            entries[at] = Exchange(entry.call, None if error else result, error)
        else:
            results = (None if error else result,) * len(entry.results)
            errors = tuple((place, error) for place in range(len(results)) if error is not None)
            lead = entry.lead if pick.draw(st.booleans()) else ()
            sweep = Sweep(entry.call, entry.sweep.subjects, tuple(item.call for item in lead))
            entries[at] = Column(sweep, lead, results, errors)
    nodes = pick.draw(st.sampled_from((EVIDENCE.nodes, b"", encode_nodes(()))))
    try:
        snapshot = recheck(PLAN, replace(with_entries(EVIDENCE, tuple(entries)), nodes=nodes))
    except ChainError:
        return
    for found in snapshot.balances:
        assert found.evidence != "state_proof" or VALUES[found.asset, found.account] == found.units


EVIDENCE = evidence_of(PLAN, StateChain())


@pytest.mark.parametrize("lie", [BAD_PROOFS, no_proofs, on("eth_getCode", lambda _p, _r: None)])
def test_evidence_of_bad_nodes_is_as_sound(
    lie: Callable[[str, list[Json], Json], Json],
) -> None:
    evidence = evidence_of(PLAN, StateChain(lie=lie), StateChain())
    assert is_true(recheck(PLAN, evidence))
