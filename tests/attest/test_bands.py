"""Bands where the chain has a say: the code of addresses that a key's signature was carried to."""

from __future__ import annotations

import pytest

from attest.bands import bands_of
from chains.snapshot import Answer, ChainSnapshot, Pin, Question, Snapshot
from config.accounts import Account, Accounts
from config.caip import AccountId, ChainId, account_id
from config.registry_files import load_registry
from proofs.control import Control, Grade, Outcome

REGISTRY = load_registry()
CHAIN = ChainId("eip155:1")
ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
OWN, KEY = account_id(CHAIN, ADDRESS), "eip155:1:xpub/0/*"
DELEGATED = "0xef0100" + "ab" * 20


def declared(account: AccountId = OWN, derived_from: str = KEY) -> Account:
    return Account(account, "cold", "self", "customer", (), "", "", 2, derived_from)


def snapshot(code: str | None) -> Snapshot:
    question = Question(CHAIN, "code", ADDRESS)
    answers = () if code is None else (Answer(question, code, ("node-1",)),)
    return Snapshot((ChainSnapshot(Pin(CHAIN, 7, "0x", 1, 1), (), (), answers=answers),))


def control(subject: str, outcome: Outcome = "proved", grade: Grade | None = "B") -> Control:
    proved = (subject,) if outcome == "proved" else ()
    return Control(subject, "eip191", outcome, grade, None, (), 2, proved)


@pytest.mark.parametrize(
    ("code", "controls", "band"),
    [
        ("0x", (control(KEY),), "derived"),
        (DELEGATED, (control(KEY),), "derived"),
        ("0x6001", (control(KEY),), "observed"),
        (None, (control(KEY),), "observed"),
        ("0x", (control(KEY, grade="D"),), "signed"),
        ("0x6001", (control(KEY, grade="D"),), "observed"),
        ("0x6001", (control(KEY), control(OWN)), "controlled"),
        ("0x6001", (control(KEY), control(OWN, grade="C")), "signed"),
        ("0x6001", (control(KEY), control(OWN, "refuted", None)), "none"),
        ("0x6001", (control(KEY), control(KEY, "refuted", None)), "none"),
        (None, (), "observed"),
    ],
)
def test_a_key_rules_an_evm_address_without_code(
    code: str | None, controls: tuple[Control, ...], band: str
) -> None:
    found = bands_of(Accounts((declared(),), ()), REGISTRY, snapshot(code), controls)

    assert found == {OWN: band}


def test_other_families_have_no_code() -> None:
    coin, key = AccountId("bip122:x:bc1q"), "bip122:x:wpkh(xpub/0/*)"
    found = bands_of(
        Accounts((declared(coin, key),), ()), REGISTRY, snapshot(None), (control(key),)
    )

    assert found == {coin: "derived"}


def test_a_delegation_is_told_by_its_whole_mark() -> None:
    found = bands_of(Accounts((declared(),), ()), REGISTRY, snapshot("0xef01"), (control(KEY),))

    assert found == {OWN: "observed"}
