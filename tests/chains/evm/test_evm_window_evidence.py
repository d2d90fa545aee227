"""A window's evidence: read again from its recording, taken up again, and tampered with."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.errors import ChainError
from chains.evidence import ChainEvidence, Column, Exchange
from chains.evm.calls import (
    NONCE_METHOD,
    STATE_METHODS,
    block_by_hash_call,
    block_hash_call,
    tip_call,
)
from chains.evm.pin import before_window
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.recorded import recorded_sources
from chains.recording import decode_entry, decode_log, encode_entry, encode_log
from tests.chains.between import kills_survived
from tests.chains.evm import statechain
from tests.chains.evm.fakechain import FakeChain, World
from tests.chains.evm.lived import (
    ANY,
    TRUTH,
    WINDOW,
    Lived,
    around,
    at_height,
    dying,
    evidence_of,
    plan_of,
    rows,
    rows_at,
    sources_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chains.evidence import ChainPlan, Entry, Source
    from chains.snapshot import ChainSnapshot
    from tests.misbehaving import Json

PLAN = plan_of(window=WINDOW, quorum=2)
ONE = plan_of(window=WINDOW)
PROVEN = replace(statechain.plan_of(), as_of=ANY.time(10), window=WINDOW)


def by_number() -> Lived:
    return Lived(FakeChain(knows_hashes=False))


CASES: dict[str, tuple[ChainPlan, Callable[[], list[Source]]]] = {
    "two sources": (PLAN, lambda: sources_of(Lived(), Lived())),
    "by number": (PLAN, lambda: sources_of(by_number(), Lived())),
    "without old state": (PLAN, lambda: sources_of(Lived(oldest=6), Lived())),
    "gone in the window": (ONE, lambda: sources_of(dying(Lived(), 9), Lived())),
    "one value otherwise": (
        PLAN,
        lambda: sources_of(at_height(Lived(), 5, {"result": "0x3"}, "eth_getBalance"), Lived()),
    ),
    "another fork": (ONE, lambda: sources_of(Lived(FakeChain(fork="b", fork_height=13)), Lived())),
    "not over": (
        plan_of(window=(ANY.time(5), ANY.time(19))),
        lambda: sources_of(Lived(), Lived()),
    ),
    "before the chain": (plan_of(window=(7, ANY.time(12))), lambda: sources_of(Lived())),
    "at the pin": (plan_of(window=(ANY.time(10), ANY.time(11))), lambda: sources_of(Lived())),
    "no moment": (plan_of(None, window=WINDOW), lambda: sources_of(Lived())),
    "with proofs": (
        PROVEN,
        lambda: statechain.sources(statechain.StateChain(), statechain.StateChain()),
    ),
    "with proofs, by number": (
        PROVEN,
        lambda: statechain.sources(statechain.StateChain(knows_hashes=False)),
    ),
}


def written(evidence: ChainEvidence) -> ChainEvidence:
    """Write evidence as files and read them back."""
    files = [encode_log(evidence.chain, log) for log in evidence.logs]
    logs = tuple(decode_log(file, "log")[1] for file in files)
    return ChainEvidence(evidence.chain, logs, bytes(evidence.nodes))


@pytest.mark.parametrize("name", CASES)
def test_a_recording_gives_the_identical_evidence(name: str) -> None:
    plan, sources = CASES[name]
    evidence = read(plan, sources(), World().around)
    snapshot = recheck(plan, evidence)
    assert snapshot.window
    again = read(plan, recorded_sources(written(evidence)), World().around)
    assert evidence == again
    assert snapshot == recheck(plan, written(again))


def test_a_pin_that_changes_after_its_last_look_is_proved_again_from_its_recording() -> None:
    """By number, so that the recording must know which of two blocks was meant."""
    plan, chain = PROVEN, statechain.StateChain(knows_hashes=False)
    other = statechain.StateChain(statechain.State({}))

    def lie(method: str, params: list[Json], result: Json) -> Json:
        late = any(asked == NONCE_METHOD for asked, _ in chain.asked)
        moved = late and method == "eth_getBlockByNumber" and params[0] == hex(10)
        return other.block(10) if moved else result

    chain.lie = lie
    evidence = read(plan, statechain.sources(chain), World().around)
    found = recheck(plan, evidence)
    assert {"state_proof"} == {one.evidence for one in found.balances}
    assert {None} == {one.nonce_at for one in found.window}
    again = read(plan, recorded_sources(written(evidence)), World().around)
    assert evidence == again


def moved_to(plan: ChainPlan, first: int, last: int) -> ChainPlan:
    return replace(plan, window=(first, last))


def test_evidence_of_one_window_gives_nothing_untrue_of_another() -> None:
    evidence = evidence_of(plan_of(window=around(5, 17)), Lived())
    assert rows_at(5, 10, 17) == rows(recheck(plan_of(window=around(5, 17)), evidence))
    known = set()
    for low in range(11):
        for high in range(10, 20):
            for late in (0, 11):
                plan = moved_to(ONE, ANY.time(low) + late, ANY.time(high) + late)
                found = recheck(plan, evidence)
                for one in found.window_blocks:
                    assert one.block_time <= one.moment < one.block_time + 12
                    assert one.height < 18
                    known.add(one.height)
                expected = rows_at(low, 10, high if high < 18 else None)
                for truth, row in zip(expected, rows(found), strict=True):
                    pairs = zip(truth, row, strict=True)
                    assert {True} == {told in {None, one} for one, told in pairs}
    assert {5, 10, 17} <= known


def test_a_block_that_is_not_final_is_none_of_a_window() -> None:
    """The evidence of a reading, with another last final block."""
    evidence = evidence_of(ONE, Lived())
    for final, last in ((16, 14), (15, 14), (14, None), (13, None)):

        def tagged(entry: Entry, final: int = final) -> Entry:
            finalized = entry.call == tip_call("finalized")
            return replace(entry, result=ANY.block(final)) if finalized else entry

        changed = with_entries(evidence, map(tagged, evidence.logs[0].entries))
        assert rows_at(5, 10, last) == rows(recheck(ONE, changed))


def test_a_block_is_later_than_none_of_its_moment_even_if_somebody_says_so() -> None:
    """A block without a seal makes nobody believe its time, though it may spoil the search."""
    window = ANY.time(9) + 5, ANY.time(14)
    plan = replace(statechain.plan_of(), as_of=ANY.time(12), window=window)
    one, other = statechain.StateChain(), statechain.StateChain()

    def lie(_method: str, _params: list[Json], result: Json) -> Json:
        forged = isinstance(result, dict) and result.get("number") == hex(10)
        return {**result, "timestamp": "0x0"} if forged else result

    other.lie = lie
    evidence = read(plan, statechain.sources(one, other), World().around)
    heights = [12, 9, 10, 11]
    entries = [
        Exchange(call, one.answer(call.method, list(call.params))["result"])
        for height in heights
        for call in (
            block_hash_call(height),
            block_by_hash_call(str(one.block(height)["hash"])),
        )
    ]
    log = evidence.logs[0]
    whole = with_entries(evidence, (*log.entries, *written_entries(entries)))
    assert [14] == [found.height for found in recheck(plan, whole).window_blocks]


def written_entries(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(decode_entry(encode_entry(entry)) for entry in entries)


@pytest.mark.parametrize("name", CASES)
def test_a_recording_with_a_window_serves_a_plan_without_one(name: str) -> None:
    plan, sources = CASES[name]
    bare = replace(plan, window=None)
    evidence = read(plan, sources(), World().around)
    alone = read(bare, recorded_sources(written(evidence)), World().around)
    assert tuple(map(before_window, evidence.logs)) == alone.logs
    assert recheck(bare, evidence) == recheck(bare, alone)
    found, other = recheck(plan, evidence), recheck(bare, alone)
    assert (found.pin, found.balances, found.failures) == (
        other.pin,
        other.balances,
        other.failures,
    )


def test_a_recording_without_a_window_has_none_to_give() -> None:
    bare = replace(ONE, window=None)
    evidence = evidence_of(bare, Lived())
    again = read(ONE, recorded_sources(evidence), World().around)
    found = recheck(ONE, again)
    assert {None} == {told for row in rows(found) for told in row}
    assert () == found.window_blocks
    assert recheck(bare, evidence).balances == found.balances


@pytest.mark.parametrize("name", ["two sources", "by number", "without old state", "with proofs"])
def test_a_reading_killed_anywhere_goes_on_to_the_identical_evidence(name: str) -> None:
    plan, sources = CASES[name]
    whole = read(plan, sources(), World().around)
    kills = kills_survived(plan, sources, whole, 60)
    assert 20 <= kills < 60


@pytest.fixture(scope="module")
def two() -> ChainEvidence:
    return evidence_of(PLAN, Lived(), Lived())


def with_entries(evidence: ChainEvidence, entries: Iterable[Entry], at: int = 0) -> ChainEvidence:
    logs = list(evidence.logs)
    logs[at] = replace(logs[at], entries=tuple(entries))
    return replace(evidence, logs=tuple(logs))


def is_true(found: ChainSnapshot) -> bool:
    """Whatever is told is so, of the window as of the pin."""
    units = {one.units for one in found.balances}
    return units <= {1010, 5010, 7, 0} and all(
        told in {None, one}
        for expected, row in zip(TRUTH, rows(found), strict=True)
        for one, told in zip(expected, row, strict=True)
    )


def test_every_entry_left_out_put_elsewhere_or_repeated_leaves_no_other_value(
    two: ChainEvidence,
) -> None:
    entries = two.logs[0].entries
    pick = random.Random(7)  # noqa: S311 - the same choice each time
    changed = [entries[:at] + entries[at + 1 :] for at in range(len(entries))]
    changed += [tuple(pick.sample(entries, len(entries))) for _ in range(60)]
    changed += [(*entries, entries[at]) for at in range(len(entries))]
    changed += [(entries[at], *entries) for at in range(len(entries))]
    changed += [entries[:at] for at in range(len(entries))]
    refused = 0
    for some in changed:
        try:
            assert is_true(recheck(PLAN, with_entries(two, some)))
            assert is_true(recheck(ONE, with_entries(two, some)))
        except ChainError:
            refused += 1
    assert 0 < refused < len(changed)


def test_whatever_is_left_out_of_the_window_the_pin_stands(two: ChainEvidence) -> None:
    entries = two.logs[0].entries
    begins = len(before_window(two.logs[0]).entries)
    assert NONCE_METHOD == entries[begins].call.method
    whole, known = recheck(PLAN, two), 0
    for at in range(begins, len(entries)):
        for some in (entries[:at] + entries[at + 1 :], entries[:at]):
            found = recheck(PLAN, with_entries(two, some))
            assert (whole.pin, whole.balances) == (found.pin, found.balances)
            known += rows(found) == TRUTH
    # What was asked only to find the blocks may be missing, and a look more than is needed.
    assert 0 < known < 2 * (len(entries) - begins) // 2


def changed_result(entry: Entry, result: str | None) -> Entry:
    if isinstance(entry, Exchange):
        return replace(entry, result=result)
    return replace(entry, results=(result,) * len(entry.results), errors=())


def test_another_number_in_one_log_is_no_number(two: ChainEvidence) -> None:
    begins, whole = len(before_window(two.logs[0]).entries), recheck(PLAN, two)
    for at, entry in enumerate(two.logs[0].entries[begins:], begins):
        if entry.call.method not in STATE_METHODS:
            continue
        for result in ("0x9", "0x" + "9".rjust(64, "0"), None, "0x"):
            entries = list(two.logs[0].entries)
            entries[at] = changed_result(entry, result)
            found = recheck(PLAN, with_entries(two, entries))
            assert whole.balances == found.balances
            assert is_true(found)
            assert TRUTH != rows(found)


def test_a_lead_of_another_block_voids_its_sweep(two: ChainEvidence) -> None:
    entries = list(two.logs[0].entries)
    begins = len(before_window(two.logs[0]).entries)
    columns = [at for at in range(begins, len(entries)) if isinstance(entries[at], Column)]
    for at in columns:
        entry = entries[at]
        assert isinstance(entry, Column)
        first = entries[columns[0] if at != columns[0] else columns[-1]]
        assert isinstance(first, Column)
        strayed = (replace(entry.lead[0], result=first.lead[0].result),)
        changed = [*entries[:at], replace(entry, lead=strayed), *entries[at + 1 :]]
        if strayed == entry.lead:
            continue
        found = recheck(PLAN, with_entries(two, changed))
        assert is_true(found)
        assert TRUTH != rows(found)
        assert ("wrong_state", "node-1") in {(one.code, one.source) for one in found.remarks}


def test_every_changed_byte_of_a_written_log_is_refused_or_harmless(two: ChainEvidence) -> None:
    text = encode_log(two.chain, two.logs[0])
    for place in range(0, len(text), 11):
        changed = text[:place] + bytes((text[place] ^ 1,)) + text[place + 1 :]
        try:
            log = decode_log(changed, "log")[1]
            found = recheck(PLAN, replace(two, logs=(log, two.logs[1])))
        except ChainError:
            continue
        assert is_true(found)


EVIDENCE = evidence_of(PLAN, Lived(), Lived())
SOME: tuple[Json, ...] = (None, "0x", "0x0", "0x1", "", 7, (), {}, "0x" + "00" * 32)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_answers_of_one_source_give_what_is_true_or_an_error(pick: st.DataObject) -> None:
    entries = list(EVIDENCE.logs[0].entries)
    for _ in range(pick.draw(st.integers(1, 6))):
        at = pick.draw(st.integers(0, len(entries) - 1))
        entry, result = entries[at], pick.draw(st.sampled_from(SOME))
        if isinstance(entry, Exchange):
            other = entries[pick.draw(st.integers(0, len(entries) - 1))]
            taken = other.result if isinstance(other, Exchange) else result
            entries[at] = Exchange(entry.call, pick.draw(st.sampled_from((result, taken))))
        else:
            entries[at] = replace(entry, results=(result,) * len(entry.results), errors=())
    try:
        found = recheck(PLAN, with_entries(EVIDENCE, entries))
    except ChainError:
        return
    assert is_true(found)
