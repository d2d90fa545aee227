from __future__ import annotations

import base64
import dataclasses
from typing import TYPE_CHECKING

import pytest

from proofs import bip137
from proofs.control import Signing
from tests.chains.utxo import rows
from tests.proofs.utxo.kinds import address
from tests.proofs.utxo.signer import (
    KEYS,
    encode,
    multisig,
    p2pkh,
    p2sh,
    p2tr,
    p2wpkh,
    p2wsh,
    point,
    signed,
    twin,
)
from tests.proofs.utxo.vectors import claim, load, verdict

if TYPE_CHECKING:
    from config.registry import Chain

KEY, OTHER = KEYS[:2]
TEXT = b"I control this address"


ADDRESSES = {
    "long": address(p2pkh(point(KEY, compressed=False))),
    "p2pkh": address(p2pkh(point(KEY))),
    "nested": address(p2sh(p2wpkh(point(KEY)))),
    "p2wpkh": address(p2wpkh(point(KEY))),
    "p2wsh": address(p2wsh(multisig(1, (point(KEY),)))),
    "p2tr": address(p2tr(KEY)),
    "multisig": address(p2sh(multisig(1, (point(KEY),)))),
}
# The table of the module: form of the header, then what each address type answers.
RULE = {
    "long": ("proved", "key_mismatch", "header_mismatch", "header_mismatch"),
    "p2pkh": ("key_mismatch", "proved", "header_mismatch", "header_mismatch"),
    "nested": ("header_mismatch", "proved", "proved", "header_mismatch"),
    "p2wpkh": ("header_mismatch", "proved", "header_mismatch", "proved"),
    "p2wsh": ("format_not_for_address",) * 4,
    "p2tr": ("format_not_for_address",) * 4,
    "multisig": ("header_mismatch", "key_mismatch", "key_mismatch", "header_mismatch"),
}
GOOD = [(kind, form) for kind, row in RULE.items() for form in range(4) if row[form] == "proved"]


def judge(kind: str, signature: str, message: bytes = TEXT) -> str:
    return verdict(bip137.verify, claim(ADDRESSES[kind], message, signature))


@pytest.mark.parametrize("kind", RULE)
@pytest.mark.parametrize("form", range(4))
def test_each_header_fits_its_address_types(kind: str, form: int) -> None:
    assert RULE[kind][form] == judge(kind, signed(KEY, TEXT, form))


@pytest.mark.parametrize("kind", ["long", "p2pkh", "nested", "p2wpkh"])
def test_headers_outside_the_table_are_refused(kind: str) -> None:
    data = base64.b64decode(signed(KEY, TEXT))
    for header in (*range(27), *range(43, 256)):
        assert judge(kind, encode(bytes((header,)) + data[1:])) == "header_mismatch"


@pytest.mark.parametrize(
    ("kind", "form", "warnings"),
    [
        ("long", 0, ()),
        ("p2pkh", 1, ()),
        ("nested", 1, ("electrum_style",)),
        ("nested", 2, ()),
        ("p2wpkh", 1, ("electrum_style",)),
        ("p2wpkh", 3, ()),
    ],
)
def test_warnings_and_identity(kind: str, form: int, warnings: tuple[str, ...]) -> None:
    text = signed(KEY, TEXT, form)
    low = bip137.verify(claim(ADDRESSES[kind], TEXT, text))
    high = bip137.verify(claim(ADDRESSES[kind], TEXT, _with_form(twin(text), form)))
    assert warnings == low.warnings
    assert (*warnings, "high_s") == high.warnings
    assert low.signatures == high.signatures
    assert (len(low.signatures), low.lock_time, low.sequence, low.outpoints) == (1, 0, 0, ())


def _with_form(text: str, form: int) -> str:
    data = base64.b64decode(text)
    return encode(bytes((27 + 4 * form + (data[0] - 27) % 4,)) + data[1:])


@pytest.mark.parametrize(("kind", "form"), GOOD)
def test_wrong_key_message_and_address_are_refused(kind: str, form: int) -> None:
    text = signed(KEY, TEXT, form)
    assert judge(kind, signed(OTHER, TEXT, form)) == "key_mismatch"
    for message in (b"", TEXT + b" ", TEXT + b"\n", TEXT.lower(), TEXT[:-1]):
        assert judge(kind, text, message) == "key_mismatch"
    for other, reason in zip(RULE, (RULE[name][form] for name in RULE), strict=True):
        assert reason == judge(other, text)


