from __future__ import annotations

from dataclasses import replace

from eth_account import Account
from eth_account.messages import encode_defunct

from attest.imports.entries import Claimed
from attest.imports.trial import form_that_holds
from config.registry_files import load_registry

ETHEREUM = load_registry().chain("ethereum")
SIGNER = Account.from_key("0x" + "11" * 32)
TEXT = "I am an address"
SIGNED = SIGNER.sign_message(encode_defunct(text=TEXT)).signature.hex()
PLAIN = Claimed("eip191", TEXT, SIGNED)
HASHED = replace(PLAIN, scheme="eip191-keccak")


def test_form_that_verifies_is_chosen_wherever_it_stands() -> None:
    assert PLAIN == form_that_holds(ETHEREUM, SIGNER.address, (HASHED, PLAIN))
    assert PLAIN == form_that_holds(ETHEREUM, SIGNER.address, (PLAIN, HASHED))


def test_first_form_is_left_to_be_refuted_where_none_holds() -> None:
    forged = replace(PLAIN, message="another text")

    for forms in ((HASHED, forged), (forged, HASHED)):
        assert forms[0] == form_that_holds(ETHEREUM, SIGNER.address, forms)


def test_form_that_stands_alone_is_not_tried() -> None:
    assert HASHED == form_that_holds(ETHEREUM, SIGNER.address, (HASHED,))
    assert form_that_holds(ETHEREUM, SIGNER.address, ()) is None


def test_scheme_that_is_unknown_does_not_hold() -> None:
    unknown = replace(PLAIN, scheme="unheard-of")

    assert PLAIN == form_that_holds(ETHEREUM, SIGNER.address, (unknown, PLAIN))
    assert unknown == form_that_holds(ETHEREUM, SIGNER.address, (unknown, HASHED))


def test_form_that_only_waits_for_a_chain_is_not_passed_over() -> None:
    contract = replace(PLAIN, scheme="eip1271")

    assert contract == form_that_holds(ETHEREUM, SIGNER.address, (HASHED, contract))
