from __future__ import annotations

import base64

import pytest

from proofs import multisig_signmessage
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

A, B, C, D = KEYS[:4]
POINTS = tuple(point(key) for key in KEYS)
SCRIPT = multisig(2, POINTS[:3])
TEXT = b"The signers of this address agree"
CHAINS = {"BTC": rows.BITCOIN, "DOGE": rows.DOGECOIN, "LTC": rows.LITECOIN}
PUBLISHED = [entry for entry in load("okx-published")["utxo"] if entry["script"]]


ADDRESSES = {
    "p2sh": address(p2sh(SCRIPT)),
    "p2wsh": address(p2wsh(SCRIPT)),
    "nested": address(p2sh(p2wsh(SCRIPT))),
}


def joined(*keys: object, message: bytes = TEXT) -> str:
    return ";".join(signed(key, message) for key in keys)  # type: ignore[arg-type] # keys alone


def judge(
    signatures: str, script: str = SCRIPT.hex(), kind: str = "p2wsh", message: bytes = TEXT
) -> str:
    signing = claim(ADDRESSES[kind], message, signatures, script=script)
    return verdict(multisig_signmessage.verify, signing)


def of_script(script: bytes, signatures: str, *, segwit: bool = False) -> str:
    wrapped = p2wsh(script) if segwit else p2sh(script)
    signing = claim(address(wrapped), TEXT, signatures, script=script.hex())
    return verdict(multisig_signmessage.verify, signing)


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda entry: entry["addr"])
def test_published_by_an_exchange(entry: dict[str, str]) -> None:
    both = f"{entry['sign1']};{entry['sign2']}"
    chain, script = CHAINS[entry["coin"]], entry["script"]
    good = claim(entry["addr"], entry["msg"], both, chain, script)
    assert verdict(multisig_signmessage.verify, good) == "proved"
    for one in (entry["sign1"], entry["sign2"], f"{entry['sign1']};{entry['sign1']}"):
        alone = claim(entry["addr"], entry["msg"], one, chain, script)
        assert verdict(multisig_signmessage.verify, alone) == "threshold_not_met"


def test_the_published_entries_are_of_three_coins() -> None:
    assert [entry["coin"] for entry in PUBLISHED] == ["BTC", "DOGE", "LTC"]


@pytest.mark.parametrize("kind", ADDRESSES)
def test_any_two_of_three_in_any_order(kind: str) -> None:
    for pair in ((A, B), (B, A), (A, C), (C, A), (B, C), (C, B)):
        assert judge(joined(*pair), kind=kind) == "proved"
    assert judge(joined(A, B, C), kind=kind) == "proved"


@pytest.mark.parametrize("kind", ADDRESSES)
def test_one_signer_is_not_enough_however_often(kind: str) -> None:
    one = signed(A, TEXT)
    for text in (one, f"{one};{one}", f"{one};{twin(one)}", f"{one};{one};{twin(one)}"):
        assert judge(text, kind=kind) == "threshold_not_met"


@pytest.mark.parametrize("kind", ADDRESSES)
def test_foreign_and_repeated_signatures_spoil_good_ones(kind: str) -> None:
    assert judge(joined(A, B, D), kind=kind) == "key_mismatch"
    assert judge(joined(D, B), kind=kind) == "key_mismatch"
    assert judge(joined(A, B, A), kind=kind) == "malformed_signature"
    repeated = f"{joined(A, B)};{twin(signed(A, TEXT))}"
    assert judge(repeated, kind=kind) == "malformed_signature"


def test_proof_names_every_signature_once() -> None:
    low = multisig_signmessage.verify(
        claim(ADDRESSES["p2sh"], TEXT, joined(A, B), script=SCRIPT.hex())
    )
    high = multisig_signmessage.verify(
        claim(
            ADDRESSES["p2sh"],
            TEXT,
            f"{twin(signed(A, TEXT))};{signed(B, TEXT)}",
            script=SCRIPT.hex(),
        )
    )
    assert low.signatures == high.signatures
    assert (len(low.signatures), len(set(low.signatures))) == (2, 2)
    assert (low.warnings, high.warnings) == ((), ("high_s",))


def test_wrong_message_is_refused() -> None:
    assert judge(joined(A, B), message=TEXT + b"\n") == "key_mismatch"
    mixed = f"{signed(A, TEXT)};{signed(B, TEXT + b'!')}"
    assert judge(mixed) == "key_mismatch"


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_script_of_another_address_is_refused(kind: str) -> None:
    for other in (multisig(2, POINTS[3:6]), multisig(1, POINTS[:3]), multisig(2, POINTS[:2])):
        assert judge(joined(A, B), other.hex(), kind) == "script_mismatch"


