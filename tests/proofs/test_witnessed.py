from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from chains.families import ChainAddresses, signing_address
from config.claims import parse_claims
from config.errors import InputError
from config.registry_files import load_registry
from config.times import parse_time
from proofs.ceremony import MAX_ACCOUNTS, MAX_BYTES, build_ceremony, read_ceremony, write_ceremony
from proofs.check import check
from proofs.schemes import SCHEMES
from proofs.witnessed import MAX_TEXT
from tests.examples import wallet
from tests.proofs.test_check import issued
from tests.proofs.witness import ED25519, P256, Witness, ceremony, text

if TYPE_CHECKING:
    from proofs.control import Control

REGISTRY = load_registry()
ETHEREUM, BITCOIN = REGISTRY.chain("ethereum"), REGISTRY.chain("bitcoin")
FIRST, SECOND = (
    f"{ETHEREUM.id}:{wallet.evm_address(ETHEREUM, wallet.key(number))}" for number in (1, 2)
)
EVERYWHERE = FIRST.replace("eip155:1:", "eip155:*:")
CHALLENGES = issued(FIRST, SECOND, EVERYWHERE)
TEXT = CHALLENGES.texts[FIRST].encode()
DOCUMENT = ceremony([FIRST], TEXT)


def row(
    document: bytes = DOCUMENT,
    witness: Witness = P256,
    account: str = FIRST,
    message: str = "@challenge",
    **cells: str,
) -> dict[str, str]:
    return {
        "account": account,
        "scheme": "witnessed",
        "message": message,
        "signature": text(witness.sign(document)),
        "public_key": text(witness.der),
        "script": text(document),
        **cells,
    }


def judged(*rows: dict[str, str], as_of: int | None = None) -> tuple[Control, ...]:
    buffer = io.StringIO()
    columns = ("account", "scheme", "message", "signature", "public_key", "script", "received_at")
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = buffer.getvalue().encode()
    claims = parse_claims(data, "c", REGISTRY, ChainAddresses(), SCHEMES)
    return check(claims, REGISTRY, CHALLENGES, as_of, None)


def reason(**change: Any) -> str | None:  # noqa: ANN401 - fields by name
    (control,) = judged(row(**change))
    return control.reason


@pytest.mark.parametrize("witness", [P256, ED25519])
def test_a_witness_over_the_issued_text_is_of_grade_b(witness: Witness) -> None:
    (control,) = judged(row(witness=witness))

    assert ("proved", "B", (FIRST,)) == (control.outcome, control.grade, control.subjects)
    assert witness.keyid == control.keyid
    assert parse_time("2026-01-02T00:00:00Z") == control.signed_at


def test_one_document_may_be_of_several_accounts() -> None:
    document = ceremony([FIRST, SECOND], TEXT)
    (control,) = judged(row(document, account=f"{FIRST} {SECOND}"))

    assert ("proved", (FIRST, SECOND)) == (control.outcome, control.subjects)


@pytest.mark.parametrize(
    ("accounts", "claimed", "met"),
    [
        ([SECOND], FIRST, "account_not_covered"),
        ([FIRST], f"{FIRST} {SECOND}", "account_not_covered"),
        ([FIRST, SECOND], FIRST, "account_not_named"),
        ([SECOND, FIRST], f"{FIRST} {SECOND}", "account_not_named"),
        ([FIRST, FIRST], FIRST, "account_not_named"),
        ([FIRST.lower()], FIRST, "account_not_covered"),
    ],
)
def test_the_document_is_of_exactly_the_accounts_claimed(
    accounts: list[str], claimed: str, met: str
) -> None:
    assert met == reason(document=ceremony(accounts, TEXT), account=claimed)


def test_a_ceremony_is_of_one_challenge() -> None:
    earlier = replace(CHALLENGES, nonce="cd" * 32)
    old = CHALLENGES.texts[FIRST].replace(CHALLENGES.nonce, earlier.nonce)

    assert "message_not_signed" == reason(document=ceremony([FIRST], old.encode()))
    assert "message_not_signed" == reason(document=ceremony([FIRST], b""))


def test_a_ceremony_over_another_text_is_of_grade_d() -> None:
    (control,) = judged(row(ceremony([FIRST], b"I am an address"), message="I am an address"))

    assert ("proved", "D") == (control.outcome, control.grade)


@pytest.mark.parametrize(
    ("held_at", "outcome"),
    [
        ("2025-12-31T23:59:59Z", "unproved"),
        ("2026-01-01T00:00:00Z", "proved"),
        ("2026-01-15T00:00:00Z", "proved"),
        ("2026-01-15T00:00:01Z", "unproved"),
    ],
)
def test_it_was_held_while_the_text_was_valid(held_at: str, outcome: str) -> None:
    (control,) = judged(row(ceremony([FIRST], TEXT, held_at=held_at)))

    assert outcome == control.outcome
    assert control.reason == (None if outcome == "proved" else "challenge_expired")


