"""Proof of work: what a run of headers cost, by the rules of its chain as far as 80 bytes show it.

1. `bits` must be a target that a node accepts: positive, within 256 bits, not above the chain's
   limit.
2. Where the chain retargets as Bitcoin does, `bits` changes at every 2016th block alone, and there
   to exactly the value that the times of the period give; if the period's first header is not in
   the run, by a factor of four at most.
3. The hash of a header must not be above its target. scrypt takes half a millisecond a header, so
   of those chains the newest SCRYPT_NEWEST headers are hashed. Every header names the one before
   it, so nobody can change a lower one without redoing these.

Not shown by any of it: that the first target of a run is the chain's true one. A run that passes
through a block known beforehand (`chains.utxo.history.reach`) shows that too. Chains mined along
with another (Dogecoin) keep their work outside the 80 bytes: they are `unchecked`, never `checked`.

Sources: bitcoin/bitcoin src/pow.cpp and src/arith_uint256.cpp (SetCompact, GetCompact);
litecoin-project/litecoin src/pow.cpp, which counts a period from the block before it, but for the
first. Litecoin halves a target before it multiplies, to stay within 256 bits; integers have no such
limit here, and the bit that is lost there lies below the compact form.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from chains.utxo.history.headers import HEADER_BYTES, header_hash, read_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chains.utxo.history.headers import HeaderChain
    from config.registry import UtxoFormat

Work = Literal["checked", "newest", "unchecked"]
"""`checked`: of every header; `newest`: of the newest ones; `unchecked`: of none."""

PERIOD = 2016
"""Blocks for which a target holds."""

SCRYPT_NEWEST = 4032
"""Two periods, a week of Litecoin: hashed in two seconds."""

_FACTOR = 4
"""How far a target moves at most at a border."""
_MANTISSA_SIGN = 0x800000
_TARGET_BYTES = 32


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a chain retargets."""

    timespan: int
    """Seconds that a period should take."""
    back: int
    """From the first block of a period back to the block whose time begins the count."""


_RULES: Mapping[str, _Rule] = {
    "bitcoin": _Rule(14 * 24 * 3600, PERIOD),
    "litecoin": _Rule(7 * 12 * 3600, PERIOD + 1),
}


def target_of(bits: int) -> int:
    """Read a target in compact form; raise ValueError if a node would not accept it."""
    size, word = bits >> 24, bits & 0x7FFFFF
    target = word >> 8 * (3 - size) if size <= 3 else word << 8 * (size - 3)  # noqa: PLR2004 - bytes
    if word and bits & _MANTISSA_SIGN:
        raise ValueError(f"target is negative: bits {bits:#010x}")
    if target.bit_length() > 8 * _TARGET_BYTES:
        raise ValueError(f"target has more than 256 bits: bits {bits:#010x}")
    if target == 0:
        raise ValueError(f"target is zero: bits {bits:#010x}")
    return target


def bits_of(target: int) -> int:
    """Write a target in compact form, which keeps its highest three bytes."""
    size = (target.bit_length() + 7) // 8
    word = target << 8 * (3 - size) if size <= 3 else target >> 8 * (size - 3)  # noqa: PLR2004 - bytes
    if word & _MANTISSA_SIGN:
        word, size = word >> 8, size + 1
    return size << 24 | word


def retargeted(form: UtxoFormat, bits: int, seconds: int) -> int:
    """Compute the `bits` of a new period.

    Args:
        form: a chain that retargets.
        bits: of the period before.
        seconds: how long that period took by its headers.
    """
    timespan = _RULES[form.retarget].timespan
    bounded = min(max(seconds, timespan // _FACTOR), timespan * _FACTOR)
    return bits_of(min(target_of(bits) * bounded // timespan, _limit(form)))


def check_work(form: UtxoFormat, chain: HeaderChain) -> Work:
    """Check targets and hashes of a run of headers; give how much was checked.

    Raises:
        ValueError: a header breaks a rule.
    """
    if form.proof_of_work == "unchecked":
        return "unchecked"
    _check_targets(form, chain)
    if form.proof_of_work == "scrypt":
        lowest = max(chain.start, chain.end - SCRYPT_NEWEST + 1)
        for height in range(lowest, chain.end + 1):
            check_header(form, chain.raw_at(height))
        return "checked" if lowest == chain.start else "newest"
    for height in range(chain.start, chain.end + 1):
        _require_below(chain.hash_at(height), _bits(chain, height), form)
    return "checked"


def check_header(form: UtxoFormat, raw: bytes) -> Work:
    """Check target and hash of one header; raise ValueError if it breaks a rule."""
    if form.proof_of_work == "unchecked":
        return "unchecked"
    digest = header_hash(raw)
    if form.proof_of_work == "scrypt":
        digest = hashlib.scrypt(raw, salt=raw, n=1024, r=1, p=1, dklen=32)[::-1].hex()
    _require_below(digest, read_header(raw).bits, form)
    return "checked"


def _require_below(digest: str, bits: int, form: UtxoFormat) -> None:
    if int(digest, 16) > _allowed(bits, _limit(form)):
        raise ValueError(f"hash {digest} is above its target: bits {bits:#010x}")


@lru_cache(maxsize=64)
def _allowed(bits: int, limit: int) -> int:
    """Read a target that the chain allows; a run has few of them."""
    target = target_of(bits)
    if target > limit:
        raise ValueError(f"target is above the chain's limit: bits {bits:#010x}")
    return target


def _limit(form: UtxoFormat) -> int:
    if form.pow_limit is None:
        raise ValueError(f"chain of genesis {form.genesis} has no limit of its targets")
    return int(form.pow_limit, 16)


def _check_targets(form: UtxoFormat, chain: HeaderChain) -> None:
    """Check how `bits` goes from each header to the next."""
    if form.retarget == "none":
        return
    raw, start = chain.raw, chain.start
    for height in range(start + 1, chain.end + 1):
        at = (height - start) * HEADER_BYTES + 72
        if height % PERIOD == 0:
            _check_border(form, chain, height)
        elif raw[at : at + 4] != raw[at - HEADER_BYTES : at - HEADER_BYTES + 4]:
            raise ValueError(f"target changes at height {height}, inside a period")


def _check_border(form: UtxoFormat, chain: HeaderChain, height: int) -> None:
    """Check the target of a new period against the one before."""
    rule, last = _RULES[form.retarget], chain.header_at(height - 1)
    bits, first = _bits(chain, height), max(0, height - rule.back)
    if first >= chain.start:
        expected = retargeted(form, last.bits, last.time - chain.header_at(first).time)
        if bits != expected:
            raise ValueError(f"bits at {height} are {bits:#010x}, must be {expected:#010x}")
        return
    timespan = rule.timespan
    bounds = (retargeted(form, last.bits, at) for at in (timespan // _FACTOR, timespan * _FACTOR))
    lowest, highest = (target_of(bound) for bound in bounds)
    if not lowest <= target_of(bits) <= highest:
        raise ValueError(f"bits at {height} are {bits:#010x}, too far from {last.bits:#010x}")


def _bits(chain: HeaderChain, height: int) -> int:
    at = (height - chain.start) * HEADER_BYTES + 72
    return int.from_bytes(chain.raw[at : at + 4], "little")
