from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chains.blocks import BLOCKS
from chains.evidence import Call, Exchange
from chains.sweep import swept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chains.evidence import Column, Json, ProtocolName, Sweep

HASH = "ab" * 32


class Answering:
    """A source that has an answer to each method."""

    name = operator = "node"
    protocol: ProtocolName = "json-rpc"

    def __init__(self, answers: Mapping[str, Json]) -> None:
        self._answers = answers

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        return tuple(Exchange(call, result=self._answers.get(call.method)) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        return swept(self, sweep)


def evm(number: Json, digest: Json) -> Answering:
    return Answering(
        {"eth_getBlockByNumber": {"number": number, "hash": digest, "timestamp": "0x9"}}
    )


def utxo(digest: Json, height: Json = 7) -> Answering:
    header: Json = {"height": height, "mediantime": 9}
    return Answering({"getblockhash": digest, "getbestblockhash": digest, "getblockheader": header})


def test_a_node_s_blocks_are_told() -> None:
    assert BLOCKS["evm"].head(evm("0x7", f"0x{HASH}")) == (7, f"0x{HASH}")
    assert BLOCKS["evm"].block_at(evm("0x7", f"0x{HASH}"), 7) == (f"0x{HASH}", 9)
    assert BLOCKS["utxo"].head(utxo(HASH)) == (7, HASH)
    assert BLOCKS["utxo"].block_at(utxo(HASH), 7) == (HASH, 9)


@pytest.mark.parametrize(
    ("number", "digest"),
    [
        ("7", f"0x{HASH}"),
        ("0x07", f"0x{HASH}"),
        ("-0x7", f"0x{HASH}"),
        (7, f"0x{HASH}"),
        ("0x" + "f" * 17, f"0x{HASH}"),
        ("0x7", HASH[:-1]),
        ("0x7", None),
        ("0x7", "0x" + "zz" * 32),
    ],
)
def test_another_answer_of_an_evm_node_is_none(number: Json, digest: Json) -> None:
    assert BLOCKS["evm"].head(evm(number, digest)) is None
    assert BLOCKS["evm"].block_at(evm(number, digest), 7) is None


def test_the_hash_of_another_height_is_none() -> None:
    assert BLOCKS["evm"].block_at(evm("0x8", f"0x{HASH}"), 7) is None


@pytest.mark.parametrize("digest", [None, 7, "", HASH[:-1], "zz" * 32])
def test_another_answer_of_a_utxo_node_is_none(digest: Json) -> None:
    assert BLOCKS["utxo"].block_at(utxo(digest), 7) is None
    assert BLOCKS["utxo"].head(utxo(digest)) is None


def test_a_block_without_its_header_has_no_time() -> None:
    assert BLOCKS["utxo"].block_at(utxo(HASH, 8), 7) == (HASH, None)


@pytest.mark.parametrize("height", [-1, "7", None])
def test_another_height_of_a_utxo_node_is_none(height: Json) -> None:
    assert BLOCKS["utxo"].head(utxo(HASH, height)) is None


@pytest.mark.parametrize("family", ["evm", "utxo"])
def test_silence_is_none(family: str) -> None:
    assert BLOCKS[family].head(Answering({})) is None
    assert BLOCKS[family].block_at(Answering({}), 7) is None