@pytest.mark.parametrize(
    "script",
    [
        SCRIPT + b"\x75",
        SCRIPT + b"\xae",
        b"\x51\x63\x21" + POINTS[3] + b"\xac\x67" + SCRIPT + b"\x68",
        SCRIPT[:-1] + b"\xaf\x51",
        b"\x21" + POINTS[0] + b"\xad" + SCRIPT,
    ],
)
@pytest.mark.parametrize("segwit", [False, True])
def test_a_script_that_only_contains_the_pattern_is_refused(
    script: bytes,
    segwit: bool,  # noqa: FBT001 - a table's column
) -> None:
    assert of_script(script, joined(A, B), segwit=segwit) == "malformed_script"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0x",
        "zz",
        SCRIPT.hex()[:-1],
        " " + SCRIPT.hex(),
        SCRIPT.hex() + "\n",
        SCRIPT.hex()[:10] + " " + SCRIPT.hex()[10:],
        "00" * 1060,
        "\u0660\u0660",
    ],
)
def test_the_script_is_strict_hex(text: str) -> None:
    assert judge(joined(A, B), text) == "malformed_script"


def test_hex_may_be_in_either_case() -> None:
    for text in (SCRIPT.hex().upper(), "0x" + SCRIPT.hex(), "0X" + SCRIPT.hex().upper()):
        assert judge(joined(A, B), text) == "proved"


@pytest.mark.parametrize("other", [p2pkh(POINTS[0]), p2wpkh(POINTS[0]), p2tr(A)])
def test_addresses_of_one_key_have_no_script(other: bytes) -> None:
    signing = claim(address(other), TEXT, joined(A, B), script=SCRIPT.hex())
    assert verdict(multisig_signmessage.verify, signing) == "format_not_for_address"


def test_key_form_must_be_the_scripts() -> None:
    long = (point(A, compressed=False), point(B, compressed=False))
    script = multisig(2, long)
    short_form = joined(A, B)
    long_form = ";".join(signed(key, TEXT, 0) for key in (A, B))
    assert of_script(script, long_form) == "proved"
    assert of_script(script, short_form) == "key_mismatch"
    assert judge(long_form) == "key_mismatch"
    assert of_script(script, long_form, segwit=True) == "malformed_script"


@pytest.mark.parametrize("form", [2, 3])
def test_headers_of_one_key_types_are_refused(form: int) -> None:
    text = f"{signed(A, TEXT)};{signed(B, TEXT, form)}"
    assert judge(text) == "header_mismatch"


def test_a_redeem_script_has_a_size_limit() -> None:
    fits, over = multisig(1, POINTS[:15]), multisig(1, POINTS[:16])
    assert (len(fits), len(over)) == (513, 547)
    assert of_script(fits, joined(A)) == "proved"
    assert of_script(over, joined(A)) == "malformed_script"
    assert of_script(over, joined(A), segwit=True) == "proved"


def test_more_signatures_than_keys_can_be_are_not_read() -> None:
    assert judge(";".join([signed(A, TEXT)] * 17)) == "malformed_signature"
    assert judge(";" * 1_000_000) == "malformed_signature"


@pytest.mark.parametrize("kind", ["p2sh", "nested"])
def test_nesting_needs_segwit(kind: str) -> None:
    script = p2sh(SCRIPT) if kind == "p2sh" else p2sh(p2wsh(SCRIPT))
    account = address(script, rows.DOGECOIN)
    header = "Dogecoin Signed Message:\n"
    text = ";".join(signed(key, TEXT, header=header) for key in (A, B))
    signing = claim(account, TEXT, text, rows.DOGECOIN, SCRIPT.hex())
    expected = "proved" if kind == "p2sh" else "script_mismatch"
    assert expected == verdict(multisig_signmessage.verify, signing)


def test_one_address_and_no_other_number() -> None:
    for accounts in ((), (ADDRESSES["p2sh"], ADDRESSES["p2wsh"])):
        signing = Signing(rows.BITCOIN, accounts, TEXT, joined(A, B), script=SCRIPT.hex())
        assert verdict(multisig_signmessage.verify, signing) == "account_not_covered"


def test_every_cut_is_refused() -> None:
    text = joined(A, B)
    for size in range(len(text)):
        assert judge(text[:size]) in ("malformed_signature", "threshold_not_met")
    second = base64.b64decode(signed(B, TEXT))
    for size in range(65):
        cut = f"{signed(A, TEXT)};{encode(second[:size])}"
        assert judge(cut) == "malformed_signature"


def test_every_changed_byte_is_refused() -> None:
    second = base64.b64decode(signed(B, TEXT))
    for position in range(65):
        for change in (1, 2, 4, 0x80, 0xFF):
            changed = bytearray(second)
            changed[position] ^= change
            assert judge(f"{signed(A, TEXT)};{encode(bytes(changed))}") != "proved"


def test_every_changed_byte_of_the_script_is_refused() -> None:
    for position in range(len(SCRIPT)):
        for change in (1, 0x80):
            changed = bytearray(SCRIPT)
            changed[position] ^= change
            outcome = judge(joined(A, B), bytes(changed).hex())
            assert outcome in ("script_mismatch", "malformed_script")


@pytest.mark.parametrize("separator", [",", " ;", "; ", ";;", "\n", " "])
def test_signatures_are_joined_by_one_semicolon(separator: str) -> None:
    assert judge(separator.join((signed(A, TEXT), signed(B, TEXT)))) == "malformed_signature"