@pytest.mark.parametrize(("kind", "form"), GOOD)
def test_every_cut_is_refused(kind: str, form: int) -> None:
    text = signed(KEY, TEXT, form)
    data = base64.b64decode(text)
    cuts = [text[:size] for size in range(len(text))]
    cuts += [encode(data[:size]) for size in range(len(data))]
    assert {"malformed_signature"} == {judge(kind, cut) for cut in cuts}


@pytest.mark.parametrize(("kind", "form"), GOOD)
def test_every_changed_byte_is_refused(kind: str, form: int) -> None:
    text = signed(KEY, TEXT, form)
    data = base64.b64decode(text)
    reasons = set()
    for position in range(1, 65):
        for change in (1, 0x80, 0xFF):
            changed = bytearray(data)
            changed[position] ^= change
            reasons.add(judge(kind, encode(bytes(changed))))
    assert reasons <= {"key_mismatch", "signature_invalid"}


@pytest.mark.parametrize(("kind", "form"), GOOD)
def test_a_changed_header_only_states_another_type(kind: str, form: int) -> None:
    """The header chooses type and key; what is still proved is what the table allows."""
    data = base64.b64decode(signed(KEY, TEXT, form))
    recovery_id = (data[0] - 27) % 4
    for header in range(27, 43):
        outcome = judge(kind, encode(bytes((header,)) + data[1:]))
        stated, number = divmod(header - 27, 4)
        if number == recovery_id:
            assert RULE[kind][stated] == outcome
        else:
            assert outcome != "proved"


@pytest.mark.parametrize("text", load("signmessage-electrum-legacy")[0]["signature"].splitlines())
@pytest.mark.parametrize("space", [" ", "\n", "\r\n", "\t", "\x00", "\u00a0", "\ufeff", "="])
def test_text_around_or_within_is_refused(text: str, space: str) -> None:
    entry = load("signmessage-electrum-legacy")[0]
    for spoiled in (space + text, text + space, text[:40] + space + text[40:]):
        signing = claim(entry["address"], entry["message"], spoiled)
        assert verdict(bip137.verify, signing) == "malformed_signature"


def test_one_address_and_no_other_number() -> None:
    text = signed(KEY, TEXT)
    for addresses in ((), (ADDRESSES["p2pkh"], ADDRESSES["p2pkh"])):
        signing = Signing(rows.BITCOIN, addresses, TEXT, text)
        assert verdict(bip137.verify, signing) == "account_not_covered"


def test_a_chain_of_another_family_is_refused() -> None:
    chain = dataclasses.replace(rows.BITCOIN, family="evm", utxo=None)
    signing = claim(ADDRESSES["p2pkh"], TEXT, signed(KEY, TEXT), chain)
    assert verdict(bip137.verify, signing) == "scheme_not_for_chain"


def test_an_address_of_another_chain_is_refused() -> None:
    signing = claim(ADDRESSES["p2pkh"], TEXT, signed(KEY, TEXT), rows.LITECOIN)
    assert verdict(bip137.verify, signing) == "scheme_not_for_chain"


@pytest.mark.parametrize("chain", rows.ALL, ids=lambda chain: chain.name)
def test_each_chain_has_its_own_header(chain: Chain) -> None:
    assert chain.utxo is not None
    account = address(p2pkh(point(KEY)), chain)
    text = signed(KEY, TEXT, header=chain.utxo.message_header)
    assert verdict(bip137.verify, claim(account, TEXT, text, chain)) == "proved"
    wrong = signed(KEY, TEXT, header="Another Signed Message:\n")
    assert verdict(bip137.verify, claim(account, TEXT, wrong, chain)) == "key_mismatch"


@pytest.mark.parametrize("chain", [rows.DOGECOIN, rows.BITCOIN_CASH], ids=lambda one: one.name)
@pytest.mark.parametrize("form", [1, 2])
def test_nested_keys_need_segwit(chain: Chain, form: int) -> None:
    assert chain.utxo is not None
    account = address(p2sh(p2wpkh(point(KEY))), chain)
    text = signed(KEY, TEXT, form, header=chain.utxo.message_header)
    signing = claim(account, TEXT, text, chain)
    assert verdict(bip137.verify, signing) == "format_not_for_address"


@pytest.mark.parametrize("message", [b"", b"\xff\xfe", bytes(range(256)), b"x" * 253])
def test_any_bytes_can_be_signed(message: bytes) -> None:
    assert judge("p2pkh", signed(KEY, message), message) == "proved"


def test_other_columns_are_not_read() -> None:
    signing = claim(ADDRESSES["p2pkh"], TEXT, signed(KEY, TEXT), script="00")
    signing = dataclasses.replace(signing, public_key="zz")
    assert verdict(bip137.verify, signing) == "proved"
