from __future__ import annotations

import base58
import pytest
from btclib_wallet.bip32 import xpub_from_xprv
from btclib_wallet.descriptors import add_checksum
from hypothesis import given
from hypothesis import strategies as st

from chains.expression import MAX_ADDRESSES
from chains.utxo.address import script_of
from chains.utxo.descriptors import (
    Derived,
    canonical_expression,
    derive,
    signing_address,
    single_key,
)
from config.errors import InputError
from tests.chains.utxo import rows

# Account keys of the mnemonic "abandon … about", of BIP-44, BIP-49, BIP-84 and BIP-86.
XPUB = (
    "xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWGFNbi8Aw6ZRc1brxMyWMzG3DSSSSoekkudh"
    "Ud9yLb6qx39T9nMdj"
)
ZPUB = (
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGD"
    "tKsAYz2oz2AGutZYs"
)
PLAIN_ZPUB = (
    "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXY"
    "VUhLv1VMrjPC7PW6V"
)
TAPROOT_XPUB = (
    "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfd"
    "DEHGCtMMj92pReUsQ"
)
# The account of BIP-49's test vectors; its private form is published there, this is the public one.
TPRV = (
    "tprv8gRrNu65W2Msef2BdBSUgFdRTGzC8EwVXnV7UGS3faeXtuMVtGfEdidVeGbThs4ELEoayCAzZQ4uUji9DUiAs7erdV"
    "skqju7hrBcDvDsdbY"
)
# Keys of BIP-380 and BIP-383.
KEY_A = (
    "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDM"
    "zQLcgJvLJuZZvRcEL"
)
KEY_B = (
    "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLP"
    "xSb7gwQN3ih19Zm4Y"
)
XPRV = (
    "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjS"
    "yQbLYnMpCqE2VbFWc"
)
WIF = "L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1"
HEX = "0260b2003c386519fc9eadf2b5cf124dd8eea4c4e68d5e154050a9346ea98ce600"


def reversioned(key: str, version: str) -> str:
    """Write an extended key with other version bytes (SLIP-132)."""
    return base58.b58encode_check(bytes.fromhex(version) + base58.b58decode_check(key)[4:]).decode()


def addresses(expression: str, last: int | None) -> list[str]:
    return [derived.address for derived in derive(rows.BITCOIN, expression, last)]


