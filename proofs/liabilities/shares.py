"""How a balance is cut into shares: by its customer's key, so that it can be done again.

    draws   = HMAC(HMAC(w_u, "polv1/split" || snap), u16 asset || u32 number)      number 0, 1, 2 …
    cut     = draw mod (amount + 1)
    shares  = the differences of 0, the cuts in ascending order, and the amount

A balance is first cut into `count` shares at once. A share above the cap is then cut in two, the
earliest first, until none is: a large balance becomes many ordinary leaves. Shares may be zero, or
a pad, which is, would stand out. A draw of 256 bits over a range of 2^128 favours no cut by more
than one part in 2^128.

Chosen: cuts at uniform places. Refused: parts of equal size, which show their balance to whoever
sees one; parts as large as the cap, which tell that there is more.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import InputError
from proofs.liabilities.encoding import MAX_SPLITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proofs.liabilities.encoding import CustomerKey, SnapshotHash


@dataclass(frozen=True, slots=True)
class Splitting:
    """How the balances of one asset are split; it is published in the header."""

    count: int
    """Shares into which every balance is cut, 1 or more."""
    cap: int
    """The largest share, in base units, 1 or more."""


def split_key(key: CustomerKey, snapshot: SnapshotHash) -> bytes:
    """Derive the key of a customer's draws."""
    return hmac.digest(key, b"polv1/split" + snapshot, "sha256")


def split(amount: int, key: bytes, asset: int, rule: Splitting) -> tuple[int, ...]:
    """Cut a balance into its shares.

    Args:
        amount: base units, 1 or more.
        key: what `split_key` gives.
        asset: index of the tree.
        rule: how it is cut.

    Raises:
        InputError: more shares than can be numbered; the cap is too low for this balance.
    """
    draws = _draws(key, asset)
    cuts = sorted([next(draws) % (amount + 1) for _ in range(rule.count - 1)])
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, amount], strict=True)]
    if max(shares) <= rule.cap:
        return tuple(shares)
    return _capped(shares, draws, rule.cap)


def _capped(shares: list[int], draws: Iterator[int], cap: int) -> tuple[int, ...]:
    """Cut what is above the cap, from left to right."""
    done: list[int] = []
    left = shares[::-1]
    while left:
        share = left.pop()
        if share <= cap:
            done.append(share)
        else:
            cut = next(draws) % (share + 1)
            left += [share - cut, cut]
        if len(done) + len(left) > MAX_SPLITS:
            what = f"a balance needs more than {MAX_SPLITS} shares of at most {cap} base units"
            raise InputError(what, "raise the cap of this instrument")
    return tuple(done)


def _draws(key: bytes, asset: int) -> Iterator[int]:
    place = asset.to_bytes(2, "big")
    for number in range(2**32):
        digest = hmac.digest(key, place + number.to_bytes(4, "big"), "sha256")
        yield int.from_bytes(digest, "big")
