"""A contract's word without a node: claims that are decided before it, and answers made up."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from eth_hash.backends.pysha3 import keccak256
from hypothesis import given
from hypothesis import strategies as st

from chains.evidence import ChainPlan
from chains.evm.attempt import MAX_DATA
from chains.snapshot import Answer, ChainSnapshot, Pin, Question
from proofs.check import check, scheme_questions
from proofs.control import InvalidProof, Signing, UnprovedClaim
from proofs.eip191 import personal_digest
from proofs.eip1271 import MAX_SIGNATURE, questions, verify
from proofs.evm.safe import MASTER_COPY
from tests.chains.evm.fakechain import CHAIN, FakeChain
from tests.chains.evm.fakenodes import reading
from tests.proofs.evm.contract_claims import ANVIL, REGISTRY, claims, judge, plan_for, shown
from tests.proofs.evm.evm_claims import ETHEREUM, vectors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.registry import Chain
    from tests.misbehaving import Json

AMBIRE = vectors("erc1271-ambire")["vectors"]
POLYGON = REGISTRY.chain("polygon")
SAFE = "0x4836A472ab1dd406ECb8D0F933A985541ee3921f"
SIGNATURE = "0x" + "11" * 65
MAGIC = "1626ba7e" + "00" * 28
YES, NO = f"0x01{MAGIC}", "0x00"


def claim(signature: str = SIGNATURE, chain: Chain = ETHEREUM, **answers: str) -> Signing:
    del answers
    return Signing(chain, (SAFE,), b"a text", signature)


def verdict(signing: Signing) -> str:
    try:
        verify(signing)
    except (InvalidProof, UnprovedClaim) as met:
        kind = "refuted" if isinstance(met, InvalidProof) else "unproved"
        return f"{kind}: {met.reason}"
    return "proved"


def answered(signing: Signing, **given: str) -> Signing:
    """Answer the first round: code, singleton, and the contract's three words."""
    code, copy, *words = questions(signing)
    values = [given.get(name, NO) for name in ("claimed", "digest", "turned")]
    answers: Mapping[Question, str] = {
        code: given.get("code", "0x6001"),
        copy: given.get("copy", NO),
        **dict(zip(words, values, strict=True)),
    }
    return replace(signing, answers=answers)


@pytest.mark.parametrize(
    "signature",
    ["", "0x", "0x0", "0x1", "11" * 65 + "1", "zz", " 11", "0x11;0x11", "0x" + "11" * 12_001],
)
def test_what_is_no_signature_is_refuted(signature: str) -> None:
    assert verdict(claim(signature)) == "refuted: malformed_signature"
    with pytest.raises(InvalidProof):
        questions(claim(signature))


def test_the_longest_signature_fits_a_call() -> None:
    asked = questions(claim("11" * MAX_SIGNATURE))
    assert max(len(question.subject) for question in asked) - 45 <= 2 * MAX_DATA


def test_a_contract_that_is_not_deployed_is_refuted_before_anything_else() -> None:
    for inner in ("", "00" * 65, "ab" * 200):
        wrapped = claim(inner + "6492" * 16)
        assert verdict(wrapped) == "refuted: not_deployed_signature"
        with pytest.raises(InvalidProof):
            questions(wrapped)
        assert verdict(answered(claim(inner + "6492" * 16 + "00"), claimed=YES)) == (
            "unproved: unknown_contract"
        )


def test_other_chains_and_several_accounts_are_refuted() -> None:
    assert verdict(claim(chain=replace(ETHEREUM, family="utxo"))) == "refuted: scheme_not_for_chain"
    two = replace(claim(), addresses=(SAFE, SAFE))
    assert verdict(two) == "refuted: account_not_covered"


def test_without_a_chain_nothing_is_shown() -> None:
    assert verdict(claim()) == "unproved: chain_not_asked"
    row = claims(f"ethereum:{SAFE}", "a text", SIGNATURE)
    alone = check(row, REGISTRY, None, None, None)[0]
    assert (alone.outcome, alone.reason) == ("unproved", "chain_not_asked")


def test_a_claim_for_every_chain_is_refuted() -> None:
    row = claims(f"eip155:*:{SAFE}", "a text", SIGNATURE)
    met = check(row, REGISTRY, None, None, None)[0]
    assert (met.outcome, met.reason) == ("refuted", "scheme_not_for_chain")
    assert scheme_questions(row, REGISTRY, None, None, {}) == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"claimed": YES}, "unproved: unknown_contract"),
        ({"claimed": YES, "code": "0x"}, "refuted: no_contract"),
        ({"claimed": YES, "code": f"0xef0100{'ab' * 20}"}, "unproved: unknown_contract"),
        ({"claimed": YES, "digest": YES}, "refuted: contract_accepts_anything"),
        ({"claimed": YES, "turned": YES}, "refuted: contract_accepts_anything"),
        ({"claimed": YES, "turned": f"{YES}00"}, "refuted: contract_accepts_anything"),
        ({"claimed": YES, "digest": "0x011626ba7e"}, "refuted: contract_accepts_anything"),
        ({}, "refuted: signature_invalid"),
        ({"claimed": "0x01"}, "refuted: signature_invalid"),
        ({"claimed": f"0x00{MAGIC}"}, "refuted: signature_invalid"),
        ({"claimed": f"{YES}00"}, "refuted: signature_invalid"),
        ({"claimed": YES[:-2]}, "refuted: signature_invalid"),
        ({"claimed": YES[:-1] + "1"}, "refuted: signature_invalid"),
        ({"claimed": "0x01" + "00" * 28 + "1626ba7e"}, "refuted: signature_invalid"),
        ({"claimed": f"0x0120c13b0b{'00' * 28}"}, "refuted: signature_invalid"),
        ({"claimed": f"0x01ffffffff{'00' * 28}"}, "refuted: signature_invalid"),
    ],
)
def test_what_a_contract_says_decides(given: dict[str, str], expected: str) -> None:
    assert verdict(answered(claim(), **given)) == expected


