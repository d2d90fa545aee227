from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.utxo import bech32
from chains.utxo.address import address_of_script, parse_address, script_of
from config.errors import InputError
from tests.chains.utxo import rows

if TYPE_CHECKING:
    from config.registry import Chain

# src/test/data/key_io_valid.json of bitcoin/bitcoin at 1010c48a, of litecoin-project/litecoin at
# b270cd90, base58_keys_valid.json of dogecoin/dogecoin at 0c5e1854, and spec/cashaddr.md of
# bitcoincashorg/bitcoincash.org ("Examples of address translation").
VECTORS = [
    (
        rows.BITCOIN,
        "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
        "76a914a31c06bd463e3923bc1aadbde48b16976c08071788ac",
    ),
    (
        rows.BITCOIN,
        "36j4NfKv6Akva9amjWrLG6MuSQym1GuEmm",
        "a914373b819a068f32b7a6b38b6b38729647cfde01c287",
    ),
    (
        rows.BITCOIN,
        "bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv",
        "00146100fc6343edc8c874496cb2f5bbfec88ea9b77c",
    ),
    (
        rows.BITCOIN,
        "bc1qyucykdlhp62tezs0hagqury402qwhk589q80tqs5myh3rxq34nwqhkdhv7",
        "002027304b37f70e94bc8a0fbf500e0c957a80ebda87280ef58214d92f119811acdc",
    ),
    (
        rows.BITCOIN,
        "bc1p83n3au0rjylefxq2nc2xh2y4jzz4pm6zxj4mw5pagdjjr2a9f36s6jjnnu",
        "51203c671ef1e3913f94980a9e146ba895908550ef4234abb7503d436521aba54c75",
    ),
    (
        rows.BITCOIN_TEST,
        "mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
        "76a914ce28b26c57472737f5c3561a1761185bd8589a4388ac",
    ),
    (
        rows.BITCOIN_TEST,
        "2NC2hEhe28ULKAJkW5MjZ3jtTMJdvXmByvK",
        "a914ce0bba75891ff9ec60148d4bd4a09ee2dc5c933187",
    ),
    (
        rows.BITCOIN_TEST,
        "tb1qcrh3yqn4nlleplcez2yndq2ry8h9ncg3qh7n54",
        "0014c0ef1202759fff90ff19128936814321ee59e111",
    ),
    (
        rows.LITECOIN,
        "LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA",
        "76a914558dbca7118cd5894502767c7b2ffc21a22f54db88ac",
    ),
    (
        rows.LITECOIN,
        "MHrYRxAiMNBTku3eoDHwhA1LQGDjUStZW2",
        "a9146d328a5b2a20d943a641c8d29b6cc3c2d2df85d387",
    ),
    (
        rows.LITECOIN_REGTEST,
        "mpWvR79tSrA5xeziB6mjNYWdaVRwBpgnUP",
        "76a91462b790654f809d32202587c6a43456ffc1965d8388ac",
    ),
    (
        rows.LITECOIN_REGTEST,
        "QgDNrG4nJpE4VV7PcFMFhkTgwAHWxWS7pj",
        "a914d71bee7a1395c10c9ca9a7f53ac086b53e74369d87",
    ),
    (
        rows.DOGECOIN,
        "DD4KSSuBJqcjuTcvUg1CgUKeurPUFeEZkE",
        "76a91456d9b1d684d5abef32134ebc6883d75d3a53e9be88ac",
    ),
    (
        rows.DOGECOIN,
        "A7HRQk3GFCW2QasvdZxXuYj8kkQK5QrYLs",
        "a914a2dd71f34fe73314d6e37c44035513f203aa400b87",
    ),
    (
        rows.BITCOIN_CASH,
        "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
        "76a91476a04053bda0a88bda5177b86a15c3b29f55987388ac",
    ),
    (
        rows.BITCOIN_CASH,
        "pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e",
        "a914cb481232299cd5743151ac4b2d63ae198e7bb0a987",
    ),
]
# The script of `MHrYRx…` above with Bitcoin's version byte, as Litecoin wrote it at first.
OLD_LITECOIN = base58.b58encode_check(
    bytes.fromhex("056d328a5b2a20d943a641c8d29b6cc3c2d2df85d3")
).decode()
# One script in several texts; the second is canonical.
SAME = [
    (
        rows.BITCOIN,
        "BC1QVYQ0CC6RAHYVSAZFDJE0TWL7EZ82NDMUAC2LHV",
        "bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv",
    ),
    (rows.LITECOIN, OLD_LITECOIN, "MHrYRxAiMNBTku3eoDHwhA1LQGDjUStZW2"),
    (
        rows.BITCOIN_CASH,
        "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
        "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
    ),
    (
        rows.BITCOIN_CASH,
        "BITCOINCASH:QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A",
        "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
    ),
    (
        rows.BITCOIN_CASH,
        "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu",
        "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
    ),
    (
        rows.BITCOIN_CASH,
        "1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR",
        "qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy",
    ),
    (
        rows.BITCOIN_CASH,
        "16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb",
        "qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r",
    ),
    (
        rows.BITCOIN_CASH,
        "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC",
        "ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq",
    ),
    # Merge request 1596 of Bitcoin Cash Node: both texts are one destination.
    (
        rows.BITCOIN_CASH,
        "bitcoincash:zr6m7j9njldwwzlg9v7v53unlr4jkmx6eycnjehshe",
        "qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2",
    ),
]
REFUSED = [
    (rows.BITCOIN, "", "not in a form"),
    (rows.BITCOIN, " 1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo", "not in a form"),
    (rows.BITCOIN, "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo\n", "not in a form"),
    (rows.BITCOIN, "11FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo", "checksum"),
    (rows.BITCOIN, "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mp", "checksum"),
    (rows.BITCOIN, "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2m\uff10", "not in a form"),
    (
        rows.BITCOIN,
        "mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
        "version 6f in hex, the chain uses 00, 05",
    ),
    (rows.BITCOIN, "tb1qcrh3yqn4nlleplcez2yndq2ry8h9ncg3qh7n54", "not in a form"),
    (rows.BITCOIN_TEST, "bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv", "not in a form"),
    (rows.BITCOIN, "bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhV", "mixes"),
    (rows.BITCOIN, "BC1Qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv", "mixes"),
    (rows.BITCOIN, "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "spendable by anyone"),
    (rows.BITCOIN, "BC1SW50QGDZ25J", "spendable by anyone"),
    # The pay-to-anchor output (Bitcoin Core): version 1, two bytes, nobody's.
    (rows.BITCOIN, "bc1pfeessrawgf", "spendable by anyone"),
    (rows.BITCOIN, "bc1gmk9yu", "no witness version"),
    (rows.BITCOIN, "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "not in a form"),
    (rows.BITCOIN, "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "not in a form"),
    (rows.DOGECOIN, "bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv", "not in a form"),
    (rows.BITCOIN_CASH, "bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv", "letter 'b'"),
    (rows.BITCOIN_CASH, "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t", "prefix"),
    # Kind 0 with 24 bytes is in the specification's vectors and means no script.
    (
        rows.BITCOIN_CASH,
        "bitcoincash:q9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2ws4mr9g0",
        "kind 0 with a hash of 24 bytes",
    ),
    (
        rows.ZCASH,
        "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
        "version 00 in hex, the chain uses 1cb8, 1cbd",
    ),
]
HASHES = st.binary(min_size=20, max_size=20)


def scripts() -> st.SearchStrategy[bytes]:
    long = st.binary(min_size=32, max_size=32)
    return st.one_of(
        HASHES.map(lambda digest: b"\x76\xa9\x14" + digest + b"\x88\xac"),
        HASHES.map(lambda digest: b"\xa9\x14" + digest + b"\x87"),
        HASHES.map(lambda digest: b"\x00\x14" + digest),
        long.map(lambda digest: b"\x00\x20" + digest),
        long.map(lambda digest: b"\x51\x20" + digest),
        long.map(lambda digest: b"\xaa\x20" + digest + b"\x87"),
    )


@pytest.mark.parametrize(("chain", "text", "script"), VECTORS)
def test_published_addresses(chain: Chain, text: str, script: str) -> None:
    assert text == parse_address(chain, text)
    assert bytes.fromhex(script) == script_of(chain, text)
    assert text == address_of_script(chain, bytes.fromhex(script))


@pytest.mark.parametrize(("chain", "text", "canonical"), SAME)
def test_one_script_has_one_canonical_text(chain: Chain, text: str, canonical: str) -> None:
    assert canonical == parse_address(chain, text)
    assert canonical == parse_address(chain, canonical)
    assert script_of(chain, canonical) == script_of(chain, text)


@pytest.mark.parametrize(("chain", "text", "why"), REFUSED)
def test_refused_for_its_reason(chain: Chain, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        parse_address(chain, text)


def test_two_byte_versions_are_those_of_zcash() -> None:
    scripts_ = (b"\x76\xa9\x14" + bytes(20) + b"\x88\xac", b"\xa9\x14" + bytes(20) + b"\x87")
    expected = ["t1", "t3"]
    assert expected == [str(address_of_script(rows.ZCASH, script))[:2] for script in scripts_]


def test_dash_addresses_begin_as_published() -> None:
    scripts_ = (b"\x76\xa9\x14" + bytes(20) + b"\x88\xac", b"\xa9\x14" + bytes(20) + b"\x87")
    expected = ["X", "7"]
    assert expected == [str(address_of_script(rows.DASH, script))[0] for script in scripts_]


def test_taproot_only_where_it_is_active() -> None:
    assert rows.BITCOIN.utxo is not None
    before = dataclasses.replace(
        rows.BITCOIN, utxo=dataclasses.replace(rows.BITCOIN.utxo, taproot=False)
    )
    text = "bc1p83n3au0rjylefxq2nc2xh2y4jzz4pm6zxj4mw5pagdjjr2a9f36s6jjnnu"
    with pytest.raises(InputError, match="spendable by anyone"):
        parse_address(before, text)
    assert address_of_script(before, script_of(rows.BITCOIN, text)) is None


def test_a_chain_of_another_family_is_refused() -> None:
    chain = dataclasses.replace(rows.BITCOIN, family="evm", utxo=None)
    with pytest.raises(InputError, match="family 'evm', not 'utxo'"):
        parse_address(chain, "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo")


def test_a_private_key_in_the_address_column_is_not_repeated() -> None:
    secret = base58.b58encode_check(b"\x80" + bytes(range(32)) + b"\x01").decode()
    with pytest.raises(InputError) as caught:
        parse_address(rows.BITCOIN, secret)
    assert secret[:8] not in caught.value.what
    assert "of 52 characters" in caught.value.what


@pytest.mark.parametrize(
    "script",
    [
        b"",
        b"\x6a\x04abcd",
        b"\x51",
        b"\x51\x02\x4e\x73",
        b"\x52\x20" + bytes(32),
        b"\x00\x10" + bytes(16),
    ],
)
def test_other_scripts_have_no_address(script: bytes) -> None:
    assert {None} == {address_of_script(chain, script) for chain in rows.ALL}


@pytest.mark.parametrize(("chain", "text", "_"), VECTORS)
def test_every_changed_or_cut_character_is_refused(chain: Chain, text: str, _: str) -> None:
    letters = bech32.ALPHABET if len(text) > 40 else "123abcXYZ"
    for index, letter in enumerate(text):
        other = letters[(letters.find(letter) + 1) % len(letters)]
        for hostile in (text[:index] + other + text[index + 1 :], text[:index]):
            with pytest.raises(InputError):
                parse_address(chain, hostile)


@given(st.sampled_from(rows.ALL), scripts())
def test_script_address_script(chain: Chain, script: bytes) -> None:
    address = address_of_script(chain, script)
    if address is not None:
        assert script == script_of(chain, address)
        assert address == parse_address(chain, address)
        assert ":" not in address


@given(st.sampled_from(rows.ALL), st.text(max_size=120))
def test_nothing_but_input_errors(chain: Chain, text: str) -> None:
    with pytest.raises(InputError):
        parse_address(chain, text)


@given(st.sampled_from(rows.ALL), st.binary(max_size=30))
def test_right_checksums_of_wrong_payloads_are_refused(chain: Chain, payload: bytes) -> None:
    text = base58.b58encode_check(b"\x99" + payload).decode()
    with pytest.raises(InputError):
        parse_address(chain, text)
