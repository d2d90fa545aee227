"""Forwarders: what is asked, and what each answer makes of a declared deposit contract."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.bands import bands_of
from attest.differences import differences
from attest.forwarders import first_questions, forwarders, further_questions
from attest.inputs import REGISTRY as REGISTRY_FILES
from attest.inputs import Criteria
from attest.rules.case import NAMED
from attest.rules.forwarding import declared_forwarders
from attest.rules.parameters import Parameters
from chains.snapshot import Answer, ChainSnapshot, Pin, Question, Snapshot
from config.accounts import Account, Accounts
from config.caip import ChainId, account_id, address_of
from config.forwarders import Forwarder
from config.registry_files import load_registry
from proofs.control import Control
from tests.nodes.forwarder import FORWARDER, OFFSETS, clone, digest, fixed

if TYPE_CHECKING:
    from attest.pipeline import Work
    from proofs.control import Grade

CHAIN = ChainId("eip155:1")
DEPOSIT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
PARENT = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
OTHER = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
BEHIND = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
SELECTOR = "0x00821de3"
"""Of `parentAddress()`: BitGo/eth-multisig-v4 ABIs."""
ROWS = (
    Forwarder("own", "exact", digest(FORWARDER), "a", "b", parent_function="parentAddress()"),
    Forwarder("fixed", "exact", digest(fixed("0x" + "0" * 40)), "a", "b", parent_offsets=OFFSETS),
    Forwarder("cloned", "eip1167", digest(FORWARDER), "a", "b", parent_function="parentAddress()"),
)
REGISTRY = replace(load_registry(), forwarders=ROWS)


def account(address: str = DEPOSIT, parent: str | None = PARENT) -> Account:
    above = None if parent is None else account_id(CHAIN, parent)
    own = account_id(CHAIN, address)
    return Account(own, "hot", "self", "customer", (), "", "", 2, parent=above)


def code(address: str) -> Question:
    return Question(CHAIN, "code", address)


def call(address: str) -> Question:
    return Question(CHAIN, "call", f"{address} {SELECTOR}")


def word(address: str) -> str:
    return f"0x{'0' * 24}{address[2:].lower()}"


def test_code_and_parent_are_asked_of_declared_forwarders_alone() -> None:
    accounts = (account(), account(PARENT, None))

    assert first_questions(accounts, ROWS) == (code(DEPOSIT), call(DEPOSIT))
    assert first_questions(accounts, ()) == (code(DEPOSIT),)
    assert first_questions((account(PARENT, None),), ROWS) == ()


def test_the_code_behind_many_clones_is_asked_for_once() -> None:
    accounts = (account(), account(OTHER), account(PARENT, None))
    answers = {code(one): clone(BEHIND) for one in (DEPOSIT, OTHER, PARENT)}

    assert further_questions(accounts, {}) == ()
    assert further_questions(accounts, {code(DEPOSIT): FORWARDER}) == ()
    assert further_questions(accounts, answers) == (code(BEHIND),)


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({code(DEPOSIT): FORWARDER, call(DEPOSIT): word(PARENT)}, "forwards"),
        ({code(DEPOSIT): FORWARDER, call(DEPOSIT): word(OTHER)}, "other_parent"),
        ({code(DEPOSIT): FORWARDER, call(DEPOSIT): "0x"}, "other_parent"),
        ({code(DEPOSIT): FORWARDER, call(DEPOSIT): "0x" + "0" * 64}, "other_parent"),
        ({code(DEPOSIT): FORWARDER, call(DEPOSIT): word(PARENT) + "00"}, "other_parent"),
        (
            {code(DEPOSIT): FORWARDER, call(DEPOSIT): f"0x{'1' * 24}{PARENT[2:].lower()}"},
            "other_parent",
        ),
        ({code(DEPOSIT): FORWARDER}, "not_answered"),
        ({call(DEPOSIT): word(PARENT)}, "not_answered"),
        ({}, "not_answered"),
        ({code(DEPOSIT): "0x", call(DEPOSIT): "0x"}, "no_code"),
        ({code(DEPOSIT): FORWARDER + "00", call(DEPOSIT): word(PARENT)}, "unknown_code"),
        ({code(DEPOSIT): FORWARDER[:-2], call(DEPOSIT): word(PARENT)}, "unknown_code"),
        ({code(DEPOSIT): fixed(PARENT)}, "forwards"),
        ({code(DEPOSIT): fixed(OTHER)}, "other_parent"),
        ({code(DEPOSIT): fixed(PARENT, OTHER)}, "unknown_code"),
        ({code(DEPOSIT): fixed(PARENT)[:-2]}, "unknown_code"),
        (
            {code(DEPOSIT): clone(BEHIND), code(BEHIND): FORWARDER, call(DEPOSIT): word(PARENT)},
            "forwards",
        ),
        (
            {code(DEPOSIT): clone(BEHIND), code(BEHIND): FORWARDER, call(DEPOSIT): word(OTHER)},
            "other_parent",
        ),
        (
            {code(DEPOSIT): clone(BEHIND), code(BEHIND): "0x", call(DEPOSIT): word(PARENT)},
            "unknown_code",
        ),
        (
            {code(DEPOSIT): clone(BEHIND), code(BEHIND): "0x6001", call(DEPOSIT): word(PARENT)},
            "unknown_code",
        ),
        ({code(DEPOSIT): clone(BEHIND), call(DEPOSIT): word(PARENT)}, "not_answered"),
        # What a row says of code behind a proxy, it does not say of an account's own, and so on.
        (
            {
                code(DEPOSIT): clone(BEHIND),
                code(BEHIND): fixed(PARENT),
                call(DEPOSIT): word(PARENT),
            },
            "unknown_code",
        ),
    ],
)
def test_the_chain_decides(answers: dict[Question, str], verdict: str) -> None:
    assert forwarders((account(),), ROWS, answers) == {account_id(CHAIN, DEPOSIT): verdict}


def test_an_account_without_a_parent_is_not_judged() -> None:
    assert forwarders((account(PARENT, None),), ROWS, {code(PARENT): FORWARDER}) == {}


def snapshot(answers: dict[Question, str]) -> Snapshot:
    told = tuple(Answer(question, value, ("node-1",)) for question, value in answers.items())
    return Snapshot((ChainSnapshot(Pin(CHAIN, 7, "0x", 1, 1), (), (), answers=told),))


GOOD = {code(DEPOSIT): FORWARDER, call(DEPOSIT): word(PARENT)}


def control(address: str, grade: Grade | None) -> Control:
    named = account_id(CHAIN, address)
    outcome, proved = ("proved", (named,)) if grade else ("refuted", ())
    return Control(named, "eip191", outcome, grade, None, (), 2, proved)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("controls", "answers", "band"),
    [
        ((control(PARENT, "B"),), GOOD, "derived"),
        ((control(PARENT, "D"),), GOOD, "signed"),
        ((control(PARENT, None),), GOOD, "none"),
        ((), GOOD, "observed"),
        ((control(PARENT, "B"),), {}, "observed"),
        ((control(PARENT, "B"),), {code(DEPOSIT): "0x"}, "observed"),
        ((control(PARENT, None),), {code(DEPOSIT): "0x"}, "observed"),
        ((control(PARENT, "B"), control(DEPOSIT, "B")), GOOD, "controlled"),
        ((control(PARENT, "B"), control(DEPOSIT, "D")), GOOD, "derived"),
        ((control(DEPOSIT, "D"),), GOOD, "signed"),
        ((control(PARENT, "B"), control(DEPOSIT, None)), GOOD, "none"),
        ((control(PARENT, None), control(DEPOSIT, "D")), GOOD, "none"),
    ],
)
def test_what_lies_in_a_forwarder_is_its_parents(
    controls: tuple[Control, ...], answers: dict[Question, str], band: str
) -> None:
    accounts = Accounts((account(), account(PARENT, None)), ())

    assert bands_of(accounts, REGISTRY, snapshot(answers), controls)[account().id] == band


def rule(work: Work, rows: tuple[Account, ...], answers: dict[Question, str]) -> list[object]:
    inputs = replace(work.inputs, accounts=Accounts(rows, ()), registry=REGISTRY)
    case = replace(work.case, inputs=inputs, snapshot=snapshot(answers))
    found = declared_forwarders(case, Parameters("forwarders", {}))
    return [(one.status, one.facts) for one in found]


def test_one_finding_for_each_reason_however_many_accounts(work: Work) -> None:
    bare = [account(f"0x{number:040x}") for number in range(1, 31)]
    strange = account(OTHER)
    answers = {**GOOD, code(OTHER): "0x6001", **{code(address_of(one.id)): "0x" for one in bare}}
    rows = (account(), strange, *bare)

    assert rule(work, rows, answers) == [
        (
            "breach",
            {
                "reason": "no_code",
                "accounts": "30",
                "forwarders": "32",
                "first": " ".join(one.id for one in bare[:NAMED]),
            },
        ),
        (
            "breach",
            {"reason": "unknown_code", "accounts": "1", "forwarders": "32", "first": strange.id},
        ),
    ]
    assert rule(work, (account(),), GOOD) == [("pass", {"forwarders": "1"})]
    assert rule(work, (account(PARENT, None),), GOOD) == [("not_applicable", {})]


def test_a_verifier_is_told_of_rows_that_he_does_not_have(work: Work) -> None:
    mine = tuple(
        (path.rpartition("/")[2], b"forwarder = []" if "forwarders" in path else data)
        for path, data in work.inputs.files
        if path.startswith(REGISTRY_FILES)
    )
    own = Criteria(mine, work.inputs.policy.texts)
    declared = replace(work.inputs, accounts=Accounts((account(),), ()))
    found = [note.code for note in differences(replace(work, inputs=declared), own)]

    assert found.count("registry_forwarder") == len(load_registry().forwarders)
    assert "registry_forwarder" not in [note.code for note in differences(work, own)]


def test_three_hundred_thousand_are_not_quadratic() -> None:
    def seconds(count: int) -> float:
        rows = tuple(account(f"0x{number:040x}") for number in range(1, count + 1))
        answers: dict[Question, str] = {code(BEHIND): FORWARDER}
        for one in rows:
            answers[code(address_of(one.id))] = clone(BEHIND)
            answers[call(address_of(one.id))] = word(PARENT)
        began = time.perf_counter()
        further_questions(rows, answers)
        assert set(forwarders(rows, ROWS, answers).values()) == {"forwards"}
        return time.perf_counter() - began

    # Ten times as many take about ten times as long; a hundred would be quadratic.
    assert seconds(20_000) < 40 * max(seconds(2_000), 0.01)
