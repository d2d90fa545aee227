"""What a statement says of the books: what is owed, how it is met, and what stands beside it.

Amounts are decimal strings of base units, each with the decimals by which it is read.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic.dataclasses import dataclass

from attest.wire import WIRE

ObligationGrade: TypeAlias = Literal["declared", "committed", "rebuilt"]
"""How what is owed is known: as the books say; by a commitment; by one that was built again."""


@dataclass(frozen=True, slots=True, config=WIRE)
class InstrumentScope:
    """Whether an instrument that is owed is compared with what is held."""

    instrument: str
    decimals: str
    amount: str
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
    shares: dict[str, str]
    """What is in of what is owed, by value: currency and share with twelve places, rounded down;
    a currency in which something owed has no price is left out."""


@dataclass(frozen=True, slots=True, config=WIRE)
class Obligation:
    """A total of the ledger: what customers are owed of one instrument, or owe."""

    instrument: str
    kind: str
    decimals: str
    amount: str
    as_of: str
    grade: ObligationGrade


@dataclass(frozen=True, slots=True, config=WIRE)
class AssetAmount:
    """An amount of one asset, in its own base units."""

    asset: str
    decimals: str
    amount: str


@dataclass(frozen=True, slots=True, config=WIRE)
class ItemRecord:
    """The reconciling items of one kind; the rows are a file."""

    kind: str
    effect: str
    """What the confirmed ones change in the difference."""
    confirmed: str
    confirmed_rows: str
    other: str
    """Sum of those that the chain does not confirm, or that are about accounts which do not count:
    it counts nowhere."""
    other_rows: str


@dataclass(frozen=True, slots=True, config=WIRE)
class ComparisonRecord:
    """One instrument from the ledger to the difference, in its own base units."""

    instrument: str
    decimals: str
    ledger: dict[str, str]
    """Totals by ledger kind; a debt is no part of what is owed."""
    owed: str | None
    counted: str
    """Held on chain, in the bands and by the owners that count."""
    assets: tuple[AssetAmount, ...]
    """The same, asset by asset."""
    attested: str
    """Held by custodians, over a signature of theirs."""
    borrowed: str
    """Owed by the entity to lenders."""
    raw_difference: str | None
    items: tuple[ItemRecord, ...]
    difference: str | None
    """After the confirmed items: the figure that is judged."""
    unexplained: str | None
    """What is left of it after the fees that were paid."""
    coverage: str | None
    """Held over owed with twelve places, rounded down; null where nothing is owed or stated."""
    free: str | None
    """Held on chain and free of encumbrance; null if nothing is said of encumbrances."""
    free_coverage: str | None
    held: dict[str, str]
    """Amount by band, all owners."""
    bases: dict[str, str]
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
    revision: str
    reason: str
    former_sha256: str


@dataclass(frozen=True, slots=True, config=WIRE)
class InstrumentChange:
    """What an instrument was and is; null where a statement says nothing of it."""

    instrument: str
    decimals: str
    former_owed: str | None
    owed: str | None
    former_difference: str | None
    difference: str | None


@dataclass(frozen=True, slots=True, config=WIRE)
class SupersededRecord:
    """The statement for the same time that this one takes the place of."""

    sha256: str
    """Of its payload."""
    keyid: str
    sequence: str
    restated: tuple[RestatedInput, ...]
    instruments: tuple[InstrumentChange, ...]


@dataclass(frozen=True, slots=True, config=WIRE)
class CustodyRecord:
    """What a custodian states that it holds."""

    custodian: str
    account: str
    asset: str
    decimals: str
    amount: str
    as_of: str
    owner: str
    method: str
    pool: str | None
    grade: str
    """`declared`, `document` or `signed`."""
    keyid: str | None


@dataclass(frozen=True, slots=True, config=WIRE)
class ReserveRecord:
    """Something set aside."""

    kind: str
    instrument: str
    decimals: str
    amount: str
    holder: str
    as_of: str
    grade: str
    keyid: str | None


@dataclass(frozen=True, slots=True, config=WIRE)
class InsuranceRecord:
    """A policy."""

    insurer: str
    policy: str
    currency: str
    decimals: str
    limit: str
    deductible: str
    scope: tuple[str, ...]
    perils: tuple[str, ...]
    begins: str
    ends: str
    grade: str


@dataclass(frozen=True, slots=True, config=WIRE)
class BorrowingRecord:
    """What the entity owes to a lender."""

    lender: str
    instrument: str
    decimals: str
    amount: str
    as_of: str
    until: str | None
    grade: str


@dataclass(frozen=True, slots=True, config=WIRE)
class FactRecord:
    """Something that laws ask for and no chain or ledger says."""

    key: str
    kind: str
    party: str
    value: str
    unit: str | None
    decimals: str
    period: str
    as_of: str | None
    signer: str
    grade: str
    keyid: str | None


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
    decimals: str
    total: str
    height: str
    """The tree has two to the power of this many leaves, pads among them."""
    root: str


@dataclass(frozen=True, slots=True, config=WIRE)
class CommitmentRecord:
    """A commitment by which each customer can check that he is counted."""

    version: str
    set: str
    """The 32 bytes that are published."""
    revision: str | None
    supersedes: str | None
    """The set that it corrects."""
    trees: tuple[TreeRecord, ...]
