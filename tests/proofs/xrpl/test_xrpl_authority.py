from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.snapshot import Question
from proofs.authority.answer import MAX_TEXT
from proofs.authority.xrpl import DISABLE_MASTER, XrplAccount, judge, read_account
from proofs.control import UnprovedClaim
from proofs.schemes import SCHEMES
from proofs.xrpl import questions, verify
from tests.chains.account_rows import TRON, XRPL
from tests.proofs.account_claims import answer, shown, verdict
from tests.proofs.xrpl.xrpl_signer import ADDRESSES, KEYS, claim, own, signed

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN, *OTHERS = ADDRESSES
MESSAGE = b"a text that names an address"


def signer_list(weights: dict[str, int], quorum: int) -> dict[str, object]:
    return {
        "Flags": 65536,
        "LedgerEntryType": "SignerList",
        "SignerEntries": [
            {"SignerEntry": {"Account": key, "SignerWeight": weight}}
            for key, weight in weights.items()
        ],
        "SignerListID": 0,
        "SignerQuorum": quorum,
    }


def account(
    address: str = OWN,
    *lists: dict[str, object],
    flags: int = 0,
    regular: str | None = None,
) -> dict[str, object]:
    made: dict[str, object] = {"Account": address, "Flags": flags, "signer_lists": list(lists)}
    return made if regular is None else {**made, "RegularKey": regular}


def judged(
    said: object, *signers: int, listed: Mapping[str, object] | None = None
) -> tuple[str, tuple[str, ...]]:
    """Judge a claim that these keys signed: the verdict, and the warnings of a proof."""
    answers = answer(XRPL, OWN, said)
    for address, state in (listed or {}).items():
        answers |= answer(XRPL, address, state)
    signing = claim(
        OWN,
        MESSAGE,
        ";".join(signed(number, MESSAGE).hex() for number in signers),
        ";".join(KEYS[number].hex() for number in signers),
        answers=answers,
    )
    found = verdict(verify, signing)
    return found, verify(signing).warnings if found == "proved" else ()


LIST = signer_list(dict.fromkeys(OTHERS[:3], 1), 2)
PHANTOMS: dict[str, object] = dict.fromkeys(OTHERS, "null")


def test_the_master_key_holds_the_account_until_it_is_disabled() -> None:
    assert judged(account(), 0) == ("proved", ())
    assert judged(account(flags=DISABLE_MASTER - 1), 0) == ("proved", ())
    assert DISABLE_MASTER == 1_048_576
    assert judged(account(flags=DISABLE_MASTER), 0) == ("unproved: authority_not_held", ())
    assert judged(account(flags=DISABLE_MASTER | 0x00800000), 0)[0] != "proved"
    assert judged(account(), 1) == ("key_mismatch", ())


def test_a_regular_key_signs_by_itself() -> None:
    handed = account(flags=DISABLE_MASTER, regular=OTHERS[0])
    assert judged(handed, 1) == ("proved", ())
    assert judged(handed, 0) == ("unproved: authority_not_held", ())
    assert judged(handed, 2) == ("key_mismatch", ())
    both = account(regular=OTHERS[0])
    assert judged(both, 0) == ("proved", ("shared_authority",))
    assert judged(both, 1) == ("proved", ("shared_authority",))
    assert judged(both, 0, 1) == ("proved", ())


def test_listed_keys_sign_together() -> None:
    said = account(OWN, LIST, flags=DISABLE_MASTER)
    assert judged(said, 1, listed=PHANTOMS) == ("unproved: authority_not_held", ())
    assert judged(said, 1, 2, listed=PHANTOMS) == ("proved", ())
    assert judged(said, 1, 2, 3, listed=PHANTOMS) == ("proved", ())
    assert judged(said, 1, 1, listed=PHANTOMS) == ("malformed_signature", ())
    assert judged(said, 1, 2, 4, listed=PHANTOMS) == ("key_mismatch", ())
    assert judged(said, 0, 1, listed=PHANTOMS) == ("unproved: authority_not_held", ())


