from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.caip import ChainId
from config.challenges import Anchor, Challenges
from config.declaration import Entity
from config.errors import InputError
from proofs.challenge import (
    accounts_digest,
    build_text,
    check_entity,
    check_texts,
    issued_for,
    short_text,
)

BITCOIN = "bip122:000000000019d6689c085ae165831e93"
ETHEREUM_ACCOUNT = "eip155:1:0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"
EVERY_EVM = "eip155:*:0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"
GENESIS = f"{BITCOIN}:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
DESCRIPTOR = f"{BITCOIN}:wpkh([d34db33f/84h/0h/0h]xpub6EXAMPLE/<0;1>/*)"
BLOCK = "00000000000000000001a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7"


def issued(*accounts: str, entity: str = "5493001KJTIIGC8Y1R12") -> Challenges:
    bare = Challenges(
        version="v1",
        entity=entity,
        issuer="Example Audit",
        nonce="9f" * 32,
        anchors=(
            Anchor(ChainId(BITCOIN), "925000", BLOCK),
            Anchor(ChainId("eip155:1"), "0", f"0x{BLOCK}"),
        ),
        issuedAt="2026-11-22T00:00:00Z",
        expiresAt="2026-12-06T00:00:00Z",
        accountsSha256=accounts_digest(accounts),
        texts={},
    )
    return replace(bare, texts={account: build_text(bare, account) for account in accounts})


def refused(challenges: Challenges) -> str:
    with pytest.raises(InputError) as caught:
        check_texts(challenges, "challenges.json")
    return str(caught.value)


def test_a_text_is_this_byte_for_byte() -> None:
    expected = f"""\
custody-attest challenge v1
entity: 5493001KJTIIGC8Y1R12
issuer: Example Audit
purpose: proof of control, not a transfer
chain: eip155:1
address: 0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb
anchor: {BITCOIN} 925000 {BLOCK}
anchor: eip155:1 0 0x{BLOCK}
nonce: {"9f" * 32}
issued: 2026-11-22T00:00:00Z
expires: 2026-12-06T00:00:00Z"""
    assert expected == build_text(issued(), ETHEREUM_ACCOUNT)


