"""Columns, voices and what they say together: the short way gives what the long way gives."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.evidence import HOLE, Call, Column, Exchange, Sweep
from chains.evm.calls import by_hash, by_number, control_call, decode_quantity
from chains.evm.hearing import Unknown, hear
from chains.evm.holdings import told_of
from chains.evm.pin import settle_pin
from chains.evm.remarks import refused_proofs, remarks_on
from chains.evm.voices import voice_of
from chains.index import index_log
from chains.quorum import Agreement, agree
from chains.snapshot import Proving, Remark
from tests.chains.evm.fakechain import CHAIN
from tests.chains.evm.statechain import (
    HOLDERS,
    StateChain,
    evidence_of,
    no_proofs,
    plan_of,
    reading,
)

TEMPLATE = Call("eth_getBalance", (HOLE, "0x12"))
NATIVE = CHAIN.native


def column(subjects: str, *results: str | None, errors: tuple[tuple[int, str], ...] = ()) -> Column:
    return Column(Sweep(TEMPLATE, tuple(subjects)), (), results, errors)  # type: ignore[arg-type] # short for a test


def test_a_column_is_decoded_as_a_whole() -> None:
    told = told_of([(column("abc", "0x1", "0x0", "0xff"), None)], decode_quantity)
    assert told == {"a": 1, "b": 0, "c": 255}


def test_what_cannot_be_decoded_fails_alone() -> None:
    told = told_of([(column("abc", "0x1", "0x01", None), None)], decode_quantity)
    assert told == {"a": 1, "b": "malformed_answer", "c": "malformed_answer"}


def test_errors_stand_where_there_is_no_result() -> None:
    told = told_of([(column("ab", "0x1", None, errors=((1, "rpc_error"),)), None)], decode_quantity)
    assert told == {"a": 1, "b": "rpc_error"}


def test_a_fault_of_the_column_voids_its_results_and_keeps_its_errors() -> None:
    faulty = column("ab", "0x1", None, errors=((1, "rpc_error"),))
    assert told_of([(faulty, "wrong_state")], decode_quantity) == {
        "a": "wrong_state",
        "b": "rpc_error",
    }


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("0x1", "0x1", 1),
        ("0x1", "0x2", "malformed_answer"),
        ("0x1", "0x", "malformed_answer"),
        ("0x", "0x1", "malformed_answer"),
        ("0x1", None, 1),
        (None, "0x1", 1),
        (None, None, "rpc_error"),
        ("0x", None, "malformed_answer"),
        (None, "0x", "malformed_answer"),
    ],
)
def test_a_subject_that_was_asked_twice(
    first: str | None, second: str | None, expected: int | str
) -> None:
    def one(result: str | None) -> Column:
        return column("a", result, errors=() if result is not None else ((0, "rpc_error"),))

    told = told_of([(one(first), None), (one(second), None)], decode_quantity)
    assert told == {"a": expected}
    thrice = told_of([(one(one_of), None) for one_of in (first, second, first)], decode_quantity)
    assert thrice == {"a": expected}


def test_a_subject_twice_in_one_column_is_asked_twice() -> None:
    told = told_of([(column("aab", "0x1", "0x2", "0x3"), None)], decode_quantity)
    assert told == {"a": "malformed_answer", "b": 3}


def test_a_result_at_the_pin_outweighs_one_of_another_state() -> None:
    for order in (1, -1):
        columns = [(column("a", "0x1"), None), (column("a", "0x9"), "wrong_state")][::order]
        assert told_of(columns, decode_quantity) == {"a": 1}


VALUES = st.lists(
    st.lists(st.sampled_from(("0x1", "0x2", "0x", None)), min_size=3, max_size=3),
    min_size=1,
    max_size=3,
)


@settings(max_examples=200, deadline=None)
@given(VALUES, st.integers(1, 3), st.sampled_from(("abc", "aab", "aaa")))
def test_the_short_way_decides_as_the_rule_of_agreement_does(
    values: list[list[str | None]], quorum: int, operators: str
) -> None:
    plan = replace(plan_of(*HOLDERS[:3], assets=(NATIVE,)), quorum=1)
    logs = []
    for number, told in enumerate(values):
        errors = tuple((at, "rpc_error") for at, one in enumerate(told) if one is None)
        sweep = Sweep(Call("eth_getBalance", (HOLE, BLOCK)), HOLDERS[:3], (control_call(BLOCK),))
        log = SETTLED.logs[0].log
        entries = (*log.entries[:-1], Column(sweep, LEAD, tuple(told), errors), log.entries[-1])  # type: ignore[arg-type] # codes of ours
        logs.append(
            index_log(
                replace(log, name=f"node-{number}", operator=operators[number], entries=entries)
            )
        )
    names = tuple(log.name for log in logs)
    hearing = hear(replace(plan, quorum=quorum), replace(SETTLED, logs=tuple(logs), voices=names))
    for holder in HOLDERS[:3]:
        votes = hearing.votes(NATIVE, holder)
        expected, found = agree(votes, quorum), hearing.agreed(NATIVE, holder)
        if isinstance(expected, Agreement):
            assert found == (expected.value, expected.evidence, expected.sources)
            assert hearing.units(NATIVE, holder) == expected.value
        else:
            said = tuple((vote.source, vote.said) for vote in votes)
            assert found == Unknown(expected, said)
            assert hearing.units(NATIVE, holder) == 0


BARE = plan_of(*HOLDERS[:3], assets=())
SETTLED = settle_pin(BARE, evidence_of(BARE, StateChain(lie=no_proofs)))
BLOCK = by_hash(SETTLED.header.block_hash)
LEAD = tuple(
    Exchange(control_call(BLOCK), StateChain().answer("eth_call", [{"data": ""}, BLOCK])["result"])
    for _ in range(1)
)


def test_no_source_is_no_value() -> None:
    hearing = hear(plan_of(HOLDERS[0]), replace(SETTLED, logs=(), voices=()))
    assert hearing.agreed(NATIVE, HOLDERS[0]) == Unknown("not_read", ())


LEADS = {
    "of the pin": (LEAD[0], 1, ()),
    "refused": (replace(LEAD[0], result=None, error="rpc_error"), 1, ("state_not_told",)),
    "lost": (replace(LEAD[0], result=None, error="no_reply"), "no_reply", ("state_not_told",)),
    "not recorded": (
        replace(LEAD[0], result=None, error="not_recorded"),
        "not_recorded",
        ("state_not_told",),
    ),
    "malformed": (replace(LEAD[0], result="0x"), "wrong_state", ("wrong_state",)),
    "of another height": (
        replace(LEAD[0], result=f"0x{1:064x}{str(LEAD[0].result)[66:]}"),
        "wrong_state",
        ("wrong_state",),
    ),
    "of another parent": (
        replace(LEAD[0], result=f"{str(LEAD[0].result)[:66]}{1:064x}{str(LEAD[0].result)[130:]}"),
        "wrong_state",
        ("wrong_state",),
    ),
    "of another chain": (
        replace(LEAD[0], result=f"{str(LEAD[0].result)[:130]}{1:064x}{str(LEAD[0].result)[194:]}"),
        "wrong_state",
        ("wrong_state",),
    ),
    "of another time": (
        replace(LEAD[0], result=f"{str(LEAD[0].result)[:194]}{1:064x}"),
        "wrong_state",
        ("wrong_state",),
    ),
    "of another question": (
        replace(LEAD[0], call=control_call("latest")),
        "wrong_state",
        ("wrong_state",),
    ),
    "none": (None, "wrong_state", ("wrong_state",)),
}


@pytest.mark.parametrize("name", LEADS)
def test_balances_count_by_the_call_ahead_of_them(name: str) -> None:
    lead, expected, remarks = LEADS[name]
    ahead = () if lead is None else (lead,)
    sweep = Sweep(
        Call("eth_getBalance", (HOLE, BLOCK)), HOLDERS[:1], tuple(one.call for one in ahead)
    )
    log = SETTLED.logs[0].log
    indexed = index_log(
        replace(log, entries=(*log.entries[:-1], Column(sweep, ahead, ("0x1",)), log.entries[-1]))
    )
    voice = voice_of(plan_of(HOLDERS[0]), indexed, SETTLED, {NATIVE: None})
    assert voice.holdings[NATIVE] == {HOLDERS[0]: expected}
    assert voice.remarks == remarks
    foreign = plan_of(HOLDERS[0], chain=replace(CHAIN, block_opcodes="foreign"))
    other = voice_of(foreign, indexed, SETTLED, {NATIVE: None})
    assert other.holdings[NATIVE] == {HOLDERS[0]: 1 if lead is None else "wrong_state"}
    # Such a chain cannot be asked: what counts without a control call is said to.
    assert other.remarks == ("state_not_told" if lead is None else "wrong_state",)


def test_answers_in_both_forms_must_be_the_same() -> None:
    log = SETTLED.logs[0].log
    columns = []
    for block, result in ((BLOCK, "0x1"), (by_number(SETTLED.header.height), "0x2")):
        call = control_call(block)
        sweep = Sweep(Call("eth_getBalance", (HOLE, block)), HOLDERS[:1], (call,))
        columns.append(Column(sweep, (replace(LEAD[0], call=call),), (result,)))
    indexed = index_log(replace(log, entries=(*log.entries[:-1], *columns, log.entries[-1])))
    voice = voice_of(plan_of(HOLDERS[0]), indexed, SETTLED, {NATIVE: None})
    assert voice.holdings[NATIVE] == {HOLDERS[0]: "malformed_answer"}
    left = voice_of(plan_of(HOLDERS[0]), indexed, replace(SETTLED, voices=()), {NATIVE: None})
    assert left.holdings[NATIVE] == {HOLDERS[0]: 1}


def test_remarks_count_by_source_and_kind() -> None:
    call = Call("eth_getProof", (HOLE, (), "0x12"))
    entries = (
        Column(Sweep(call, ("a", "b")), (), (None, None), ((0, "bad_proof"), (1, "rpc_error"))),
        Exchange(call, error="bad_proof"),
        Exchange(call, error="throttled"),
        Exchange(call, "nodes"),
        Exchange(Call("eth_getBalance", ()), error="bad_proof"),
    )
    log = index_log(replace(SETTLED.logs[0].log, entries=entries))
    assert refused_proofs(log) == {"bad_proof": 2, "rpc_error": 1, "throttled": 1}
    voice = replace(hear(BARE, SETTLED).voices[0], log=log, remarks=("wrong_state",) * 2)
    proving = Proving(5, 3, 9, "", "pin")
    assert remarks_on((voice,), proving) == (
        Remark("wrong_state", "node-1", 2),
        Remark("bad_proof", "node-1", 2),
        Remark("no_proofs", "node-1", 2),
        Remark("not_proved", "", 2),
    )
    assert remarks_on((), None) == (Remark("header_not_recomputed", "", 1),)
    assert remarks_on((), replace(proving, proved=5)) == ()


def test_a_source_that_tells_no_state_is_remarked_sweep_by_sweep() -> None:
    def refuse(method: str, params: list[object], result: object) -> object:
        control = method == "eth_call" and "to" not in params[0]  # type: ignore[operator] # an object
        return ... if control else result

    snapshot = reading(plan_of(), StateChain(lie=refuse))
    assert snapshot.remarks == (Remark("state_not_told", "node-1", 2),)
    assert {one.evidence for one in snapshot.balances} == {"state_proof"}
