"""Extended keys on EVM chains: which addresses, in which forms, and what is refused."""

from __future__ import annotations

import contextlib
import hashlib
import time
from typing import TYPE_CHECKING

import base58
import pytest
from btclib_wallet import bip32
from hypothesis import given
from hypothesis import strategies as st

from chains.evidence import MarginAddress
from chains.evm import expression
from chains.evm.expression import beyond, canonical_expression, derive, signing_address
from chains.expression import HARDENED
from chains.families import ChainAddresses, addresses_beyond
from config.errors import InputError
from config.registry_files import load_registry
from tests.examples import wallet

if TYPE_CHECKING:
    from config.registry import Chain

REGISTRY = load_registry()
ETHEREUM, BASE, ANVIL = (REGISTRY.chain(name) for name in ("ethereum", "base", "anvil"))
# The mnemonic that anvil starts with; its accounts are printed at every start.
MNEMONIC = "test test test test test test test test test test test junk"
PRINTED = (
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
)


def account_key(path: str = "m/44h/60h/0h") -> tuple[str, str]:
    """Give the extended private and public key of the mnemonic (BIP-39) at a path."""
    seed = hashlib.pbkdf2_hmac("sha512", MNEMONIC.encode(), b"mnemonic", 2048)
    key = bip32.derive(bip32.rootxprv_from_seed(seed, "0488ade4"), path)
    return str(key), str(bip32.xpub_from_xprv(key))


XPRV, XPUB = account_key()


def reversioned(key: str, version: str) -> str:
    return base58.b58encode_check(bytes.fromhex(version) + base58.b58decode_check(key)[4:]).decode()


def addresses(text: str, last: int | None, chain: Chain = ETHEREUM) -> tuple[str, ...]:
    return tuple(one.address for one in derive(chain, text, last))


def test_the_addresses_are_those_of_wallets() -> None:
    assert addresses(f"{XPUB}/0/*", 3) == PRINTED
    assert addresses(f"{XPUB}/0/*", 3, BASE) == PRINTED
    assert [one.path for one in derive(ETHEREUM, f"{XPUB}/0/*", 2)] == ["0/0", "0/1", "0/2"]


def test_a_bare_key_is_its_receiving_chain() -> None:
    assert canonical_expression(ETHEREUM, XPUB) == f"{XPUB}/0/*"
    assert addresses(XPUB, 3) == PRINTED


def test_other_paths() -> None:
    _, receiving = account_key("m/44h/60h/0h/0")
    assert addresses(f"{receiving}/*", 3) == PRINTED
    assert [one.path for one in derive(ETHEREUM, f"{receiving}/*", 1)] == ["0", "1"]
    assert addresses(f"{XPUB}/0/2", None) == (PRINTED[2],)
    assert addresses(f"{receiving}/2", None) == (PRINTED[2],)
    assert set(addresses(f"{XPUB}/1/*", 3)) & set(PRINTED) == set()


@given(st.integers(0, 50), st.lists(st.integers(0, HARDENED - 1), max_size=3))
def test_derived_as_by_another_library(number: int, path: list[int]) -> None:
    xprv, xpub = wallet.extended_key(number, "m/44h/60h/0h", "0488ade4")
    steps = "/".join(map(str, path))
    (found,) = addresses(f"{xpub}/{steps}/7" if path else f"{xpub}/7", None)

    own = wallet.child_key(xprv, f"{steps}/7" if path else "7")
    assert wallet.evm_address(ETHEREUM, own) == found


