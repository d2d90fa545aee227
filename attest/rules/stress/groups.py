"""Groups of holdings that could be lost together, and the smallest loss of each not covered.

    exposed  = sum of max(0, held - guarantee) * price, guarantee for online holdings alone
    smallest = least loss L in whole base units with L - paid(L) > reserve

L is what is lost beyond what guarantee assets match, in base units of the instrument where there is
one, else of the currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from attest.rules.bounds import Bounds, compare
from attest.rules.stress.harm import harm_of, share_of
from attest.rules.stress.threshold import smallest_unpaid

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.figures import Figure
    from attest.rules.insured import Loss
    from attest.rules.prices import Prices
    from attest.rules.stress.cover import Cover
    from attest.rules.stress.harm import Guarantee, Harm
    from attest.rules.stress.holdings import Holdings
    from config.caip import InstrumentId

WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Coin:
    """The one instrument of a group, in base units."""

    name: InstrumentId
    held: int
    guarantee: int
    decimals: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What losses of one tier are reckoned with."""

    case: Case
    prices: Prices
    loss: Loss
    cover: Cover
    guarantee: Guarantee
    inputs: tuple[Figure, ...]

    @property
    def step(self) -> Fraction:
        """Give the value of the currency's base unit."""
        return self.prices.value(self.prices.currency, 1)

    def harm(self, holdings: Holdings) -> Harm:
        """Give the loss of everything that is held together."""
        return harm_of(self.case, share_of(holdings, WHOLE), self.guarantee, self.prices)


@dataclass(frozen=True, slots=True)
class Group:
    """What is looked at as lost together."""

    name: str
    ground: Ground
    harm: Harm
    exposed: Bounds
    step: Fraction | None
    """The value of what a loss is counted in; None: it has no price."""
    coin: Coin | None = None
    nameless: bool = False
    """Whether accounts that state no domain may belong to it."""

    @property
    def lacking(self) -> tuple[str, ...]:
        """Say what would have to be known to know all of it, in words."""
        domain = ("the signing domain of every account",) if self.nameless else ()
        return (*self.harm.lacking, *domain, *self.ground.cover.lacking)

    @property
    def smallest(self) -> Bounds:
        """Give the smallest loss that is not covered."""
        cover, reserve = self.ground.cover, self.ground.cover.reserve
        if self.step is None:
            return Bounds(Fraction(), None)
        least = smallest_unpaid(cover.policies, reserve.lower, self.step) * self.step
        if reserve.upper is None or not cover.complete:
            return Bounds(least, None)
        most = smallest_unpaid(cover.policies, reserve.upper, self.step) * self.step
        return Bounds(least, most)

    @property
    def status(self) -> Literal["pass", "breach", "unknown"]:
        """Tell whether all of it is covered."""
        if self.exposed.exact == 0:
            return "pass"
        reached = compare(self.exposed, self.smallest)
        turned: dict[str, Literal["pass", "breach", "unknown"]]
        turned = {"pass": "breach", "breach": "pass", "unknown": "unknown"}
        return turned[reached]
