"""What a statement says of the books: what is owed, how it is met, and what stands beside it.

Amounts are decimal strings of base units, each with the decimals by which it is read.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic.dataclasses import dataclass

from attest.wire import WIRE, Ratio, Sha256, Time, Units, Whole

ObligationGrade: TypeAlias = Literal["declared", "committed", "rebuilt"]
"""How what is owed is known: as the books say; by a commitment; by one that was built again."""


@dataclass(frozen=True, slots=True, config=WIRE)
class InstrumentScope:
    """Whether an instrument that is owed is compared with what is held."""

    instrument: str
    decimals: Whole
    amount: Units
    compared: bool
    reason: str
    """Why it is not; empty if it is."""


@dataclass(frozen=True, slots=True, config=WIRE)
class Scope:
    """What is spoken of, and what was held or owed but not compared."""

    subject_matter: tuple[str, ...]
    compared: tuple[str, ...]
    """Instruments both stated as owed and compared."""
    held_only: tuple[str, ...]
    """Instruments held, for which no liability was stated."""
    not_counted: tuple[str, ...]
    """Assets held that count for no instrument, such as wrapped ones the declaration does not
    list."""
    instruments: tuple[InstrumentScope, ...]
    """Every instrument that is owed, in or out."""
    shares: dict[str, Ratio]
    """What is in of what is owed, by value: currency and share with twelve places, rounded down;
    a currency in which something owed has no price is left out."""


@dataclass(frozen=True, slots=True, config=WIRE)
class Obligation:
    """A total of the ledger: what customers are owed of one instrument, or owe."""

    instrument: str
    kind: str
    decimals: Whole
    amount: Units
    as_of: Time
    grade: ObligationGrade


@dataclass(frozen=True, slots=True, config=WIRE)
class AssetAmount:
    """An amount of one asset, in its own base units."""

    asset: str
    decimals: Whole
    amount: Units


@dataclass(frozen=True, slots=True, config=WIRE)
class ItemRecord:
    """The reconciling items of one kind; the rows are a file."""

    kind: str
    effect: Units
    """What the confirmed ones change in the difference."""
    confirmed: Units
    confirmed_rows: Whole
    other: Units
    """Sum of those that the chain does not confirm, or that are about accounts which do not count:
    it counts nowhere."""
    other_rows: Whole


@dataclass(frozen=True, slots=True, config=WIRE)
class ComparisonRecord:
    """One instrument from the ledger to the difference, in its own base units."""

    instrument: str
    decimals: Whole
    ledger: dict[str, Units]
    """Totals by ledger kind; a debt is no part of what is owed."""
    owed: Units | None
    counted: Units
    """Held on chain, in the bands and by the owners that count."""
    assets: tuple[AssetAmount, ...]
    """The same, asset by asset."""
    attested: Units
    """Held by custodians, over a signature of theirs."""
    borrowed: Units
    """Owed by the entity to lenders."""
    raw_difference: Units | None
    items: tuple[ItemRecord, ...]
    difference: Units | None
    """After the confirmed items: the figure that is judged."""
    unexplained: Units | None
    """What is left of it after the fees that were paid."""
    coverage: Ratio | None
    """Held over owed with twelve places, rounded down; null where nothing is owed or stated."""
    free: Units | None
    """Held on chain and free of encumbrance; null if nothing is said of encumbrances."""
    free_coverage: Ratio | None
    held: dict[str, Units]
    """Amount by band, all owners."""
    bases: dict[str, Units]
    """Amount by what its band was reached, of the owners that count: a signature, a transaction in
    a block, a witness, a third party's statement."""

    @property
    def held_in_all(self) -> str:
        """Give what stands against what is owed, reconciling items included."""
        effects = sum(int(item.effect) for item in self.items)
        return str(int(self.counted) + int(self.attested) - int(self.borrowed) + effects)


@dataclass(frozen=True, slots=True, config=WIRE)
class RestatedInput:
    """An input that is another one than in the superseded statement."""

    input: str
    revision: Whole
    reason: str
    former_sha256: Sha256 | None
    """Null where the statement is sealed: a digest confirms a guess at the file."""


@dataclass(frozen=True, slots=True, config=WIRE)
class InstrumentChange:
    """What an instrument was and is; null where a statement says nothing of it."""

    instrument: str
    decimals: Whole
    former_owed: Units | None
    owed: Units | None
    former_difference: Units | None
    difference: Units | None


@dataclass(frozen=True, slots=True, config=WIRE)
class SupersededRecord:
    """The statement for the same time that this one takes the place of."""

    sha256: Sha256
    """Of its payload."""
    keyid: Sha256
    sequence: Whole
    restated: tuple[RestatedInput, ...]
    instruments: tuple[InstrumentChange, ...]


@dataclass(frozen=True, slots=True, config=WIRE)
class CustodyRecord:
    """What a custodian states that it holds."""

    custodian: str
    account: str
    asset: str
    decimals: Whole
    amount: Units
    as_of: Time
    owner: str
    method: str
    pool: str | None
    grade: str
    """`declared`, `document` or `signed`."""
    keyid: Sha256 | None


@dataclass(frozen=True, slots=True, config=WIRE)
class ReserveRecord:
    """Something set aside."""

    kind: str
    instrument: str
    decimals: Whole
    amount: Units
    holder: str
    as_of: Time
    grade: str
    keyid: Sha256 | None


@dataclass(frozen=True, slots=True, config=WIRE)
class InsuranceRecord:
    """A policy."""

    insurer: str
    policy: str
    currency: str
    decimals: Whole
    limit: Units
    deductible: Units
    scope: tuple[str, ...]
    perils: tuple[str, ...]
    begins: Time
    ends: Time
    grade: str


@dataclass(frozen=True, slots=True, config=WIRE)
class BorrowingRecord:
    """What the entity owes to a lender."""

    lender: str
    instrument: str
    decimals: Whole
    amount: Units
    as_of: Time
    until: Time | None
    grade: str


@dataclass(frozen=True, slots=True, config=WIRE)
class FactRecord:
    """Something that laws ask for and no chain or ledger says."""

    key: str
    kind: str
    party: str
    value: str
    unit: str | None
    decimals: Whole
    period: str
    as_of: Time | None
    signer: str
    grade: str
    keyid: Sha256 | None


@dataclass(frozen=True, slots=True, config=WIRE)
class BooksRecord:
    """What the books state besides what is owed and held on chain."""

    custody: tuple[CustodyRecord, ...]
    reserves: tuple[ReserveRecord, ...]
    insurance: tuple[InsuranceRecord, ...]
    borrowings: tuple[BorrowingRecord, ...]
    facts: tuple[FactRecord, ...]


@dataclass(frozen=True, slots=True, config=WIRE)
class TreeRecord:
    """The tree over what customers are owed of one instrument."""

    instrument: str
    decimals: Whole
    total: Units
    height: Whole
    """The tree has two to the power of this many leaves, pads among them."""
    root: Sha256


@dataclass(frozen=True, slots=True, config=WIRE)
class CommitmentRecord:
    """A commitment by which each customer can check that he is counted."""

    version: str
    set: Sha256
    """The 32 bytes that are published."""
    revision: str | None
    supersedes: str | None
    """The set that it corrects."""
    trees: tuple[TreeRecord, ...]
