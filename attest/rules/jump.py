"""liability_jump/1: what customers are owed does not leap while no coins come for it.

    growth    = owed now - owed in the statement before
    rise      = held now - held then          held: counted on chain + stated over a signature
    unmatched = growth - max(0, rise)
    test        unmatched <= limit * owed then

So what is owed may grow by as much as more is held, and by `limit` of what was owed besides. An
instrument of which nothing was owed has no such room: all that is owed of it now must be met by a
rise. A ledger into which coins were booked that nobody sent in looks like a breach of this.

The figures of then are those of the earlier statement, as it wrote them. A rise may also come of
accounts that were added or proved since: it is more than an inflow, never less, so the rule warns
too seldom rather than too often. Where accounts were not read, or custodians' keys are not trusted
here, less is held than there may be, and no breach is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.reckoning import TABLE, reckon
from attest.restating import units_of
from attest.rules.case import Result, write_ratio
from attest.rules.figures import Figure, figures_as_facts, write_money
from attest.rules.holding import owed_of, unread
from config.amount import format_decimal
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from attest.earlier import Stated
    from attest.reckoning import Reckoning
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters


@dataclass(frozen=True, slots=True)
class _Then:
    """What the statement before said of an instrument, in base units."""

    owed: int
    held: int
    decimals: int


@dataclass(frozen=True, slots=True)
class _Change:
    """An instrument now and then."""

    current: Reckoning
    owed: int
    then: _Then
    limit: Fraction

    @property
    def held(self) -> int:
        return self.current.counted + self.current.attested

    @property
    def growth(self) -> int:
        return self.owed - self.then.owed

    @property
    def rise(self) -> int:
        return self.held - self.then.held

    @property
    def unmatched(self) -> int:
        return self.growth - max(0, self.rise)

    @property
    def room(self) -> Fraction:
        """How far it is on the right side of the limit."""
        return self.limit * self.then.owed - self.unmatched

    @property
    def trusting(self) -> Fraction:
        """The same to whoever trusts the keys of custodians."""
        rise = max(0, self.rise + self.current.unvouched)
        return self.limit * self.then.owed - (self.growth - rise)


def liability_jump(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge each instrument that is owed and compared. Parameters: `limit`, as a ratio."""
    limit, before = parameters.ratio("limit"), case.inputs.previous
    if not case.compares:
        return (Result("not_applicable", "", "the declared scope has no comparison"),)
    if before is None:
        return (_nothing_before(case),)
    owed = {name: units for name, units in owed_of(case).items() if name not in case.out}
    if not owed:
        text = "no liabilities of a crypto asset that is compared were given"
        return (Result("unknown", "", text),)
    figures = _figures(before)
    if figures is None:
        text = f"number {before.sequence}, which stands before it, states nothing that is owed"
        return (Result("unknown", "", text),)
    reckoned = {one.instrument: one for one in reckon(case.material, TABLE)}
    return tuple(
        _judge(case, reckoned[name], units, figures, limit) for name, units in owed.items()
    )


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    limit = write_money(parameters.ratio("limit"))
    test = (
        "owed - owed before - max(0, held - held before) <= "
        f"{limit} * owed before, for each instrument"
    )
    return test, ("accounts", "custody", "liabilities", "the statement before")


def _nothing_before(case: Case) -> Result:
    if case.inputs.declaration.attestation.sequence == 1:
        return Result("not_applicable", "", "it is the first of its series")
    return Result("unknown", "", "not known: no statement before it is named")


def _figures(before: Stated) -> Mapping[str, _Then | None] | None:
    """Read what was owed and held; None of an instrument or of all: it cannot be read."""
    found: dict[str, _Then | None] = {}
    stated = False
    for one in before.comparison:
        match one:
            case {"instrument": str(name), **said}:
                found[name] = _then(said)
                stated = stated or said.get("owed") is not None
            case _:
                return None
    return found if stated else None


def _then(row: Mapping[object, object]) -> _Then | None:
    """Read a row; where nothing was owed, nothing at all is what was owed."""
    owed = 0 if row.get("owed", "") is None else units_of(row.get("owed"))
    numbers = (owed, *(units_of(row.get(key)) for key in ("counted", "attested", "decimals")))
    known = [one for one in numbers if one is not None and one >= 0]
    if len(known) < len(numbers):
        return None
    return _Then(known[0], known[1] + known[2], known[3])


def _judge(
    case: Case, current: Reckoning, owed: int, figures: Mapping[str, _Then | None], limit: Fraction
) -> Result:
    """Judge one instrument, in its base units."""
    decimals = case.inputs.registry.instrument(current.instrument).decimals
    then = figures.get(current.instrument, _Then(0, 0, decimals))
    if then is None or then.decimals != decimals:
        text = "not known: the figures of the statement before cannot be compared"
        return Result("unknown", current.instrument, f"{current.instrument}: {text}")
    change = _Change(current, owed, then, limit)
    growth, rise = (format_decimal(one, decimals) for one in (change.growth, change.rise))
    text = (
        f"{current.instrument}: since the statement before what is owed changed by {growth}, what "
        f"is held by {rise}; at most {write_ratio(limit)} of what was owed may be unmatched"
    )
    facts = _facts(case, change, decimals)
    if change.room >= 0:
        return Result("pass", current.instrument, text, facts)
    return _leapt(case, change, Result("breach", current.instrument, text, facts))


def _leapt(case: Case, change: _Change, breach: Result) -> Result:
    """Give a breach, or that it is not known where more may be held than was counted."""
    lacking = len(unread(case, "held"))
    if lacking:
        text = f"{breach.text}; {lacking} accounts were not read"
        return Result("unknown", breach.subject, text, {**breach.facts, "unread": str(lacking)})
    if change.trusting < 0:
        return breach
    text = f"{breach.text}; not counting what stands over signatures that are not trusted here"
    more = {"unvouched": str(change.current.unvouched)}
    return Result("unknown", breach.subject, text, {**breach.facts, **more})


def _facts(case: Case, change: _Change, decimals: int) -> dict[str, str]:
    before, then = case.inputs.previous, change.then
    where = "previous/payload.json"
    if before is not None:
        where = f"statement {before.sequence} of {format_time(before.as_of)}, {before.digest}"

    def written(units: int) -> str:
        return f"{format_decimal(units, decimals)} {change.current.instrument}"

    used = (
        Figure("owed", written(change.owed), "declared", "liabilities.csv"),
        Figure("held", written(change.held), "chain; owner declared", "accounts.csv, custody.toml"),
        Figure("owed before", written(then.owed), "declared", where),
        Figure("held before", written(then.held), "declared", where),
    )
    return {
        "owed": str(change.owed),
        "owed_before": str(then.owed),
        "held": str(change.held),
        "held_before": str(then.held),
        "growth": str(change.growth),
        "unmatched": str(change.unmatched),
        "limit": write_ratio(change.limit),
        "limit_value": write_money(change.limit * then.owed),
        "distance": write_money(change.room),
        **figures_as_facts(used),
    }
