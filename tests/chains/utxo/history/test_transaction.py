from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.utxo.history.transaction import (
    MAX_BYTES,
    Transaction,
    could_be_transaction,
    read_transaction,
)
from tests.chains.utxo.history.minting import NULL, SCRIPTS, shown, written
from tests.chains.utxo.history.vectors import BITCOIN_BLOCK, HOGEX, LITECOIN_BLOCK

LEGACY = bytes.fromhex(BITCOIN_BLOCK["transactions"][1]["hex"])
SEGWIT = bytes.fromhex(LITECOIN_BLOCK["transactions"][1])
OUTPOINT = ("ab" * 32, 3)


@pytest.mark.parametrize("vector", BITCOIN_BLOCK["transactions"])
def test_transactions_of_a_real_block(vector: dict[str, str]) -> None:
    transaction = read_transaction(bytes.fromhex(vector["hex"]))
    assert vector["txid"] == transaction.txid
    assert transaction.coinbase == (vector is BITCOIN_BLOCK["transactions"][0])


def test_what_is_read_of_a_real_transaction() -> None:
    expected = Transaction(
        txid="fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4",
        inputs=(("87a157f3fd88ac7907c05fc55e271dc4acdc5605d187d646604ca8c0e9382e03", 0),),
        outputs=(
            ("76a914c398efa9c392ba6013c5e04ee729755ef7f58b3288ac", 556_000_000),
            ("76a914948c765a6914d43f2a7ac177da2c2f6b52de3d7c88ac", 4_444_000_000),
        ),
        coinbase=False,
    )
    assert expected == read_transaction(LEGACY)


def test_a_coinbase_spends_nothing() -> None:
    coinbase = read_transaction(bytes.fromhex(BITCOIN_BLOCK["transactions"][0]["hex"]))
    assert ((), True) == (coinbase.inputs, coinbase.coinbase)


@pytest.mark.parametrize(("place", "raw"), [(1, 0), (2, 1), (57, 2)])
def test_transactions_of_a_block_with_an_extension_block(place: int, raw: int) -> None:
    read = read_transaction(bytes.fromhex(LITECOIN_BLOCK["transactions"][raw]))
    assert LITECOIN_BLOCK["txids"][place] == read.txid


def test_a_hogex_is_read_without_its_mark() -> None:
    hogex = read_transaction(HOGEX)
    assert 4 == len(hogex.inputs)
    assert [9_191_015_763] == [units for _, units in hogex.outputs]
    plain = HOGEX[:4] + HOGEX[6:-5] + HOGEX[-4:]
    assert hogex == read_transaction(plain)


def test_a_hogex_may_have_a_witness() -> None:
    raw, txid = written([OUTPOINT], [(SCRIPTS[0], 7)], witness=True)
    marked = raw[:5] + b"\x09" + raw[6:-4] + b"\x00" + raw[-4:]
    assert txid == read_transaction(marked).txid


@pytest.mark.parametrize(
    "raw",
    [
        HOGEX[:-5] + b"\x01" + HOGEX[-4:],  # an extension part that is not empty
        HOGEX[:5] + b"\x0a" + HOGEX[6:],  # a flag that nobody knows
        HOGEX[:5] + b"\x18" + HOGEX[6:],
    ],
)
def test_data_of_an_extension_block_is_refused_by_name(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"^mweb: transaction with data of an extension block$"):
        read_transaction(raw)


@pytest.mark.parametrize("at", range(len(LEGACY)))
def test_every_changed_byte_gives_another_transaction_or_none(at: int) -> None:
    for bit in (0x01, 0x80, 0xFF):
        changed = LEGACY[:at] + bytes([LEGACY[at] ^ bit]) + LEGACY[at + 1 :]
        try:
            assert read_transaction(changed).txid != read_transaction(LEGACY).txid
        except ValueError:
            continue


@pytest.mark.parametrize("at", range(len(SEGWIT)))
def test_a_witness_changes_nothing_that_is_read(at: int) -> None:
    whole = read_transaction(SEGWIT)
    changed = SEGWIT[:at] + bytes([SEGWIT[at] ^ 1]) + SEGWIT[at + 1 :]
    try:
        met = read_transaction(changed)
    except ValueError:
        return
    # Version, marker, input, output, then 107 bytes of witness before the lock time.
    witness = len(SEGWIT) - 4 - 107
    assert (met == whole) == (witness < at < len(SEGWIT) - 4)


@pytest.mark.parametrize("raw", [LEGACY, SEGWIT, HOGEX], ids=["legacy", "segwit", "hogex"])
def test_every_cut_and_every_addition_is_refused(raw: bytes) -> None:
    for end in range(len(raw)):
        with pytest.raises(ValueError, match="transaction"):
            read_transaction(raw[:end])
    for more in (b"\x00", b"\x01", raw):
        with pytest.raises(ValueError, match="transaction"):
            read_transaction(raw + more)


