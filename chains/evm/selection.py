"""Which balances are to be proved: all of them, or the large ones and a sample. Pure.

Up to `ALL` balances of a chain every one is proved. Above it, asset by asset: the largest ones
until `LARGE` of the asset's total is reached, and `SAMPLE` of the rest, drawn by the smallest
digests of seed, asset and account. The seed must be something that nobody could know when the
accounts were declared: the challenge's nonce where one was issued, else the pin's block hash, which
is worth less, since accounts can be added after a block is known. The statement says which.

The sizes that are sorted are those the sources agreed on. Sources that understate an account keep
it out of the large ones, and are found with the chance of the sample.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias

from chains.evm.state import readable_assets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chains.evidence import ChainPlan
    from config.caip import AssetId

Pair: TypeAlias = "tuple[AssetId, str]"
"""An asset and an address."""

ALL = 10_000
"""Balances of one chain, up to which every one is proved."""

LARGE = (99, 100)
"""Share of an asset's total that the proved balances reach."""

SAMPLE = 1_000
"""Balances of each asset that are drawn from the rest."""


def balances_to_prove(
    plan: ChainPlan, units_of: Callable[[AssetId, str], int], seed: str
) -> dict[Pair, None]:
    """Choose the balances to prove, in the order of the plan.

    The reader asks for them and `recheck` counts them, both with this function.

    Args:
        plan: what is read; a balance planned twice is one here.
        units_of: gives the base units the sources agree on, 0 where they do not; called only where
            not all balances are to be proved.
        seed: text that the sample follows from.
    """
    provable = readable_assets(plan).keys() & {
        plan.chain.native,
        *(slot.asset for slot in plan.slots),
    }
    planned = [(asset, one.address) for one in plan.accounts for asset in one.assets]
    pairs = {pair: None for pair in planned if pair[0] in provable}
    if len(planned) <= ALL:
        return pairs
    chosen = large_and_sample({pair: units_of(*pair) for pair in pairs}, seed)
    return {pair: None for pair in pairs if pair in chosen}


def large_and_sample(units: Mapping[Pair, int], seed: str) -> frozenset[Pair]:
    """Choose the large balances of each asset, and a sample of the others.

    Args:
        units: base units of the balances that can be proved.
        seed: text that the sample follows from.
    """
    assets: dict[AssetId, dict[Pair, int]] = {}
    for pair, amount in units.items():
        assets.setdefault(pair[0], {})[pair] = amount
    chosen: set[Pair] = set()
    for held in assets.values():
        large = _large(held)
        chosen |= large
        rest = sorted(held.keys() - large, key=lambda pair: _draw(seed, pair))
        chosen.update(rest[:SAMPLE])
    return frozenset(chosen)


def _large(held: Mapping[Pair, int]) -> set[Pair]:
    """Give the fewest balances that reach the share of the total, larger ones first."""
    part, whole = LARGE
    total, reached = sum(held.values()), 0
    chosen: set[Pair] = set()
    for pair, amount in sorted(held.items(), key=lambda item: (-item[1], item[0])):
        if reached * whole >= total * part:
            break
        chosen.add(pair)
        reached += amount
    return chosen


def _draw(seed: str, pair: Pair) -> bytes:
    return hashlib.sha256("\n".join((seed, *pair)).encode()).digest()