@pytest.mark.parametrize(
    ("account", "chain", "address"),
    [
        (GENESIS, BITCOIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (EVERY_EVM, "eip155:*", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"),
        (DESCRIPTOR, BITCOIN, "wpkh([d34db33f/84h/0h/0h]xpub6EXAMPLE/<0;1>/*)"),
    ],
)
def test_a_text_names_chain_and_address(account: str, chain: str, address: str) -> None:
    lines = build_text(issued(), account).split("\n")
    assert [f"chain: {chain}", f"address: {address}"] == lines[4:6]


def test_without_an_anchor_a_text_has_no_anchor_line() -> None:
    text = build_text(replace(issued(), anchors=()), GENESIS)
    assert "anchor" not in text
    assert 9 == len(text.split("\n"))


def test_texts_are_printable_ascii_without_spaces_at_edges() -> None:
    for account in (GENESIS, ETHEREUM_ACCOUNT, EVERY_EVM, DESCRIPTOR):
        text = build_text(issued(), account)
        assert text.isascii()
        assert text == text.strip()
        assert all(line.isprintable() and line == line.strip() for line in text.split("\n"))


def test_no_two_accounts_have_one_text() -> None:
    accounts = (GENESIS, ETHEREUM_ACCOUNT, EVERY_EVM, DESCRIPTOR)
    assert 4 == len({build_text(issued(), account) for account in accounts})


def test_the_digest_is_of_sorted_lines() -> None:
    lines = f"{GENESIS}\n{ETHEREUM_ACCOUNT}\n".encode()
    expected = hashlib.sha256(lines).hexdigest()
    assert expected == accounts_digest((ETHEREUM_ACCOUNT, GENESIS))
    assert expected == accounts_digest((GENESIS, ETHEREUM_ACCOUNT))
    assert hashlib.sha256(b"").hexdigest() == accounts_digest(())


def test_texts_that_their_fields_give_are_taken() -> None:
    check_texts(issued(GENESIS, ETHEREUM_ACCOUNT, EVERY_EVM, DESCRIPTOR), "challenges.json")


@pytest.mark.parametrize(
    "changed",
    [
        replace(issued(GENESIS), entity="Other Exchange"),
        replace(issued(GENESIS), issuer="Other Audit"),
        replace(issued(GENESIS), nonce="9e" * 32),
        replace(issued(GENESIS), anchors=()),
        replace(issued(GENESIS), issuedAt="2026-11-22T00:00:01Z"),
        replace(issued(GENESIS), expiresAt="2027-12-06T00:00:00Z"),
    ],
)
def test_a_field_that_the_texts_do_not_have_is_refused(changed: Challenges) -> None:
    expected = f"challenges.json: texts.{GENESIS}: not the text its own fields give"
    assert expected == refused(changed)


@pytest.mark.parametrize("change", ["", " ", "\n", "x", "\r"])
def test_a_text_that_its_fields_do_not_give_is_refused(change: str) -> None:
    text = build_text(issued(), GENESIS)
    for altered in {text + change, change + text, text.replace("\n", change + "\n")} - {text}:
        challenges = replace(issued(GENESIS), texts={GENESIS: altered})
        assert "not the text its own fields give" in refused(challenges)


def test_a_text_of_another_account_is_refused() -> None:
    text = build_text(issued(), ETHEREUM_ACCOUNT)
    challenges = replace(issued(GENESIS), texts={GENESIS: text})
    assert "not the text its own fields give" in refused(challenges)


def test_an_account_put_in_or_taken_out_is_refused() -> None:
    both = issued(GENESIS, ETHEREUM_ACCOUNT)
    digest = accounts_digest((GENESIS,))
    expected = (
        "challenges.json: accountsSha256: not the digest of the accounts in texts, "
        f"which is {digest}"
    )
    assert expected == refused(replace(both, texts={GENESIS: both.texts[GENESIS]}))


@pytest.mark.parametrize(
    ("issued_at", "expires_at", "message"),
    [
        (
            "2026-11-22T00:00:00Z",
            "2026-11-22T00:00:00Z",
            (
                "expiresAt: expires before it was issued: 2026-11-22T00:00:00Z, "
                "issued 2026-11-22T00:00:00Z"
            ),
        ),
        (
            "2026-11-22T00:00:01Z",
            "2026-11-22T00:00:00Z",
            (
                "expiresAt: expires before it was issued: 2026-11-22T00:00:00Z, "
                "issued 2026-11-22T00:00:01Z"
            ),
        ),
        (
            "2026-02-30T00:00:00Z",
            "2026-11-22T00:00:00Z",
            "issuedAt: no such time: '2026-02-30T00:00:00Z'",
        ),
        (
            "2026-11-22T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "expiresAt: no such time: '2026-11-22T24:00:00Z'",
        ),
    ],
)
def test_a_window_that_is_none_is_refused(issued_at: str, expires_at: str, message: str) -> None:
    challenges = replace(issued(GENESIS), issuedAt=issued_at, expiresAt=expires_at)
    assert f"challenges.json: {message}" == refused(challenges)


def test_texts_issued_for_someone_else_are_refused() -> None:
    name, lei = "Example Exchange", "5493001KJTIIGC8Y1R12"
    check_entity(issued(GENESIS), Entity(name=name, lei=lei), "challenges.json")
    check_entity(issued(GENESIS, entity=name), Entity(name=name), "challenges.json")
    for entity in (Entity(name=name), Entity(name=lei.lower()), Entity(name="Other", lei=None)):
        with pytest.raises(InputError) as caught:
            check_entity(issued(GENESIS), entity, "challenges.json")
        found = f"issued for '{lei}', the declaration says '{entity.name}'"
        assert f"challenges.json: entity: {found}" == str(caught.value)
    with pytest.raises(InputError):
        check_entity(issued(GENESIS, entity=name), Entity(name=name, lei=lei), "challenges.json")


@given(st.text(max_size=30))
def test_a_field_that_would_add_a_line_cannot_be_made(text: str) -> None:
    try:
        challenges = issued(GENESIS, entity=text)
    except ValidationError:
        return
    assert 11 == len(challenges.texts[GENESIS].split("\n"))
    assert challenges.texts[GENESIS].isascii()


ALL = (ETHEREUM_ACCOUNT, EVERY_EVM, GENESIS, DESCRIPTOR)


def test_the_one_line_form_names_the_account_and_the_text_by_its_digest() -> None:
    made = issued(*ALL)
    digest = hashlib.sha256(made.texts[ETHEREUM_ACCOUNT].encode()).hexdigest()
    address = ETHEREUM_ACCOUNT.rpartition(":")[2]
    assert short_text(made, ETHEREUM_ACCOUNT) == (
        f"custody-attest v1 eip155:1 {address} sha256:{digest}"
    )
    assert short_text(made, EVERY_EVM).startswith(f"custody-attest v1 eip155:* {address} ")
    lines = {short_text(made, account) for account in ALL}
    assert len(lines) == len(ALL)
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert lines.isdisjoint(short_text(replace(made, nonce="9e" * 32), one) for one in ALL)


@pytest.mark.parametrize("account", ALL)
def test_an_issued_text_is_found_in_both_forms_and_byte_for_byte(account: str) -> None:
    made = issued(*ALL)
    for text in (build_text(made, account), short_text(made, account)):
        assert issued_for(made, text) == account
        for other in (text + " ", text + "\n", text[:-1], text.upper(), text.replace("a", "b", 1)):
            assert issued_for(made, other) is None
    left = issued(*(one for one in ALL if one != account))
    assert issued_for(left, build_text(made, account)) is None


@given(st.text(max_size=100))
def test_any_text_is_looked_up(text: str) -> None:
    made = issued(*ALL)
    for message in (text, f"custody-attest v1 {text}", f"custody-attest challenge v1\n{text}"):
        assert issued_for(made, message) is None
