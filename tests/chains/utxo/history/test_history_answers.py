from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.utxo.history import electrum_answers as electrum
from chains.utxo.history import esplora_answers as esplora
from chains.utxo.history.electrum_answers import Tip
from chains.utxo.history.electrum_calls import chunks, scripthash
from chains.utxo.history.esplora_calls import page_call
from chains.utxo.history.merkle import Branch
from tests.chains.utxo.history.vectors import BITCOIN_BLOCK, BITCOIN_START

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Json

HASH, OTHER = "ab" * 32, "cd" * 32
RAW = BITCOIN_START[1].hex()
NAME = "00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048"
TXID = BITCOIN_BLOCK["transactions"][1]["txid"]
HEX = BITCOIN_BLOCK["transactions"][1]["hex"]

NOT_HEX: list[Json] = [None, True, 1, "", "0x" + RAW, RAW.upper(), RAW[:-1], RAW[:-2], RAW + " "]
NOT_HEIGHTS: list[Json] = [None, True, False, -2, 2**31, "5", "5.0", (5,), {}]


def test_a_script_s_names() -> None:
    # The documentation of the Electrum protocol, "Script Hashes", of the first block's address.
    script = "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac"
    expected = "8b01df4e368ea28f8dc0423bcf7a4923e3a12d307c875e47a0cfbf90b5c39161"
    assert expected == scripthash(script)
    backwards = bytes.fromhex(expected)[::-1].hex()
    assert (f"/scripthash/{backwards}/txs/chain",) == page_call(script, None).params
    assert (f"/scripthash/{backwards}/txs/chain/{HASH}",) == page_call(script, HASH).params


def test_headers_are_asked_for_in_chunks() -> None:
    assert ((0, 1),) == chunks(0, 0)
    assert ((0, 2016),) == chunks(0, 2015)
    assert ((2016, 2016), (4032, 3)) == chunks(2016, 4034)


def test_sound_answers() -> None:
    assert HASH == electrum.read_features({"genesis_hash": HASH, "hosts": {}})
    assert Tip(7, NAME) == electrum.read_tip({"height": 7, "hex": RAW})
    assert BITCOIN_START[1] == electrum.read_block_header(RAW)
    pair = BITCOIN_START[1] + BITCOIN_START[2]
    assert pair == electrum.read_block_headers({"count": 2, "max": 2016, "hex": pair.hex()}, 2)
    each = (BITCOIN_START[1].hex(), BITCOIN_START[2].hex())
    assert pair == electrum.read_block_headers({"count": 2, "max": 2016, "headers": each}, 2)
    listed: Json = (
        {"tx_hash": HASH, "height": 5},
        {"tx_hash": OTHER, "height": -1, "fee": 20},
        {"tx_hash": OTHER, "height": 0, "fee": 20},
    )
    assert ((HASH, 5), (OTHER, -1), (OTHER, 0)) == electrum.read_history(listed)
    assert () == electrum.read_history(())
    assert TXID == electrum.read_raw_transaction(HEX, TXID).txid
    branch: Json = {"block_height": 5, "merkle": (HASH, OTHER), "pos": 3}
    assert Branch((HASH, OTHER), 3) == electrum.read_branch(branch, 5)
    assert (5, Branch((HASH, OTHER), 3)) == electrum.read_placed_branch(branch)
    assert Branch((), 0) == electrum.read_branch({"block_height": 5, "merkle": (), "pos": 0}, 5)
    assert 840_000 == esplora.read_tip_height("840000")
    assert 0 == esplora.read_tip_height("0")
    assert BITCOIN_START[1] == esplora.read_header_of(RAW, NAME)
    page: Json = tuple(
        {"txid": txid, "vin": (), "status": {"confirmed": True, "block_height": height}}
        for txid, height in ((HASH, 9), (OTHER, 9), (TXID, 1))
    )
    assert ((HASH, 9), (OTHER, 9), (TXID, 1)) == esplora.read_page(page)


def test_the_proof_of_another_chain_s_work_is_taken_off() -> None:
    marked = RAW[:2] + "01" + RAW[4:]
    assert bytes.fromhex(marked) == electrum.read_block_header(marked + "00" * 1000)
    with pytest.raises(ValueError, match="header of 81 bytes, expected 80"):
        electrum.read_block_header(RAW + "00")
    answer: Json = {"count": 1, "headers": (marked + "00" * 10,)}
    assert bytes.fromhex(marked) == electrum.read_block_headers(answer, 1)


@pytest.mark.parametrize("value", NOT_HEX)
def test_what_is_no_hex_is_refused(value: Json) -> None:
    for read in (
        electrum.read_block_header,
        lambda one: electrum.read_tip({"height": 7, "hex": one}),
        lambda one: electrum.read_block_headers({"count": 1, "hex": one}, 1),
        lambda one: electrum.read_block_headers({"count": 1, "headers": (one,)}, 1),
        lambda one: electrum.read_raw_transaction(one, TXID),
        lambda one: esplora.read_header_of(one, NAME),
    ):
        with pytest.raises(ValueError, match=r"hex|header of|one transaction"):
            read(value)


@pytest.mark.parametrize("value", NOT_HEIGHTS)
def test_what_is_no_height_is_refused(value: Json) -> None:
    status: Json = {"confirmed": True, "block_height": value}
    for read in (
        lambda: electrum.read_tip({"height": value, "hex": RAW}),
        lambda: electrum.read_history(({"tx_hash": HASH, "height": value},)),
        lambda: electrum.read_branch({"block_height": value, "merkle": (), "pos": 0}, 5),
        lambda: esplora.read_page(({"txid": HASH, "status": status},)),
        lambda: esplora.read_tip_height(value if value != "5" else "05"),
    ):
        with pytest.raises(ValueError, match="height"):
            read()