def test_an_unknown_contract_is_asked_nothing_more() -> None:
    assert questions(answered(claim(), claimed=YES)) == ()


def test_probes_differ_from_the_claim_and_follow_from_it() -> None:
    def subjects(signing: Signing) -> list[str]:
        return [question.subject for question in questions(signing)]

    code, copy, *words = subjects(claim())
    digest = personal_digest(b"a text").hex()
    assert (code, copy) == (SAFE, f"{SAFE} {MASTER_COPY}")
    assert [digest in word for word in words] == [True, False, True]
    assert ["11" * 65 in word for word in words] == [True, True, False]
    assert len(set(words)) == 3
    assert subjects(claim()) == [code, copy, *words]
    assert not set(words) & set(subjects(replace(claim(), message=b"another text")))


def test_every_answer_of_the_first_round_is_needed() -> None:
    whole = answered(claim(), claimed=YES)
    for question in whole.answers:
        rest = {one: value for one, value in whole.answers.items() if one != question}
        # The singleton is not looked for behind a code that is no known proxy.
        expected = "unknown_contract" if MASTER_COPY in question.subject else "chain_not_asked"
        assert verdict(replace(whole, answers=rest)) == f"unproved: {expected}"


def test_the_steps_can_be_followed() -> None:
    steps: list[tuple[str, str | bytes]] = []
    signing = replace(
        answered(claim(), claimed=YES), show=lambda what, value: steps.append((what, value))
    )
    verdict(signing)

    assert steps == [
        ("digest", personal_digest(b"a text")),
        ("code hash of the contract", keccak256(b"\x60\x01")),
        ("word on the claim", bytes.fromhex(MAGIC)),
        ("word on another digest", "refused"),
        ("word on another signature", "refused"),
    ]


@pytest.mark.parametrize("vector", AMBIRE, ids=lambda vector: str(vector["valid"]))
def test_a_wallet_that_is_not_known_shows_no_key(vector: dict[str, Json]) -> None:
    """Play the contract of the vector, which says yes to one text alone, on a chain over HTTP."""
    signed = next(one for one in AMBIRE if one["valid"])
    row = claims(
        f"polygon:{vector['contract']}", bytes.fromhex(vector["message_hex"][2:]).decode(),
        vector["signature"],
    )  # fmt: skip
    good = claims(
        f"polygon:{signed['contract']}", bytes.fromhex(signed["message_hex"][2:]).decode(),
        signed["signature"],
    )  # fmt: skip
    (yes,) = (
        question.subject
        for question in scheme_questions(good, REGISTRY, None, None, {})
        if personal_digest(bytes.fromhex(signed["message_hex"][2:])).hex() in question.subject
        and signed["signature"][2:] in question.subject
    )
    plan = plan_for(row, replace(CHAIN, id=POLYGON.id, name="polygon", native=POLYGON.native))
    chain = FakeChain(chain_id=137, tokens={SAFE: {}})
    asked = [one.subject for one in plan.questions if one.kind == "attempt"]
    chain.attempts = dict.fromkeys(asked, "00ff") | {yes: YES[2:]}
    met = judge(row, reading(plan, chain))

    assert shown(met) == ("unknown_contract" if vector["valid"] else "signature_invalid")
    assert met.outcome == ("unproved" if vector["valid"] else "refuted")


def test_the_questions_of_a_claim_follow_from_its_text() -> None:
    row = claims(f"{ANVIL.id}:{SAFE}", "a text", SIGNATURE)
    asked = scheme_questions(row + row, REGISTRY, None, None, {})

    assert len(asked) == len(set(asked)) == 5
    assert isinstance(plan_for(row), ChainPlan)
    assert plan_for(row).further({}) == plan_for(row).questions == asked
    # A text that was never issued leaves nothing to ask.
    waiting = claims(f"{ANVIL.id}:{SAFE}", "@challenge", SIGNATURE)
    assert scheme_questions(waiting, REGISTRY, None, None, {}) == ()


def test_answers_of_another_chain_are_not_heard() -> None:
    row = claims(f"{ANVIL.id}:{SAFE}", "a text", SIGNATURE)
    (asked, *_) = scheme_questions(row, REGISTRY, None, None, {})
    elsewhere = replace(asked, chain=ETHEREUM.id)
    pin = Pin(ETHEREUM.id, 1, "00" * 32, 1, 1)
    there = ChainSnapshot(pin, (), (), answers=(Answer(elsewhere, "0x", ("node-1",)),))

    assert shown(judge(row, there)) == "chain_not_asked"


@given(st.lists(st.binary(max_size=100).map(lambda data: f"0x{data.hex()}"), max_size=5))
def test_nothing_else_comes_out_of_any_answer(values: list[str]) -> None:
    signing = claim()
    answers = dict(zip(questions(signing), values, strict=False))
    met = replace(signing, answers=answers)
    assert verdict(met) != "proved"
    with suppress(InvalidProof, UnprovedClaim):
        questions(met)