def test_what_is_not_signed_is_not_read() -> None:
    assert "signature_invalid" == reason(document=b"{", signature=text(P256.sign(DOCUMENT)))
    assert "malformed_ceremony" == reason(document=b"{")


@pytest.mark.parametrize("script", ["", "AA", text(DOCUMENT) + "=", "A" * (MAX_TEXT + 4)])
def test_a_document_is_strict_base64(script: str) -> None:
    assert "malformed_ceremony" == reason(script=script)


def test_a_wrong_key_or_signature_is_named() -> None:
    assert "signature_invalid" == reason(public_key=text(ED25519.der), signature=text(bytes(64)))
    assert "malformed_public_key" == reason(public_key="")
    assert "malformed_signature" == reason(signature="")


def test_it_says_nothing_of_other_networks() -> None:
    document = ceremony([FIRST], CHALLENGES.texts[EVERYWHERE].encode())

    assert "scheme_not_for_chain" == reason(document=document, account=EVERYWHERE)


def test_one_document_signed_twice_is_one_signature() -> None:
    again = [row(), row()]
    again[1]["signature"] = text(P256.sign(DOCUMENT))
    first, second = judged(*again)

    assert again[0]["signature"] != again[1]["signature"]
    assert first.signatures == second.signatures
    assert first.signatures != judged(row(witness=ED25519))[0].signatures


def test_an_extended_key_is_witnessed_by_the_address_used() -> None:
    chain = REGISTRY.chain("litecoin-regtest")
    expression = (
        "wpkh(tpubDDj5WHBg3R8CopU3M772yhb79EVEx72Mw2969Lbrk8oxRjLaGNguq7pL9Vc4REcwqRJGie7TrVkj"
        "RkM5umKkBetkS7j9G8Ye972WHQF8pcA/0/*)"
    )
    account, used = f"{chain.id}:{expression}", signing_address(chain, expression, "")
    by_key, by_address = (
        judged(row(ceremony([one], b"t"), account=account, message="t"))[0]
        for one in (account, f"{chain.id}:{used}")
    )

    assert "account_not_covered" == by_key.reason
    assert ("proved", (account,)) == (by_address.outcome, by_address.subjects)


CHANGES: tuple[dict[str, Any], ...] = (
    {"version": "v1"},
    {"version": None},
    {"accounts": []},
    {"accounts": None},
    {"accounts": FIRST},
    {"accounts": [1]},
    {"accounts": ["ethereum:0x00"]},
    {"accounts": [f"eip155:1:{number}" for number in range(MAX_ACCOUNTS + 1)]},
    {"message_sha256": "AB" * 32},
    {"message_sha256": "ab" * 31},
    {"witness": ""},
    {"witness": " x"},
    {"witness": "a\u202eb"},
    {"witness": "x" * 201},
    {"witness": None},
    {"held_at": "2026-01-02T00:00:00+00:00"},
    {"held_at": "2026-02-30T00:00:00Z"},
    {"held_at": 1},
    {"what": "seen"},
    {"what": None},
    {"place": ""},
    {"place": "a\nb"},
    {"more": "x"},
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: json.dumps(change)[:40])
def test_a_document_has_its_fields_and_no_other(change: dict[str, Any]) -> None:
    assert "malformed_ceremony" == reason(document=ceremony([FIRST], TEXT, **change))


@pytest.mark.parametrize(
    "document",
    [
        DOCUMENT + b"\n",
        b" " + DOCUMENT,
        json.dumps(json.loads(DOCUMENT)).encode(),
        DOCUMENT.replace(b'"version":"v0"', b'"place":null,"version":"v0"'),
        DOCUMENT.replace(b'"version":"v0"', b'"version":"v0","version":"v0"'),
        rfc8785.dumps([DOCUMENT.decode()]),
        b"\xff",
        b"",
    ],
)
def test_a_document_has_one_spelling(document: bytes) -> None:
    with pytest.raises(InputError):
        read_ceremony(document)


def test_a_document_is_bounded() -> None:
    long = ceremony([f"eip155:1:{number:0400}" for number in range(MAX_ACCOUNTS)], TEXT)

    assert len(long) > MAX_BYTES
    with pytest.raises(InputError, match=f"the limit is {MAX_BYTES}"):
        read_ceremony(long)


def test_what_is_written_is_read() -> None:
    full = build_ceremony(json.loads(ceremony([FIRST], TEXT, place="Zürich, vault 2")))

    assert full == read_ceremony(write_ceremony(full))
    assert ceremony([FIRST], TEXT) == write_ceremony(read_ceremony(DOCUMENT))


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_nothing_but_our_own_error_comes_out(data: bytes) -> None:
    with pytest.raises(InputError):
        read_ceremony(data)


@given(st.integers(0, len(DOCUMENT) - 1), st.integers(0, 255))
def test_a_changed_byte_gives_no_proof(place: int, byte: int) -> None:
    changed = bytearray(DOCUMENT)
    changed[place] = byte
    control = judged(row() | {"script": text(bytes(changed))})[0]

    assert control.outcome == ("proved" if bytes(changed) == DOCUMENT else "refuted")
