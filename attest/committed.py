"""The commitment to liabilities that a statement carries, and what it says of the ledger.

It lies in a bundle as `evidence/liabilities/commitment.json`. Only totals are in it: a ledger's
rows and its customers' keys never leave the exchange. Where the declaration names no liabilities
file, the ledger's totals are taken from the header, by kind; where it does, the two are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from config.books.liabilities import LEDGER_KINDS, OWED_KINDS, Liability
from config.errors import InputError
from config.times import parse_time
from proofs.liabilities.commitment import Commitment, Refused, read_commitment, read_number

if TYPE_CHECKING:
    from attest.book_records import ObligationGrade
    from attest.content import Files
    from config.books.liabilities import LedgerKind
    from config.caip import InstrumentId
    from config.registry import Registry

COMMITMENT = "evidence/liabilities/commitment.json"


@dataclass(frozen=True, slots=True)
class Committed:
    """A commitment, read."""

    commitment: Commitment
    kinds: tuple[tuple[InstrumentId, tuple[tuple[LedgerKind, int], ...]], ...]
    """What the header says of the ledger, in base units by kind; empty if it does not say."""

    @property
    def totals(self) -> dict[str, int]:
        """What is owed of each instrument, by its tree."""
        return {tree.instrument: tree.total for tree in self.commitment.trees}


def read_committed(files: Files) -> Committed | None:
    """Read the commitment among a bundle's files; None if there is none.

    Raises:
        InputError: it is not one, or it does not agree with itself.
    """
    if COMMITMENT not in files:
        return None
    try:
        commitment = read_commitment(bytes(files[COMMITMENT]), COMMITMENT)
        listed = commitment.header.get("ledger", [])
        if not isinstance(listed, list):
            raise InputError.at(COMMITMENT, "header.ledger", "not a list")
        return Committed(commitment, tuple(_kinds(one) for one in listed))
    except Refused as refused:
        raise InputError.at(COMMITMENT, "", f"{refused.reason}: {refused.what}") from refused


def liabilities_of(committed: Committed, registry: Registry) -> tuple[Liability, ...]:
    """Give the ledger's totals as the books would state them.

    Raises:
        InputError: the header does not say the time or the kinds, an instrument is not known, or
            what is owed by kind does not sum to a tree's total.
    """
    stated = committed.commitment.header.get("asOf")
    if not isinstance(stated, str) or len(committed.kinds) != len(committed.totals):
        what = "the header says neither time nor kinds, so that it cannot stand for the ledger"
        raise InputError.at(COMMITMENT, "header", what, "name liabilities in the declaration")
    as_of = parse_time(stated)
    found = []
    for name, kinds in committed.kinds:
        owed = sum(units for kind, units in kinds if kind in OWED_KINDS)
        if owed != committed.totals.get(name):
            what = f"{name}: kinds sum to {owed}, the tree to {committed.totals.get(name)}"
            raise InputError.at(COMMITMENT, "header.ledger", what)
        instrument = registry.instrument(name).id
        found += [
            Liability(instrument, units, as_of, kind)
            for kind, units in kinds
            if units or kind == "balance"
        ]
    return tuple(found)


def grade_of(
    committed: Committed | None, liability: Liability, owed: int | None, *, bound: bool
) -> ObligationGrade:
    """Give how a total of the ledger is known, short of whoever builds the trees again.

    Args:
        committed: the commitment, if there is one.
        liability: a total of the ledger. A debt is in no tree, whatever the header says of it.
        owed: what the books state as owed of its instrument, all kinds together.
        bound: whether the commitment is bound to the statement.
    """
    if committed is None or not bound or liability.kind not in OWED_KINDS:
        return "declared"
    return "committed" if committed.totals.get(liability.instrument) == owed else "declared"


def _kinds(row: object) -> tuple[InstrumentId, tuple[tuple[LedgerKind, int], ...]]:
    match row:
        case {"instrument": str(name), **stated}:
            kinds = tuple(
                (kind, read_number(stated[kind], f"{COMMITMENT}: header.ledger.{kind}"))
                for kind in LEDGER_KINDS
                if kind in stated
            )
            return cast("InstrumentId", name), kinds
        case _:
            raise InputError.at(COMMITMENT, "header.ledger", "an entry has the wrong form")
