"""Which balances are proved: all of a few; of many the large ones, and a sample by lot."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.evm import prover, selection
from chains.evm.recheck import recheck
from chains.evm.selection import LARGE, SAMPLE, balances_to_prove, large_and_sample
from config.caip import AssetId, address_of
from tests.chains.evm.fakechain import CHAIN
from tests.chains.evm.statechain import (
    BAD_PROOFS,
    GONE,
    HOLDERS,
    TOKEN_ASSET,
    State,
    StateChain,
    evidence_of,
    holder,
    no_proofs,
    on,
    plan_of,
    reading,
)

if TYPE_CHECKING:
    from tests.misbehaving import Json

NATIVE = CHAIN.native
UNITS = st.dictionaries(
    st.tuples(st.sampled_from((NATIVE, TOKEN_ASSET)), st.text("abcdef", min_size=1, max_size=3)),
    st.integers(0, 2**256 - 1) | st.integers(0, 3),
    max_size=30,
)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make twelve accounts many: everything above four balances is chosen from, two by lot."""
    monkeypatch.setattr(selection, "ALL", 4)
    monkeypatch.setattr(selection, "SAMPLE", 2)


@given(UNITS, st.text())
def test_what_is_chosen_reaches_the_share_of_each_asset(
    units: dict[tuple[AssetId, str], int], seed: str
) -> None:
    part, whole = LARGE
    chosen = large_and_sample(units, seed)
    for asset in (NATIVE, TOKEN_ASSET):
        held = {pair: amount for pair, amount in units.items() if pair[0] == asset}
        reached = sum(amount for pair, amount in held.items() if pair in chosen)
        assert reached * whole >= sum(held.values()) * part
        assert len(chosen & held.keys()) >= min(len(held), SAMPLE)
    assert chosen <= units.keys()


@given(UNITS, st.text(), st.randoms(use_true_random=False))
def test_the_order_of_balances_plays_no_part(
    units: dict[tuple[AssetId, str], int], seed: str, random: object
) -> None:
    shuffled = list(units.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis names its type privately
    assert large_and_sample(units, seed) == large_and_sample(dict(shuffled), seed)


@given(UNITS)
def test_a_larger_balance_is_never_left_out_for_a_smaller_one(
    units: dict[tuple[AssetId, str], int],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "SAMPLE", 0)
        chosen = large_and_sample(units, "")
    for pair in chosen:
        left = [units[one] for one in units.keys() - chosen if one[0] == pair[0]]
        assert all(units[pair] >= amount for amount in left)
        assert units[pair] > 0


def test_the_seed_decides_the_sample_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "SAMPLE", 5)
    units = {(NATIVE, f"small {number}"): 1 for number in range(100)} | {(NATIVE, "large"): 10**9}
    samples = {large_and_sample(units, str(seed)) for seed in range(20)}
    assert len(samples) == 20
    assert {len(sample) for sample in samples} == {6}
    assert all((NATIVE, "large") in sample for sample in samples)
    drawn = {pair for sample in samples for pair in sample}
    assert len(drawn) > 50


def test_the_lot_is_the_digest_of_seed_asset_and_account_a_line_each() -> None:
    """Written out, since a verifier must draw the same ones in years to come."""
    units = {(NATIVE, f"{number}"): 0 for number in range(3000)}

    def digest(pair: tuple[AssetId, str]) -> bytes:
        return hashlib.sha256(f"nonce 5\n{NATIVE}\n{pair[1]}".encode()).digest()

    assert large_and_sample(units, "nonce 5") == set(sorted(units, key=digest)[:1000])


def test_assets_are_chosen_from_one_by_one() -> None:
    units = {(NATIVE, "a"): 10**18, (NATIVE, "b"): 1, (TOKEN_ASSET, "a"): 5, (TOKEN_ASSET, "b"): 5}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "SAMPLE", 0)
        assert large_and_sample(units, "") == {
            (NATIVE, "a"),
            (TOKEN_ASSET, "a"),
            (TOKEN_ASSET, "b"),
        }


def test_up_to_the_limit_all_that_can_be_proved_is_chosen_in_the_order_of_the_plan() -> None:
    def never(_asset: AssetId, _address: str) -> int:
        raise AssertionError("asked for units")

    plan = plan_of(*HOLDERS[:3])
    chosen = balances_to_prove(plan, never, "")
    assert list(chosen) == [(asset, one) for one in HOLDERS[:3] for asset in (NATIVE, TOKEN_ASSET)]
    assert list(balances_to_prove(replace(plan, slots=()), never, "")) == [
        (NATIVE, one) for one in HOLDERS[:3]
    ]


def test_the_limit_counts_every_balance_of_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "SAMPLE", 0)
    plan = plan_of(*HOLDERS[:3])
    for limit, chosen in ((6, 6), (5, 0)):
        monkeypatch.setattr(selection, "ALL", limit)
        assert len(balances_to_prove(plan, lambda _asset, _address: 0, "")) == chosen


def test_an_asset_that_cannot_be_read_is_not_chosen() -> None:
    foreign = AssetId("eip155:1/slip44:60")
    plan = plan_of(HOLDERS[0], assets=(foreign,))
    assert balances_to_prove(plan, lambda _asset, _address: 0, "") == {}


