from __future__ import annotations

from dataclasses import replace

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.snapshot import Question
from proofs import tip191_v1, tip191_v2
from proofs.authority.answer import MAX_TEXT
from proofs.authority.tron import judge, read_account
from proofs.control import UnprovedClaim
from proofs.schemes import SCHEMES
from tests.chains.account_rows import TRON, XRPL
from tests.proofs.account_claims import answer, shown, verdict
from tests.proofs.tron.tron_signer import ADDRESSES, claim, v2

OWN, *OTHERS = ADDRESSES
MESSAGE = b"a text that names an address"
ALL = "7fff1fc0033efb0f" + "0" * 48
"""Operations of a default active permission, as nodes give them."""


def permission(weights: dict[str, int], threshold: int, operations: str | None = ALL) -> object:
    made = {
        "threshold": threshold,
        "permission_name": "name",
        "keys": [{"address": key, "weight": weight} for key, weight in weights.items()],
    }
    return (
        made
        if operations is None
        else {**made, "type": "Active", "id": 2, "operations": operations}
    )


def account(owner: object = None, *active: object, **more: object) -> dict[str, object]:
    made: dict[str, object] = {"address": OWN, "balance": 1793227200, **more}
    if owner is not None:
        made["owner_permission"] = owner
    if active:
        made["active_permission"] = list(active)
    return made


def judged(said: object, *signers: int) -> tuple[str, tuple[str, ...]]:
    """Judge a claim that these keys signed: the verdict, and the warnings of a proof."""
    signature = ";".join(v2(number, MESSAGE) for number in signers)
    signing = claim(OWN, MESSAGE, signature, answers=answer(TRON, OWN, said))
    found = verdict(tip191_v2.verify, signing)
    return found, tip191_v2.verify(signing).warnings if found == "proved" else ()


def owner(weights: dict[str, int], threshold: int) -> object:
    return permission(weights, threshold, None)


DEFAULT = account(owner({OWN: 1}, 1), permission({OWN: 1}, 1))


def test_the_default_permissions_are_the_own_keys() -> None:
    assert judged(DEFAULT, 0) == ("proved", ())
    assert judged(account(), 0) == ("proved", ())
    assert judged("null", 0) == ("proved", ())
    assert judged(DEFAULT, 1) == ("key_mismatch", ())


def test_addresses_in_hex_are_the_same_addresses() -> None:
    text = base58.b58decode_check(OWN).hex()
    said = {"address": text, "owner_permission": owner({text: 1}, 1)}
    assert judged(said, 0) == ("proved", ())


def test_an_account_that_was_handed_over_is_not_its_first_keys() -> None:
    handed = account(owner({OTHERS[0]: 1}, 1), permission({OTHERS[0]: 1}, 1))
    assert judged(handed, 0) == ("unproved: authority_not_held", ())
    assert judged(handed, 1) == ("proved", ())
    # A key that does nothing there takes nothing away from the ones that do.
    assert judged(handed, 0, 1) == ("proved", ())
    assert judged(handed, 2) == ("key_mismatch", ())
    assert judged(handed, 1, 2) == ("key_mismatch", ())


def test_weights_are_summed_against_the_threshold() -> None:
    said = account(owner({OWN: 2, OTHERS[0]: 1, OTHERS[1]: 1}, 3))
    assert judged(said, 0) == ("unproved: authority_not_held", ())
    assert judged(said, 1, 2) == ("unproved: authority_not_held", ())
    assert judged(said, 0, 1) == ("proved", ())
    assert judged(said, 2, 0) == ("proved", ())
    assert judged(said, 0, 1, 2) == ("proved", ())


def test_a_signer_counts_once() -> None:
    said = account(owner({OWN: 1, OTHERS[0]: 1}, 2))
    assert judged(said, 0, 0) == ("malformed_signature", ())
    assert judged(said, 0, 1, 0) == ("malformed_signature", ())


