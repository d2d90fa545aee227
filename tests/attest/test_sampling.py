"""Sampled control: who is drawn, what a sample proves, and what it says of the rest."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.bands import bands_of
from attest.rules.case import NAMED
from attest.rules.coverage import coverage
from attest.rules.parameters import Parameters
from attest.rules.sampled import sampled_control
from attest.sampling import (
    KIND,
    Draw,
    draw_of,
    groups_of,
    most_uncontrolled,
    samples,
    seed_of,
    size_of,
)
from chains.snapshot import Snapshot
from config.accounts import Account, Accounts
from config.caip import AccountId
from config.errors import InputError
from config.policy import Policy, assemble, parse_pack, shipped_pack
from config.registry_files import load_registry
from proofs.control import Control

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.rules.case import Case, Result
    from proofs.control import Grade

REGISTRY = load_registry()
DRAW = Draw("seed", 3)
CORE = parse_pack(shipped_pack("core"), "core.toml")
POLICY = Policy((CORE,), ())


def name(number: int) -> AccountId:
    return AccountId(f"eip155:1:0x{number:040x}")


def account(number: int, group: str = "g") -> Account:
    return Account(name(number), "hot", "self", "customer", (), "", "", number + 2, group=group)


def listed(*groups: str, each: int = 10) -> Accounts:
    found = [
        account(place * 100 + number, group)
        for place, group in enumerate(groups)
        for number in range(each)
    ]
    return Accounts(tuple(found), ())


def control(subject: str, grade: Grade | None = "B") -> Control:
    outcome, proved = ("proved", (subject,)) if grade else ("refuted", ())
    return Control(subject, "eip191", outcome, grade, None, (), 2, proved)  # type: ignore[arg-type]


def bands(accounts: Accounts, *controls: Control, draw: Draw | None = DRAW) -> dict[AccountId, str]:
    return {**bands_of(accounts, REGISTRY, Snapshot(()), controls, draw)}


def test_the_first_by_digest_are_drawn_of_each_group() -> None:
    accounts = listed("g", "h", "")

    def digest(group: str, one: str) -> bytes:
        return hashlib.sha256(f"seed\n{group}\n{one}".encode()).digest()

    for sample in samples(accounts, DRAW):
        ranked = sorted(sample.accounts, key=lambda one: digest(sample.group, one))
        assert sample.drawn == tuple(ranked[:3])
    assert [sample.group for sample in samples(accounts, DRAW)] == ["g", "h"]
    assert list(groups_of(accounts)) == ["g", "h"]


def test_another_seed_group_or_size_draws_otherwise() -> None:
    accounts = listed("g", each=50)
    (plain,) = samples(accounts, DRAW)
    (seeded,) = samples(accounts, replace(DRAW, seed="other"))
    (larger,) = samples(accounts, replace(DRAW, size=5))
    (whole,) = samples(accounts, replace(DRAW, size=51))
    (renamed,) = samples(Accounts(tuple(replace(a, group="h") for a in accounts.rows), ()), DRAW)

    assert plain.drawn not in (seeded.drawn, renamed.drawn)
    # Who asks for more asks the same accounts first.
    assert larger.drawn[:3] == plain.drawn
    assert set(whole.drawn) == set(whole.accounts)


def test_others_are_sampled_if_all_drawn_are_controlled() -> None:
    accounts = listed("g")
    (sample,) = samples(accounts, DRAW)
    proved = [control(one) for one in sample.drawn]
    found = bands(accounts, *proved)

    assert {found[one] for one in sample.drawn} == {"controlled"}
    assert {band for one, band in found.items() if one not in sample.drawn} == {"sampled"}
    assert set(bands(accounts, *proved, draw=None).values()) == {"controlled", "observed"}


@pytest.mark.parametrize("grade", ["A", "B"])
def test_grades_that_prove(grade: Grade) -> None:
    accounts = listed("g")
    (sample,) = samples(accounts, DRAW)

    assert "sampled" in bands(accounts, *(control(one, grade) for one in sample.drawn)).values()


@pytest.mark.parametrize("last", [None, "C", "D"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_drawn_account_that_is_not_controlled_fails_the_group(
    place: int, last: Grade | None
) -> None:
    accounts = listed("g")
    (sample,) = samples(accounts, DRAW)
    proved = [control(one, last if at == place else "B") for at, one in enumerate(sample.drawn)]
    missing = [one for at, one in enumerate(proved) if at != place]

    assert "sampled" not in bands(accounts, *proved).values()
    assert "sampled" not in bands(accounts, *missing).values()


def test_what_is_known_of_an_account_stays() -> None:
    accounts = listed("g", "")
    (sample,) = samples(accounts, DRAW)
    own, signed, refuted, *_ = (one for one in sample.accounts if one not in sample.drawn)
    found = bands(
        accounts,
        *(control(one) for one in sample.drawn),
        control(own),
        control(signed, "D"),
        control(refuted, None),
    )

    assert [found[one] for one in (own, signed, refuted)] == ["controlled", "sampled", "none"]
    assert {found[one.id] for one in accounts.rows if not one.group} == {"observed"}


def test_each_part_of_a_split_group_needs_its_own_proofs() -> None:
    whole = listed("g", each=40)
    (sample,) = samples(whole, DRAW)
    proved = [control(one) for one in sample.drawn]
    assert "sampled" in bands(whole, *proved).values()
    split = Accounts(
        tuple(replace(one, group=f"g{at % 2}") for at, one in enumerate(whole.rows)), ()
    )

    assert "sampled" not in bands(split, *proved).values()
    assert sum(len(one.drawn) for one in samples(split, DRAW)) == 6


@given(st.integers(1, 200), st.data())
def test_the_bound_is_the_largest_that_is_not_excluded(accounts: int, data: st.DataObject) -> None:
    drawn = data.draw(st.integers(0, accounts))

    def chance(bad: int) -> Fraction:
        return Fraction(comb(accounts - bad, drawn), comb(accounts, drawn))

    possible = [bad for bad in range(accounts - drawn + 1) if chance(bad) >= Fraction(1, 20)]
    assert max(possible) == most_uncontrolled(accounts, drawn)


def test_the_chance_is_that_of_counting_cases() -> None:
    # Of 6 accounts 2 are drawn; with 3 uncontrolled ones 3 of the 15 pairs hold none of them.
    pairs = list(combinations(range(6), 2))
    unseen = sum(set(pair).isdisjoint({0, 1, 2}) for pair in pairs)

    assert (unseen, len(pairs)) == (comb(3, 2), comb(6, 2)) == (3, 15)
    assert most_uncontrolled(6, 2) == 4  # one pair of 15 is 6.7 %; with 5 there is none


@pytest.mark.parametrize(
    ("accounts", "drawn", "most"),
    [(1, 1, 0), (300, 300, 0), (301, 300, 0), (10, 0, 10), (3000, 300, 28), (300_000, 300, 2979)],
)
def test_known_bounds(accounts: int, drawn: int, most: int) -> None:
    assert most_uncontrolled(accounts, drawn) == most


def test_the_size_is_the_most_that_a_rule_asks_for() -> None:
    def policy(*sizes: int | str) -> Policy:
        rule = next(one for one in CORE.rule if one.kind == KIND)
        packs = [
            replace(CORE, id=f"p{at}", rule=(replace(rule, parameters={"size": size}),))
            for at, size in enumerate(sizes)
        ]
        return Policy(tuple(packs), ())

    assert size_of(POLICY) == 300
    assert size_of(policy(5, 9, 7)) == 9
    assert size_of(policy()) is None
    for wrong in (0, -1, "3"):
        with pytest.raises(InputError, match=r"sampled_control\.size"):
            size_of(policy(wrong))


def test_a_declaration_may_replace_the_size() -> None:
    texts = (("core", shipped_pack("core")),)
    assert size_of(assemble(texts, {"sampled_control.size": 5})) == 5


def case_of(work: Work, accounts: Accounts, *controls: Control, sampled: bool = True) -> Case:
    issued = work.inputs.challenges
    assert issued is not None
    made = replace(issued, sampleSize="3" if sampled else "")
    policy = assemble((("core", shipped_pack("core")),), {"sampled_control.size": 3})
    inputs = replace(work.inputs, accounts=accounts, challenges=made, policy=policy)
    draw = draw_of(inputs.challenges, inputs.policy)
    assert (draw is None) is not sampled
    found = bands_of(accounts, REGISTRY, Snapshot(()), controls, draw)
    return replace(work.case, inputs=inputs, controls=controls, bands=found)


def judged(case: Case) -> list[Result]:
    return list(sampled_control(case, Parameters("sampled_control", {"size": 3})))


def drawn_in(case: Case) -> dict[str, tuple[AccountId, ...]]:
    issued = case.inputs.challenges
    assert issued is not None
    draw = Draw(seed_of(issued), 3)
    return {one.group: one.drawn for one in samples(case.inputs.accounts, draw)}


def test_one_finding_for_each_group(work: Work) -> None:
    accounts = listed("g", "h")
    drawn = drawn_in(case_of(work, accounts))
    proved = [control(one) for one in drawn["g"]] + [control(drawn["h"][0])]
    good, bad = judged(case_of(work, accounts, *proved))

    assert (good.status, good.subject, good.facts["at_least"]) == ("pass", "g", "5")
    assert "at least 5 of 10" in good.text
    assert (bad.status, bad.subject, bad.facts["unproved"]) == ("breach", "h", "2")
    assert bad.facts["first"] == " ".join(drawn["h"][1:])
    assert good.facts["issuer"] == work.inputs.challenges.issuer  # type: ignore[union-attr]


def test_no_more_accounts_are_named_than_elsewhere(work: Work) -> None:
    case = case_of(work, listed("g", each=90))
    (found,) = sampled_control(case, Parameters("sampled_control", {"size": 60}))

    assert found.facts["unproved"] == "60"
    assert len(found.facts["first"].split()) == NAMED


def test_without_a_challenge_for_the_groups_nothing_is_known(work: Work) -> None:
    accounts = listed("g", "h")
    case = case_of(work, accounts, sampled=False)
    without = replace(case, inputs=replace(case.inputs, challenges=None))

    for one in (case, without):
        assert [(found.status, found.subject) for found in judged(one)] == [
            ("unknown", "g"),
            ("unknown", "h"),
        ]
    assert draw_of(without.inputs.challenges, without.inputs.policy) is None
    assert [one.status for one in judged(case_of(work, listed("")))] == ["not_applicable"]


def test_a_rule_that_asks_for_more_is_not_met_by_fewer_proofs(work: Work) -> None:
    accounts = listed("g")
    drawn = drawn_in(case_of(work, accounts))
    case = case_of(work, accounts, *(control(one) for one in drawn["g"]))
    (found,) = sampled_control(case, Parameters("sampled_control", {"size": 4}))

    assert (found.status, found.facts["unproved"]) == ("breach", "1")


def test_a_size_of_nothing_is_refused(work: Work) -> None:
    with pytest.raises(InputError, match="1 or more expected"):
        sampled_control(case_of(work, listed("g")), Parameters("sampled_control", {"size": 0}))


def test_coverage_does_not_count_the_sampled(work: Work) -> None:
    bare = replace(work.case, positions=(), lines=())
    rule = next(one for one in CORE.rule if one.id == "coverage")
    assert "sampled" not in rule.parameters["bands"]  # type: ignore[operator]  # a tuple of words
    assert {one.status for one in coverage(bare, Parameters("coverage", rule.parameters))} == {
        "breach"
    }
