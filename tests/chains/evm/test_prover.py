"""Which proofs are asked of whom, what is kept of them, and what becomes of the balances."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.evidence import Column, Exchange
from chains.evm import prover
from chains.evm.nodes import NodeStore
from chains.evm.proving import NODES, PROOF_METHOD
from chains.evm.recheck import recheck
from chains.snapshot import Remark
from config.caip import AssetId, address_of
from tests.chains.evm.fakechain import CHAIN, World
from tests.chains.evm.statechain import (
    BAD_PROOFS,
    BEHIND,
    HOLDERS,
    NOBODY,
    PLACE,
    ROW,
    SWITCH,
    TOKEN,
    TOKEN_ASSET,
    TRUTH,
    StateChain,
    classes,
    evidence_of,
    no_proofs,
    on,
    plan_of,
    reading,
    spoil,
)

if TYPE_CHECKING:
    from chains.snapshot import ChainSnapshot
    from config.slots import Slot
    from tests.chains.evm.statechain import State
    from tests.misbehaving import Json

NATIVE = CHAIN.native
UNKNOWN_TRIE = replace(CHAIN, state_trie="unknown")


def units(snapshot: ChainSnapshot, asset: str) -> dict[str, int]:
    return {address_of(one.account): one.units for one in snapshot.balances if one.asset == asset}


def proofs_asked(chain: StateChain) -> int:
    return sum(method == PROOF_METHOD for method, _ in chain.asked)


def test_every_balance_is_proved() -> None:
    snapshot = reading(plan_of(), StateChain())
    assert {"state_proof"} == classes(snapshot, NATIVE) == classes(snapshot, TOKEN_ASSET)
    assert units(snapshot, NATIVE) == TRUTH.balances
    assert units(snapshot, TOKEN_ASSET) == TRUTH.units
    assert {one.sources for one in snapshot.balances} == {("node-1",)}
    assert snapshot.remarks == ()
    assert snapshot.proving is not None
    assert (snapshot.proving.wanted, snapshot.proving.proved, snapshot.proving.planned) == (
        24,
        24,
        24,
    )


def test_absence_is_a_proven_zero() -> None:
    snapshot = reading(plan_of(NOBODY), StateChain())
    assert [(one.units, one.evidence) for one in snapshot.balances] == [(0, "state_proof")] * 2


def test_bits_above_the_balance_are_not_of_it() -> None:
    frozen = replace(TRUTH, units={HOLDERS[0]: (1 << 255) | 77})
    snapshot = reading(plan_of(HOLDERS[0], assets=(TOKEN_ASSET,)), StateChain(frozen))
    assert [(one.units, one.evidence) for one in snapshot.balances] == [(77, "state_proof")]


def test_the_log_keeps_a_word_for_each_proof_and_the_store_its_nodes() -> None:
    plan = plan_of()
    evidence = evidence_of(plan, StateChain())
    kept = [one for one in evidence.logs[0].entries if one.call.method == PROOF_METHOD]
    results = [one.results if isinstance(one, Column) else (one.result,) for one in kept]
    assert {NODES} == {result for of in results for result in of}
    # Accounts in one column; the token's row in two calls, its balances in one.
    assert [type(one) for one in kept] == [Column, Exchange, Exchange, Exchange]
    assert len(NodeStore(evidence.nodes)) > 5


def test_the_next_source_proves_where_one_serves_no_proofs() -> None:
    mute, other = StateChain(lie=no_proofs), StateChain()
    snapshot = reading(plan_of(quorum=2), mute, other)
    assert {"state_proof"} == classes(snapshot, NATIVE) == classes(snapshot, TOKEN_ASSET)
    # Twelve accounts, and the token's row in two calls: its balances were not asked for.
    assert snapshot.remarks == (Remark("no_proofs", "node-1", 14),)
    assert {one.sources for one in snapshot.balances} == {("node-1", "node-2")}


def test_where_nobody_serves_proofs_the_word_of_sources_is_what_there_is() -> None:
    one = reading(plan_of(), StateChain(lie=no_proofs))
    two = reading(plan_of(quorum=2), StateChain(lie=no_proofs), StateChain(lie=no_proofs))
    assert {"single"} == classes(one, NATIVE) == classes(one, TOKEN_ASSET)
    assert {"quorum"} == classes(two, NATIVE) == classes(two, TOKEN_ASSET)
    assert one.remarks[-1] == Remark("not_proved", "", 24)
    assert one.proving is not None
    assert one.proving.proved == 0


def test_no_nodes_are_kept_where_nothing_was_proved() -> None:
    for lie in (no_proofs, BAD_PROOFS):
        assert evidence_of(plan_of(), StateChain(lie=lie)).nodes == b""


def test_bad_proofs_of_one_source_do_no_harm_where_the_next_proves() -> None:
    snapshot = reading(plan_of(), StateChain(lie=BAD_PROOFS), StateChain())
    assert {"state_proof"} == classes(snapshot, NATIVE) == classes(snapshot, TOKEN_ASSET)
    assert snapshot.remarks == (Remark("bad_proof", "node-1", 14),)


def test_bad_proofs_fail_the_balances_where_nobody_proves_them() -> None:
    for others in ((), (StateChain(lie=no_proofs),), (StateChain(lie=BAD_PROOFS),)):
        snapshot = reading(plan_of(), StateChain(lie=BAD_PROOFS), *others)
        assert snapshot.balances == ()
        assert {"proof_refused"} == classes(snapshot, NATIVE) == classes(snapshot, TOKEN_ASSET)


def test_a_refused_proof_names_what_the_sources_said() -> None:
    snapshot = reading(plan_of(HOLDERS[3], assets=(NATIVE,)), StateChain(lie=BAD_PROOFS))
    (failure,) = snapshot.failures
    assert failure.answers == (("node-1", str(10**18 + 3)),)


def test_on_a_chain_of_another_trie_a_bad_proof_says_nothing() -> None:
    snapshot = reading(plan_of(chain=UNKNOWN_TRIE), StateChain(lie=BAD_PROOFS))
    assert {"single"} == classes(snapshot, NATIVE) == classes(snapshot, TOKEN_ASSET)
    assert Remark("bad_proof", "node-1", 14) in snapshot.remarks


def test_on_a_chain_of_another_trie_what_fits_is_proved() -> None:
    snapshot = reading(plan_of(chain=UNKNOWN_TRIE), StateChain())
    assert {"state_proof"} == classes(snapshot, NATIVE) == classes(snapshot, TOKEN_ASSET)


def spoil_of(address: str) -> StateChain:
    def change(params: list[Json], reply: Json) -> Json:
        return spoil(reply) if params[0] == address else reply

    return StateChain(lie=on(PROOF_METHOD, change))


def test_one_bad_proof_fails_the_balance_that_is_not_proved() -> None:
    snapshot = reading(plan_of(assets=(NATIVE,)), spoil_of(HOLDERS[4]))
    (failure,) = snapshot.failures
    assert (address_of(failure.account), failure.reason) == (HOLDERS[4], "proof_refused")
    assert len(snapshot.balances) == 11
    assert {"state_proof"} == {one.evidence for one in snapshot.balances}


@pytest.mark.parametrize("place", [TOKEN, BEHIND])
def test_a_bad_proof_of_a_tokens_code_fails_all_its_balances(place: str) -> None:
    snapshot = reading(plan_of(), spoil_of(place))
    assert {"proof_refused"} == classes(snapshot, TOKEN_ASSET)
    assert {"state_proof"} == classes(snapshot, NATIVE)


def test_what_was_not_asked_for_after_a_bad_chunk_fails_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prover, "CHUNK", 2)
    chain = StateChain(lie=BAD_PROOFS)
    snapshot = reading(plan_of(assets=(NATIVE,)), chain)
    assert proofs_asked(chain) == 2
    assert {"proof_refused"} == classes(snapshot, NATIVE)
    assert snapshot.balances == ()


def test_a_source_is_asked_on_as_long_as_it_gives_something(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prover, "CHUNK", 2)

    def every_other(params: list[Json], reply: Json) -> Json:
        return ... if HOLDERS.index(params[0]) % 2 else reply

    chain, other = StateChain(lie=on(PROOF_METHOD, every_other)), StateChain()
    snapshot = reading(plan_of(assets=(NATIVE,)), chain, other)
    assert (proofs_asked(chain), proofs_asked(other)) == (12, 6)
    assert {"state_proof"} == classes(snapshot, NATIVE)


def test_words_of_a_token_are_asked_for_in_calls_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prover, "KEYS", 5)
    monkeypatch.setattr(prover, "CALLS", 2)
    chain = StateChain()
    snapshot = reading(plan_of(assets=(TOKEN_ASSET,)), chain)
    keys = [len(params[1]) for method, params in chain.asked if method == PROOF_METHOD]
    assert keys == [2, 0, 5, 5, 2]
    assert {"state_proof"} == classes(snapshot, TOKEN_ASSET)


def test_progress_is_told_of_balances_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prover, "CHUNK", 5)
    world = World()
    evidence_of(plan_of(), StateChain(), around=world.around)
    told = [(done, of) for stage, done, of in world.progress if "proving" in stage]
    assert told == [(5, 24), (10, 24), (12, 24), (24, 24)]


def other_words(**changed: int) -> State:
    return replace(TRUTH, words={**TRUTH.words, **changed})


NOT_OF_THE_ROW = {
    "the token's code differs": (replace(TRUTH, codes={**TRUTH.codes, TOKEN: b"\x60\x05"}), ROW),
    "the implementation's code differs": (
        replace(TRUTH, codes={**TRUTH.codes, BEHIND: b"\x60\x05"}),
        ROW,
    ),
    "the implementation is another": (other_words(**{PLACE: int(NOBODY, 16)}), ROW),
    "there is no implementation": (other_words(**{PLACE: 0}), ROW),
    "a guard does not hold": (other_words(**{SWITCH: 0xAB02}), ROW),
    "a guard's word is not set": (other_words(**{SWITCH: 0}), ROW),
    "the implementation has no code": (
        replace(TRUTH, codes={TOKEN: TRUTH.codes[TOKEN]}),
        ROW,
    ),
    "the row is of another implementation": (
        TRUTH,
        replace(ROW, implementation=NOBODY, implementation_code_hash=f"0x{1:064x}"),
    ),
    "the row is of another code": (TRUTH, replace(ROW, code_hash=f"0x{1:064x}")),
}


@pytest.mark.parametrize("name", NOT_OF_THE_ROW)
def test_where_a_row_does_not_hold_its_balances_rest_on_sources(name: str) -> None:
    state, row = NOT_OF_THE_ROW[name]
    plan = plan_of(slots=(row,), quorum=2)
    chains = StateChain(state), StateChain(state)
    snapshot = reading(plan, *chains)
    assert {"quorum"} == classes(snapshot, TOKEN_ASSET)
    assert {"state_proof"} == classes(snapshot, NATIVE)
    assert units(snapshot, TOKEN_ASSET) == TRUTH.units
    assert snapshot.remarks == (Remark("not_proved", "", 12),)
    # That it does not hold is proved once and for all.
    assert [proofs_asked(chain) for chain in chains] == [14, 0]
    alone = reading(replace(plan, quorum=1), StateChain(state))
    assert {"single"} == classes(alone, TOKEN_ASSET)


def test_a_row_that_does_not_hold_is_no_fault_of_a_bad_proof_elsewhere() -> None:
    state, _ = NOT_OF_THE_ROW["a guard does not hold"]
    bad = replace(spoil_of(HOLDERS[0]), state=state)
    snapshot = reading(plan_of(), bad, StateChain(state))
    assert {"state_proof"} == classes(snapshot, NATIVE)
    assert {"single", "quorum"} >= classes(snapshot, TOKEN_ASSET)


@pytest.mark.parametrize("name", ["the token is not there", "it has no code"])
def test_a_token_that_is_not_there_is_neither_zero_nor_proved(name: str) -> None:
    codes = {BEHIND: TRUTH.codes[BEHIND]}
    balances = {**TRUTH.balances, **({TOKEN: 1} if name == "it has no code" else {})}
    state = replace(TRUTH, codes=codes, balances=balances)
    snapshot = reading(plan_of(), StateChain(state))
    assert {"malformed_answer"} == classes(snapshot, TOKEN_ASSET)
    assert {"state_proof"} == classes(snapshot, NATIVE)


def test_a_plain_token_needs_no_implementation() -> None:
    row = replace(
        ROW,
        implementation_slot=None,
        implementation=None,
        implementation_code_hash=None,
        guards=(),
    )
    chain = StateChain()
    snapshot = reading(plan_of(slots=(row,), assets=(TOKEN_ASSET,)), chain)
    assert {"state_proof"} == classes(snapshot, TOKEN_ASSET)
    assert proofs_asked(chain) == 2


def test_a_token_without_a_row_rests_on_sources() -> None:
    chain = StateChain()
    snapshot = reading(plan_of(slots=()), chain)
    assert {"single"} == classes(snapshot, TOKEN_ASSET)
    assert proofs_asked(chain) == 12


def rows(*slots: Slot) -> set[str]:
    return classes(reading(plan_of(slots=slots), StateChain()), TOKEN_ASSET)


def test_a_row_of_a_token_that_is_not_planned_is_not_asked_for() -> None:
    chain = StateChain()
    reading(plan_of(assets=(NATIVE,)), chain)
    assert proofs_asked(chain) == 12
    foreign = replace(ROW, asset=AssetId(f"eip155:1/erc20:{TOKEN}"))
    assert {"single"} == rows(foreign)


def test_code_need_not_be_told_where_it_is_proved() -> None:
    chain = StateChain(lie=on("eth_getCode", lambda _params, _result: ...))
    snapshot = reading(plan_of(), chain)
    assert {"state_proof"} == classes(snapshot, TOKEN_ASSET)


def test_a_balance_may_be_proved_that_no_source_would_tell() -> None:
    mute = StateChain(lie=on("eth_getBalance", lambda _params, _result: ...))
    snapshot = reading(plan_of(), mute, StateChain(lie=on("eth_call", lambda _p, _r: ...)))
    told = {one.asset: one.sources for one in snapshot.balances}
    assert told == {NATIVE: ("node-2",), TOKEN_ASSET: ("node-1",)}
    nobody = reading(plan_of(assets=(NATIVE,)), mute)
    assert {one.sources for one in nobody.balances} == {()}
    assert {"state_proof"} == classes(nobody, NATIVE)


@pytest.mark.parametrize(
    ("method", "asset", "truth"),
    [("eth_getBalance", NATIVE, 10**18 + 2), ("eth_call", TOKEN_ASSET, 502)],
)
@pytest.mark.parametrize("lie", [1, 0, 2**255])
def test_a_source_that_says_other_than_it_proves_is_named_beside_the_proof(
    method: str, asset: str, truth: int, lie: int
) -> None:
    def change(params: list[Json], result: Json) -> Json:
        text = str(params[0])
        mine = HOLDERS[2] in text or HOLDERS[2][2:].lower() in text
        told = hex(lie) if method == "eth_getBalance" else f"0x{lie:064x}"
        return told if mine else result

    liar = StateChain(lie=on(method, change))
    for chains in ((liar,), (liar, StateChain()), (liar, StateChain(lie=no_proofs))):
        snapshot = reading(plan_of(), *chains)
        (failure,) = snapshot.failures
        assert (failure.asset, failure.reason) == (asset, "proof_contradicts")
        honest = [(f"node-{at}", str(truth)) for at in range(2, len(chains) + 1)]
        assert failure.answers == (
            ("node-1", str(lie)),
            *honest,
            ("state proof", str(truth)),
        )


@pytest.mark.parametrize("result", [None, "0x", "0x01", "", {}, 7, "0x" + "0" * 200_000])
def test_a_malformed_balance_beside_a_proof_is_a_contradiction(result: Json) -> None:
    bad = StateChain(lie=on("eth_getBalance", lambda _params, _result: result))
    snapshot = reading(plan_of(assets=(NATIVE,)), bad)
    assert {"proof_contradicts"} == classes(snapshot, NATIVE)


def test_an_account_planned_twice_is_proved_once_and_counted_once() -> None:
    chain = StateChain()
    snapshot = reading(plan_of(HOLDERS[0], HOLDERS[0], assets=(NATIVE,)), chain)
    assert proofs_asked(chain) == 1
    assert [one.evidence for one in snapshot.balances] == ["state_proof"] * 2
    assert snapshot.proving is not None
    assert (snapshot.proving.wanted, snapshot.proving.proved, snapshot.proving.planned) == (1, 1, 2)


def test_scratch_files_are_closed() -> None:
    from io import BytesIO  # noqa: PLC0415 - a file of this test alone

    opened: list[BytesIO] = []

    def scratch() -> BytesIO:
        opened.append(BytesIO())
        return opened[-1]

    around = replace(World().around, scratch=scratch)
    plan = plan_of()
    evidence = evidence_of(plan, StateChain(), around=around)
    assert {"state_proof"} == classes(recheck(plan, evidence), NATIVE)
    assert [file.closed for file in opened] == [True, True]
