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

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import InputError
from proofs.liabilities.encoding import MAX_SPLITS
from proofs.liabilities.keyed import begun, ended

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hmac import HMAC

    from proofs.liabilities.encoding import SnapshotHash


@dataclass(frozen=True, slots=True)
class Splitting:
    """How the balances of one asset are split; it is published in the header."""

    count: int
    """Shares into which every balance is cut, 1 or more."""
    cap: int
    """The largest share, in base units, 1 or more."""


def draws_of(keyed: HMAC, snapshot: SnapshotHash) -> HMAC:
    """Give what a customer's draws are made with, from what was begun under his key."""
    return begun(ended(keyed, b"polv1/split" + snapshot))


def split(amount: int, draws: HMAC, asset: int, rule: Splitting) -> list[int]:
    """Cut a balance into its shares.

    Args:
        amount: base units, 1 or more.
        draws: what `draws_of` gives.
        asset: index of the tree.
        rule: how it is cut.

    Raises:
        InputError: more shares than can be numbered; the cap is too low for this balance.
    """
    place, span = asset << 32, amount + 1
    cuts = sorted([_drawn(draws, place + number) % span for number in range(rule.count - 1)])
    shares, low = [], 0
    for cut in cuts:
        shares.append(cut - low)
        low = cut
    shares.append(amount - low)
    if amount <= rule.cap or max(shares) <= rule.cap:
        return shares
    return _capped(shares, rule, draws, place)


def _capped(shares: list[int], rule: Splitting, draws: HMAC, place: int) -> list[int]:
    """Cut what is above the cap, from left to right."""
    done: list[int] = []
    left = shares[::-1]
    number = rule.count - 1
    while left:
        share = left.pop()
        if share <= rule.cap:
            done.append(share)
            continue
        cut = _drawn(draws, place + number) % (share + 1)
        left += [share - cut, cut]
        number += 1
        if len(done) + len(left) > MAX_SPLITS:
            what = f"a balance needs more than {MAX_SPLITS} shares of at most {rule.cap} base units"
            raise InputError(what, "raise the cap of this instrument")
    return done


def _drawn(draws: HMAC, number: int) -> int:
    """Draw a number of 256 bits: the HMAC of u16 asset and u32 number."""
    return int.from_bytes(ended(draws, number.to_bytes(6, "big")), "big")
