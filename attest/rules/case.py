"""What a rule sees and what it gives back.

A rule kind is one pure function `(Case, Parameters) -> tuple[Result, ...]`. It sees everything and
decides nothing but its own question; the severity and the block of its pack turn a breach into a
finding's status. A parameter that is missing or of the wrong form is an `InputError`: a limit is
never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from attest.reckoning import Material
from config.amount import parse_decimal
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.allocating import Misallocation
    from attest.custodians import PoolFault
    from attest.debts import Debt
    from attest.exempt import Spent
    from attest.inputs import Inputs
    from attest.items import CheckedItem
    from attest.lines import Line
    from attest.own_assets import OwnCheck
    from attest.positions import Band, Position
    from attest.tracing import Traced
    from chains.snapshot import Snapshot
    from config.caip import AccountId, AssetId, InstrumentId
    from config.calendar import Calendar
    from proofs.control import Control

NAMED = 20
"""Things of one kind that findings name; the rest is counted, and listed in a file of the
report."""
RATIO_DECIMALS = 12
"""Places in which limits are read and ratios are written."""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that is judged."""

    inputs: Inputs
    as_of: int
    """Unix seconds the statement is about; every age is measured against it."""
    snapshot: Snapshot
    controls: tuple[Control, ...]
    positions: tuple[Position, ...]
    lines: tuple[Line, ...]
    items: tuple[CheckedItem, ...] = ()
    misallocated: tuple[Misallocation, ...] = ()
    pool_faults: tuple[PoolFault, ...] = ()
    own_checks: tuple[OwnCheck, ...] = ()
    debts: Mapping[InstrumentId, Debt] = field(default_factory=dict)
    traced: tuple[Traced, ...] = ()
    exempt: Mapping[AccountId, Spent] = field(default_factory=dict)
    """What accounts sent to prove control."""

    bands: Mapping[AccountId, Band] = field(default_factory=dict)
    """Of every declared account, also where no balance was read."""

    @property
    def instruments(self) -> dict[AssetId, InstrumentId]:
        """Give the instrument of each asset held that counts for one."""
        return {one.asset: one.instrument for one in self.positions if one.instrument is not None}

    @property
    def out(self) -> dict[InstrumentId, str]:
        """Give the instruments that are not compared, with the reason."""
        own = self.inputs.books.own
        return {} if own is None else {one.instrument: one.reason for one in own.out}

    @property
    def window(self) -> tuple[int, int] | None:
        """Give the seconds before and after the time that movements were asked for."""
        stated = self.inputs.declaration.attestation
        if stated.window_before is None or stated.window_after is None:
            return None
        return stated.window_before, stated.window_after

    @property
    def material(self) -> Material:
        """Give what instruments are reckoned with."""
        books, registry = self.inputs.books, self.inputs.registry
        borrowed = {name: debt.units for name, debt in self.debts.items()}
        return Material(self.lines, books, registry, self.items, borrowed)

    @property
    def compares(self) -> bool:
        """Tell whether the declared scope holds obligations and their comparison."""
        scope = self.inputs.declaration.attestation.scope
        return "obligations" in scope and "comparison" in scope


@dataclass(frozen=True, slots=True)
class Result:
    """A rule's answer about one subject."""

    status: Literal["pass", "breach", "unknown", "not_applicable"]
    subject: str
    text: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameters:
    """A rule's limits and choices, read with their form checked."""

    rule: str
    values: dict[str, int | str | tuple[str, ...]]
    calendar: Calendar | None = None
    """How the pack's place counts days; None: the pack does not say."""

    def whole(self, key: str) -> int:
        """Give a whole number, zero or more."""
        value = self.values.get(key)
        if type(value) is not int or value < 0:
            raise self._error(key, value, "a whole number")
        return value

    def text(self, key: str) -> str:
        """Give a text, which may be empty."""
        value = self.values.get(key)
        if not isinstance(value, str):
            raise self._error(key, value, "text")
        return value

    def word(self, key: str, allowed: tuple[str, ...]) -> str:
        """Give one of some words."""
        value = self.values.get(key)
        if not isinstance(value, str) or value not in allowed:
            raise self._error(key, value, f"one of {', '.join(allowed)}")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """Give a list of words that is not empty."""
        value = self.values.get(key)
        if not isinstance(value, tuple) or not value:
            raise self._error(key, value, "a list of words")
        return value

    def words_of(self, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """Give a list of some of these words that is not empty."""
        found = self.words(key)
        if not set(found) <= set(allowed):
            raise self._error(key, found, f"some of {', '.join(allowed)}")
        return found

    def ratio(self, key: str) -> Fraction:
        """Give a decimal text as an exact ratio."""
        value = self.values.get(key)
        if not isinstance(value, str):
            raise self._error(key, value, "decimal text such as '0.05'")
        try:
            return Fraction(parse_decimal(value, RATIO_DECIMALS), 10**RATIO_DECIMALS)
        except InputError as error:
            raise self._error(key, value, "decimal text such as '0.05'") from error

    def _error(self, key: str, value: object, expected: str) -> InputError:
        return InputError(f"parameter {self.rule}.{key}: {expected} expected, met {value!r}")


def write_ratio(ratio: Fraction) -> str:
    """Write a ratio with twelve places, rounded down."""
    scaled = ratio.numerator * 10**RATIO_DECIMALS // ratio.denominator
    return f"{scaled // 10**RATIO_DECIMALS}.{scaled % 10**RATIO_DECIMALS:0{RATIO_DECIMALS}d}"