def small(unlock: bytes, script: bytes) -> bytes:
    """A transaction of one input and one output."""
    outpoint = bytes.fromhex(OUTPOINT[0]) + struct.pack("<I", OUTPOINT[1])
    front = struct.pack("<i", 2) + b"\x01" + outpoint + bytes([len(unlock)]) + unlock + b"\xff" * 4
    back = b"\x01" + struct.pack("<q", 9) + bytes([len(script)]) + script
    return front + back + struct.pack("<I", 0)


@pytest.mark.parametrize("unlock", range(5))
def test_sixty_four_bytes_are_refused(unlock: int) -> None:
    raw = small(b"\x00" * unlock, b"\x51" * (4 - unlock))
    assert 64 == len(raw)
    assert could_be_transaction(raw)
    with pytest.raises(ValueError, match="64 bytes"):
        read_transaction(raw)
    longer = small(b"\x00" * unlock, b"\x51" * (5 - unlock))
    assert OUTPOINT[1] == read_transaction(longer).inputs[0][1]


def test_sixty_four_bytes_are_counted_without_the_witness() -> None:
    raw = small(b"", b"\x51" * 4)
    with_witness = raw[:4] + b"\x00\x01" + raw[4:-4] + b"\x01\x01\xaa" + raw[-4:]
    with pytest.raises(ValueError, match="64 bytes"):
        read_transaction(with_witness)


@pytest.mark.parametrize("at", [4, 41, 46, 55])
def test_each_count_and_length_makes_the_shape(at: int) -> None:
    raw = small(b"", b"\x51" * 4)
    assert could_be_transaction(raw)
    for value in {*range(256)} - {raw[at]}:
        assert not could_be_transaction(raw[:at] + bytes([value]) + raw[at + 1 :])


def test_a_transaction_has_a_limit() -> None:
    for more, fits in ((0, True), (1, False)):
        script = b"\xfe" + struct.pack("<I", 3_999_936 + more) + b"\x51" * (3_999_936 + more)
        raw = small(b"", b"")[:-5] + script + bytes(4)
        assert fits == (len(raw) <= MAX_BYTES)
        if fits:
            assert 3_999_936 * 2 == len(read_transaction(raw).outputs[0][0])
        else:
            with pytest.raises(ValueError, match="4000001 bytes, allowed 10 to 4000000"):
                read_transaction(raw)


def test_two_hashes_are_hardly_ever_a_transaction() -> None:
    assert not any(
        could_be_transaction(bytes.fromhex(shown(bytes([at])) + shown(bytes([at, 1]))))
        for at in range(256)
    )
    with pytest.raises(ValueError, match="63 bytes, expected 64"):
        could_be_transaction(bytes(63))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(9),
        bytes(10),
        bytes(MAX_BYTES + 1),
        written([], [(SCRIPTS[0], 1)])[0],
        written([OUTPOINT], [])[0],
        written([OUTPOINT], [(SCRIPTS[0], -1)])[0],
        written([OUTPOINT], [(SCRIPTS[0], -(2**63))])[0],
        LEGACY[:4] + b"\xfd\x01\x00" + LEGACY[5:],  # the number of inputs in a longer form
        LEGACY[:4] + b"\xff" * 9 + LEGACY[5:],  # more inputs than there are bytes
        SEGWIT[: len(SEGWIT) - 4 - 107 - 1] + b"\x00" + SEGWIT[-4:],  # a witness that is empty
        LEGACY[:4] + b"\x00\x02" + LEGACY[4:],  # a flag that nobody knows
    ],
)
def test_what_is_not_one_sound_transaction_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="transaction"):
        read_transaction(raw)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        read_transaction(raw)
    except ValueError:
        return


@given(
    st.lists(
        st.tuples(st.binary(min_size=32, max_size=32).map(bytes.hex), st.integers(0, 2**32 - 1)),
        min_size=1,
        max_size=5,
    ),
    st.lists(
        st.tuples(st.binary(max_size=100).map(bytes.hex), st.integers(0, 2**63 - 1)),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
)
def test_what_is_written_is_read(
    inputs: list[tuple[str, int]],
    outputs: list[tuple[str, int]],
    witness: bool,  # noqa: FBT001 - hypothesis passes by position
) -> None:
    raw, txid = written(inputs, outputs, witness=witness)
    if len(inputs) == len(outputs) == 1 and len(outputs[0][0]) == 8:
        return  # Sixty-four bytes.
    coinbase = inputs == [(NULL, 2**32 - 1)]
    expected = Transaction(txid, () if coinbase else tuple(inputs), tuple(outputs), coinbase)
    assert expected == read_transaction(raw)
