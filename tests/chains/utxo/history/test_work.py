from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.utxo.history import work
from chains.utxo.history.headers import HeaderChain, link_headers, read_header
from chains.utxo.history.work import bits_of, check_header, check_work, retargeted, target_of
from config.registry_files import load_registry
from tests.chains.utxo.history.minting import EASY, LIMIT, NULL, START, Minted, mined, shown
from tests.chains.utxo.history.vectors import (
    BITCOIN_LATER,
    BITCOIN_START,
    LITECOIN_BLOCK,
    vectors,
)

if TYPE_CHECKING:
    from config.registry import UtxoFormat

REGISTRY = load_registry()


def row(name: str) -> UtxoFormat:
    form = REGISTRY.chain(name).utxo
    assert form is not None
    return form


@pytest.mark.parametrize(
    ("bits", "target"),
    [
        # bitcoin/bitcoin, src/test/arith_uint256_tests.cpp, bignum_SetCompact.
        (0x01123456, 0x12),
        (0x02008000, 0x80),
        (0x02123456, 0x1234),
        (0x03123456, 0x123456),
        (0x04123456, 0x12345600),
        (0x05009234, 0x92340000),
        (0x20123456, 0x123456 << 232),
        # The largest of each size that is within 256 bits.
        (0x220000FF, 0xFF << 248),
        (0x2100FFFF, 0xFFFF << 240),
        (0x207FFFFF, 0x7FFFFF << 232),
    ],
)
def test_targets(bits: int, target: int) -> None:
    assert target == target_of(bits)


@pytest.mark.parametrize(
    "bits",
    [0, 0x00123456, 0x01003456, 0x02000056, 0x03000000, 0x04000000, 0x00923456, 0x01803456],
)
def test_a_target_of_nothing_is_refused(bits: int) -> None:
    with pytest.raises(ValueError, match=r"target is (zero|negative)"):
        target_of(bits)


@pytest.mark.parametrize("bits", [0x01FEDCBA, 0x04923456, 0x1D80FFFF, 0x20FFFFFF])
def test_a_negative_target_is_refused(bits: int) -> None:
    with pytest.raises(ValueError, match="target is negative"):
        target_of(bits)


@pytest.mark.parametrize("bits", [0xFF123456, 0x23000001, 0x22000100, 0x21010000, 0xFF7FFFFF])
def test_a_target_of_more_than_256_bits_is_refused(bits: int) -> None:
    with pytest.raises(ValueError, match="target has more than 256 bits"):
        target_of(bits)


@given(st.integers(1, 2**256 - 1))
def test_the_compact_form_keeps_the_highest_bits(target: int) -> None:
    kept = target_of(bits_of(target))
    assert kept <= target
    assert target - kept < 1 << max(0, target.bit_length() - 15)
    assert bits_of(kept) == bits_of(target)


@pytest.mark.parametrize("chain", ["bitcoin", "litecoin"])
def test_published_targets(chain: str) -> None:
    for vector in vectors(f"utxo-retarget-{chain}.json"):
        seconds = vector["last_time"] - vector["first_time"]
        met = retargeted(row(chain), int(vector["bits"], 16), seconds)
        assert vector["expected"] == f"{met:08x}"


def test_real_headers_of_bitcoin() -> None:
    assert "checked" == check_work(row("bitcoin"), link_headers([(0, b"".join(BITCOIN_START))]))
    later = link_headers([(100_000, b"".join(BITCOIN_LATER))])
    assert "checked" == check_work(row("bitcoin"), later)
    assert "checked" == check_work(row("bitcoincash"), later)


def test_a_real_header_of_litecoin() -> None:
    raw = bytes.fromhex(LITECOIN_BLOCK["header"])
    assert "checked" == check_header(row("litecoin"), raw)
    # Its name is far above its target: work is of scrypt.
    with pytest.raises(ValueError, match="above its target"):
        check_header(replace(row("litecoin"), proof_of_work="sha256d"), raw)


@pytest.mark.parametrize("at", [*range(68), *range(76, 80)])
def test_every_changed_byte_of_a_real_header_loses_its_work(at: int) -> None:
    for form, raw in (
        (row("bitcoin"), BITCOIN_LATER[0]),
        (row("litecoin"), bytes.fromhex(LITECOIN_BLOCK["header"])),
    ):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises(ValueError, match="above its target"):
            check_header(form, changed)


def test_what_cannot_be_checked_is_never_said_to_be() -> None:
    chain = HeaderChain(5_000_000, bytes(160))
    assert "unchecked" == check_work(row("dogecoin"), chain)
    assert "unchecked" == check_header(row("dogecoin"), bytes(80))


def test_a_target_above_the_limit_is_refused() -> None:
    chain = Minted()
    chain.grow(3)
    run = link_headers([(0, joined(chain))])
    assert "checked" == check_work(chain.form(), run)
    with pytest.raises(ValueError, match="above the chain's limit"):
        check_work(chain.form(pow_limit="3f" + LIMIT[2:]), run)
    with pytest.raises(ValueError, match="has no limit of its targets"):
        check_work(chain.form(pow_limit=None), run)


def test_work_of_one_header_in_a_run_is_missed() -> None:
    chain = Minted()
    chain.grow(5)
    raw = [block.header for block in chain.blocks]
    for place in range(5):
        headers = raw[:place]
        for at in range(place, 5):
            previous = shown(headers[-1]) if headers else NULL
            headers.append(idle(previous, START + at) if at == place else mined_after(previous, at))
        run = link_headers([(0, b"".join(headers))])
        with pytest.raises(ValueError, match="above its target"):
            check_work(chain.form(), run)