LARGE_AND_SMALL = State(
    {one: 10**21 if number < 2 else number for number, one in enumerate(HOLDERS)},
    {one: 10**9 if number == 5 else 1 for number, one in enumerate(HOLDERS)},
)


@pytest.mark.usefixtures("few")
def test_sources_that_are_asked_by_number_are_heard_for_the_choice_too() -> None:
    old = StateChain(LARGE_AND_SMALL, knows_hashes=False)
    assert proved("s", old) == proved("s", old, StateChain(LARGE_AND_SMALL)) == proved("s")


def proved(seed: str | None, *chains: StateChain) -> set[tuple[str, str]]:
    snapshot = reading(plan_of(seed=seed), *(chains or (StateChain(LARGE_AND_SMALL),)))
    assert snapshot.failures == ()
    assert snapshot.proving is not None
    assert (snapshot.proving.wanted, snapshot.proving.proved) == (7, 7)
    assert snapshot.remarks == ()
    return {
        (one.asset, address_of(one.account))
        for one in snapshot.balances
        if one.evidence == "state_proof"
    }


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("seed", ["", "a", "b", "nonce 7", None])
def test_reader_and_recheck_choose_the_same(seed: str | None) -> None:
    found = proved(seed)
    assert {(NATIVE, HOLDERS[0]), (NATIVE, HOLDERS[1]), (TOKEN_ASSET, HOLDERS[5])} <= found
    assert found == proved(seed, StateChain(LARGE_AND_SMALL), StateChain(LARGE_AND_SMALL))


@pytest.mark.usefixtures("few")
def test_another_seed_proves_others() -> None:
    assert len({frozenset(proved(str(seed))) for seed in range(8)}) > 4


@pytest.mark.usefixtures("few")
def test_what_is_not_chosen_keeps_its_class() -> None:
    chains = [StateChain(LARGE_AND_SMALL)] * 2
    snapshot = reading(plan_of(quorum=2), *chains)
    assert [one.evidence for one in snapshot.balances].count("quorum") == 24 - 7


@pytest.mark.usefixtures("few")
def test_balances_on_which_sources_differ_are_small_for_both() -> None:
    def change(params: list[Json], result: Json) -> Json:
        return "0x5" if params[0] == HOLDERS[0] else result

    liar = StateChain(LARGE_AND_SMALL, lie=on("eth_getBalance", change))
    plan = plan_of(quorum=2, seed="z")
    snapshot = reading(plan, StateChain(LARGE_AND_SMALL), liar)
    assert snapshot.proving is not None
    assert snapshot.proving.wanted == snapshot.proving.proved + len(
        [one for one in snapshot.failures if one.reason == "proof_contradicts"]
    )
    assert snapshot.failures


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("left", range(3))
def test_a_source_that_vanishes_on_the_way_does_not_change_the_choice(left: int) -> None:
    """The second source answers some sweeps, then nothing; the first one is proved against."""
    chains = StateChain(LARGE_AND_SMALL), StateChain(LARGE_AND_SMALL)
    asked = [0]

    def vanish(method: str, _params: list[Json], result: Json) -> Json:
        asked[0] += method in {"eth_getBalance", "eth_call"}
        return GONE if asked[0] > 13 * left + 2 else result

    chains[1].lie = vanish
    plan = plan_of(seed="s")
    snapshot = recheck(plan, evidence_of(plan, *chains))
    assert snapshot.proving is not None
    assert snapshot.proving.wanted == snapshot.proving.proved
    assert not [one for one in snapshot.remarks if one.code == "not_proved"]


@pytest.mark.usefixtures("few")
def test_bad_proofs_fail_what_was_chosen_and_leave_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prover, "CHUNK", 1)
    snapshot = reading(plan_of(seed="s"), StateChain(LARGE_AND_SMALL, lie=BAD_PROOFS))
    assert [one.reason for one in snapshot.failures] == ["proof_refused"] * 7
    assert {one.evidence for one in snapshot.balances} == {"single"}


@pytest.mark.usefixtures("few")
def test_proofs_that_came_by_the_way_do_not_stand_for_those_that_were_chosen() -> None:
    """Absent accounts may be proved by the nodes of others; they are not among the wanted."""
    crowd = tuple(holder(number) for number in range(100, 160))

    def some(params: list[Json], result: Json) -> Json:
        return result if params[0] == HOLDERS[0] else ...

    chain = StateChain(LARGE_AND_SMALL, lie=on("eth_getProof", some))
    snapshot = reading(plan_of(*HOLDERS, *crowd, assets=(NATIVE,), seed="s"), chain)
    shown = [one for one in snapshot.balances if one.evidence == "state_proof"]
    assert snapshot.proving is not None
    assert len(shown) > snapshot.proving.wanted > snapshot.proving.proved >= 1
    assert [one.code for one in snapshot.remarks] == ["no_proofs", "not_proved"]


def test_the_seed_is_the_plans_or_the_pins() -> None:
    plan = plan_of(seed="")
    snapshot = reading(plan, StateChain(lie=no_proofs))
    assert snapshot.proving is not None
    assert (snapshot.proving.seed, snapshot.proving.seed_from) == ("", "challenge")
    other = reading(replace(plan, seed=None), StateChain(lie=no_proofs))
    assert other.proving is not None
    assert (other.proving.seed, other.proving.seed_from) == (other.pin.block_hash, "pin")
