"""What stands behind a loss that nothing of the same kind is held against: reserve and insurance.

    retained  = loss - paid
    shortfall = max(0, retained - reserve)

Policies pay as `attest.rules.insured` says, and only those that answer for such a loss, are shown
by a document and run at the time. One that is only declared counts nowhere. One whose currency has
no price may pay: what then hangs on it is not known.

What is retained does not always rise with the loss. Where several policies answer, each with a
deductible, a small loss may be retained that a larger one is paid back for; so it is looked for at
every point where a policy begins or ends to pay.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.rules.accrual import HELD
from attest.rules.amounts import GRADES, Counted, amount_of, held_term
from attest.rules.bounds import Bounds, compare, short_of
from attest.rules.figures import Figure
from attest.rules.insured import insured, paid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from attest.rules.amounts import Amount
    from attest.rules.case import Case
    from attest.rules.insured import Loss, Policy
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices


@dataclass(frozen=True, slots=True)
class Cover:
    """What pays for losses of one kind."""

    reserve: Bounds
    policies: tuple[Policy, ...]
    complete: bool
    """Whether no other policy could pay."""
    figures: tuple[Figure, ...]
    """The policies, with the reason why one does not answer."""

    @property
    def credit(self) -> Bounds:
        """The most that policies pay together."""
        known = sum((one.credit for one in self.policies), Fraction())
        return Bounds(known, known if self.complete else None)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Say what would have to be known to know what it pays, in words."""
        reserve = () if self.reserve.exact is not None else ("the liability reserve",)
        return reserve if self.complete else (*reserve, "what all policies pay")

    def paid(self, loss: Bounds) -> Bounds:
        """Give what is known of what policies pay of a loss."""
        if loss.exact is None:
            return Bounds(Fraction(), loss.upper)
        least = paid(self.policies, loss.exact)
        return Bounds(least, least if self.complete else loss.exact)

    def retained(self, loss: Bounds) -> Bounds:
        """Give what is known of what is left of a loss after what policies pay."""
        inside = [one for one in turns(self.policies) if loss.lower < one]
        points = [loss.lower, *(one for one in inside if loss.upper is None or one < loss.upper)]
        if loss.upper is not None:
            points.append(loss.upper)
        found = [one - paid(self.policies, one) for one in points]
        least = min(found) if self.complete else Fraction()
        return Bounds(least, None if loss.upper is None else max(found))

    def shortfall(self, loss: Bounds) -> Bounds:
        """Give what nobody pays of a loss."""
        return short_of(self.retained(loss), self.reserve)

    def judge(self, loss: Bounds) -> Literal["pass", "breach", "unknown"]:
        """Tell whether everything of a loss is paid."""
        return compare(self.reserve, self.retained(loss))


def turns(policies: Sequence[Policy]) -> tuple[Fraction, ...]:
    """Give the losses from which policies pay in another way, sorted."""
    return tuple(sorted({point for one in policies for point in (one.deductible, one.limit)}))


def reserve_of(case: Case, prices: Prices, parameters: Parameters) -> Amount:
    """Give what is known of the liability reserve.

    Parameters: `grades` that count, `maximum_days` of its age.
    """
    grades, maximum = parameters.words_of("grades", GRADES), parameters.whole("maximum_days")
    counted = Counted(prices, parameters.calendar, grades, maximum)
    return amount_of(case, held_term(HELD), counted)


def cover_of(
    case: Case, prices: Prices, loss: Loss, reserve: Amount, parameters: Parameters
) -> Cover:
    """Give what pays for a kind of loss.

    Args:
        case: what is judged.
        prices: turn currencies into one.
        loss: the kind.
        reserve: what is known of the reserve.
        parameters: the rule's, of which `grades` is read.
    """
    if case.inputs.books.reserves is None:
        figure = Figure("insurance", "not known", "none", "no reserves.toml was given")
        return Cover(reserve.bounds, (), complete=False, figures=(figure,))
    found = insured(case, prices, loss, parameters.words_of("grades", GRADES))
    none = Figure("insurance", "0", "declared", "reserves.toml names no policy")
    figures = found.figures or (none,)
    return Cover(reserve.bounds, found.policies, not found.unpriced, figures)