def idle(previous: str, time: int) -> bytes:
    """A header for which nobody worked."""
    header = mined(previous, NULL, time, EASY)
    while int(shown(header), 16) <= target_of(EASY):
        header = header[:76] + (int.from_bytes(header[76:], "little") + 1).to_bytes(4, "little")
    return header


def mined_after(previous: str, at: int) -> bytes:
    return mined(previous, NULL, START + at, EASY)


def joined(chain: Minted) -> bytes:
    return b"".join(block.header for block in chain.blocks)


def test_scrypt_hashes_the_newest_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "SCRYPT_NEWEST", 3)
    form = Minted([*sha_chain().blocks]).form(proof_of_work="scrypt")
    met: list[bytes] = []
    monkeypatch.setattr(work, "check_header", lambda _, raw: met.append(raw))
    run = link_headers([(0, joined(sha_chain()))])
    assert "newest" == check_work(form, run)
    assert [run.raw_at(at) for at in (3, 4, 5)] == met
    monkeypatch.setattr(work, "SCRYPT_NEWEST", 6)
    assert "checked" == check_work(form, run)


def test_scrypt_headers_without_work_are_refused() -> None:
    # Half of all headers meet the easiest target by chance; sixty do not.
    chain = Minted()
    chain.grow(60)
    form = chain.form(proof_of_work="scrypt")
    with pytest.raises(ValueError, match="above its target"):
        check_work(form, link_headers([(0, joined(chain))]))


def sha_chain() -> Minted:
    chain = Minted()
    chain.grow(6)
    return chain


def periods(rule: str, spacings: tuple[int, ...], first_bits: int = EASY) -> HeaderChain:
    """Headers of whole periods, and one more, with targets as the rule wants them."""
    form = Minted([*sha_chain().blocks]).form(retarget=rule)
    headers: list[bytes] = []
    bits, time = first_bits, START
    for height in range(2016 * len(spacings) + 1):
        spacing = spacings[min(height // 2016, len(spacings) - 1)]
        if height and height % 2016 == 0:
            back = 2016 if rule == "bitcoin" or height == 2016 else 2017
            first = read_header(headers[height - back]).time
            bits = retargeted(form, bits, time - first)
        time += spacing if height else 0
        previous = shown(headers[-1]) if headers else NULL
        headers.append(mined(previous, NULL, time, bits))
    return link_headers([(0, b"".join(headers))])


FAST = periods("bitcoin", (300, 500))
"""Two periods in less time than they should take, so that each new target is smaller."""
FAST_LITECOIN = periods("litecoin", (75, 130))


def test_targets_change_at_borders() -> None:
    bits = [FAST.header_at(at).bits for at in (0, 2015, 2016, 4031, 4032)]
    assert bits[0] == bits[1] > bits[2] == bits[3] > bits[4]
    form = sha_chain().form(retarget="bitcoin")
    assert "checked" == check_work(form, FAST)
    assert "checked" == check_work(sha_chain().form(), FAST)


def test_litecoin_counts_from_the_block_before_a_period() -> None:
    form = sha_chain().form(retarget="litecoin")
    assert "checked" == check_work(form, FAST_LITECOIN)
    with pytest.raises(ValueError, match="bits at 2016 are"):
        check_work(sha_chain().form(retarget="bitcoin"), FAST_LITECOIN)
    # The first period begins with the first block, which has none before it, and counts exactly.
    headers = [FAST_LITECOIN.raw_at(at) for at in range(2016)]
    wrong = mined(shown(headers[-1]), NULL, START, FAST_LITECOIN.header_at(2016).bits - 1)
    with pytest.raises(ValueError, match="bits at 2016 are"):
        check_work(form, link_headers([(0, b"".join([*headers, wrong]))]))
    # From one header after the block before the first whole period, the border can only be bounded.
    cut = HeaderChain(2016, FAST_LITECOIN.raw[2016 * 80 :])
    assert "checked" == check_work(form, cut)


def test_a_border_without_the_first_header_is_bounded_by_a_factor() -> None:
    form = sha_chain().form(retarget="bitcoin")
    cut = HeaderChain(1, FAST.raw[80:])
    assert "checked" == check_work(form, cut)
    # The same bits again are allowed by the factor; the exact rule is not met by them.
    headers = [FAST.raw_at(at) for at in range(2016)]
    for bits, bounded in ((EASY, True), (0x201FFFFF, True), (0x201FFFFE, False)):
        more = mined(shown(headers[-1]), NULL, START, bits)
        whole = link_headers([(0, b"".join([*headers, more]))])
        with pytest.raises(ValueError, match=r"bits at 2016 are 0x20.*, must be 0x20"):
            check_work(form, whole)
        part = HeaderChain(1, whole.raw[80:])
        if bounded:
            assert "checked" == check_work(form, part)
        else:
            with pytest.raises(ValueError, match="too far from"):
                check_work(form, part)


def test_a_target_does_not_change_inside_a_period() -> None:
    form = sha_chain().form(retarget="bitcoin")
    chain = Minted()
    chain.grow(3)
    chain.bits = 0x201FFFFF
    chain.grow(2)
    with pytest.raises(ValueError, match="target changes at height 3, inside a period"):
        check_work(form, link_headers([(0, joined(chain))]))
    assert "checked" == check_work(chain.form(), link_headers([(0, joined(chain))]))


@pytest.mark.parametrize("name", ["bitcoin", "litecoin", "bitcoin-signet", "bitcoin-regtest"])
def test_the_registry_s_limits_are_targets(name: str) -> None:
    limit = row(name).pow_limit
    assert limit is not None
    assert target_of(bits_of(int(limit, 16))) <= int(limit, 16)
