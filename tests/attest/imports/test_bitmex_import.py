from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.imports.bitmex import read
from attest.imports.tables import tables
from config.accounts import parse_accounts
from config.errors import InputError
from tests.attest.imports.published import ADDRESSES, KNOWN, parse_back, published, refused

if TYPE_CHECKING:
    from attest.imports.entries import Reading, Reason

WHOLE = published("bitmex.yaml").decode()
SH = "33ujjFrEmoQcfYHXErnVD33Z243DoFNhHS"
WSH = "bc1q2cj9vq3slqumqd7gddxns6gc49d2k2urwgwmc04pmqqr7ptn05nsgc0t3p"
VANITY = "03534341220e385e2d9ac1db696dceb3db48f96ed1d2718393302e7fe88f78976f"
FOUNDER = "02ceba29da1af96a0f2ef7cda6950b8be2baeb1adf12c0d5efebb70dbcaa086ba0"
FOUNDERS = tuple(line[2:] for line in WHOLE.split("\n") if line.startswith("- 04"))
XPUB = next(line[2:] for line in WHOLE.split("\n") if line.startswith("- xpub"))


def reading(*changes: tuple[str, str]) -> Reading:
    text = WHOLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read(text.encode(), "reserves.yaml", KNOWN)


def reasons(*changes: tuple[str, str]) -> set[Reason]:
    """Reasons of refused rows, but for the unspendable one."""
    return {one.reason for one in reading(*changes).refusals if one.reason != "unspendable"}


def complaint(*changes: tuple[str, str]) -> str:
    with pytest.raises(InputError) as caught:
        reading(*changes)
    return caught.value.what


def test_every_row_ends_as_account_or_refusal() -> None:
    found = reading()

    assert [(22, "unspendable")] == refused(found)
    assert (7, 8) == (len(found.entries), found.rows)
    assert {None} == {one.claim for one in found.entries}
    written = tables(found)
    assert (6, 0, 6) == (written.accounts, written.claims, written.unclaimed)
    assert {"accounts.csv", "refused.csv"} == written.files.keys()
    parse_back(written)


def test_address_in_both_lists_is_one_account_of_the_custodian() -> None:
    data = tables(reading()).files["accounts.csv"]
    accounts = parse_accounts(data, "accounts.csv", KNOWN.registry, ADDRESSES, "main").rows
    held = {one.id.rpartition(":")[2]: one.holder for one in accounts}

    assert held[SH] == "self"
    assert held[WSH] == "Example Custody Ltd"
    assert held["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"] == "unknown"


def test_other_networks_are_read_by_name() -> None:
    regtest = reading(
        ("chain: main", "chain: regtest"),
        (SH, "2MuTwnznGPFuxsKv4uzQMpz2pEQFPWGxnHa"),
        (WSH, "bcrt1q2cj9vq3slqumqd7gddxns6gc49d2k2urwgwmc04pmqqr7ptn05nsjfnz75"),
    )
    chain = KNOWN.registry.chain("bitcoin-regtest").id

    assert {chain} == {one.account.rpartition(":")[0] for one in regtest.entries}
    assert len(regtest.entries) == 3
    assert "unknown chain: 'test'" in complaint(("chain: main", "chain: test"))


def test_script_must_be_the_address_s() -> None:
    swapped = reading((WSH, "TMP"), (SH, WSH), ("TMP", SH))

    assert {(2, "script_mismatch"), (10, "script_mismatch")} <= set(refused(swapped))
    # The nested form of a script has another address than the script itself.
    assert reasons(("addr_type: sh_wsh", "addr_type: sh")) == {"script_mismatch"}
    assert reasons(("addr_type: wsh", "addr_type: sh_wsh")) == {"script_mismatch"}


def test_address_of_a_key_with_the_script_s_hash_is_another_address() -> None:
    program = base58.b58decode_check(SH)[1:]
    key_address = base58.b58encode_check(b"\0" + program).decode()

    assert reasons((f"addr: {SH}", f"addr: {key_address}")) == {"script_mismatch"}


def test_script_must_be_plain_multisig() -> None:
    assert reasons((f"{VANITY}54ae", f"{VANITY}54ae00")) == {"malformed_script"}
    assert reasons((f"{VANITY}54ae", f"{VANITY}54a")) == {"malformed_script"}
    assert reasons((f"{VANITY}54ae", "")) == {"malformed_script"}
    assert reasons((f"  script: 53{'21'}", "  other: ")) == {"malformed_row"}


def test_threshold_and_number_of_keys_are_the_file_s() -> None:
    assert reasons(("m: 3", "m: 2")) == {"keys_mismatch"}
    assert reasons(("n: 4", "n: 5")) == {"keys_mismatch"}


