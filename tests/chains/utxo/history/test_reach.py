from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chains.utxo.history.headers import link_headers
from chains.utxo.history.reach import (
    MAX_BRIDGE,
    Span,
    anchor_of,
    header_range,
    known_blocks,
    median_start,
)
from config.registry_files import load_registry
from tests.chains.utxo.history.minting import Minted

if TYPE_CHECKING:
    from config.registry import UtxoFormat

FORK, CHECK = 478_559, 910_000


def bitcoin() -> UtxoFormat:
    form = load_registry().chain("bitcoin").utxo
    assert form is not None
    return form


@pytest.mark.parametrize(("pin", "top"), [(-1, 3), (4, 3)])
def test_a_span_of_wrong_heights_is_refused(pin: int, top: int) -> None:
    with pytest.raises(ValueError, match=f"pin at height {pin}, top at {top}"):
        Span(pin, top)


@pytest.mark.parametrize(("height", "expected"), [(0, 0), (10, 0), (11, 1), (900_000, 899_990)])
def test_the_blocks_of_a_median(height: int, expected: int) -> None:
    assert expected == median_start(height)


def test_known_blocks_of_bitcoin() -> None:
    assert [0, FORK, CHECK] == [height for height, _ in known_blocks(bitcoin())]


@pytest.mark.parametrize(
    ("pin", "heights", "low", "top"),
    [
        # From the lowest transaction, at the first block of its period.
        (CHECK + 5, [CHECK - 30_000], 878_976, CHECK + 8),
        # No transaction: the eleven blocks of the median, and down to the checkpoint.
        (CHECK + 60_000, [], 909_216, CHECK + 60_003),
        (CHECK + MAX_BRIDGE + 10, [], 909_216, CHECK + MAX_BRIDGE + 13),
        # Too far from it: only what is needed.
        (CHECK + MAX_BRIDGE + 11, [], 1_008_000, CHECK + MAX_BRIDGE + 14),
        # A past pin: up to the checkpoint.
        (CHECK - 60_000, [], 848_736, CHECK),
        (CHECK - MAX_BRIDGE - 3, [], 808_416, CHECK),
        (CHECK - MAX_BRIDGE - 4, [], 808_416, CHECK - MAX_BRIDGE - 1),
        # A known block is within already.
        (FORK + 100, [FORK], 477_792, FORK + 103),
        (100, [3], 0, 103),
        (50_000, [40_000], 0, 50_003),
    ],
)
def test_the_run_of_headers(pin: int, heights: list[int], low: int, top: int) -> None:
    assert (low, top) == header_range(bitcoin(), Span(pin, pin + 3), heights)
    assert low % 2016 == 0


def test_the_anchor_is_the_highest_known_block_of_the_run() -> None:
    chain = Minted()
    chain.grow(9)
    run = link_headers([(0, b"".join(block.header for block in chain.blocks))])
    name = chain.blocks[7].name
    assert 0 == anchor_of(chain.form(), run)
    assert 7 == anchor_of(chain.form(checkpoint_height=7, checkpoint_hash=name), run)
    assert 7 == anchor_of(chain.form(fork_height=7, fork_hash=name), run)
    beyond = chain.form(checkpoint_height=9, checkpoint_hash="ab" * 32)
    assert 0 == anchor_of(beyond, run)
    later = link_headers([(3, run.raw[3 * 80 :])])
    assert None is anchor_of(chain.form(), later)


@pytest.mark.parametrize("height", [0, 4, 8])
def test_another_block_in_the_place_of_a_known_one_is_refused(height: int) -> None:
    chain = Minted()
    chain.grow(9)
    run = link_headers([(0, b"".join(block.header for block in chain.blocks))])
    change = {"genesis": "ab" * 32}
    if height:
        change = {"checkpoint_hash": "ab" * 32, "checkpoint_height": height}  # type: ignore[dict-item]  # two types of fields
    met = chain.blocks[height].name
    with pytest.raises(ValueError, match=f"block {height} is {met}, must be {'ab' * 32}"):
        anchor_of(chain.form(**change), run)