def test_bip_84_by_its_version_bytes() -> None:
    expected = (
        Derived("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "0/0"),
        Derived("bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g", "0/1"),
        Derived("bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el", "1/0"),
        Derived("bc1qggnasd834t54yulsep6fta8lpjekv4zj6gv5rf", "1/1"),
    )
    assert expected == derive(rows.BITCOIN, ZPUB, 1)
    assert expected == derive(rows.BITCOIN, f"wpkh({PLAIN_ZPUB}/<0;1>/*)", 1)


def test_bip_44_by_its_version_bytes() -> None:
    expected = ["1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA", "1J3J6EvPrv8q6AC3VCjWV45Uf3nssNMRtH"]
    assert expected == addresses(XPUB, 0)


def test_bip_49_by_its_version_bytes() -> None:
    upub = reversioned(xpub_from_xprv(TPRV), "044a5262")
    derived = derive(rows.BITCOIN_TEST, upub, 0)
    expected = Derived("2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2", "0/0")
    assert expected == derived[0]


def test_bip_86() -> None:
    expected = [
        "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
        "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh",
        "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7",
    ]
    found = addresses(f"tr({TAPROOT_XPUB}/<0;1>/*)", 1)
    assert expected == found[:3]


def test_another_chain_writes_the_same_scripts_its_own_way() -> None:
    expected = [
        "ltc1qcr8te4kr609gcawutmrza0j4xv80jy8z4nqduv",
        "ltc1q8c6fshw2dlwun7ekn9qwf37cu2rn755u9ym7p0",
    ]
    assert expected == [derived.address for derived in derive(rows.LITECOIN, ZPUB, 0)]
    cash = derive(rows.BITCOIN_CASH, XPUB, 0)
    assert all(derived.address.startswith("q") for derived in cash)


def test_multisig_under_sh_wsh_and_both() -> None:
    for outer in ("sh", "wsh", "sh(wsh"):
        close = ")" * (outer.count("(") + 1)
        expression = f"{outer}(sortedmulti(2,{KEY_A}/*,{KEY_B}/0/0/*){close}"
        expected = ["0", "1", "2"]
        assert expected == [found.path for found in derive(rows.BITCOIN, expression, 2)]
        assert not single_key(rows.BITCOIN, expression)


def test_bip_383_script() -> None:
    expression = f"sh(multi(2,[00000000/111'/222]{KEY_A},{KEY_B}/0))"
    expected = "a91445a9a622a8b0a1269944be477640eedc447bbd8487"
    assert expected == script_of(rows.BITCOIN, addresses(expression, None)[0]).hex()


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (ZPUB, f"wpkh({PLAIN_ZPUB}/<0;1>/*)"),
        (XPUB, f"pkh({XPUB}/<0;1>/*)"),
        (reversioned(XPUB, "049d7cb2"), f"sh(wpkh({XPUB}/<0;1>/*))"),
        (add_checksum(f"wpkh({XPUB}/0/*)"), f"wpkh({XPUB}/0/*)"),
        (f"wpkh([DEADBEEF/84'/0h/0']{XPUB}/0/*)", f"wpkh([deadbeef/84h/0h/0h]{XPUB}/0/*)"),
        (f"wpkh([deadbeef/084h]{XPUB}/<00;1>/02/*)", f"wpkh([deadbeef/84h]{XPUB}/<0;1>/2/*)"),
        (f"pkh({HEX.upper()})", f"pkh({HEX})"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert canonical == canonical_expression(rows.BITCOIN, text)
    assert canonical == canonical_expression(rows.BITCOIN, canonical)


@pytest.mark.parametrize(
    ("signer", "index"), [("", 0), ("0/0", 0), ("0/2", 2), ("1/0", 3), ("1/2", 5)]
)
def test_signing_address_is_one_of_the_derived(signer: str, index: int) -> None:
    assert addresses(ZPUB, 2)[index] == signing_address(rows.BITCOIN, ZPUB, signer)


def test_signing_address_beyond_the_last_index() -> None:
    expression = f"wpkh({PLAIN_ZPUB}/7/*)"
    derived = derive(rows.BITCOIN, expression, 500)[-1]
    assert derived.address == signing_address(rows.BITCOIN, expression, "7/500")
    assert signing_address(rows.BITCOIN, expression, f"7/{2**31 - 1}").startswith("bc1q")


def test_signing_address_of_a_fixed_path() -> None:
    expression = f"pkh({XPUB}/0/5)"
    assert (Derived(addresses(expression, None)[0], "0/5"),) == derive(
        rows.BITCOIN, expression, None
    )
    assert addresses(expression, None)[0] == signing_address(rows.BITCOIN, expression, "0/5")
    assert addresses(f"pkh({XPUB}/0/*)", 5)[5] == addresses(expression, None)[0]


@pytest.mark.parametrize("signer", ["0/6", "1/5", "0", "0/5/0"])
def test_a_fixed_path_yields_no_other(signer: str) -> None:
    with pytest.raises(InputError, match="signer is"):
        signing_address(rows.BITCOIN, f"pkh({XPUB}/0/5)", signer)


def test_a_key_written_out_has_no_path() -> None:
    found = derive(rows.BITCOIN, f"pkh({HEX})", None)
    expected = [""]
    assert expected == [derived.path for derived in found]
    assert found[0].address == signing_address(rows.BITCOIN, f"pkh({HEX})", "")
    with pytest.raises(InputError, match="signer is"):
        signing_address(rows.BITCOIN, f"pkh({HEX})", "0")


@pytest.mark.parametrize(
    "signer",
    [
        "2/0",
        "0",
        "0/0/0",
        "0/-1",
        "m/0/0",
        "/0/0",
        "0/0/",
        "0/00",
        "0/0h",
        f"0/{2**31}",
        "0/ 1",
        "x" * 500,
    ],
)
def test_a_signer_that_the_expression_does_not_yield_is_refused(signer: str) -> None:
    with pytest.raises(InputError, match="signer is"):
        signing_address(rows.BITCOIN, ZPUB, signer)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (ZPUB, True),
        (XPUB, True),
        (f"sh(wpkh({XPUB}/0/*))", True),
        (f"tr({XPUB}/0/*)", True),
        (f"pkh({HEX})", False),
        (f"sh(multi(1,{XPUB}/*))", False),
        (f"wsh(sortedmulti(1,{KEY_A}/*,{KEY_B}/*))", False),
    ],
)
def test_single_key(expression: str, expected: bool) -> None:  # noqa: FBT001 - a parametrized value
    assert expected == single_key(rows.BITCOIN, expression)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not an extended public key"),
        ("xpub", "not an extended public key"),
        (ZPUB[:-1] + "t", "not an extended public key"),
        (reversioned(XPUB, "043587cf"), "version 043587cf, bitcoin uses 0488b21e"),
        (reversioned(XPUB, "02aa7ed3"), "version 02aa7ed3"),  # Zpub: multisig, of keys not given
        (reversioned(XPUB, "019da462"), "version 019da462"),  # Ltub
        (f"wpkh({reversioned(XPUB, '043587cf')}/*)", "of a main network"),
        (f"wpkh({ZPUB}/*)", "not xpub"),
        (f"wpkh({XPUB}/0h/*)", "hardened"),
        (f"wpkh({XPUB}/0'/*)", "hardened"),
        (f"wpkh({XPUB}/*h)", "hardened"),
        (f"wpkh({XPUB}/<0;1h>/*)", "hardened"),
        (f"wpkh({XPUB}/0/*)#aaaaaaaa", "not an output descriptor"),
        (f"wpkh({XPUB}/0/*)#", "not an output descriptor"),
        (f"wpkh({XPUB}/0/*))", "not an output descriptor"),
        (f" wpkh({XPUB}/0/*)", "not an output descriptor"),
        (f"wpkh({XPUB}/<0;0>/*)", "not an output descriptor"),
        (f"wpkh({XPUB}/{2**31}/*)", "not an output descriptor"),
        (f"wsh(pk({XPUB}/*))", "function"),
        (f"wsh(and_v(v:pk({KEY_A}),older(100)))", "function"),
        (f"sh(pkh({XPUB}/*))", "function"),
        (f"multi(1,{KEY_A},{KEY_B})", "function"),
        (f"pk({XPUB})", "function"),
        (f"combo({XPUB})", "function"),
        (f"tr({XPUB}/0/*,pk({KEY_A}))", "function"),
        (f"rawtr({XPUB})", "function"),
        (f"tr(musig({KEY_A},{KEY_B})/*)", "musig"),
        ("addr(1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo)", "function"),
        ("raw(deadbeef)#89f8spxm", "function"),
        ("x(" * 2000, "not an output descriptor"),
        ("x" * 4097, "4097 characters"),
    ],
)
def test_refused_for_its_reason(text: str, why: str) -> None:
    for question in (canonical_expression, single_key):
        with pytest.raises(InputError, match=why):
            question(rows.BITCOIN, text)
    with pytest.raises(InputError, match=why):
        derive(rows.BITCOIN, text, 0)
    with pytest.raises(InputError, match=why):
        signing_address(rows.BITCOIN, text, "")


