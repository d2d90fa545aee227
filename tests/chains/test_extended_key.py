"""Extended public keys, against btclib's own derivation and the invalid keys of BIP-32."""

from __future__ import annotations

import hashlib

import base58
import pytest
from btclib_wallet import bip32
from coincurve import PublicKey
from hypothesis import given
from hypothesis import strategies as st

from chains.expression import HARDENED
from chains.extended_key import TPUB, XPUB, child, children, descend, read_key
from config.errors import InputError
from tests.examples import wallet

_, KEY = wallet.extended_key(5, "m/44h/60h/0h", "0488ade4")
XPRV, _ = wallet.extended_key(5, "m/44h/60h/0h", "0488ade4")
RAW = base58.b58decode_check(KEY)
steps = st.lists(st.integers(0, HARDENED - 1), max_size=4)


def written(data: bytes) -> str:
    return base58.b58encode_check(data).decode()


def other_point(key: str, path: str) -> bytes:
    """Give the child's public key as btclib derives it."""
    return bip32.BIP32KeyData.b58decode(bip32.derive(key, path)).key


@given(st.integers(0, 2**64), steps)
def test_children_are_those_of_btclib(seed: int, path: list[int]) -> None:
    root = bip32.rootxprv_from_seed(hashlib.sha512(str(seed).encode()).digest(), "0488ade4")
    text = str(bip32.xpub_from_xprv(root))
    key = read_key(text)

    assert key is not None
    assert key.text == text
    found, _ = descend(key, tuple(path))
    expected = other_point(text, "/".join(("m", *map(str, path))))
    assert expected == found.format()


def test_many_children_are_the_single_ones() -> None:
    key = read_key(KEY)
    assert key is not None
    point, code = descend(key, (0,))

    expected = [(at, other_point(KEY, f"m/0/{at}")) for at in (3, 4, 5)]
    assert expected == [(at, one.format()) for at, one in children(point, code, range(3, 6))]


@pytest.mark.parametrize("index", [-1, HARDENED, HARDENED + 1])
def test_a_hardened_index_is_refused(index: int) -> None:
    point, code = PublicKey(RAW[45:]), RAW[13:45]
    with pytest.raises(InputError, match="hardened"):
        child(point, code, index)


def test_an_index_without_a_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody knows such an index: the order of the curve itself stands for its digest.
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    digest = order.to_bytes(32, "big") + bytes(32)
    monkeypatch.setattr("chains.extended_key.hmac.digest", lambda *_given: digest)
    with pytest.raises(InputError, match="index 7 has no key"):
        child(PublicKey(RAW[45:]), RAW[13:45], 7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xpub",
        KEY[:-1],
        KEY + "1",
        f" {KEY}",
        f"{KEY}\n",
        KEY[:-1] + ("1" if KEY[-1] != "1" else "2"),
        KEY.replace(KEY[20], "0"),
        written(RAW[:-1]),
        written(RAW + b"\0"),
        written(RAW[:45] + b"\x04" + RAW[46:]),  # BIP-32, test vector 5: prefix of the key
        written(RAW[:45] + b"\x01" + RAW[46:]),
        written(RAW[:45] + b"\x02" + bytes(31) + b"\x07"),  # the same: no point of the curve
        written(XPUB + b"\0" + b"\1" + RAW[6:]),  # the same: depth zero with a parent
        written(XPUB + bytes(5) + b"\0\0\0\1" + RAW[13:]),  # the same: depth zero with a number
    ],
)
def test_what_is_no_extended_key_is_none(text: str) -> None:
    assert read_key(text) is None


def test_any_version_is_read() -> None:
    for version in (XPUB, TPUB, bytes(4)):
        key = read_key(written(version + RAW[4:]))
        assert key is not None
        assert key.version == version


@pytest.mark.parametrize("version", ["0488ade4", "04358394", "04b2430c", "0488b21e"])
def test_a_private_key_is_refused_and_not_repeated(version: str) -> None:
    text = written(bytes.fromhex(version) + base58.b58decode_check(XPRV)[4:])
    with pytest.raises(InputError, match="private key") as caught:
        read_key(text)
    assert text[4:20] not in f"{caught.value} {caught.value.hint}"


@given(st.text(max_size=130) | st.text("123456789ABCDxpubz", min_size=100, max_size=113))
def test_nothing_but_our_own_error_comes_out(text: str) -> None:
    assert read_key(text) is None