def test_other_keys_that_would_be_enough_are_reported() -> None:
    two_of_four = account(owner(dict.fromkeys(ADDRESSES[:4], 1), 2))
    assert judged(two_of_four, 0, 1) == ("proved", ("shared_authority",))
    assert judged(two_of_four, 0, 1, 2) == ("proved", ())
    helped = account(owner({OWN: 1}, 1), permission({OTHERS[0]: 1}, 1))
    assert judged(helped, 0) == ("proved", ("shared_authority",))
    assert judged(helped, 0, 1) == ("proved", ())


def test_an_active_permission_that_moves_everything_holds_the_account() -> None:
    said = account(owner({OTHERS[0]: 1}, 1), permission({OTHERS[1]: 1}, 1))
    assert judged(said, 2) == ("proved", ("active_permission", "shared_authority"))
    assert judged(said, 1, 2) == ("proved", ())


@pytest.mark.parametrize("bit", [1, 2, 31])
def test_an_active_permission_must_move_trx_tokens_and_contracts(bit: int) -> None:
    allowed = bytearray.fromhex(ALL)
    allowed[bit // 8] &= ~(1 << bit % 8)
    said = account(owner({OTHERS[0]: 1}, 1), permission({OTHERS[1]: 1}, 1, allowed.hex()))
    assert judged(said, 2) == ("unproved: authority_not_held", ())
    # Nor does it share what it cannot move.
    said = account(owner({OWN: 1}, 1), permission({OTHERS[1]: 1}, 1, allowed.hex()))
    assert judged(said, 0) == ("proved", ())


def test_weights_of_two_permissions_are_not_added() -> None:
    said = account(
        owner({OTHERS[0]: 1, OTHERS[1]: 1}, 2), permission({OTHERS[0]: 1, OTHERS[2]: 1}, 2)
    )
    assert judged(said, 1, 0) == ("unproved: authority_not_held", ())
    assert judged(said, 2, 3) == ("unproved: authority_not_held", ())


def test_a_witness_permission_plays_no_part() -> None:
    said = account(owner({OWN: 1}, 1), witness_permission=permission({OTHERS[0]: 1}, 1, None))
    assert judged(said, 0) == ("proved", ())
    assert judged(said, 1) == ("key_mismatch", ())


def test_a_contract_is_nobodys() -> None:
    said = account(owner({OWN: 1}, 1), type="Contract")
    assert judged(said, 0) == ("unproved: authority_not_held", ())


MANGLED = [
    "",
    "{}",
    "[]",
    "0",
    "nul",
    '"null"',
    "null null",
    '{"address":1}',
    '{"Error":"class java.lang.NullPointerException"}',
    "\ud800",
    "[" * 10_000,
    f'{{"address":"{OWN}","address":"{OWN}"}}',
    f'{{"address":"{OWN}","x":"{"x" * MAX_TEXT}"}}',
    {**DEFAULT, "address": OTHERS[0]},
    {**DEFAULT, "address": OWN.lower()},
    {**DEFAULT, "type": "Multisig"},
    {**DEFAULT, "type": 2},
    {**DEFAULT, "type": None},
    {**DEFAULT, "owner_permission": None},
    {**DEFAULT, "owner_permission": []},
    {**DEFAULT, "owner_permission": {}},
    {**DEFAULT, "active_permission": None},
    {**DEFAULT, "active_permission": {}},
    {**DEFAULT, "active_permission": [permission({OWN: 1}, 1)] * 9},
    {**DEFAULT, "active_permission": [permission({OWN: 1}, 1, None)]},
    {**DEFAULT, "active_permission": [permission({OWN: 1}, 1, ALL[:-2])]},
    {**DEFAULT, "active_permission": [permission({OWN: 1}, 1, "zz" * 32)]},
    account(owner({}, 1)),
    account(owner({OWN: 0}, 1)),
    account(owner({OWN: -1}, 1)),
    account(owner({OWN: 1}, 0)),
    account(owner({OWN: 1}, -1)),
    account({"threshold": True, "keys": [{"address": OWN, "weight": 1}]}),
    account({"threshold": "1", "keys": [{"address": OWN, "weight": 1}]}),
    account({"keys": [{"address": OWN, "weight": 1}]}),
    account({"threshold": 1, "keys": [{"address": OWN, "weight": 1}] * 2}),
    account({"threshold": 1, "keys": [{"address": OWN, "weight": 1, "until": 5}]}),
    account({"threshold": 1, "keys": [{"address": OWN}]}),
    account({"threshold": 1, "keys": {"address": OWN, "weight": 1}}),
    account({"threshold": 1, "keys": [{"address": OWN, "weight": 1}], "expired": True}),
    account({"threshold": 1, "keys": [{"address": OWN, "weight": 1}] * 65}),
]


@pytest.mark.parametrize("said", MANGLED, ids=lambda said: str(said)[:60])
def test_what_cannot_be_read_proves_nothing(said: object) -> None:
    assert judged(said, 0) == ("unproved: authority_unknown", ())


def test_a_wrong_signature_is_refuted_whatever_the_chain_says() -> None:
    said = account(owner({OWN: 1}, 1))
    signing = claim(OWN, b"another text", v2(0, MESSAGE), answers=answer(TRON, OWN, said))
    assert verdict(tip191_v2.verify, signing) == "key_mismatch"


def test_without_an_answer_the_own_key_alone_counts() -> None:
    pair = claim(OWN, MESSAGE, f"{v2(0, MESSAGE)};{v2(1, MESSAGE)}")
    assert verdict(tip191_v2.verify, pair) == "key_mismatch"
    elsewhere = claim(OWN, MESSAGE, v2(1, MESSAGE), answers=answer(XRPL, OWN, DEFAULT))
    assert verdict(tip191_v2.verify, elsewhere) == "key_mismatch"


@pytest.mark.parametrize("name", ["tip191-v1", "tip191-v2"])
def test_the_chain_is_asked_once(name: str) -> None:
    scheme = SCHEMES[name]
    signing = claim(OWN, MESSAGE, "")
    assert scheme.asks
    assert scheme.questions()(signing) == (Question(TRON.id, "authority", OWN),)
    heard = claim(OWN, MESSAGE, "", answers=answer(TRON, OWN, DEFAULT))
    assert scheme.questions()(heard) == ()
    assert tip191_v1.questions(claim(OWN, MESSAGE, "")) == scheme.questions()(signing)
    for other in (replace(signing, chain=XRPL), replace(signing, addresses=())):
        assert scheme.questions()(other) == ()


def test_the_answer_is_shown() -> None:
    signing = claim(OWN, MESSAGE, v2(0, MESSAGE), answers=answer(TRON, OWN, DEFAULT))
    step, value = shown(tip191_v2.verify, signing)[-1]
    assert step == "who may use the account, as the chain says"
    assert OWN in value


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
def test_nothing_but_a_verdict_escapes(text: str) -> None:
    try:
        found = read_account(text, TRON, OWN)
    except UnprovedClaim:
        return
    assert found == read_account("null", TRON, OWN)


WEIGHTS = st.dictionaries(st.sampled_from(ADDRESSES), st.integers(1, 4), min_size=1, max_size=5)


@given(WEIGHTS, st.integers(1, 12), st.sets(st.sampled_from(ADDRESSES), min_size=1))
def test_more_signers_never_hold_less(
    weights: dict[str, int], threshold: int, signers: set[str]
) -> None:
    said = account(owner(weights, threshold))
    (text,) = answer(TRON, OWN, said).values()
    found = read_account(text, TRON, OWN)
    known = frozenset(signers) & weights.keys()
    enough = sum(weights[key] for key in known) >= threshold
    try:
        judge(found, known)
        held = True
    except UnprovedClaim:
        held = False
    assert held == enough