@pytest.mark.parametrize(
    "text",
    [
        XPRV,
        TPRV,
        f"wpkh({XPRV}/0/*)",
        f"wpkh({XPRV}/0h/*)",
        f"pkh({WIF})",
        f"sh(multi(1,{KEY_A},{WIF}))",
    ],
)
def test_private_keys_are_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(InputError, match="holds a private key") as caught:
        derive(rows.BITCOIN, text, 0)
    for secret in (XPRV, TPRV, WIF):
        assert secret[4:16] not in caught.value.what + caught.value.hint
        assert secret[4:16] not in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("expression", "last", "why"),
    [
        (ZPUB, None, "no last index"),
        (ZPUB, -1, "yields 0 addresses"),
        (ZPUB, MAX_ADDRESSES // 2, "yields 100002 addresses"),
        (f"pkh({XPUB}/0/5)", 0, "no range, last index is 0"),
    ],
)
def test_the_last_index_must_fit(expression: str, last: int | None, why: str) -> None:
    with pytest.raises(InputError, match=why):
        derive(rows.BITCOIN, expression, last)


def test_scripts_without_an_address_on_the_chain_are_refused() -> None:
    with pytest.raises(InputError, match="no address on dogecoin"):
        derive(rows.DOGECOIN, ZPUB, 0)
    assert derive(rows.DOGECOIN, XPUB, 0)[0].address.startswith("D")


def test_a_key_too_deep_to_derive_from_is_refused() -> None:
    data = base58.b58decode_check(XPUB)
    deepest = base58.b58encode_check(data[:4] + b"\xff" + data[5:]).decode()
    with pytest.raises(InputError, match="no script at index 0"):
        derive(rows.BITCOIN, deepest, 0)


@given(st.text(max_size=120))
def test_nothing_but_input_errors(text: str) -> None:
    for hostile in (
        text,
        f"wpkh({text})",
        f"wpkh({XPUB}{text})",
        f"sh(multi(1,{text}))",
        f"xpub{text}",
    ):
        try:
            derive(rows.BITCOIN, hostile, None)
        except InputError:
            continue


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_any_path_an_expression_yields_can_sign(branch: int, index: int) -> None:
    fixed = addresses(f"wpkh({XPUB}/{branch}/{index})", None)[0]
    assert fixed == signing_address(rows.BITCOIN, f"wpkh({XPUB}/{branch}/*)", f"{branch}/{index}")
