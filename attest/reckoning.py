"""The reckoning: one instrument from the ledger to the difference that is left, step by step.

    owed        = balance + collateral + pending, gross, by the ledger; debts of customers apart
    available   = counted on chain + stated by custodians over a signature - borrowed by the entity
    raw         = available - owed
    adjusted    = raw - withdrawals - deposits + transfers    those that a chain confirms, no others
    unexplained = adjusted + fees                             what a bookkeeper has still to explain

A surplus of one instrument never covers a shortfall of another. What counts is said by a rule, or
for the table of the report by `TABLE`; everything else is shown beside it, band by band. A fee that
was paid explains why less is there, and never stands for a coin.

The judged figure is `adjusted`. Judging `raw` was refused: a withdrawal that is under way would be
a surplus, and a transfer that is under way a shortfall, which neither is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.lines import BANDS, in_instrument
from attest.positions import BASES
from config.books.reconciling import ITEM_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.items import CheckedItem
    from attest.lines import Line
    from config.books.books import Books
    from config.books.liabilities import LedgerKind
    from config.books.reconciling import ItemKind
    from config.caip import AssetId, InstrumentId
    from config.registry import Registry

EFFECTS: Mapping[ItemKind, int] = {"withdrawal": -1, "deposit": -1, "transfer": 1, "fee": 0}
"""What a confirmed item does to the difference."""


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts for coverage."""

    bands: tuple[str, ...]
    owners: tuple[str, ...]
    bases: tuple[str, ...]
    """On which word an amount of band `attested` counts, where it does."""

    def takes(self, line: Line) -> bool:
        """Tell whether a line counts as held on chain."""
        return line.key.band in self.bands and line.key.owner in self.owners

    def reached(self, line: Line, basis: str) -> bool:
        """Tell whether a line of an owner that counts reached its band in some way."""
        return line.key.basis == basis and line.key.owner in self.owners

    def takes_word(self, line: Line) -> bool:
        """Tell whether a line counts because of who stated it."""
        attested = line.key.band == "attested" and line.key.basis in self.bases
        return attested and line.key.owner in self.owners


TABLE = Counting(("controlled", "derived"), ("customer",), ("signed",))
"""What the table of the report counts; the coverage rule of a pack states its own, and is judged by
that."""


@dataclass(frozen=True, slots=True)
class ItemTotal:
    """The reconciling items of one kind, in the instrument's base units."""

    kind: ItemKind
    confirmed: int
    """Sum of those that the chain confirms and that count."""
    confirmed_rows: int
    other: int
    """Sum of the rest, which counts nowhere."""
    other_rows: int


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One instrument, in its base units."""

    instrument: InstrumentId
    ledger: tuple[tuple[LedgerKind, int], ...]
    """What the ledger states, by kind; empty if it states nothing."""
    owed: int | None
    """None if the books do not state it."""
    counted: int
    """Held on chain, in the bands and by the owners that count."""
    assets: tuple[tuple[AssetId, int], ...]
    """The same by asset, in base units of each."""
    attested: int
    """Held by others, on a word that counts."""
    unvouched: int
    """Held by others, over a signature of a key that whoever judges was not told to trust."""
    borrowed: int
    """Owed by the entity to lenders, so not its customers'."""
    items: tuple[ItemTotal, ...]
    """One a kind that has rows."""
    free: int | None
    """Counted on chain and declared to be free of encumbrance; None if nothing was declared."""
    shown: tuple[tuple[str, int], ...]
    """Held in every band, by whatever owner: band and amount, best band first."""
    bases: tuple[tuple[str, int], ...]
    """Held by the owners that count, by what their band was reached; those that there are."""

    @property
    def available(self) -> int:
        """What may stand against what is owed, before reconciling items."""
        return self.counted + self.attested - self.borrowed

    @property
    def timing(self) -> int:
        """What the confirmed items change."""
        return sum(EFFECTS[one.kind] * one.confirmed for one in self.items)

    @property
    def held(self) -> int:
        """What may stand against what is owed, reconciling items included; never below zero."""
        return max(0, self.available + self.timing)

    @property
    def raw(self) -> int | None:
        """The difference before reconciling items."""
        return None if self.owed is None else self.available - self.owed

    @property
    def adjusted(self) -> int | None:
        """The difference that is judged."""
        return None if self.raw is None else self.raw + self.timing

    @property
    def unexplained(self) -> int | None:
        """What is left of it after the fees that the entity paid."""
        fees = sum(one.confirmed for one in self.items if one.kind == "fee")
        return None if self.adjusted is None else self.adjusted + fees

    @property
    def free_held(self) -> int | None:
        """`held`, of what is free alone."""
        if self.free is None:
            return None
        return max(0, self.free - self.borrowed + self.timing)


@dataclass(frozen=True, slots=True)
class Material:
    """What is reckoned with."""

    lines: tuple[Line, ...]
    books: Books
    registry: Registry
    items: tuple[CheckedItem, ...]
    borrowed: Mapping[InstrumentId, int]


def reckon(material: Material, counting: Counting) -> tuple[Reckoning, ...]:
    """Reckon every instrument that is held, owed or borrowed, in the order of their names."""
    owed = material.books.owed()
    by_instrument: dict[str, list[Line]] = {name: [] for name in (*owed, *material.borrowed)}
    for line in material.lines:
        if line.key.instrument:
            by_instrument.setdefault(line.key.instrument, []).append(line)
    return tuple(
        _reckon(material.registry.instrument(name).id, by_instrument[name], material, counting)
        for name in sorted(by_instrument)
    )


def _reckon(
    instrument: InstrumentId, own: list[Line], material: Material, counting: Counting
) -> Reckoning:
    def total(*chosen: Line) -> int:
        return in_instrument(chosen, material.registry)

    by_kind = material.books.by_kind(instrument)
    counted = [line for line in own if counting.takes(line)]
    unvouched = Counting(counting.bands, counting.owners, ("unvouched",))
    return Reckoning(
        instrument=instrument,
        ledger=tuple(by_kind.items()),
        owed=material.books.owed().get(instrument),
        counted=total(*counted),
        assets=_by_asset(counted),
        attested=total(*(line for line in own if counting.takes_word(line))),
        unvouched=total(*(line for line in own if unvouched.takes_word(line))),
        borrowed=material.borrowed.get(instrument, 0),
        items=_items(instrument, material.items),
        free=None
        if material.books.allocations is None
        else total(*(line for line in counted if line.key.tie == "free")),
        bases=tuple(
            (basis, total(*lines))
            for basis in BASES
            if (lines := [one for one in own if counting.reached(one, basis)])
        ),
        shown=tuple(
            (band, total(*(line for line in own if line.key.band == band))) for band in BANDS
        ),
    )


def _by_asset(chosen: list[Line]) -> tuple[tuple[AssetId, int], ...]:
    units: Counter[AssetId] = Counter()
    for line in chosen:
        units[line.key.asset] += line.units
    return tuple(sorted(units.items()))


def _items(instrument: InstrumentId, items: tuple[CheckedItem, ...]) -> tuple[ItemTotal, ...]:
    found = []
    for kind in ITEM_KINDS:
        own = [one for one in items if (one.item.instrument, one.item.kind) == (instrument, kind)]
        if own:
            good = [one.item.units for one in own if one.counts]
            rest = [one.item.units for one in own if not one.counts]
            found.append(ItemTotal(kind, sum(good), len(good), sum(rest), len(rest)))
    return tuple(found)
