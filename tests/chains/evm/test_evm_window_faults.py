"""Whatever goes wrong around the pin: values there are unknown, and the pin is as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evm import reader
from chains.evm.calls import NONCE_METHOD, NONCES, block_hash_call
from chains.evm.recheck import recheck
from chains.snapshot import Remark
from tests.chains.evm import statechain
from tests.chains.evm.fakechain import (
    BOB,
    CHAIN,
    FakeChain,
    World,
)
from tests.chains.evm.lived import (
    ANY,
    ASSETS,
    FLOWS,
    PRUNED,
    TRUTH,
    UNKNOWN,
    WINDOW,
    Lived,
    around,
    assert_pin,
    at_height,
    block,
    dying,
    evidence_of,
    plan_of,
    remarks_of,
    rows,
    rows_at,
    snapshot_of,
    unread,
)
from tests.chains.evm.statechain import GONE

if TYPE_CHECKING:
    from tests.misbehaving import Json


@pytest.mark.parametrize("knows_hashes", [True, False])
def test_a_node_without_old_state_gives_what_it_has(*, knows_hashes: bool) -> None:
    chain = Lived(FakeChain(knows_hashes=knows_hashes), oldest=6)
    plan = plan_of(window=WINDOW)
    found = snapshot_of(plan, chain)
    expected = [(None, after, None, at, last) for _, after, _, at, last in TRUTH]
    assert expected == rows(found)
    assert (block(WINDOW[0], 5), block(WINDOW[1], 14)) == found.window_blocks
    assert [FLOWS, unread(4, "at the window's first block")] == remarks_of(found)
    assert_pin(plan, found)


def test_a_node_without_a_blocks_state_is_asked_one_sweep_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "CHUNK", 2)
    chain = Lived(oldest=6)
    evidence_of(plan_of(window=WINDOW), chain)
    about = [method for method, params in chain.asked if chain.height_of_state(params) == 5]
    assert ["eth_call", NONCE_METHOD] == about


def test_two_nodes_one_of_them_without_old_state() -> None:
    plan = plan_of(window=WINDOW)
    assert TRUTH == rows(snapshot_of(plan, Lived(oldest=6), Lived()))
    both = replace(plan, quorum=2)
    found = snapshot_of(both, Lived(oldest=6), Lived())
    assert [(None, after) for _, after, *_ in TRUTH] == [row[:2] for row in rows(found)]
    assert_pin(both, found, 2)


@pytest.mark.parametrize("knows_hashes", [True, False])
@pytest.mark.parametrize("quorum", [1, 2])
@pytest.mark.parametrize("left", range(0, 40, 3))
def test_a_source_that_vanishes_in_the_window_takes_nothing_from_the_pin(
    left: int, quorum: int, *, knows_hashes: bool
) -> None:
    world = World()
    plan = plan_of(window=WINDOW, quorum=quorum)
    first = dying(Lived(FakeChain(knows_hashes=knows_hashes)), left)
    found = snapshot_of(plan, first, Lived(), world=world)
    assert_pin(plan, found, 2)
    assert [] == world.pauses
    for expected, row in zip(TRUTH, rows(found), strict=True):
        assert {True} == {told in {None, one} for told, one in zip(row, expected, strict=True)}
    if quorum == 1:
        assert TRUTH == rows(found)


def test_a_source_that_is_silent_is_not_asked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 2)
    chain, other = dying(Lived(), 0), Lived()
    bare = Lived()
    evidence_of(plan_of(), bare)
    evidence_of(plan_of(window=WINDOW), chain, other)
    assert ["eth_call", NONCE_METHOD] == [method for method, _ in chain.asked[len(bare.asked) :]]
    evidence_of(plan_of(window=WINDOW), whole := Lived())
    assert len(other.asked) >= len(whole.asked) - 8


def test_a_source_that_is_silent_on_nonces_alone_stands_for_the_pin() -> None:
    chain = Lived()
    chain.lie = lambda method, _params, truth: {"error": GONE} if method == NONCE_METHOD else truth
    plan = plan_of(window=WINDOW)
    found = snapshot_of(plan, chain)
    assert_pin(plan, found)
    assert [row[2:] for row in rows(found)] == [(None, None, None)] * 4


def test_a_source_that_refuses_nonces_gives_balances() -> None:
    """Its control call tells that it has the state."""
    chain = Lived()
    chain.lie = lambda method, _params, truth: PRUNED if method == NONCE_METHOD else truth
    found = snapshot_of(plan_of(window=WINDOW), chain)
    assert [(*row[:2], None, None, None) for row in TRUTH] == rows(found)


def test_a_source_that_does_not_tell_its_block_is_asked_for_all_it_has() -> None:
    """A token that reverts is no sign of a state that is gone."""
    chain = Lived()

    def lie(method: str, params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        control = method == "eth_call" and "to" not in params[0]
        reverts = method == "eth_call" and chain.height_of_state(params) == 5
        return PRUNED if control or reverts else truth

    chain.lie = lie
    found = snapshot_of(plan_of(window=WINDOW, assets=ASSETS[::-1]), chain)
    assert [None, 1005, None, 7] == [row[0] for row in rows(found)]
    assert [2, 2, 0, 0] == [row[2] for row in rows(found)]


def test_a_source_that_falls_silent_on_a_windows_block_is_not_asked_on() -> None:
    chain, silent_since = Lived(), [0]

    def lie(method: str, params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        if method == "eth_getBlockByNumber" and params[0] == hex(5):
            silent_since[0] = silent_since[0] or len(chain.asked)
        return {"error": GONE} if silent_since[0] else truth

    chain.lie = lie
    plan = plan_of(window=WINDOW)
    assert TRUTH == rows(snapshot_of(plan, Lived(), chain))
    asked = [params[0] for _, params in chain.asked[silent_since[0] - 1 :]]
    assert [hex(5), hex(6)] == asked


def test_a_source_that_says_otherwise_makes_one_value_unknown() -> None:
    plan = plan_of(window=WINDOW, quorum=2)

    def lie(method: str, params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        here = chain.height_of_state(params) == 5
        if here and method in {"eth_getBalance", NONCE_METHOD} and params[0] == BOB:
            return {"result": "0x9"}
        return truth

    chain = Lived(lie=lie)
    found = snapshot_of(plan, chain, Lived())
    expected = [*TRUTH[:2], (None, 7, None, 0, 0), (0, 0, None, 0, 0)]
    assert expected == rows(found)
    assert [FLOWS, unread(2, "at the window's first block")] == remarks_of(found)
    assert_pin(plan, found, 2)


@pytest.mark.parametrize("result", [None, "0x", "0x01", 5, "5", hex(NONCES), "0x" + "00" * 32])
def test_a_nonce_in_another_form_is_none(result: Json) -> None:
    chain = at_height(Lived(), 14, {"result": result}, NONCE_METHOD)
    found = snapshot_of(plan_of(window=WINDOW), chain)
    assert [(*row[:4], None) for row in TRUTH] == rows(found)


def test_a_node_that_answers_from_another_block_has_no_say() -> None:
    """One that is found out by the control call alone."""
    chain = Lived()

    def lie(method: str, params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        if chain.height_of_state(params) not in {5, 14}:
            return truth
        named = {"blockHash": ANY.block_hash(20), "requireCanonical": True}
        return honest.answer(method, [*params[:-1], named])

    honest, chain.lie = Lived(), lie
    plan = plan_of(window=WINDOW)
    found = snapshot_of(plan, chain)
    assert [(None, None, None, row[3], None) for row in TRUTH] == rows(found)
    strayed = Remark("wrong_state", "node-1", 6, "around the pinned block")
    assert strayed in found.remarks
    assert_pin(plan, found)
    assert TRUTH == rows(snapshot_of(plan, chain, Lived()))


@pytest.mark.parametrize("methods", [("eth_call",), ()])
def test_a_token_that_does_not_answer_at_a_block_costs_no_other_value(
    methods: tuple[str, ...],
) -> None:
    """It was not there yet, or it reverts; behind a node that refuses it all, all is unknown."""
    for reply in (PRUNED, {"result": "0x"}):
        chain = Lived()

        def lie(
            method: str,
            params: list[Json],
            truth: dict[str, Json],
            chain: Lived = chain,
            reply: dict[str, Json] = reply,
        ) -> dict[str, Json]:
            asked = chain.height_of_state(params) == 5 and method in (methods or {method})
            token = method == "eth_call" and "to" in params[0]
            return reply if asked and (token or not methods) else truth

        chain.lie = lie
        found = snapshot_of(plan_of(window=WINDOW, assets=ASSETS[::-1]), chain)
        if methods:
            assert [row[0] for row in rows(found)] == [None, 1005, None, 7]
            assert [row[2] for row in rows(found)] == [row[2] for row in TRUTH]
        else:
            assert [(row[0], row[2]) for row in rows(found)] == [(None, None)] * 4
        assert [row[1] for row in rows(found)] == [5014, 1014, 0, 7]


def test_sources_that_differ_on_a_windows_block_leave_it_unknown() -> None:
    other = Lived(FakeChain(fork="b", fork_height=13))
    plan = plan_of(window=WINDOW)
    for chains in ((Lived(), other), (other, Lived())):
        found = snapshot_of(plan, *chains)
        assert rows_at(5, 10, None) == rows(found)
        assert [FLOWS, unread(4, "the window's last block is not known")] == remarks_of(found)
        assert_pin(plan, found, 2)
    assert TRUTH == rows(snapshot_of(plan, Lived(), Lived(FakeChain(fork="b", fork_height=16))))


def lying_about(height: int, **fields: Json) -> Lived:
    """A node that shows a block with other fields."""

    def lie(_method: str, _params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        result = truth.get("result")
        if isinstance(result, dict) and result.get("number") == hex(height):
            return {"result": {**result, **fields}}
        return truth

    return Lived(lie=lie)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("height", "fields"),
    [
        (14, {"timestamp": hex(ANY.time(9))}),
        (14, {"timestamp": hex(ANY.time(19))}),
        (14, {"parentHash": ANY.block_hash(2)}),
        (14, {"hash": ANY.block_hash(2)}),
        (15, {"timestamp": hex(ANY.time(9))}),
        (15, {"timestamp": hex(ANY.time(14))}),
        (15, {"parentHash": ANY.block_hash(2)}),
    ],
)
def test_a_lie_about_a_windows_block_is_not_counted_and_harms_no_pin(
    height: int, fields: dict[str, Json], *, first: bool
) -> None:
    plan = plan_of(window=WINDOW)
    pair = [lying_about(height, **fields), Lived()]
    found = snapshot_of(plan, *(pair if first else pair[::-1]))
    assert rows(found) in (TRUTH, rows_at(5, 10, None))
    assert_pin(plan, found, 2)


@pytest.mark.parametrize(
    ("height", "fields"),
    [
        (14, {"hash": ANY.block_hash(2)}),
        (15, {"timestamp": hex(ANY.time(9))}),
        (15, {"parentHash": ANY.block_hash(2)}),
    ],
)
def test_blocks_of_one_source_that_do_not_follow_are_not_known(
    height: int, fields: dict[str, Json]
) -> None:
    plan = plan_of(window=WINDOW)
    found = snapshot_of(plan, lying_about(height, **fields))
    assert rows_at(5, 10, None) == rows(found)
    assert_pin(plan, found)


@pytest.mark.parametrize("height", [14, 15])
def test_a_source_without_a_windows_block_takes_no_part(height: int) -> None:
    def lie(method: str, params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        asked = method == "eth_getBlockByNumber" and params[0] == hex(height)
        return {"result": None} if asked else truth

    plan, lacking = plan_of(window=WINDOW), Lived(lie=lie)
    assert TRUTH == rows(snapshot_of(plan, lacking, Lived()))
    assert not [1 for _, params in lacking.asked if lacking.height_of_state(params) == 14]
    assert rows_at(5, 10, None) == rows(snapshot_of(plan, Lived(lie=lie)))
    both = snapshot_of(replace(plan, quorum=2), Lived(lie=lie), Lived())
    assert rows_at(5, 10, None) == rows(both)
    assert_pin(replace(plan, quorum=2), both, 2)


@pytest.mark.parametrize("height", [5, 6, 10, 14, 15])
@pytest.mark.parametrize("left", range(0, 45, 2))
def test_a_reorganisation_in_the_window_leaves_unknown_what_changed(height: int, left: int) -> None:
    """No reading is started over for it: a block that is final does not change."""
    world = World()
    chain = Lived()
    counted = [0]

    def lie(method: str, _params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        counted[0] += bool(counted[0]) or method == NONCE_METHOD
        if counted[0] == left + 1:
            chain.chain.fork, chain.chain.fork_height = "b", height
        return truth

    chain.lie = lie
    plan = plan_of(window=WINDOW)
    found = snapshot_of(plan, chain, world=world)
    assert_pin(plan, found)
    assert [] == world.pauses
    for expected, row in zip(TRUTH, rows(found), strict=True):
        assert {True} == {told in {None, one} for told, one in zip(row, expected, strict=True)}


@pytest.mark.parametrize("others", [0, 1])
def test_a_block_that_changes_before_its_state_was_read_is_not_known(others: int) -> None:
    """A source that shows two blocks has contradicted itself, and with it all others."""
    chain = Lived()
    changed: list[int] = []

    def lie(method: str, params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        if method == NONCE_METHOD and chain.height_of_state(params) == 14 and not changed:
            changed.append(1)
            chain.chain.fork, chain.chain.fork_height = "b", 12
        return truth

    chain.lie = lie
    found = snapshot_of(plan_of(window=WINDOW), chain, *(Lived() for _ in range(others)))
    assert [1] == changed
    assert rows_at(5, 10, None) == rows(found)
    assert (block(WINDOW[0], 5),) == found.window_blocks


def test_where_ethereums_trie_is_known_a_windows_header_must_hash_to_its_name() -> None:
    def forging(height: int) -> statechain.StateChain:
        def lie(_method: str, _params: list[Json], result: Json) -> Json:
            forged = isinstance(result, dict) and result.get("number") == hex(height)
            return {**result, "gasUsed": "0x1"} if forged else result

        return statechain.StateChain(lie=lie)

    plan = replace(
        statechain.plan_of(*statechain.HOLDERS[:2]), as_of=ANY.time(10), window=around(5, 14)
    )
    honest = statechain.reading(plan, statechain.StateChain())
    assert [5, 14] == [one.height for one in honest.window_blocks]
    assert {(5, 5, 5)} == {row[2:] for row in rows(honest)}
    assert {"state_proof"} == {one.evidence for one in honest.balances}
    found = statechain.reading(plan, forging(14))
    assert [5] == [one.height for one in found.window_blocks]
    assert {"state_proof"} == {one.evidence for one in found.balances}
    unknown = replace(plan, chain=CHAIN)
    assert [5, 14] == [one.height for one in statechain.reading(unknown, forging(14)).window_blocks]
    both = statechain.reading(plan, forging(14), statechain.StateChain())
    assert rows(honest) == rows(both)


def test_the_first_source_that_shows_its_blocks_is_searched() -> None:
    def lie(method: str, params: list[Json], truth: dict[str, Json]) -> dict[str, Json]:
        old = method == "eth_getBlockByNumber" and params[0] == "0x3"
        return {"result": None} if old else truth

    plan = plan_of(window=WINDOW)
    assert TRUTH == rows(snapshot_of(plan, Lived(lie=lie), Lived()))
    alone = snapshot_of(plan, Lived(lie=lie))
    assert rows_at(None, 10, 14) == rows(alone)


def test_a_source_that_does_not_stand_for_the_pin_is_not_heard() -> None:
    """It may have said something of the same blocks while the pin was searched."""
    plan = plan_of(window=WINDOW)
    evidence = evidence_of(plan, Lived())
    liar = at_height(Lived(), 5, {"result": "0x9"}, "eth_getBalance", NONCE_METHOD)
    other = replace(evidence_of(plan, liar).logs[0], name="node-2", operator="b")
    entries = tuple(one for one in other.entries if one.call != block_hash_call(10))
    mixed = replace(evidence, logs=(evidence.logs[0], replace(other, entries=entries)))
    assert rows(recheck(plan, mixed)) == TRUTH
    assert rows(recheck(replace(plan, quorum=1), mixed)) == TRUTH
    with pytest.raises(ChainError):
        recheck(replace(plan, quorum=2), mixed)


def test_nothing_known_is_none_and_never_zero() -> None:
    chain = Lived()
    chain.lie = lambda method, params, truth: (
        PRUNED if chain.height_of_state(params) in {5, 14} or method == NONCE_METHOD else truth
    )
    assert [UNKNOWN] * 4 == rows(snapshot_of(plan_of(window=WINDOW), chain))