@pytest.mark.parametrize(
    "value", [None, 1, "x", HASH[:-1], HASH.upper(), HASH + "\n", ("x",), {"a": 1}]
)
def test_what_is_no_hash_is_refused(value: Json) -> None:
    status: Json = {"confirmed": True, "block_height": 5}
    for read in (
        lambda: electrum.read_features({"genesis_hash": value}),
        lambda: electrum.read_history(({"tx_hash": value, "height": 5},)),
        lambda: electrum.read_branch({"block_height": 5, "merkle": (value,), "pos": 0}, 5),
        lambda: esplora.read_page(({"txid": value, "status": status},)),
    ):
        with pytest.raises(ValueError, match="not a hash"):
            read()


@pytest.mark.parametrize(
    "value",
    [
        {"count": 1, "hex": RAW},
        {"count": 3, "hex": RAW * 2},
        {"count": True, "hex": RAW * 2},
        {"count": "2", "hex": RAW * 2},
        {"hex": RAW * 2},
        {"count": 2, "hex": RAW},
        {"count": 2, "hex": RAW * 3},
        {"count": 2},
        {"count": 2, "hex": RAW * 2, "headers": (RAW, RAW)},
        {"count": 2, "headers": (RAW,)},
        {"count": 2, "headers": RAW * 2},
        {"count": 2, "headers": {"0": RAW, "1": RAW}},
        (RAW, RAW),
        RAW * 2,
        None,
    ],
)
def test_headers_are_as_many_as_were_asked_for(value: Json) -> None:
    with pytest.raises(ValueError, match=r"header|hex|object"):
        electrum.read_block_headers(value, 2)


@pytest.mark.parametrize(
    "value",
    [
        {"block_height": 6, "merkle": (HASH,), "pos": 0},
        {"block_height": 5, "merkle": (HASH,), "pos": 2},
        {"block_height": 5, "merkle": (HASH,), "pos": -1},
        {"block_height": 5, "merkle": (HASH,), "pos": True},
        {"block_height": 5, "merkle": (HASH,), "pos": "0"},
        {"block_height": 5, "merkle": (), "pos": 1},
        {"block_height": 5, "merkle": (HASH,)},
        {"block_height": 5, "pos": 0},
        {"block_height": 5, "merkle": HASH, "pos": 0},
        {"block_height": 5, "merkle": (HASH,) * 33, "pos": 0},
        {"merkle": (HASH,), "pos": 0},
        (HASH,),
    ],
)
def test_a_branch_of_another_form_is_refused(value: Json) -> None:
    with pytest.raises(ValueError, match=r"branch|position|height|object"):
        electrum.read_branch(value, 5)


@pytest.mark.parametrize(
    "value", [None, "x", {}, {"history": ()}, (HASH,), ((HASH, 5),), ({"tx_hash": HASH},)]
)
def test_a_history_of_another_form_is_refused(value: Json) -> None:
    with pytest.raises(ValueError, match=r"history|object|height"):
        electrum.read_history(value)


def test_another_transaction_is_refused() -> None:
    other = BITCOIN_BLOCK["transactions"][2]["txid"]
    with pytest.raises(ValueError, match=f"transaction {TXID}, {other} was asked for"):
        electrum.read_raw_transaction(HEX, other)


def test_another_header_is_refused() -> None:
    with pytest.raises(ValueError, match=f"header of block {NAME}, {HASH} was asked for"):
        esplora.read_header_of(RAW, HASH)


@pytest.mark.parametrize("value", ["", "-1", "+1", "1 ", "0x1", "1.0", "01", "1e3", "9" * 11, "٣"])
def test_a_tip_is_the_plain_text_of_a_height(value: str) -> None:
    with pytest.raises(ValueError, match="height"):
        esplora.read_tip_height(value)


@pytest.mark.parametrize(
    "change",
    [
        {"confirmed": False},
        {"confirmed": "true"},
        {"confirmed": 1},
        {"block_height": None},
    ],
)
def test_a_page_lists_transactions_in_blocks(change: dict[str, Json]) -> None:
    status: dict[str, Json] = {"confirmed": True, "block_height": 5}
    status |= change
    with pytest.raises(ValueError, match=r"block|height"):
        esplora.read_page(({"txid": HASH, "status": status},))


@pytest.mark.parametrize(
    "value",
    [None, {}, "x", (HASH,), ({"txid": HASH},), ({"txid": HASH, "status": None},), ({},) * 1001],
)
def test_a_page_of_another_form_is_refused(value: Json) -> None:
    with pytest.raises(ValueError, match=r"page|block"):
        esplora.read_page(value)


KEYS = [
    *("tx_hash", "height", "hex", "count", "headers", "merkle", "pos", "block_height"),
    *("genesis_hash", "txid", "status", "confirmed"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(HASH) | st.just(RAW),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_read_or_refused(value: Json) -> None:
    readers: list[Callable[[Json], object]] = [
        electrum.read_features,
        electrum.read_tip,
        electrum.read_block_header,
        lambda one: electrum.read_block_headers(one, 1),
        electrum.read_history,
        lambda one: electrum.read_raw_transaction(one, TXID),
        lambda one: electrum.read_branch(one, 5),
        electrum.read_placed_branch,
        esplora.read_tip_height,
        lambda one: esplora.read_header_of(one, NAME),
        esplora.read_page,
    ]
    for read in readers:
        try:
            read(value)
        except ValueError:
            continue