def test_others_on_the_list_are_reported() -> None:
    four = signer_list(dict.fromkeys(OTHERS[:4], 1), 2)
    said = account(OWN, four, flags=DISABLE_MASTER)
    assert judged(said, 1, 2, listed=PHANTOMS) == ("proved", ("shared_authority",))
    assert judged(said, 1, 2, 3, listed=PHANTOMS) == ("proved", ())
    assert judged(account(OWN, four), 0, listed=PHANTOMS) == ("proved", ("shared_authority",))
    # The master key, still enabled, is another way in.
    assert judged(account(OWN, LIST), 1, 2, listed=PHANTOMS) == ("proved", ("shared_authority",))
    assert judged(account(OWN, LIST), 0, 1, 2, listed=PHANTOMS) == ("proved", ())


def test_weights_are_summed_against_the_quorum() -> None:
    said = account(OWN, signer_list({OTHERS[0]: 3, OTHERS[1]: 2, OTHERS[2]: 1}, 4))
    said["Flags"] = DISABLE_MASTER
    assert judged(said, 1, listed=PHANTOMS)[0] == "unproved: authority_not_held"
    assert judged(said, 2, 3, listed=PHANTOMS)[0] == "unproved: authority_not_held"
    assert judged(said, 1, 3, listed=PHANTOMS)[0] == "proved"


def test_a_listed_account_must_be_able_to_sign() -> None:
    said = account(OWN, LIST, flags=DISABLE_MASTER)
    able = {OTHERS[0]: account(OTHERS[0]), OTHERS[1]: account(OTHERS[1])}
    assert judged(said, 1, 2, listed=able) == ("proved", ())
    gone = {**able, OTHERS[1]: account(OTHERS[1], flags=DISABLE_MASTER)}
    assert judged(said, 1, 2, listed=gone) == ("unproved: authority_not_held", ())
    assert judged(said, 1, 2, listed={OTHERS[0]: "null"}) == ("unproved: authority_unknown", ())
    # A third one is enough although the second was not asked for.
    third = {OTHERS[0]: "null", OTHERS[2]: "null"}
    assert judged(said, 1, 2, 3, listed=third) == ("proved", ())
    assert judged(said, 1, 2, listed={OTHERS[0]: gone[OTHERS[1]]}) != ("proved", ())
    mangled = {**able, OTHERS[1]: "{}"}
    assert judged(said, 1, 2, listed=mangled) == ("unproved: authority_unknown", ())


def test_an_account_that_is_not_on_the_ledger_is_not_held() -> None:
    assert judged("null", 0) == ("unproved: authority_not_held", ())


GOOD = account(OWN, LIST)
MANGLED = [
    "",
    "{}",
    "[]",
    "0",
    "nul",
    '{"error":"actNotFound"}',
    "\ud800",
    "[" * 10_000,
    f'{{"Account":"{OWN}","Account":"{OWN}"}}',
    f'{{"Account":"{OWN}","x":"{"x" * MAX_TEXT}"}}',
    {"Account": OWN, "Flags": 0},
    {"Account": OWN, "signer_lists": []},
    {**GOOD, "Account": OTHERS[0]},
    {**GOOD, "Account": OWN.upper()},
    {**GOOD, "Flags": "0"},
    {**GOOD, "Flags": True},
    {**GOOD, "Flags": -1},
    {**GOOD, "Flags": None},
    {**GOOD, "RegularKey": ""},
    {**GOOD, "RegularKey": None},
    {**GOOD, "RegularKey": KEYS[0].hex()},
    {**GOOD, "signer_lists": None},
    {**GOOD, "signer_lists": {}},
    {**GOOD, "signer_lists": [LIST, LIST]},
    {**GOOD, "signer_lists": [[]]},
    {**GOOD, "signer_lists": [{}]},
    {**GOOD, "signer_lists": [signer_list({}, 1)]},
    {**GOOD, "signer_lists": [signer_list({OWN: 0}, 1)]},
    {**GOOD, "signer_lists": [signer_list({OWN: 1}, 0)]},
    {**GOOD, "signer_lists": [{**LIST, "SignerQuorum": None}]},
    {**GOOD, "signer_lists": [{**LIST, "SignerEntries": [{"SignerEntry": {"Account": OWN}}]}]},
    {**GOOD, "signer_lists": [{**LIST, "SignerEntries": [{"Account": OWN, "SignerWeight": 1}]}]},
    {
        **GOOD,
        "signer_lists": [
            {**LIST, "SignerEntries": [{"SignerEntry": {"Account": OWN, "SignerWeight": 1}}] * 2}
        ],
    },
]


