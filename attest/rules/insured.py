"""What policies of insurance would pay, by their limit, deductible, scope, perils and dates.

insurance_valid/1: every policy that is stated runs, from its beginning up to its end.

A policy answers for a loss if it runs at the time of the statement, insures holdings kept as the
lost ones were, and names the peril. Of a loss it pays what is above its deductible, up to its
limit. Several policies pay beside each other, never more than the loss. A policy of which nothing
but the entity's word is shown is listed and counts nowhere unless a rule says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from attest.rules.case import Result
from attest.rules.figures import Figure, figures_as_facts
from config.amount import format_decimal
from config.books.document import grade_of
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices
    from config.books.insurance import Insurance, InsuredScope, Peril

Tier: TypeAlias = Literal["online", "offline", "both"]
"""How what is lost was kept; of `both` a policy must insure holdings kept either way."""
TIERS: tuple[Tier, ...] = ("online", "offline", "both")
SCOPES: Mapping[Tier, frozenset[InsuredScope]] = {
    "online": frozenset({"hot"}),
    "offline": frozenset({"cold"}),
    "both": frozenset({"hot", "cold"}),
}

Refusal: TypeAlias = Literal[
    "not_begun", "ended", "other_scope", "other_peril", "weak_grade", "no_price"
]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that answers for a kind of loss, in money of one currency."""

    limit: Fraction
    deductible: Fraction

    @property
    def credit(self) -> Fraction:
        """The most that it pays."""
        return self.limit - self.deductible

    def pays(self, loss: Fraction) -> Fraction:
        """Give what it pays of a loss."""
        return max(Fraction(), min(self.limit, loss) - self.deductible)


@dataclass(frozen=True, slots=True)
class Insured:
    """The policies of a case, for one kind of loss."""

    policies: tuple[Policy, ...]
    weaker: tuple[Policy, ...]
    """Those that would answer if they were shown better than they are."""
    unpriced: tuple[str, ...]
    """Currencies of policies that answer, for which there is no price."""
    weaker_unpriced: tuple[str, ...]
    """Likewise of those that would answer if they were shown better."""
    figures: tuple[Figure, ...]
    """Every policy, with the reason why it does not answer."""

    @property
    def credit(self) -> Fraction:
        """The most that all pay together."""
        return sum((one.credit for one in self.policies), Fraction())


@dataclass(frozen=True, slots=True)
class Loss:
    """A kind of loss."""

    tier: Tier
    peril: Peril


def insured(case: Case, prices: Prices, loss: Loss, grades: Sequence[str]) -> Insured:
    """Choose the policies that answer for a kind of loss.

    Args:
        case: what is judged; policies are those of reserves.toml.
        prices: turn their currencies into one.
        loss: what is lost.
        grades: how a policy must be shown, of `declared`, `document`.
    """
    rows = () if case.inputs.books.reserves is None else case.inputs.books.reserves.insurance
    found: dict[str, list[Policy]] = {"": [], "weak_grade": []}
    unpriced: dict[str, list[str]] = {"": [], "weak_grade": []}
    figures = []
    for row in rows:
        refusal = _refusal(row, case.as_of, loss, grades)
        if refusal in found and prices.missing([row.currency]):
            unpriced[refusal].append(str(row.currency))
            refusal = "no_price"
        if refusal in found:
            found[refusal].append(
                Policy(
                    prices.value(row.currency, row.limit),
                    prices.value(row.currency, row.deductible),
                )
            )
        figures.append(_figure(row, refusal))
    return Insured(
        tuple(found[""]),
        tuple(found["weak_grade"]),
        tuple(unpriced[""]),
        tuple(unpriced["weak_grade"]),
        tuple(figures),
    )


def paid(policies: Iterable[Policy], loss: Fraction) -> Fraction:
    """Give what policies pay of a loss together: each its own share, never more than the loss."""
    return min(loss, sum((one.pays(loss) for one in policies), Fraction()))


def _refusal(
    row: Insurance, as_of: int, loss: Loss, grades: Sequence[str]
) -> Refusal | Literal[""]:
    """Say why a policy does not answer; empty if it does."""
    if outside := _outside(row, as_of):
        return outside
    if not SCOPES[loss.tier] <= set(row.scope):
        return "other_scope"
    if loss.peril not in row.perils:
        return "other_peril"
    return "" if grade_of(row.document, None) in grades else "weak_grade"


def _outside(row: Insurance, as_of: int) -> Literal["not_begun", "ended", ""]:
    """Say why a policy does not run; empty if it does."""
    if as_of < row.since:
        return "not_begun"
    return "ended" if as_of >= row.until else ""


def insurance_valid(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """insurance_valid/1: every policy of the books runs at the time. Takes no parameters."""
    del parameters
    books = case.inputs.books.reserves
    if books is None or not books.insurance:
        return (Result("not_applicable", "", "the books name no policy of insurance"),)
    return tuple(_valid(case, row) for row in books.insurance)


def _valid(case: Case, row: Insurance) -> Result:
    outside = _outside(row, case.as_of)
    begins, ends, now = (format_time(at) for at in (row.since, row.until, case.as_of))
    words = {
        "": f"it runs from {begins} to {ends}",
        "not_begun": f"it begins on {begins}, the statement is of {now}",
        "ended": f"it ended on {ends}, the statement is of {now}",
    }
    facts = {
        "begins": begins,
        "ends": ends,
        "as_of": now,
        **figures_as_facts((_figure(row, outside),)),
    }
    return Result("breach" if outside else "pass", row.where, words[outside], facts)


def _figure(row: Insurance, refusal: Refusal | Literal[""]) -> Figure:
    limit, deductible = (format_decimal(one, row.decimals) for one in (row.limit, row.deductible))
    value = f"{limit} {row.currency} less {deductible}"
    if refusal:
        value += f", does not answer: {refusal}"
    ends = format_time(row.until)
    return Figure(
        f"policy {row.where}", value, grade_of(row.document, None), f"reserves.toml, until {ends}"
    )
