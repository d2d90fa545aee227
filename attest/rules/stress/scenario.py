"""A loss as data: which holdings are hit, how much of them, and how they were kept.

| base | what is hit |
|---|---|
| `online` | all that customers have online |
| `largest_online` | of that the one instrument of the largest value |
| `instrument` | one that is named, online and offline together |
| `held` | all that customers have |
| `money` | an amount of money, whatever is held |

How much is a `fraction` of it; or, of an instrument, a `quantity`, and no more than is held; or, of
money, an `amount`, and whatever is held.

The `tier` is how the lost coins were kept. For `online` guarantee assets of the same kind stand
against the loss and policies answer that insure holdings kept so; for `offline` only such policies
do; for `both` only those that insure either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from attest.rules.bounds import NOTHING_KNOWN, Bounds, each, exactly, smallest
from attest.rules.insured import TIERS, Loss, Tier
from attest.rules.stress.harm import Lost, share_of
from attest.rules.stress.holdings import holdings_of
from config.amount import parse_decimal
from config.books.insurance import Peril
from config.errors import InputError

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices
    from attest.rules.stress.holdings import Amounts
    from config.caip import InstrumentId

Base: TypeAlias = Literal["online", "largest_online", "instrument", "held", "money"]
BASES: tuple[Base, ...] = get_args(Base)
PERILS: tuple[Peril, ...] = get_args(Peril)
SIZES = ("fraction", "quantity", "amount")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a rule says of a loss."""

    base: Base
    loss: Loss
    size: str
    """`fraction`, `quantity` or `amount`."""
    words: str
    """How much is lost, in words."""


def scenario_of(parameters: Parameters) -> Scenario:
    """Read the parameters of a loss.

    Raises:
        InputError: one is missing or of the wrong form, there is not one size, or one that the base
            has not.
    """
    base = cast("Base", parameters.word("base", BASES))
    sizes = [name for name in SIZES if name in parameters.values]
    known = {"money": ("amount",), "instrument": ("fraction", "quantity")}.get(base, ("fraction",))
    if len(sizes) != 1 or sizes[0] not in known:
        what = f"parameter {parameters.rule}: one of {', '.join(known)} expected for base {base}"
        raise InputError(what, f"met: {', '.join(sizes) or 'none'}")
    return Scenario(base, loss_of(parameters), sizes[0], _words(parameters, base, sizes[0]))


def loss_of(parameters: Parameters) -> Loss:
    """Read how lost coins were kept, and how they were lost."""
    return Loss(cast("Tier", parameters.word("tier", TIERS)), peril_of(parameters))


def peril_of(parameters: Parameters) -> Peril:
    """Read how coins are lost."""
    return cast("Peril", parameters.word("peril", PERILS))


def fraction_of(parameters: Parameters) -> Fraction:
    """Read a part of a whole; raise InputError for more than the whole."""
    fraction = parameters.ratio("fraction")
    if fraction > 1:
        what = f"parameter {parameters.rule}.fraction: at most 1 expected"
        raise InputError(f"{what}, met {parameters.text('fraction')!r}")
    return fraction


def money_of(case: Case, parameters: Parameters, prices: Prices) -> Bounds:
    """Give the value of an amount of money; what has no price has none."""
    row = case.inputs.registry.instrument(parameters.text("amount_currency"))
    units = parse_decimal(parameters.text("amount"), row.decimals)
    if prices.missing([row.id]):
        return NOTHING_KNOWN
    return exactly(prices.value(row.id, units))


def lost_in(case: Case, parameters: Parameters, prices: Prices) -> tuple[Lost, ...]:
    """Give what is lost, or each that may be it where nobody can say which is the largest."""
    base = parameters.word("base", BASES)
    if base == "instrument":
        return (_named(case, parameters),)
    holdings = holdings_of(case, "both" if base == "held" else "online")
    whole = share_of(holdings, fraction_of(parameters))
    if base != "largest_online":
        return (whole,)
    alone = [Lost({name: whole.amounts[name]}) for name in _largest(holdings.amounts, prices)]
    return (*alone, Lost({}, more=True)) if whole.more else tuple(alone)


def _named(case: Case, parameters: Parameters) -> Lost:
    """Give what is lost of one instrument, of whatever is held of it anywhere."""
    row = case.inputs.registry.instrument(parameters.text("instrument"))
    holdings = holdings_of(case, "both")
    held = Bounds(
        Fraction(holdings.amounts.get(row.id, 0)),
        None if holdings.unread else Fraction(holdings.amounts.get(row.id, 0)),
    )
    if "quantity" in parameters.values:
        quantity = parse_decimal(parameters.text("quantity"), row.decimals)
        lost = smallest([held, exactly(Fraction(quantity))])
    else:
        fraction = fraction_of(parameters)
        lost = each(held, lambda units: fraction * units)
    return Lost({row.id: lost} if lost.exact != 0 else {})


def _largest(held: Amounts, prices: Prices) -> tuple[InstrumentId, ...]:
    """Give the instruments that may have the largest value, several if one has no price."""
    lacking = prices.missing(held)
    values = {name: prices.value(name, held[name]) for name in held if name not in lacking}
    most = max(values.values(), default=None)
    return tuple(name for name in held if name in lacking or values[name] == most)


def _words(parameters: Parameters, base: Base, size: str) -> str:
    if size == "amount":
        return f"{parameters.text('amount')} {parameters.text('amount_currency')}"
    name = parameters.text("instrument") if base == "instrument" else base
    if size == "quantity":
        return f"min({parameters.text('quantity')}, {name})"
    return f"{parameters.text('fraction')} * {name}"
