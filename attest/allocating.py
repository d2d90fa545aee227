"""Allocation: whose a balance is and what it is tied to, part by part.

The rows of one account and asset must give exactly what it holds at the pinned block. What they
leave over is `unallocated` and covers nobody. If they give more than there is, or give a part to
somebody whose account it is not, nobody can say which row is wrong, and the whole balance is
unallocated. An account that accounts.csv calls `mixed` may be divided among owners; any other may
be divided by encumbrance alone, so that a row never makes a customer's of what was declared to be
the house's.

Refused: scaling rows down to what is there. It would be a figure that nobody stated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from config.accounts import Owner
from config.books.allocations import Encumbrance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chains.snapshot import Snapshot
    from config.accounts import Accounts
    from config.books.allocations import Allocation
    from config.caip import AccountId, AssetId

Belonging: TypeAlias = Literal[Owner, "unallocated"]
"""Whose an amount is, as declared; `unallocated` is nobody's."""
BELONGINGS: tuple[Belonging, ...] = get_args(Belonging)
Tie: TypeAlias = Literal[Encumbrance, "undeclared"]
"""What an amount is tied to, as declared; `undeclared` where nothing was said."""
Fault: TypeAlias = Literal[
    "more_than_held",  # the rows give more than the account holds
    "less_than_held",  # they leave something over
    "owner_differs",  # a row gives to another owner than the account's, which is not mixed
    "not_declared",  # no account of accounts.csv, or an asset that is not read there
    "not_read",  # the balance is not known
]
Held: TypeAlias = "tuple[AccountId, AssetId]"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a balance."""

    owner: Belonging
    tie: Tie
    units: int


@dataclass(frozen=True, slots=True)
class Misallocation:
    """Rows of one account and asset that do not give what it holds."""

    account: AccountId
    asset: AssetId
    fault: Fault
    stated: int
    """Base units that the rows give."""
    held: int | None
    """Base units at the pin; None if they are not known."""
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Allocations:
    """The rows of allocations.csv, by account and asset."""

    declared: bool
    """Whether there is a file at all."""
    rows: Mapping[Held, tuple[Allocation, ...]]

    def parts(self, held: Held, owner: Owner, units: int) -> tuple[Part, ...]:
        """Divide what an account holds of an asset; the parts add up to it.

        Args:
            held: the account and the asset.
            owner: the account's, as accounts.csv says.
            units: what it holds.
        """
        rows = self.rows.get(held, ())
        if not rows:
            return (Part(owner, "free" if self.declared else "undeclared", units),)
        if _fault(rows, owner, units) in ("more_than_held", "owner_differs"):
            return (Part("unallocated", "undeclared", units),)
        found: dict[tuple[Owner, Encumbrance], int] = {}
        for row in rows:
            key = row.owner, row.encumbrance
            found[key] = found.get(key, 0) + row.units
        rest = units - sum(found.values())
        left = (Part("unallocated", "undeclared", rest),) if rest else ()
        return (*(Part(*key, given) for key, given in found.items()), *left)


def index_allocations(rows: tuple[Allocation, ...] | None) -> Allocations:
    """Index the rows of allocations.csv; None: there is no such file."""
    found: dict[Held, list[Allocation]] = {}
    for row in rows or ():
        found.setdefault((row.account, row.asset), []).append(row)
    return Allocations(rows is not None, {key: tuple(same) for key, same in found.items()})


def misallocations(
    allocations: Allocations, accounts: Accounts, snapshot: Snapshot
) -> tuple[Misallocation, ...]:
    """Name every account and asset whose rows do not give exactly what it holds."""
    owners = {account.id: account.owner for account in accounts.rows}
    units = {
        (balance.account, balance.asset): balance.units
        for chain in snapshot.chains
        for balance in chain.balances
    }
    failed = {
        (failure.account, failure.asset) for chain in snapshot.chains for failure in chain.failures
    }
    found = []
    for held, rows in allocations.rows.items():
        known = units.get(held)
        fault: Fault | None
        if held[0] not in owners or (known is None and held not in failed):
            fault = "not_declared"
        elif known is None:
            fault = "not_read"
        else:
            fault = _fault(rows, owners[held[0]], known)
        if fault is not None:
            lines = tuple(row.line for row in rows)
            found.append(Misallocation(*held, fault, _stated(rows), known, lines))
    return tuple(found)


def _fault(rows: tuple[Allocation, ...], owner: Owner, units: int) -> Fault | None:
    if owner != "mixed" and any(row.owner != owner for row in rows):
        return "owner_differs"
    stated = _stated(rows)
    if stated == units:
        return None
    return "more_than_held" if stated > units else "less_than_held"


def _stated(rows: Iterable[Allocation]) -> int:
    return sum(row.units for row in rows)
