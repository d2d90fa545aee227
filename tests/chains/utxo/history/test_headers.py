from __future__ import annotations

import pytest

from chains.utxo.history import headers
from chains.utxo.history.headers import Header, header_hash, link_headers, read_header
from tests.chains.utxo.history.minting import EASY, START, Minted
from tests.chains.utxo.history.vectors import BITCOIN_LATER, BITCOIN_START, LITECOIN_BLOCK

GENESIS = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
ALL = b"".join(BITCOIN_START)


def test_a_real_header() -> None:
    expected = Header(
        previous=GENESIS,
        root="0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098",
        time=1231469665,
        bits=0x1D00FFFF,
    )
    assert expected == read_header(BITCOIN_START[1])
    name = "00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048"
    assert name == header_hash(BITCOIN_START[1])


def test_a_header_of_litecoin_has_its_name_from_sha256() -> None:
    name = "9bacbef81b42f777fabc19d08bceddb56d219fd4585f85946cb27470c6f4f596"
    assert name == header_hash(bytes.fromhex(LITECOIN_BLOCK["header"]))


@pytest.mark.parametrize("size", [0, 79, 81, 160])
def test_a_header_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"header of {size} bytes, expected 80"):
        read_header(bytes(size))


def test_a_real_run() -> None:
    chain = link_headers([(0, ALL)])
    assert (0, 10) == (chain.start, chain.end)
    assert GENESIS == chain.hash_at(0)
    last = "000000002c05cc2e78923c34df87fd108b22221ac6076c18f3ade378a4d915e9"
    assert last == chain.hash_at(10)
    assert [header_hash(raw) for raw in BITCOIN_START] == [chain.hash_at(at) for at in range(11)]
    assert BITCOIN_START == [chain.raw_at(at) for at in range(11)]
    assert read_header(BITCOIN_START[7]) == chain.header_at(7)


def test_a_run_that_begins_anywhere_and_comes_in_stretches() -> None:
    first, second = b"".join(BITCOIN_LATER[:3]), b"".join(BITCOIN_LATER[3:])
    chain = link_headers([(100_000, first), (100_003, second)])
    assert (100_000, 100_006) == (chain.start, chain.end)
    name = "0000000000009b958a82c10804bd667722799cc3b457bc061cd4b7779110cd60"
    assert name == chain.hash_at(100_006)


@pytest.mark.parametrize("height", [-1, 11, 10**9])
def test_a_height_outside_a_run_is_refused(height: int) -> None:
    chain = link_headers([(0, ALL)])
    for read in (chain.raw_at, chain.header_at, chain.hash_at):
        with pytest.raises(ValueError, match=f"no header at height {height}, there are 0 to 10"):
            read(height)


def test_every_changed_bit_breaks_a_run_but_for_the_last_header() -> None:
    for at in range(len(ALL) - 80):
        changed = ALL[:at] + bytes([ALL[at] ^ 1]) + ALL[at + 1 :]
        with pytest.raises(ValueError, match="does not name the one before it"):
            link_headers([(0, changed)])
    for at in range(len(ALL) - 80, len(ALL)):
        changed = ALL[:at] + bytes([ALL[at] ^ 1]) + ALL[at + 1 :]
        # The last is named by nobody; a changed link to the one before is seen all the same.
        linked = not len(ALL) - 76 <= at < len(ALL) - 44
        try:
            assert link_headers([(0, changed)]).hash_at(10) != header_hash(BITCOIN_START[10])
        except ValueError:
            assert not linked
        else:
            assert linked


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [(0, b"")],
        [(0, ALL[:79])],
        [(0, ALL[:-1])],
        [(-1, ALL)],
        [(0, ALL[:160]), (3, ALL[160:])],
        [(0, ALL[:160]), (1, ALL[160:])],
        [(0, ALL[:160]), (2, b"")],
        [(0, ALL[:160]), (2, ALL[240:])],
        [(0, BITCOIN_START[1] + BITCOIN_START[0])],
    ],
)
def test_what_is_no_run_is_refused(parts: list[tuple[int, bytes]]) -> None:
    with pytest.raises(ValueError, match="header"):
        link_headers(parts)


def test_a_run_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "MAX_HEADERS", 10)
    with pytest.raises(ValueError, match="more than 10 headers"):
        link_headers([(0, ALL)])
    assert 9 == link_headers([(0, ALL[:-80])]).end


def test_median_time_of_real_blocks() -> None:
    chain = link_headers([(0, ALL)])
    # Of eleven times the sixth; the first blocks have fewer, and an even number takes the upper.
    times = [read_header(raw).time for raw in BITCOIN_START]
    assert sorted(times)[5] == 1231471428 == chain.median_time_at(10)
    assert times[0] == chain.median_time_at(0)
    assert times[1] == chain.median_time_at(1)
    assert times[1] == chain.median_time_at(2)


def test_median_time_needs_the_ten_headers_before() -> None:
    chain = Minted()
    chain.grow(14)
    raw = [block.header for block in chain.blocks]
    run = link_headers([(3, b"".join(raw[3:]))])
    assert START + 8 * 600 == run.median_time_at(13)
    with pytest.raises(ValueError, match="no header at height 2, there are 3 to 13"):
        run.median_time_at(12)


def test_times_out_of_order_are_sorted() -> None:
    chain = Minted()
    chain.grow(4)
    chain.spacing = 0
    chain.grow(8)  # At the time of the first block.
    run = link_headers([(0, b"".join(block.header for block in chain.blocks))])
    assert EASY == run.header_at(11).bits
    # Times of the blocks 1 to 11: three later ones, and eight at the start.
    assert START == run.median_time_at(11)