def test_test_networks_take_both_versions() -> None:
    tpub = reversioned(XPUB, "043587cf")
    assert addresses(f"{tpub}/0/*", 3, ANVIL) == addresses(f"{XPUB}/0/*", 3, ANVIL) == PRINTED
    with pytest.raises(InputError, match="version 043587cf, ethereum uses 0488b21e"):
        derive(ETHEREUM, f"{tpub}/0/*", 3)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not an extended public key"),
        ("xpub", "not an extended public key"),
        (f"wpkh({XPUB}/0/*)", "not an extended public key"),
        (f"[00000000/44h/60h/0h]{XPUB}/0/*", "not an extended public key"),
        (f"{XPUB[:-1]}/0/*", "not an extended public key"),
        (f" {XPUB}", "not an extended public key"),
        (reversioned(XPUB, "049d7cb2"), "version 049d7cb2"),  # ypub
        (reversioned(XPUB, "04b24746"), "version 04b24746"),  # zpub
        (XPRV, "private key"),
        (f"{XPRV}/0/*", "private key"),
        (f"{XPUB}/", "path after"),
        (f"{XPUB}//", "path after"),
        (f"{XPUB}/0'/*", "path after"),
        (f"{XPUB}/0h/*", "path after"),
        (f"{XPUB}/0/*h", "path after"),
        (f"{XPUB}/<0;1>/*", "path after"),
        (f"{XPUB}/00/*", "path after"),
        (f"{XPUB}/*/0", "path after"),
        (f"{XPUB}/0/*/", "path after"),
        (f"{XPUB}/-1", "path after"),
        (f"{XPUB}/\u0661", "path after"),
        (f"{XPUB}/0/*\n", "path after"),
        (f"{XPUB}/0/*#abcdefgh", "path after"),
        (f"{XPUB}/{HARDENED}/*", "below 2"),
        (f"{XPUB}{'/0' * 11}", "11 steps"),
        ("x" * 4097, "4097 characters"),
    ],
)
def test_refused_for_its_reason(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        canonical_expression(ETHEREUM, text)
    assert XPRV[8:20] not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("text", "last", "why"),
    [
        (f"{XPUB}/0/*", None, "no last index"),
        (XPUB, None, "no last index"),
        (f"{XPUB}/0/7", 3, "no range, last index is 3"),
        (f"{XPUB}/0/*", -1, "yields 0 addresses"),
        (f"{XPUB}/0/*", expression.MAX_ADDRESSES, "500001 addresses"),
    ],
)
def test_a_last_index_has_its_place(text: str, last: int | None, why: str) -> None:
    with pytest.raises(InputError, match=why):
        derive(ETHEREUM, text, last)


@pytest.mark.parametrize(
    ("text", "signer", "expected"),
    [
        (f"{XPUB}/0/*", "0/2", PRINTED[2]),
        (f"{XPUB}/0/*", "", PRINTED[0]),
        (f"{XPUB}/0/3", "", PRINTED[3]),
        (f"{XPUB}/0/3", "0/3", PRINTED[3]),
        (XPUB, "0/1", PRINTED[1]),
    ],
)
def test_the_signer_is_a_path_below_the_key(text: str, signer: str, expected: str) -> None:
    assert signing_address(ETHEREUM, text, signer) == expected


@pytest.mark.parametrize("signer", ["1/2", "0", "0/0/0", "0/02", "0/-1", "0/2 ", f"0/{HARDENED}"])
def test_a_path_that_is_not_of_the_expression_is_refused(signer: str) -> None:
    with pytest.raises(InputError, match="signer"):
        signing_address(ETHEREUM, f"{XPUB}/0/*", signer)
    with pytest.raises(InputError, match="signer"):
        signing_address(ETHEREUM, f"{XPUB}/0/7", signer)


def test_addresses_beyond_the_last_index() -> None:
    stated, whole = addresses(XPUB, 1), addresses(XPUB, 3)
    found = beyond(ETHEREUM, XPUB, 1, 2)

    assert found == ((whole[2], 2), (whole[3], 3))
    assert stated == whole[:2]
    assert addresses_beyond(ETHEREUM, f"{XPUB}?last=1", 2) == tuple(
        MarginAddress(*one) for one in found
    )
    assert beyond(ETHEREUM, f"{XPUB}/0/2", 0, 1000) == ()
    assert beyond(ETHEREUM, XPUB, HARDENED - 2, 9) == beyond(ETHEREUM, XPUB, HARDENED - 2, 1)
    with pytest.raises(InputError, match="margin of 500001 addresses"):
        beyond(ETHEREUM, XPUB, 1, 500_001)


def test_the_door_of_the_families() -> None:
    door = ChainAddresses()
    assert door.is_expression(ETHEREUM, XPUB)
    assert not door.is_expression(ETHEREUM, PRINTED[0])
    assert door.expression(ETHEREUM, f"{XPUB}?last=3") == f"{XPUB}/0/*"
    assert door.derive(ETHEREUM, f"{XPUB}/0/*?last=3") == PRINTED
    with pytest.raises(InputError, match="at most 499999"):
        door.derive(ETHEREUM, f"{XPUB}/0/*?last=500000")


def test_three_thousand_addresses_take_no_time() -> None:
    # A seventh of a second at rest; the limit is for a machine that is busy.
    began = time.perf_counter()
    assert len(set(addresses(f"{XPUB}/0/*", 2999))) == 3000
    assert time.perf_counter() - began < 5


@given(st.text(max_size=40), st.sampled_from(["", XPUB, f"{XPUB}/", f"{XPUB}/0/*"]))
def test_nothing_but_our_own_error_comes_out_of_text(rest: str, head: str) -> None:
    with contextlib.suppress(InputError):
        written = canonical_expression(ETHEREUM, head + rest)
        assert canonical_expression(ETHEREUM, written) == written
    with contextlib.suppress(InputError):
        signing_address(ETHEREUM, XPUB, rest)