def test_all_keys_but_one_must_be_the_file_s() -> None:
    first = f"- {FOUNDERS[0]}\n"

    assert reasons((first, "")) == {"keys_mismatch"}


def test_key_of_the_other_parity_is_another_key() -> None:
    other = "03" + FOUNDER[2:]

    # All three kinds of address: keys are compared as points, however they are written.
    assert reasons((f"- {FOUNDERS[0]}", f"- {FOUNDER}")) == set()
    assert reasons((f"- {FOUNDERS[0]}", f"- {other}")) == {"keys_mismatch"}


def test_descriptor_must_yield_the_address_from_a_key_of_the_file() -> None:
    assert reasons((f"{XPUB}/0/1)", f"{XPUB}/0/2)")) == {"script_mismatch"}
    assert reasons((f"{XPUB}/0/1)", f"{XPUB}/0/*)")) == {"no_last_index"}
    assert reasons((f"{XPUB}/0/1)", f"{XPUB}/0/1")) == {"malformed_script"}
    assert reasons((f"{XPUB}/0/1)", f"{XPUB}/<0;1>/1)")) == {"script_mismatch"}
    assert reasons((f"xpub:\n- {XPUB}\n", "")) == {"keys_mismatch"}
    assert reasons((f"wpkh({XPUB}/0/1)", f"wpkh({VANITY})")) == {"keys_mismatch"}
    assert reasons((f"xpub:\n- {XPUB}\n", f"xpub: {XPUB}\n")) == set()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (f"addr: {SH}", "addr: 33ujjFrEmoQcfYHXErnVD33Z243DoFNhHT", "malformed_address"),
        (f"addr: {SH}", "addr: ''", "malformed_row"),
        (f"addr: {SH}", f"addr: [{SH}]", "malformed_row"),
        (f"addr: {SH}", f"addr: {SH}\n  spent: yes", "malformed_row"),
        ("addr_type: sh\n", "addr_type: tr\n", "malformed_row"),
        ("custodian: Example Custody Ltd", "custodian: self", "malformed_row"),
        ("custodian: Example Custody Ltd", 'custodian: " x"', "malformed_row"),
        ("- 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "- []", "malformed_row"),
        ("- 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "- 1A1z", "malformed_address"),
    ],
)
def test_row_is_refused_alone(old: str, new: str, reason: str) -> None:
    assert reasons((old, new)) == {reason}
    assert reading((old, new)).rows == 8


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("custodial:", "custody:", "unknown key"),
        ("keys:", "xkeys:", "not a reserves file"),
        ("m: 3", "m: 5", "m of n expected, met '5' of '4'"),
        ("m: 3", "m: 0", "m of n expected"),
        ("claim:\n  m: 3\n  n: 4\n", "claim: 3\n", "m of n expected"),
        (f"- {FOUNDERS[0]}", f"- {FOUNDERS[0][:-2]}", "not a public key"),
        (f"- {FOUNDERS[0]}", f"- {FOUNDERS[0][:-1]}0", "not a public key"),
        ("height: 664000\n", "height: 664000\nheight: 1\n", "key given twice"),
        (f"xpub:\n- {XPUB}", "xpub:\n" + "- x\n" * 1001, "limit is 1000"),
        (f"xpub:\n- {XPUB}", "xpub: {}", "a list is needed"),
    ],
)
def test_file_is_refused(old: str, new: str, what: str) -> None:
    assert what in complaint((old, new))


def test_list_that_is_absent_or_blank_has_no_rows() -> None:
    start, end = WHOLE.index("custodial:"), WHOLE.index("height:")
    custodial = WHOLE[start:end]

    assert reading((custodial, "")).rows == 6
    assert reading((custodial, "custodial:\n")).rows == 6


def test_private_key_in_place_of_a_public_one_is_not_repeated() -> None:
    wallet_key = "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss"

    assert wallet_key not in complaint((f"- {FOUNDERS[0]}", f"- {wallet_key}"))


@given(st.integers(0, len(WHOLE) - 1), st.sampled_from("a0-: \n[]{}&*!'\"x"))
def test_any_changed_character_gives_a_reading_or_our_error(at: int, by: str) -> None:
    text = WHOLE[:at] + by + WHOLE[at + 1 :]
    try:
        found = read(text.encode(), "reserves.yaml", KNOWN)
    except InputError:
        return
    if found.entries:
        parse_back(tables(found))


@given(st.integers(0, len(WHOLE)))
def test_any_cut_gives_a_reading_or_our_error(at: int) -> None:
    try:
        found = read(WHOLE[:at].encode(), "reserves.yaml", replace(KNOWN, schemes=()))
    except InputError:
        return
    assert found.rows <= 8