@pytest.mark.parametrize("said", MANGLED, ids=lambda said: str(said)[:60])
def test_what_cannot_be_read_proves_nothing(said: object) -> None:
    assert judged(said, 0) == ("unproved: authority_unknown", ())


def test_a_wrong_signature_is_refuted_whatever_the_ledger_says() -> None:
    signing = replace(own(0, MESSAGE, answers=answer(XRPL, OWN, account())), message=b"other")
    assert verdict(verify, signing) == "signature_invalid"


def test_the_ledger_is_asked_in_two_rounds() -> None:
    assert SCHEMES["xrpl"].asks
    asked = claim(
        OWN,
        MESSAGE,
        "",
        ";".join(KEYS[number].hex() for number in (1, 2, 4)),
        answers={},
    )
    first = Question(XRPL.id, "authority", OWN)
    assert questions(asked) == (first,)
    heard = replace(asked, answers=answer(XRPL, OWN, account(OWN, LIST)))
    named = tuple(Question(XRPL.id, "authority", one) for one in sorted(OTHERS[:2]))
    assert questions(heard) == named
    both = {**heard.answers, **dict.fromkeys(named, "null")}
    assert questions(replace(heard, answers=both)) == ()
    assert questions(replace(heard, answers=answer(XRPL, OWN, account()))) == ()
    assert questions(replace(heard, answers=answer(XRPL, OWN, "{}"))) == ()
    assert questions(replace(heard, public_key="00")) == ()
    assert questions(replace(heard, answers=answer(TRON, OWN, account()))) == (first,)


def test_the_answer_is_shown() -> None:
    signing = own(0, MESSAGE, answers=answer(XRPL, OWN, account()))
    steps = shown(verify, signing)
    assert ("who may use the account, as the ledger says", signing.answers.popitem()[1]) in steps  # type: ignore[attr-defined]


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
def test_nothing_but_a_verdict_escapes(text: str) -> None:
    try:
        found = read_account(text, XRPL, OWN)
    except UnprovedClaim:
        return
    assert found is None


WEIGHTS = st.dictionaries(st.sampled_from(OTHERS), st.integers(1, 4), min_size=1, max_size=5)


@given(
    WEIGHTS, st.integers(1, 12), st.sets(st.sampled_from(OTHERS)), st.sets(st.sampled_from(OTHERS))
)
def test_only_keys_that_can_sign_count(
    weights: dict[str, int], quorum: int, signers: set[str], disabled: set[str]
) -> None:
    said = account(OWN, signer_list(weights, quorum), flags=DISABLE_MASTER)
    (text,) = answer(XRPL, OWN, said).values()
    found = read_account(text, XRPL, OWN)
    known = frozenset(signers) & weights.keys()
    states = {one: XrplAccount(one, one in disabled, None, None) for one in known}
    enough = sum(weights[key] for key in known - disabled) >= quorum
    try:
        judge(found, known, states)
        held = True
    except UnprovedClaim:
        held = False
    assert held == enough
