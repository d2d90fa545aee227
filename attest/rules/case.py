"""What a rule sees and what it gives back.

A rule kind is one pure function `(Case, Parameters) -> tuple[Result, ...]`. It sees everything and
decides nothing but its own question; the severity and the block of its pack turn a breach into a
finding's status. A parameter that is missing or of the wrong form is an `InputError`: a limit is
never guessed. All parameters are read before the case is looked at, so that a pack can be tried
where nothing is stated (`attest.rules.trying`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from attest.reckoning import Material
from attest.rules.parameters import RATIO_DECIMALS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from attest.allocating import Misallocation
    from attest.books import Vouched
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
    from proofs.control import Control

NAMED = 20
"""Things of one kind that findings name; the rest is counted, and listed in a file of the
report."""


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
    vouched: Vouched | None = None
    """Third parties whose signatures count; None: those of the keys that the books name."""

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


def write_ratio(ratio: Fraction) -> str:
    """Write a ratio with twelve places, rounded down, also below zero."""
    scaled = ratio.numerator * 10**RATIO_DECIMALS // ratio.denominator
    whole, part = divmod(abs(scaled), 10**RATIO_DECIMALS)
    return f"{'-' if scaled < 0 else ''}{whole}.{part:0{RATIO_DECIMALS}d}"
